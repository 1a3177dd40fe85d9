/** Partners with sheets: price files, contract sheets, supplier lists. */
import type { CsvSettings } from "../../formats/format.ts";
import { defineConnector } from "../connector.ts";
import { samples } from "./samples.ts";

export const connector = defineConnector({
  id: "csv-folder",
  title: "CSV by files",
  description:
    "Price files, contract sheets and supplier lists are read from the inbox, whatever their columns are called; supplier lists are written to the outbox.",
  transport: "folder",
  format: "csv",
  settings: {
    document_type: {
      title: "Kind of Sheet",
      description:
        "What every file is, where columns could mean several things; found by the columns when empty.",
      enum: ["supplier", "contract", "catalog"],
    },
    delimiter: {
      title: "Delimiter",
      description: "Between cells; found in each file when empty.",
      enum: [",", ";", "\t", "|"],
    },
    decimal_mark: {
      title: "Decimal Mark",
      description:
        "In numbers such as 1,234; found in each file when empty, and asked for where a file does not tell.",
      enum: [".", ","],
    },
    date_order: {
      title: "Order of Dates",
      description:
        "In dates such as 03/04/2026: day or month first; found in each file when empty.",
      enum: ["DMY", "MDY"],
    },
    currency: {
      title: "Currency",
      description: "ISO 4217, for files that name none.",
      type: "string",
      pattern: "^[A-Z]{3}$",
    },
  },
  sampleSettings: { folder: "supplier-c" },
  formatOptions: (settings) => ({ csv: sheetSettings(settings) }),
  readOptions: (settings) => ({ csv: sheetSettings(settings) }),
  outbound: ["supplier"],
  inbound: ["supplier", "contract", "catalog"],
  samples,
});

/** The schema above has checked their shapes. */
function sheetSettings(settings: Record<string, unknown>): CsvSettings {
  const names = [
    "document_type",
    "delimiter",
    "decimal_mark",
    "date_order",
    "currency",
  ];
  return Object.fromEntries(
    names
      .filter((name) => typeof settings[name] === "string")
      .map((name) => [name, settings[name]]),
  );
}
