/** Suppliers with X12, exchanged as files in a folder (or a mounted VAN). */
import type { X12Settings } from "../../formats/format.ts";
import { defineConnector } from "../connector.ts";
import { samples } from "./samples.ts";

/** An interchange qualifier and id (ISA05/06), and GS02/03 if it differs. */
const party = (title: string, elements: string) =>
  ({
    title,
    type: "object",
    additionalProperties: false,
    properties: {
      qualifier: {
        title: "Qualifier",
        description: `How the id is to be read (${elements}): ZZ mutually agreed, 07 GLN, 01 DUNS, 20 HIN.`,
        type: "string",
        pattern: "^[A-Z0-9]{2}$",
      },
      id: {
        title: "Interchange Id",
        description: "At most 15 characters.",
        type: "string",
        pattern: "^[A-Za-z0-9._-]{1,15}$",
      },
      application: {
        title: "Application Id",
        description: "In the group (GS02, GS03) where it differs.",
        type: "string",
        pattern: "^[A-Za-z0-9._-]{2,15}$",
      },
    },
    required: ["qualifier", "id"],
  }) as const;

export const connector = defineConnector({
  id: "x12-folder",
  title: "X12 by files",
  description:
    "Orders are written as 850 files, one per order; 832, 855, 856, 810 and 997 files are read from the inbox and answered with a 997.",
  transport: "folder",
  format: "x12",
  settings: {
    sender: party("We (Sender)", "ISA05"),
    receiver: party("Partner (Receiver)", "ISA07"),
    version: {
      title: "Version",
      description: "X12 release of what is sent; 004010.",
      enum: ["004010", "005010"],
    },
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
  outbound: ["purchase_order", "functional_acknowledgement"],
  inbound: [
    "order_acknowledgement",
    "ship_notice",
    "invoice",
    "credit_note",
    "functional_acknowledgement",
    "catalog",
  ],
  samples,
});
