/** A sheet whose columns are known: cells as values, findings at their place. */
import type { Diagnostic } from "../../canonical/types.ts";
import type { CsvSettings } from "../format.ts";
import { gtin14, hasRightCheckDigit } from "../gtin.ts";
import type { Column, Header } from "./columns.ts";
import type { Field } from "./names.ts";
import type { CsvRow } from "./records.ts";
import { readUnit } from "./units.ts";
import {
  cleanCell,
  dateOrderOf,
  decimalMarkOf,
  isBlank,
  isForever,
  readDate,
  readNumber,
  short,
  type DateOrder,
  type DecimalMark,
  type Reading,
} from "./values.ts";

/** Limits of canonical texts and codes. */
const MAX_CODE = 200;
const MAX_TEXT = 10_000;

/** Warnings beyond this are counted, not kept. */
const MAX_DIAGNOSTICS = 20_000;

/** Beyond this errors are not kept either, and the sheet is refused. */
const MAX_ERRORS = 100_000;

const AMOUNTS: readonly Field[] = [
  "price",
  "list_price",
  "markup_percent",
  "fee",
  "base_quantity",
  "min_quantity",
  "pack_quantity",
  "commitment_amount",
  "commitment_quantity",
  "commitment_percent",
  "discount_percent",
];
/** Their numbers show the decimal mark; quantities have thousands. */
const MONEY: readonly Field[] = [
  "price",
  "list_price",
  "markup_percent",
  "fee",
];
const DATES: readonly Field[] = [
  "valid_from",
  "valid_to",
  "contract_start",
  "contract_end",
  "issued_at",
  "qualification_from",
  "qualification_to",
];

/** Where a value stands: its row, its column, and the document's line. */
export interface Place {
  line: number;
  column?: string;
  /** The canonical line's number. */
  lineNumber?: string;
  document?: string;
}

export class Sheet {
  readonly header: Header;
  readonly rows: readonly CsvRow[];
  readonly diagnostics: Diagnostic[] = [];
  private readonly byField = new Map<Field, Column[]>();
  private readonly mark: DecimalMark | undefined;
  private readonly order: DateOrder | undefined;
  /** Findings are about one line and leave the others as they are. */
  private readonly scoped: boolean;
  private dropped = 0;
  private droppedError = false;
  private readonly said = new Set<string>();
  /** Dates and units that were read: a column has few different ones. */
  private readonly dates = new Map<string, Reading<string | undefined>>();
  private readonly units = new Map<string, ReturnType<typeof readUnit>>();

  constructor(
    header: Header,
    rows: readonly CsvRow[],
    settings: CsvSettings,
    scoped: boolean,
  ) {
    this.header = header;
    this.rows = rows.slice(header.firstRow).filter((row) => !isRule(row));
    this.scoped = scoped;
    for (const column of header.columns) {
      const columns = this.byField.get(column.field) ?? [];
      columns.push(column);
      this.byField.set(column.field, columns);
    }
    this.mark = settings.decimal_mark ?? this.findMark();
    this.order = settings.date_order ?? this.findOrder();
  }

  columns(field: Field): readonly Column[] {
    return this.byField.get(field) ?? [];
  }

  has(...fields: Field[]): boolean {
    return fields.some((field) => this.byField.has(field));
  }

  /** A cell as text; undefined when it says nothing. */
  text(row: CsvRow, column: Column | Field | undefined): string | undefined {
    const found =
      typeof column === "string" ? this.plainColumn(column) : column;
    if (found === undefined) return undefined;
    const text = cleanCell(row.cells[found.index] ?? "");
    return isBlank(text) ? undefined : text.slice(0, MAX_TEXT);
  }

  /** A code; spreadsheets turn long ones into `1.2E+13`. */
  code(
    row: CsvRow,
    field: Field | Column,
    place: Place = { line: row.line },
  ): string | undefined {
    const column = typeof field === "string" ? this.plainColumn(field) : field;
    const text = this.text(row, column)?.replaceAll(/\s+/g, " ");
    if (text === undefined) return undefined;
    if (/^\d[.,]\d+E\+\d+$/i.test(text)) {
      this.add(
        "error",
        "csv_rounded_code",
        `"${text}" is a number that a spreadsheet rounded; format the column as text and save again`,
        { ...place, column: column?.name ?? "" },
      );
      return undefined;
    }
    return text.slice(0, MAX_CODE);
  }

  /** The title above the header, where no column has the field. */
  title(field: Field): string | undefined {
    return this.header.titles.get(field)?.value;
  }

  number(
    row: CsvRow,
    column: Column | Field,
    place?: Place,
  ): string | undefined {
    return this.valueOf(row, column, place, (text) =>
      readNumber(text, this.mark),
    );
  }

  date(row: CsvRow, column: Column | Field, place?: Place): string | undefined {
    return this.valueOf(row, column, place, (text) => {
      const known = this.dates.get(text);
      if (known !== undefined) return known;
      const reading: Reading<string | undefined> = isForever(text)
        ? { value: undefined }
        : readDate(text, this.order);
      this.dates.set(text, reading);
      return reading;
    });
  }

  /** A date above the header. */
  titleDate(field: Field): string | undefined {
    const found = this.header.titles.get(field);
    if (found === undefined || isForever(found.value)) return undefined;
    const reading = readDate(found.value, this.order);
    if ("value" in reading) return reading.value;
    this.add("error", reading.problem.code, reading.problem.message, {
      line: found.line,
    });
    return undefined;
  }

  /** A number that is somewhere else than in a cell of its own. */
  readNumber(text: string): string | undefined {
    const reading = readNumber(text, this.mark);
    return "value" in reading ? reading.value : undefined;
  }

  unit(
    row: CsvRow,
    column: Column | Field,
    place?: Place,
  ): { unit: string; unit_as_sent: string } | undefined {
    const found =
      typeof column === "string" ? this.plainColumn(column) : column;
    const text = this.text(row, found);
    if (found === undefined || text === undefined) return undefined;
    const sent = text.replaceAll(/\s+/g, " ").slice(0, MAX_CODE);
    const reading = this.units.get(sent) ?? readUnit(sent);
    this.units.set(sent, reading);
    const { unit, known } = reading;
    if (!known) {
      this.addOnce(
        "warning",
        "csv_unit_unknown",
        `unit "${short(sent)}" has no counterpart in UN/ECE Recommendation 20; it is kept as sent`,
        { ...(place ?? { line: row.line }), column: found.name },
      );
    }
    return { unit, unit_as_sent: sent };
  }

  /** A GTIN; one with a wrong check digit is left out, and that is said. */
  gtin(row: CsvRow, column: Column, place: Place): string | undefined {
    const text = this.code(row, column, place);
    if (text === undefined) return undefined;
    const where = { ...place, column: column.name };
    const gtin = gtin14(text);
    if (gtin === undefined) {
      const message = `"${short(text)}" is no GTIN: 8 to 14 digits were expected; it was left out`;
      this.add("warning", "csv_invalid_gtin", message, where);
      return undefined;
    }
    if (hasRightCheckDigit(gtin)) return gtin;
    const message = `GTIN ${short(text)} has a wrong check digit; it was left out. Correct it from the package or ask the supplier`;
    this.add("warning", "gtin_check_digit", message, where);
    return undefined;
  }

  add(
    level: Diagnostic["level"],
    code: string,
    message: string,
    place: Place,
  ): void {
    const isError = level === "error";
    if (this.diagnostics.length >= (isError ? MAX_ERRORS : MAX_DIAGNOSTICS)) {
      this.dropped += 1;
      this.droppedError ||= isError;
      return;
    }
    const { line, column, lineNumber, document } = place;
    this.diagnostics.push({
      level,
      code,
      message:
        column === undefined ? message : `column ${short(column)}: ${message}`,
      line,
      path: column ?? "",
      ...(lineNumber === undefined ? {} : { line_number: lineNumber }),
      ...(document === undefined ? {} : { document }),
      ...(this.scoped ? { scope: "line" as const } : {}),
    });
  }

  /** A finding that is the same for many rows: at the first one. */
  addOnce(
    level: Diagnostic["level"],
    code: string,
    message: string,
    place: Place,
  ): void {
    if (this.said.has(message)) return;
    this.said.add(message);
    this.add(level, code, message, place);
  }

  /** All findings, and how many were left out. */
  finish(): Diagnostic[] {
    if (this.dropped === 0) return this.diagnostics;
    const message = `${this.dropped} further findings were left out`;
    // A line of which nobody hears that it is broken would pass for a good one.
    const level = this.droppedError ? "error" : "warning";
    return [...this.diagnostics, { level, code: "csv_more_findings", message }];
  }

  /** The field's column that is not for one unit, tier or price break. */
  private plainColumn(field: Field): Column | undefined {
    const columns = this.columns(field);
    return (
      columns.find(
        ({ unit, part, tier, qualification }) =>
          unit === undefined &&
          part === undefined &&
          tier === undefined &&
          qualification === undefined,
      ) ?? undefined
    );
  }

  private valueOf<T>(
    row: CsvRow,
    column: Column | Field,
    place: Place | undefined,
    read: (text: string) => Reading<T>,
  ): T | undefined {
    const found =
      typeof column === "string" ? this.plainColumn(column) : column;
    const text = this.text(row, found);
    if (found === undefined || text === undefined) return undefined;
    const reading = read(text);
    if ("value" in reading) return reading.value;
    this.add("error", reading.problem.code, reading.problem.message, {
      ...(place ?? { line: row.line }),
      column: found.name,
    });
    return undefined;
  }

  /** The decimal mark that the file's own numbers show. */
  private findMark(): DecimalMark | undefined {
    const seen = this.shown(MONEY, decimalMarkOf);
    const either = seen.size > 0 ? seen : this.shown(AMOUNTS, decimalMarkOf);
    if (either.has(".") && either.has(",")) return undefined;
    if (either.has(",")) return ",";
    return either.has(".") ? "." : undefined;
  }

  private findOrder(): DateOrder | undefined {
    const seen = this.shown(DATES, dateOrderOf);
    if (seen.has("DMY") && seen.has("MDY")) return undefined;
    if (seen.has("DMY")) return "DMY";
    return seen.has("MDY") ? "MDY" : undefined;
  }

  private shown<T>(
    fields: readonly Field[],
    what: (text: string) => T | "?" | undefined,
  ): Set<T> {
    const columns = fields.flatMap((field) => this.columns(field));
    const seen = new Set<T>();
    for (const row of this.rows) {
      for (const { index } of columns) {
        const found = what(cleanCell(row.cells[index] ?? ""));
        if (found !== undefined && found !== "?") seen.add(found);
      }
      if (seen.size > 1) break;
    }
    return seen;
  }
}

/** A row of dashes or of nothing but blanks. */
function isRule(row: CsvRow): boolean {
  return row.cells.every((cell) => /^[-=_*\s]*$/.test(cell));
}
