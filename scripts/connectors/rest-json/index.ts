/** Suppliers with an HTTP API that takes our canonical documents as JSON. */
import { defineConnector } from "../connector.ts";
import { samples } from "./samples.ts";

export const connector = defineConnector({
  id: "rest-json",
  title: "REST with JSON",
  description:
    "Each document is one POST of canonical JSON; answers come to the service's own address.",
  transport: "http",
  format: "json",
  sampleSettings: { base_url: "https://api.supplier.example/procurement" },
  outbound: ["purchase_order", "supplier"],
  inbound: [
    "order_acknowledgement",
    "ship_notice",
    "invoice",
    "credit_note",
    "functional_acknowledgement",
    "supplier",
    "contract",
    "catalog",
  ],
  samples,
});
