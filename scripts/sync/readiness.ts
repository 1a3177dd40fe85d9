/**
 * `/health/ready`: whether this process can work now. Odoo is asked each time,
 * but for a second: what was so a while ago is no answer.
 */
import { OdooError } from "../odoo/client.ts";
import type { SyncContext } from "./context.ts";

/** Milliseconds for which an answer is good enough. */
const FRESH = 1_000;

/** Milliseconds that Odoo gets. */
const LIMIT = 3_000;

/** Which part is well; a part that nobody can know about is left out. */
export type Parts = Record<string, boolean>;

export class Readiness {
  private readonly context: SyncContext;
  private isStopping = false;
  private last: { at: number; parts: Parts } | undefined;
  private asking: Promise<Parts> | undefined;

  constructor(context: SyncContext) {
    this.context = context;
  }

  /** From now on: no. */
  stopping(): void {
    this.isStopping = true;
  }

  /** Every part, true where it is well. Never throws. */
  async parts(): Promise<Parts> {
    if (this.isStopping) return { running: false };
    if (this.last && performance.now() - this.last.at < FRESH)
      return this.last.parts;
    this.asking ??= this.ask().finally(() => {
      this.asking = undefined;
    });
    return this.asking;
  }

  private async ask(): Promise<Parts> {
    const parts = await this.context.exchange
      .endpoints({ timeout: LIMIT })
      .then(() => ({ odoo: true, database: true, key: true }), partsOf);
    this.last = { at: performance.now(), parts };
    return parts;
  }
}

/** What a failed call says about the parts. */
function partsOf(error: unknown): Parts {
  const kind = error instanceof OdooError ? error.kind : "protocol";
  switch (kind) {
    case "unavailable":
      return { odoo: true, database: false };
    case "auth":
    case "refused":
      return { odoo: true, database: true, key: false };
    case "missing":
      // No database of that name, or one without our addons.
      return { odoo: true, addons: false };
    default:
      return { odoo: false };
  }
}
