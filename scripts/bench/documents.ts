/** Documents that benchmarks take in. */
import { createHash, randomUUID } from "node:crypto";
import type { Envelope } from "../odoo/exchange.ts";

/** An order accepted as a whole, as an envelope of `ingest`. */
export function acknowledgement(order: string): Envelope {
  const document = {
    document_type: "order_acknowledgement",
    schema_version: "1.0",
    number: `BENCH-${order}`,
    order_reference: order,
    test: true,
    status: "accepted",
  };
  const raw = Buffer.from(JSON.stringify(document));
  return {
    document,
    raw: raw.toString("base64"),
    raw_sha256: createHash("sha256").update(raw).digest("hex"),
    filename: "acknowledgement.json",
    content_type: "application/json",
    diagnostics: [],
    idempotency_key: "",
    position: 0,
    trace_id: randomUUID().replaceAll("-", ""),
  };
}
