/** What formats and validation say about data. */

/**
 * One finding about one place in the input. Bad data is reported, never thrown.
 *
 * - `error`: something could not be converted, and is missing from the result.
 * - `warning`: the input breaks its standard, and was read nevertheless.
 * - `info`: a decision of the reader worth knowing.
 */
export interface Diagnostic {
  level: "error" | "warning" | "info";
  /** Stable, for programs: `x12_count_mismatch`, `schema`, … */
  code: string;
  /** For people: what is wrong, and what to do. */
  message: string;
  /** Line of the text, from 1. */
  line?: number;
  /** Segment of the file, from 1, where the format has segments. */
  segment?: number;
  /** Where: a JSON path such as `lines[2].gtin`, or `PO1[3]/04`. */
  path?: string;
  /** The document's number, or its position in the file (`#2`). */
  document?: string;
  /**
   * `line`: it concerns one line of the document, and the others stand as they
   * are. Without it an error makes the whole document doubtful.
   */
  scope?: "line";
  /** The canonical line's number, where the finding is about one. */
  line_number?: string;
  /** Name of the file, where several are read. */
  file?: string;
}

export type {
  CanonicalDocument,
  Catalog,
  Contract,
  CreditNote,
  FunctionalAcknowledgement,
  Invoice,
  OrderAcknowledgement,
  OrderChange,
  PurchaseOrder,
  Receipt,
  ShipNotice,
  Supplier,
} from "./generated/documents.ts";
