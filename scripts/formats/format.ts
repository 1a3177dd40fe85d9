/**
 * What a format is.
 *
 * Terminology: a *format* turns bytes into canonical documents and back. It is
 * pure: no I/O, no clock, no randomness, no memory between calls. A *payload*
 * is what a transport sends as one unit (a file, a request body). A
 * *diagnostic* is one finding about the input. Bad data is never an exception.
 */
import type {
  CanonicalDocument,
  Diagnostic,
  FunctionalAcknowledgement,
} from "../canonical/types.ts";

/** An X12 trading partner's address: ISA05/06 or ISA07/08. */
export interface X12Party {
  /** ISA05/07, such as `ZZ`, `01`, `07`, `20`. */
  qualifier: string;
  /** ISA06/08, at most 15 characters. */
  id: string;
  /** GS02/03 where it differs from `id`. */
  application?: string;
}

/** How an endpoint wants its X12. */
export interface X12Settings {
  sender?: X12Party;
  receiver?: X12Party;
  /** GS08; `004010` unless told. */
  version?: string;
  /** Starts a new line after each segment; true unless told. */
  line_breaks?: boolean;
}

/** Documents that a sheet may hold. */
export const CSV_DOCUMENT_TYPES = ["supplier", "contract", "catalog"] as const;
export type CsvDocumentType = (typeof CSV_DOCUMENT_TYPES)[number];

/** What an endpoint knows about its sheets; each is found in them if absent. */
export interface CsvSettings {
  document_type?: CsvDocumentType;
  delimiter?: string;
  decimal_mark?: "." | ",";
  /** Of dates such as 03/04/2026. */
  date_order?: "DMY" | "MDY";
  /** ISO 4217, where the sheet names none. */
  currency?: string;
}

export interface ParseOptions {
  /** Input beyond this many bytes is refused; 16 MiB unless told. */
  maxBytes?: number;
  /** Input beyond this many segments is refused; 200 000 unless told. */
  maxSegments?: number;
  /** Name of the file, for formats that hold no number of their own. */
  filename?: string;
  csv?: CsvSettings;
}

/** The envelope that a document came in, as it was sent. */
export interface DocumentOrigin {
  interchange_control_number: string;
  functional_identifier: string;
  group_control_number: string;
  version: string;
  transaction_set: string;
  transaction_control_number: string;
}

export interface ParseResult {
  /** Every document that could be read, each valid against its schema. */
  documents: CanonicalDocument[];
  diagnostics: Diagnostic[];
  /** Of each document, where the format has envelopes; aligned with them. */
  origins?: (DocumentOrigin | undefined)[];
  /**
   * How the partner is told that its file could be read, where the format has
   * functional acknowledgements: one per functional group, as documents.
   */
  acknowledgements?: FunctionalAcknowledgement[];
}

export interface GenerateOptions {
  /** Pinned by the caller, so that each attempt gives the same bytes. */
  controlNumber?: number;
  /** ISO 8601 moment in UTC, pinned by the caller for the same reason. */
  documentTime?: string;
  /** Marks the interchange as a test, also where no document says so. */
  test?: boolean;
  /**
   * The canonical document that a mapping made this one of. What it made may
   * have the partner's own shape, where the format can carry any, and is named
   * after the original.
   */
  mappedFrom?: { document_type: string; number: string };
  x12?: X12Settings;
  csv?: Pick<CsvSettings, "delimiter" | "decimal_mark">;
}

export interface Payload {
  bytes: Uint8Array;
  filename: string;
  contentType: string;
}

export interface GenerateResult {
  /** Empty when an error-level diagnostic says why. */
  payloads: Payload[];
  diagnostics: Diagnostic[];
}

export interface Format {
  id: string;
  contentType: string;
  /** Reads leniently: keeps what can be kept and reports the rest. */
  parse(bytes: Uint8Array, options?: ParseOptions): ParseResult;
  /**
   * Writes strictly. The same documents and options give the same bytes. A
   * document that the format cannot carry is an error and gives no payload.
   */
  generate(
    documents: readonly CanonicalDocument[],
    options?: GenerateOptions,
  ): GenerateResult;
}

export const DEFAULT_MAX_BYTES = 16 * 1024 * 1024;
export const DEFAULT_MAX_SEGMENTS = 200_000;
