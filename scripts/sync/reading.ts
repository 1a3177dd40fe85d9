/** Which format bytes are in, and what is in them. */
import type { Diagnostic } from "../canonical/types.ts";
import type { DocumentOrigin, ParseOptions } from "../formats/format.ts";
import { getFormat } from "../formats/index.ts";
import { readJson } from "../formats/json/index.ts";
import type { CanonicalJson } from "../odoo/exchange.ts";
import { MAX_FILE_BYTES, MAX_SEGMENTS } from "./limits.ts";

/** What was read; bad data is a diagnostic, never an exception. */
export interface Reading {
  documents: CanonicalJson[];
  diagnostics: Diagnostic[];
  /** Of each document, where the format has envelopes. */
  origins?: (DocumentOrigin | undefined)[];
  /** What the partner is told about its file, one document per group. */
  acknowledgements?: CanonicalJson[];
}

/** Nesting beyond which JSON is not looked at: no document is that deep. */
const MAX_DEPTH = 32;

/**
 * The format of some bytes by how they begin: partners mislabel files, and an
 * operator may hand in any file for an endpoint.
 * @param expected the format of the endpoint's connector
 * @param filename tells a sheet, which begins with any word
 */
export function formatOfBytes(
  bytes: Uint8Array,
  expected: string,
  filename = "",
): string {
  const head = Buffer.from(bytes.subarray(0, 256))
    .toString("latin1")
    .replace(/^(\xef\xbb\xbf|\s)+/, "");
  if (/^[[{]/.test(head)) return "json";
  if (/^ISA[^A-Za-z0-9]/.test(head)) return "x12";
  if (/\.(csv|tsv)$/i.test(filename)) return "csv";
  return expected;
}

/** Reads bytes in the format that they are in. */
export function readDocuments(
  bytes: Uint8Array,
  expected: string,
  parse: ParseOptions = {},
): Reading {
  const id = formatOfBytes(bytes, expected, parse.filename);
  const options = {
    ...parse,
    maxBytes: MAX_FILE_BYTES,
    maxSegments: MAX_SEGMENTS,
  };
  if (id === "json") return readCanonical(readJson(bytes, options));
  const format = getFormat(id);
  if (!format)
    return {
      documents: [],
      diagnostics: [
        {
          level: "error",
          code: "unparseable",
          message: `The bytes are not in a format that is known (expected: ${expected}).`,
        },
      ],
    };
  const read = format.parse(bytes, options);
  return {
    ...read,
    documents: read.documents as unknown as CanonicalJson[],
    acknowledgements: (read.acknowledgements ??
      []) as unknown as CanonicalJson[],
  };
}

/**
 * JSON documents are handed on even where they break their schema, so that
 * Odoo's rejected message has their type and number.
 */
function readCanonical(read: {
  values: unknown[];
  diagnostics: Diagnostic[];
}): Reading {
  const documents: CanonicalJson[] = [];
  const diagnostics = [...read.diagnostics];
  read.values.forEach((value, index) => {
    const wrong = notADocument(value);
    if (wrong)
      diagnostics.push({
        level: "error",
        code: "schema",
        message: `item ${index + 1} ${wrong}`,
        path: "",
        document: `#${index + 1}`,
      });
    else documents.push(value as CanonicalJson);
  });
  return { documents, diagnostics };
}

function notADocument(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return "is not a JSON object; a canonical document is one";
  return isDeeper(value, MAX_DEPTH)
    ? `is nested deeper than ${MAX_DEPTH} levels`
    : undefined;
}

function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (depth === 0) return true;
  return Object.values(value).some((item) => isDeeper(item, depth - 1));
}
