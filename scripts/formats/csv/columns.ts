/**
 * Which row is the header, and what its columns hold: by name, with the unit,
 * the tier or the number of a price break that a name may carry
 * (`Price BX`, `Tier 2 price`, `Qty 3`).
 */
import type { Diagnostic } from "../../canonical/types.ts";
import { fieldOf, fieldOfName, wordsOf, type Field } from "./names.ts";
import type { CsvRow } from "./records.ts";
import { unitFromWord } from "./units.ts";
import { cleanCell, short } from "./values.ts";

export interface Column {
  index: number;
  /** As the sender calls it. */
  name: string;
  field: Field;
  /** Canonical unit in the name. */
  unit?: string;
  /** Number of the price break in the name. */
  part?: string;
  /** Tier in the name. */
  tier?: string;
  /** Qualification in the name, such as `insurance`. */
  qualification?: string;
}

export interface Header {
  columns: Column[];
  /** Columns that are not understood, by name. */
  unknown: string[];
  /** What stands above it: `Contract Number: C-1`, by field. */
  titles: Map<Field, { value: string; line: number }>;
  /** Position of the first row of data. */
  firstRow: number;
  line: number;
  diagnostics: Diagnostic[];
}

/** Rows among which the header is looked for. */
const SEARCH_ROWS = 60;

/** Fields whose columns may be repeated, per unit, tier or price break. */
const REPEATED = new Set<Field>([
  "price",
  "list_price",
  "gtin",
  "min_quantity",
  "unit",
  "pack_quantity",
  "valid_from",
  "valid_to",
  "base_quantity",
]);

/** Qualifications that name their own columns. */
const QUALIFICATIONS: readonly [string, RegExp][] = [
  ["insurance", /\b(insurance|liability|coi)\b/],
  ["iso_13485", /\biso\s*13485\b/],
  ["iso_9001", /\biso\s*9001\b/],
  ["mdr", /\bmdr\b/],
  ["fda", /\bfda\b/],
  ["wholesale_licence", /\bwholesale\b/],
  ["tax_form", /\b(w ?9|w ?8|tax form)\b/],
  ["diversity", /\bdiversity\b/],
  ["sanctions", /\b(sanctions?|exclusion)\b/],
];

/** The header among the first rows; undefined when no row looks like one. */
export function findHeader(rows: readonly CsvRow[]): Header | undefined {
  let best: { index: number; columns: Column[]; score: number } | undefined;
  const seen = Math.min(rows.length, SEARCH_ROWS);
  for (let index = 0; index < seen; index += 1) {
    const row = rows[index];
    if (row === undefined) continue;
    const above = groupRow(rows[index - 1], row);
    const columns = columnsOf(row, above);
    const score = scoreOf(row, columns);
    if (columns.length >= 2 && score > (best?.score ?? 1)) {
      best = { index, columns, score };
    }
  }
  if (best === undefined) return undefined;
  const row = rows[best.index];
  if (row === undefined) return undefined;
  const named = new Set(best.columns.map(({ index }) => index));
  const unknown = row.cells
    .filter((cell, index) => cell !== "" && !named.has(index))
    .map((cell) => short(cell));
  return {
    columns: best.columns,
    unknown,
    titles: titlesOf(rows.slice(0, best.index)),
    firstRow: best.index + 1,
    line: row.line,
    diagnostics: findings(best.columns, unknown, row.line),
  };
}

/** Columns that are understood count; cells that are data count against. */
function scoreOf(row: CsvRow, columns: readonly Column[]): number {
  const filled = row.cells.filter((cell) => cell !== "").length;
  const fields = new Set(columns.map((column) => columnKey(column))).size;
  const data = row.cells.filter((cell) =>
    /^[$€£]?-?\d[\d.,/ -]*$/.test(cell),
  ).length;
  if (fields * 3 < filled || data * 2 > filled) return 0;
  return fields - data;
}

function columnsOf(row: CsvRow, above: readonly string[]): Column[] {
  const columns: Column[] = [];
  const taken = new Set<string>();
  row.cells.forEach((cell, index) => {
    const name = cleanCell(cell);
    const column = columnOf(name, above[index] ?? "", index);
    if (column === undefined) return;
    const key = columnKey(column);
    if (taken.has(key)) return;
    taken.add(key);
    columns.push(column);
  });
  return [...itemCode(columns)];
}

function columnKey({ field, unit, part, tier, qualification }: Column): string {
  return [field, unit, part, tier, qualification].join("/");
}

/** What one name says, with the group that stands above it. */
function columnOf(
  name: string,
  group: string,
  index: number,
): Column | undefined {
  if (name === "" && group === "") return undefined;
  const own = named(name, index);
  if (group === "") return own;
  const together = named(`${group} ${name}`, index);
  const better =
    together !== undefined &&
    (own === undefined ||
      [together.unit, together.tier, together.part].some(
        (one) => one !== undefined,
      ) ||
      together.field !== own.field);
  return better ? { ...together, name: `${group} ${name}`.trim() } : own;
}

function named(name: string, index: number): Column | undefined {
  const words = wordsOf(name);
  const plain = fieldOf(words);
  if (plain !== undefined) return { index, name, field: plain };
  const special =
    qualified(name, words, index) ??
    tiered(name, words, index) ??
    numbered(name, words, index) ??
    perUnit(name, words, index);
  if (special !== undefined) return special;
  const field = fieldOfName(name);
  return field === undefined ? undefined : { index, name, field };
}

/**
 * In a list of items `Code`, `Number` and `Supplier code` are the item's,
 * unless another column is; in a list of suppliers they are the supplier's.
 */
function itemCode(columns: readonly Column[]): readonly Column[] {
  const fields = new Set(columns.map(({ field }) => field));
  const items: Field[] = ["price", "list_price", "unit", "description", "gtin"];
  const isItems = items.some((field) => fields.has(field));
  const hasCode = fields.has("supplier_code");
  if (!isItems || hasCode) return columns;
  const hasOther = fields.has("manufacturer_code") || fields.has("buyer_code");
  return columns.map((column): Column => {
    if (column.field !== "supplier_number") return column;
    const isVendor = /vend/i.test(column.name);
    const isCode = /code/i.test(column.name) && !(isVendor && hasOther);
    const isPlain = !/suppl|vend|lief|kredit/i.test(column.name) && !hasOther;
    return isCode || isPlain ? { ...column, field: "supplier_code" } : column;
  });
}

/** `Insurance expiry`, `ISO 13485 certificate number`. */
function qualified(
  name: string,
  words: readonly string[],
  index: number,
): Column | undefined {
  const text = words.join(" ");
  const found = QUALIFICATIONS.find(([, pattern]) => pattern.test(text));
  if (found === undefined) return undefined;
  const [qualification, pattern] = found;
  const rest = text.replace(pattern, " ");
  const isEnd = /\b(expiration|to|end|valid)\b/.test(rest);
  const isStart = /\b(from|start|effective|issued?)\b/.test(rest);
  const field: Field = isStart
    ? "qualification_from"
    : isEnd || /\bdate\b/i.test(name)
      ? "qualification_to"
      : "qualification_number";
  return { index, name, field, qualification };
}

/** `Tier 1`, `Tier 2 price`, `Price tier 3`. */
function tiered(
  name: string,
  words: readonly string[],
  index: number,
): Column | undefined {
  const at = words.indexOf("tier");
  const tier = words[at + 1];
  if (at < 0 || tier === undefined || !/^([a-z]?\d{1,2}|[a-z])$/.test(tier)) {
    return undefined;
  }
  const rest = words.filter(
    (_, position) => position < at || position > at + 1,
  );
  const field = rest.length === 0 ? "price" : fieldOf(rest);
  if (field === undefined || !REPEATED.has(field)) return undefined;
  return { index, name, field, tier: tier.toUpperCase() };
}

/** `Qty 2`, `Price 2`, `Break 3 price`. */
function numbered(
  name: string,
  words: readonly string[],
  index: number,
): Column | undefined {
  const flat = words.flatMap((word) => {
    const split = /^(\D+)(\d{1,2})$/.exec(word);
    return split === null ? [word] : [split[1] ?? "", split[2] ?? ""];
  });
  const numbers = flat.filter((word) => /^\d{1,2}$/.test(word));
  const [part] = numbers;
  if (part === undefined || numbers.length > 1) return undefined;
  const rest = flat.filter((word) => word !== part);
  const plain = rest.filter((word) => word !== "break");
  const field =
    plain.join(" ") === "quantity"
      ? "min_quantity"
      : (fieldOf(rest) ?? fieldOf(plain));
  if (field === undefined || !REPEATED.has(field)) return undefined;
  return { index, name, field, part: String(Number(part)) };
}

/** `Price EA`, `Box GTIN`, `Case quantity`, `Price per case`. */
function perUnit(
  name: string,
  words: readonly string[],
  index: number,
): Column | undefined {
  for (const [at, word] of words.entries()) {
    const unit = unitFromWord(word);
    if (unit === undefined) continue;
    const rest = words.filter(
      (other, position) => position !== at && other !== "per",
    );
    // "Case quantity", "Qty per case": what the pack holds.
    if (rest.join(" ") === "quantity")
      return { index, name, field: "pack_quantity", unit };
    const field = fieldOf(rest);
    if (field !== undefined && REPEATED.has(field)) {
      return { index, name, field, unit };
    }
  }
  return undefined;
}

/**
 * The row above a header as the groups of its columns, when it is one: short
 * words with gaps, which stand for the columns to their right.
 */
function groupRow(above: CsvRow | undefined, row: CsvRow): string[] {
  if (above === undefined || above.line !== row.line - 1) return [];
  const filled = above.cells.filter((cell) => cell !== "");
  const isGroup =
    filled.length > 0 &&
    filled.every((cell) => {
      const words = wordsOf(cell);
      return words.length <= 3 && words.some(isGroupWord);
    });
  if (!isGroup) return [];
  let current = "";
  return row.cells.map((_, index) => {
    const cell = cleanCell(above.cells[index] ?? "");
    if (cell !== "") current = cell;
    return current;
  });
}

function isGroupWord(word: string): boolean {
  return (
    unitFromWord(word) !== undefined ||
    /^(tier|break|certificate|supplier|manufacturer|contract|item|price)$/.test(
      word,
    )
  );
}

/** `Name: value` in one cell, or a name and its value in two. */
function titlesOf(rows: readonly CsvRow[]): Header["titles"] {
  const titles: Header["titles"] = new Map();
  for (const { cells, line } of rows) {
    const filled = cells.map(cleanCell).filter((cell) => cell !== "");
    filled.forEach((cell, index) => {
      const colon = cell.indexOf(":");
      const name = colon > 0 ? cell.slice(0, colon) : cell;
      const inCell = colon > 0 ? cell.slice(colon + 1).trim() : "";
      const value = inCell === "" ? (filled[index + 1] ?? "") : inCell;
      const field = fieldOfName(name);
      const usable = colon > 0 || (index % 2 === 0 && filled.length % 2 === 0);
      if (field === undefined || value === "" || !usable) return;
      if (!titles.has(field)) titles.set(field, { value, line });
    });
  }
  return titles;
}

function findings(
  columns: readonly Column[],
  unknown: readonly string[],
  line: number,
): Diagnostic[] {
  if (unknown.length === 0) return [];
  const read = columns.map(({ name }) => name).join(", ");
  const names = unknown.slice(0, 20).join(", ");
  const message = `columns not understood and left out: ${names} (understood: ${read.slice(0, 600)})`;
  return [{ level: "info", code: "csv_unknown_column", message, line }];
}
