/** A price file: one `catalog` per supplier that it names. */
import type {
  Catalog,
  CatalogLine,
  Party,
} from "../../canonical/generated/documents.ts";
import type { Field } from "./names.ts";
import { Lines } from "./lines.ts";
import { supplierOf } from "./parties.ts";
import type { CsvRow } from "./records.ts";
import type { Sheet } from "./sheet.ts";
import { short } from "./values.ts";

const SCOPES: Readonly<Record<string, Catalog["scope"]>> = {
  full: "full",
  complete: "full",
  replace: "full",
  all: "full",
  changes: "changes",
  change: "changes",
  partial: "changes",
  update: "changes",
  delta: "changes",
};

/** Currency of a sheet that has it in its headings: `Price (EUR)`, `€`. */
export function headingCurrency(sheet: Sheet): string | undefined {
  const names = sheet.header.columns.map(({ name }) => name).join(" ");
  const code = /\b(USD|EUR|GBP|CHF|CAD|AUD|JPY|SEK|NOK|DKK|PLN)\b/.exec(names);
  if (code !== null) return code[1];
  if (names.includes("€")) return "EUR";
  return names.includes("£") ? "GBP" : undefined;
}

/** The one value that a field has in all rows, or above the header. */
export function constantOf(
  sheet: Sheet,
  rows: readonly CsvRow[],
  field: Field,
): string | undefined {
  if (!sheet.has(field)) return sheet.title(field)?.slice(0, 200);
  const values = new Set<string>();
  for (const row of rows) {
    const value = sheet.text(row, field);
    if (value !== undefined) values.add(value);
    if (values.size > 1) return undefined;
  }
  const [only] = values;
  return only?.slice(0, 200) ?? sheet.title(field)?.slice(0, 200);
}

/** Currency of all rows; of those that differ each price has its own. */
export function currencyOf(
  sheet: Sheet,
  rows: readonly CsvRow[],
  fallback: string | undefined,
): string | undefined {
  const found = constantOf(sheet, rows, "currency")?.toUpperCase();
  if (found !== undefined && /^[A-Z]{3}$/.test(found)) return found;
  return headingCurrency(sheet) ?? fallback;
}

interface Group {
  party: Party | undefined;
  rows: CsvRow[];
}

/**
 * @param fallback number of the document, where the sheet names none
 */
export function readCatalogs(
  sheet: Sheet,
  fallback: string,
  currency: string | undefined,
): Catalog[] {
  const groups = bySupplier(sheet);
  const own = constantOf(sheet, sheet.rows, "feed_number");
  return groups.flatMap(({ party, rows }, index) => {
    const lines = new Lines(sheet, "catalog");
    rows.forEach((row) => takeRow(sheet, lines, row));
    const read = lines.finish();
    if (read.length === 0) return [];
    const several = groups.length > 1 ? `-${index + 1}` : "";
    const catalog: Catalog = {
      document_type: "catalog",
      schema_version: "1.0",
      number: own ?? `${fallback}${several}`,
    };
    const money = currencyOf(sheet, rows, currency);
    return [
      {
        ...catalog,
        ...header(sheet, rows),
        ...(money === undefined ? {} : { currency: money }),
        ...(party === undefined ? {} : { parties: { supplier: party } }),
        lines: read.map(({ line, prices }) => settle(line, prices, money)),
      },
    ];
  });
}

/** What is said once for all lines. */
function header(sheet: Sheet, rows: readonly CsvRow[]): Partial<Catalog> {
  const issued =
    sheet.titleDate("issued_at") ??
    (rows[0] && sheet.date(rows[0], "issued_at"));
  const from = sheet.has("valid_from")
    ? undefined
    : sheet.titleDate("valid_from");
  const to = sheet.has("valid_to") ? undefined : sheet.titleDate("valid_to");
  const scope = SCOPES[constantOf(sheet, rows, "scope")?.toLowerCase() ?? ""];
  const contract = sheet.has("contract_number")
    ? undefined
    : sheet.title("contract_number");
  return {
    ...(issued === undefined ? {} : { issued_at: issued }),
    ...(from === undefined ? {} : { valid_from: from }),
    ...(to === undefined ? {} : { valid_to: to }),
    ...(scope === undefined ? {} : { scope }),
    ...(contract === undefined
      ? {}
      : { contract_reference: { number: contract.slice(0, 200) } }),
  };
}

/** A price in the document's currency needs not say so. */
function settle(
  line: CatalogLine,
  prices: NonNullable<CatalogLine["prices"]>,
  currency: string | undefined,
): CatalogLine {
  for (const price of prices) {
    if (price.currency === currency) delete price.currency;
  }
  return line;
}

/** Rows that hold no item: repeated headings, sections, remarks. */
export function takeRow(sheet: Sheet, lines: Lines, row: CsvRow): void {
  const isHeading = sheet.header.columns.every(
    ({ index, name }) =>
      (row.cells[index] ?? "") === "" || row.cells[index] === name,
  );
  if (isHeading || lines.take(row)) return;
  const text = row.cells.filter((cell) => cell !== "").join(" ");
  const message = `the row names no item and no price and was left out: ${short(text)}`;
  sheet.add("info", "csv_row_ignored", message, { line: row.line });
}

function bySupplier(sheet: Sheet): Group[] {
  const groups = new Map<string, Group>();
  for (const row of sheet.rows) {
    const found = supplierOf(sheet, row);
    const key = found?.key ?? "";
    const group = groups.get(key) ?? { party: found?.party, rows: [] };
    group.rows.push(row);
    groups.set(key, group);
  }
  return [...groups.values()];
}
