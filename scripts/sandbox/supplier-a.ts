/** Supplier A: takes JSON orders over HTTP, answers at the buyer's ingress. */
import { request } from "undici";
import * as json from "./json.ts";
import {
  sha256,
  type Outgoing,
  type OutgoingKind,
  type SandboxOrder,
  type Variant,
} from "./order.ts";
import { Supplier } from "./supplier.ts";

/** Where the buyer takes documents. */
export interface BuyerIngress {
  /** Address of the buyer's service. */
  url: string;
  endpoint: string;
  bearer: string | undefined;
}

/** Answer to a received order, as HTTP has it. */
export interface Receipt {
  status: number;
  body: Record<string, unknown>;
}

export class SupplierA extends Supplier {
  private readonly buyer: () => BuyerIngress;

  /** @param buyer asked at each delivery: the service may move */
  constructor(stateFolder: string, buyer: () => BuyerIngress) {
    super(stateFolder);
    this.buyer = buyer;
  }

  /**
   * Takes an order; the same key again gives the same answer and no second
   * order. Kept on disk when it returns.
   */
  receive(body: string, key: string | undefined): Receipt {
    if (!key)
      return refusal(400, "Idempotency-Key is missing", "idempotency_key");
    const digest = sha256(body);
    const before = this.store.findByKey(key);
    if (before) {
      if (before.sha256 !== digest)
        return refusal(
          422,
          "another document came under this Idempotency-Key",
          "idempotency_conflict",
        );
      before.copies++;
      this.store.save(before);
      return accepted(200, before);
    }
    try {
      const read = json.readOrder(body);
      if (this.store.find(read.number))
        return refusal(422, `order ${read.number} is known already`, "known");
      const order: SandboxOrder = {
        supplier: "a",
        ...read,
        receivedAt: new Date().toISOString(),
        copies: 1,
        key,
        sha256: digest,
        outgoing: [],
      };
      this.store.save(order);
      return accepted(201, order);
    } catch (error) {
      if (!(error instanceof json.OrderRefused)) throw error;
      return refusal(422, error.message, "refused");
    }
  }

  protected override write(
    order: SandboxOrder,
    kind: OutgoingKind,
    variant: Variant,
    now: Date,
  ): Pick<Outgoing, "content" | "filename"> {
    const writers = {
      acknowledgement: json.acknowledgement,
      ship_notice: json.shipNotice,
      invoice: json.invoice,
    };
    if (kind === "functional_acknowledgement")
      throw new Error("HTTP needs no functional acknowledgement");
    const document = writers[kind](order, variant, now);
    return { content: JSON.stringify(document), filename: "" };
  }

  protected override async deliver(
    _order: SandboxOrder,
    outgoing: Outgoing,
  ): Promise<{ sent: boolean; answer: string }> {
    const { url, endpoint, bearer } = this.buyer();
    const address = `${url.replace(/\/+$/, "")}/v1/endpoints/${endpoint}/documents`;
    try {
      const answer = await request(address, {
        method: "POST",
        headersTimeout: 20_000,
        headers: {
          "content-type": "application/json",
          "idempotency-key": `"${outgoing.key}"`,
          ...(bearer ? { authorization: `Bearer ${bearer}` } : {}),
        },
        body: outgoing.content,
      });
      const text = (await answer.body.text()).slice(0, 1_000);
      const later =
        answer.statusCode >= 500 ||
        [401, 404, 409, 429].includes(answer.statusCode);
      return { sent: !later, answer: `${answer.statusCode} ${text}` };
    } catch (error) {
      return {
        sent: false,
        answer: error instanceof Error ? error.message : String(error),
      };
    }
  }
}

function accepted(status: number, order: SandboxOrder): Receipt {
  return {
    status,
    body: { reference: `SO-${order.number}`, number: order.number },
  };
}

function refusal(status: number, detail: string, code: string): Receipt {
  return {
    status,
    body: { type: "about:blank", title: "Refused", status, detail, code },
  };
}
