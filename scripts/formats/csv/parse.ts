/** CSV bytes → canonical documents. Lenient; never throws on bad data. */
import type { CanonicalDocument, Diagnostic } from "../../canonical/types.ts";
import { validateDocument } from "../../canonical/validate.ts";
import {
  CSV_DOCUMENT_TYPES,
  DEFAULT_MAX_BYTES,
  type CsvDocumentType,
  type ParseOptions,
  type ParseResult,
} from "../format.ts";
import { decodeText } from "../text.ts";
import { readCatalogs } from "./catalog.ts";
import { findHeader, type Header } from "./columns.ts";
import { readContracts } from "./contract.ts";
import { nameOf, type Field } from "./names.ts";
import { readRecords, type CsvRow } from "./records.ts";
import { Sheet } from "./sheet.ts";
import { readSuppliers } from "./supplier.ts";

/**
 * Reads a sheet. What kind of document it holds is told by the settings, by a
 * column or title `document_type`, or by its columns.
 */
export function parseCsv(
  bytes: Uint8Array,
  options: ParseOptions = {},
): ParseResult {
  const workbook = workbookProblem(bytes);
  if (workbook !== undefined) return { documents: [], diagnostics: [workbook] };
  const decoded = decodeText(bytes, options.maxBytes ?? DEFAULT_MAX_BYTES);
  const diagnostics = decoded.diagnostics.map(ownEncoding);
  if (decoded.text === undefined) return { documents: [], diagnostics };
  const settings = options.csv ?? {};
  const records = readRecords(decoded.text, settings.delimiter);
  diagnostics.push(...records.diagnostics);
  if (!isEnded(decoded.text)) diagnostics.push(unended(records.rows));
  const header = findHeader(records.rows);
  if (header === undefined) {
    diagnostics.push(headerProblem(records.rows.length));
    return { documents: [], diagnostics };
  }
  diagnostics.push(...header.diagnostics);
  const type =
    settings.document_type ??
    typeOf(header, records.rows[header.firstRow]?.cells, options.filename);
  if (type === undefined) {
    diagnostics.push(typeProblem(header));
    return { documents: [], diagnostics };
  }
  const sheet = new Sheet(header, records.rows, settings, type !== "supplier");
  const fallback = fallbackNumber(decoded.text, options.filename);
  const read: CanonicalDocument[] =
    type === "supplier"
      ? readSuppliers(sheet)
      : type === "contract"
        ? readContracts(sheet, fallback, settings.currency)
        : readCatalogs(sheet, fallback, settings.currency);
  diagnostics.push(...sheet.finish());
  const documents = read.filter((document) => {
    const findings = validateDocument(document);
    diagnostics.push(...findings);
    return findings.length === 0;
  });
  if (
    read.length === 0 &&
    !diagnostics.some(({ level }) => level === "error")
  ) {
    const message = "the sheet has a header and no row of data; send it again";
    diagnostics.push({
      level: "error",
      code: "csv_no_rows",
      message,
      line: header.line,
      path: "",
    });
  }
  return { documents, diagnostics };
}

/** Spreadsheets are no text: their first bytes say what they are. */
function workbookProblem(bytes: Uint8Array): Diagnostic | undefined {
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 0x03;
  const isOle = bytes[0] === 0xd0 && bytes[1] === 0xcf && bytes[2] === 0x11;
  if (!isZip && !isOle) return undefined;
  const message =
    "the file is a workbook, not CSV; open it and save the sheet as CSV UTF-8";
  return { level: "error", code: "csv_workbook", message, line: 1, path: "" };
}

/** Ends with a line end as the others of the file are. */
function isEnded(text: string): boolean {
  return text.endsWith("\n") || (text.endsWith("\r") && !text.includes("\n"));
}

/** As a file ends that was cut off, and many that were not. */
function unended(rows: readonly CsvRow[]): Diagnostic {
  const message =
    "the last row has no line end; check that the file is complete";
  const line = rows.at(-1)?.line ?? 1;
  return { level: "info", code: "csv_no_line_end", message, line };
}

/** Sheets come in the encoding of the machine they were saved on. */
function ownEncoding(one: Diagnostic): Diagnostic {
  if (one.code !== "encoding") return one;
  return { ...one, code: "csv_encoding", scope: "line" };
}

/** Columns that only one kind of sheet has. */
const ONLY: Readonly<Record<CsvDocumentType, readonly Field[]>> = {
  supplier: [
    "tax_id",
    "vat",
    "street",
    "postal_code",
    "city",
    "iban",
    "routing_number",
    "payment_terms",
    "trading_name",
    "category",
    "website",
    "supplier_status",
    "qualification_kind",
    "qualification_number",
    "qualification_to",
  ],
  contract: [
    "tier",
    "tier_conditions",
    "markup_percent",
    "price_date_basis",
    "contract_kind",
    "contract_name",
    "contract_start",
    "contract_end",
    "facility",
    "facility_gln",
    "account",
    "commitment_amount",
    "commitment_quantity",
    "commitment_percent",
    "rebate",
    "contract_status",
  ],
  catalog: [
    "list_price",
    "item_status",
    "lead_time_days",
    "action",
    "scope",
    "feed_number",
  ],
};

const ITEM: readonly Field[] = [
  "supplier_code",
  "manufacturer_code",
  "buyer_code",
  "gtin",
  "ndc",
  "hibc",
  "udi_di",
  "price",
  "list_price",
];

function typeOf(
  header: Header,
  first: readonly string[] | undefined,
  filename: string | undefined,
): CsvDocumentType | undefined {
  const columns = header.columns;
  const stated = (
    header.titles.get("document_type")?.value ??
    first?.[
      columns.find(({ field }) => field === "document_type")?.index ?? -1
    ] ??
    ""
  ).toLowerCase();
  const known = CSV_DOCUMENT_TYPES.find((type) => stated.includes(type));
  if (known !== undefined) return known;
  const fields = new Set<Field>([
    ...columns.map(({ field }) => field),
    ...header.titles.keys(),
  ]);
  const count = (type: CsvDocumentType) =>
    ONLY[type].filter((field) => fields.has(field)).length +
    (type === "contract" && columns.some(({ tier }) => tier) ? 1 : 0);
  const items = ITEM.filter((field) =>
    columns.some((column) => column.field === field),
  ).length;
  const prices = fields.has("price") || fields.has("list_price");
  if (!prices && count("supplier") >= items && count("supplier") > 0) {
    return "supplier";
  }
  const isContract = fields.has("contract_number") && count("contract") > 0;
  const isNamed =
    fields.has("contract_number") &&
    /contract|agreement|vertrag/i.test(filename ?? "");
  if (isContract || isNamed) {
    return count("contract") + (isNamed ? 1 : 0) >= count("catalog")
      ? "contract"
      : "catalog";
  }
  if (items > 0) return "catalog";
  return fields.has("legal_name") && !prices ? "supplier" : undefined;
}

function headerProblem(rows: number): Diagnostic {
  const examples = ["supplier_code", "description", "unit", "price"] as const;
  const names = examples.map((field) => nameOf(field)).join(", ");
  const message =
    rows === 0
      ? "the file has no rows; send it again"
      : `no row looks like a header: at least two columns must have names that are known, such as ${names}. See the list of columns in docs/service.md`;
  return { level: "error", code: "csv_no_header", message, line: 1, path: "" };
}

function typeProblem(header: Header): Diagnostic {
  const names = header.columns.map(({ name }) => name).join(", ");
  const message = `the columns (${names.slice(0, 300)}) do not tell whether this is a supplier list, a contract or a price file; set the document type`;
  return {
    level: "error",
    code: "csv_unknown_kind",
    message,
    line: header.line,
    path: "",
  };
}

/**
 * A number for what names none: the beginning of the file's name and a digest
 * of its text. No longer than a catalog's number may be in X12.
 */
function fallbackNumber(text: string, filename: string | undefined): string {
  const stem = (filename ?? "")
    .replace(/^.*[/\\]/, "")
    .replace(/\.[A-Za-z0-9]{1,5}$/, "")
    .replaceAll(/[^\p{L}\p{N}._-]+/gu, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 6)
    .replace(/-$/, "");
  return `${stem || "csv"}-${digest(text).slice(0, 8)}`;
}

/** FNV-1a twice over, in hexadecimal: tells files apart, protects nothing. */
function digest(text: string): string {
  let low = 0x811c9dc5;
  let high = 0x1b873593;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ (code + index), 0x01000193);
  }
  return [low, high]
    .map((part) => (part >>> 0).toString(16).padStart(8, "0"))
    .join("")
    .slice(0, 12);
}
