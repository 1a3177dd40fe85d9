/** The `json` format: canonical documents as JSON, one or a list of them. */
import type { CanonicalDocument, Diagnostic } from "../../canonical/types.ts";
import { validateDocument } from "../../canonical/validate.ts";
import {
  DEFAULT_MAX_BYTES,
  type Format,
  type GenerateOptions,
  type GenerateResult,
  type ParseOptions,
  type ParseResult,
} from "../format.ts";
import { decodeText } from "../text.ts";
import { scanJson } from "./scan.ts";

export interface JsonValues {
  /** The documents as sent, before any mapping and validation. */
  values: unknown[];
  diagnostics: Diagnostic[];
}

/**
 * The JSON values in the file: a list gives its items, anything else itself.
 * A partner's own JSON goes through its mapping from here.
 */
export function readJson(
  bytes: Uint8Array,
  options: ParseOptions = {},
): JsonValues {
  const decoded = decodeText(bytes, options.maxBytes ?? DEFAULT_MAX_BYTES);
  if (decoded.text === undefined) {
    return { values: [], diagnostics: decoded.diagnostics };
  }
  const text = decoded.text.replace(/^\uFEFF/, "");
  const found = scanJson(text);
  if (found) {
    const line = text.slice(0, found.at).split("\n").length;
    return withError(decoded.diagnostics, found.code, found.message, line);
  }
  try {
    const value: unknown = JSON.parse(text);
    const values = Array.isArray(value) ? (value as unknown[]) : [value];
    if (values.length > 0) return { values, diagnostics: decoded.diagnostics };
    return withError(decoded.diagnostics, "empty", "the list is empty", 1);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `not JSON: ${shorten(reason)}`;
    const line = lineOf(text, reason);
    return withError(decoded.diagnostics, "json_syntax", message, line);
  }
}

/** Keeps the values that are canonical documents, and reports the others. */
export function validateAll(values: readonly unknown[]): ParseResult {
  const documents: CanonicalDocument[] = [];
  const diagnostics: Diagnostic[] = [];
  values.forEach((value, index) => {
    const findings = validateDocument(value);
    if (findings.length === 0) {
      documents.push(value as CanonicalDocument);
      return;
    }
    const label = `#${index + 1}`;
    for (const finding of findings) {
      diagnostics.push({ ...finding, document: finding.document ?? label });
    }
  });
  return { documents, diagnostics };
}

function parse(bytes: Uint8Array, options?: ParseOptions): ParseResult {
  const { values, diagnostics } = readJson(bytes, options);
  const result = validateAll(values);
  return {
    documents: result.documents,
    diagnostics: [...diagnostics, ...result.diagnostics],
  };
}

/**
 * One payload per document; the file name carries its type and number. JSON
 * carries a partner's own shape as well; what says that it is a canonical
 * document has to be one.
 */
function generate(
  documents: readonly CanonicalDocument[],
  options: GenerateOptions = {},
): GenerateResult {
  const { mappedFrom } = options;
  const ownShape = (document: object): boolean =>
    mappedFrom !== undefined && !("document_type" in document);
  const { diagnostics } = validateAll(
    documents.filter((one) => !ownShape(one)),
  );
  if (diagnostics.length > 0) return { payloads: [], diagnostics };
  const suffix =
    options.controlNumber === undefined ? "" : `-${options.controlNumber}`;
  const payloads = documents.map((document) => {
    const { document_type: type, number } = mappedFrom ?? document;
    return {
      bytes: new TextEncoder().encode(`${JSON.stringify(document, null, 2)}\n`),
      filename: `${type}-${safeName(number)}${suffix}.json`,
      contentType: json.contentType,
    };
  });
  return { payloads, diagnostics: [] };
}

/** A document's number as part of a file name. */
export function safeName(number: string): string {
  return number.replaceAll(/[^A-Za-z0-9_-]+/g, "_").slice(0, 80);
}

function withError(
  diagnostics: Diagnostic[],
  code: string,
  message: string,
  line: number,
): JsonValues {
  const error: Diagnostic = { level: "error", code, message, line, path: "" };
  return { values: [], diagnostics: [...diagnostics, error] };
}

/** The engine names a position; people need a line. */
function lineOf(text: string, reason: string): number {
  const position = /position (\d+)/.exec(reason)?.[1];
  const end = position === undefined ? text.length : Number(position);
  return text.slice(0, end).split("\n").length;
}

function shorten(reason: string): string {
  return reason.length > 160 ? `${reason.slice(0, 160)}…` : reason;
}

export const json: Format = {
  id: "json",
  contentType: "application/json",
  parse,
  generate,
};
