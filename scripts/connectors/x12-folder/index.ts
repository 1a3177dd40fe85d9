/** Suppliers with X12, exchanged as files in a folder (or a mounted VAN). */
import type { X12Settings } from "../../formats/format.ts";
import { defineConnector } from "../connector.ts";

/** An interchange qualifier and id (ISA05/06), and GS02/03 if it differs. */
const party = {
  type: "object",
  additionalProperties: false,
  properties: {
    qualifier: { type: "string", pattern: "^[A-Z0-9]{2}$" },
    id: { type: "string", pattern: "^[A-Za-z0-9._-]{1,15}$" },
    application: { type: "string", pattern: "^[A-Za-z0-9._-]{2,15}$" },
  },
  required: ["qualifier", "id"],
} as const;

export const connector = defineConnector({
  id: "x12-folder",
  title: "X12 by files",
  description:
    "Orders are written as 850 files, one per order; 855, 856, 810 and 997 files are read from the inbox.",
  transport: "folder",
  format: "x12",
  settings: {
    sender: party,
    receiver: party,
    version: { enum: ["004010", "005010"] },
  },
  sampleSettings: {
    folder: "supplier-b",
    sender: { qualifier: "ZZ", id: "HOSPITAL" },
    receiver: { qualifier: "ZZ", id: "NORTHGATE" },
  },
  formatOptions: ({ sender, receiver, version }) => ({
    // The schema above has checked their shapes.
    x12: { sender, receiver, version } as X12Settings,
  }),
  outbound: ["purchase_order"],
  inbound: [
    "order_acknowledgement",
    "ship_notice",
    "invoice",
    "credit_note",
    "functional_acknowledgement",
  ],
});
