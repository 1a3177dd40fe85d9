import { browser } from "@web/core/browser/browser";
import { rpc } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { Interaction } from "@web/public/interaction";

const OPEN = ["reading", "processing"];
/** How often the page asks, in milliseconds, and how often at most. */
const ASK_AGAIN = 1000;
const MOST = 300;

/** The page of a price file shows what was found as soon as it is read. */
export class PriceFile extends Interaction {
  static selector = ".o_supplier_price_file";

  asked = 0;

  override start(): void {
    const { state, following } = this.el.dataset;
    if (OPEN.includes(state ?? "") || following) {
      this.askLater();
    }
  }

  askLater(): void {
    this.waitForTimeout(() => void this.ask(), ASK_AGAIN);
  }

  /** Asks until the file is read, then shows the page anew. */
  async ask(): Promise<void> {
    const { upload, following } = this.el.dataset;
    this.asked += 1;
    const path = `/my/supplier/prices/${upload ?? ""}/state`;
    const { state } = (await this.waitFor(rpc(path))) as { state: string };
    if (!OPEN.includes(state) && (!following || this.asked > 2)) {
      browser.location.reload();
    } else if (this.asked < MOST) {
      this.askLater();
    }
  }
}

registry
  .category("public.interactions")
  .add("healthcare_catalog.price_file", PriceFile);
