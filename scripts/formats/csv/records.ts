/**
 * From text to rows of cells (RFC 4180, read leniently). Written here because
 * a row with a stray quote must cost that row and no other: general readers
 * end there, or swallow the rest of the file.
 */
import type { Diagnostic } from "../../canonical/types.ts";

/** One row of the file. */
export interface CsvRow {
  cells: string[];
  /** Line of the text that it starts on, from 1. */
  line: number;
}

export interface CsvText {
  rows: CsvRow[];
  delimiter: string;
  diagnostics: Diagnostic[];
}

/** What a file may have at most. */
export interface CsvLimits {
  rows: number;
  columns: number;
  /** Characters of one cell. */
  cell: number;
}

export const DEFAULT_LIMITS: CsvLimits = {
  rows: 200_000,
  columns: 400,
  cell: 10_000,
};

const DELIMITERS = [",", ";", "\t", "|"];
const QUOTE = '"';

/** Lines that are looked at to find the delimiter. */
const SAMPLE_LINES = 60;

/** Further findings of one kind help nobody. */
const MAX_FINDINGS = 200;

/**
 * Splits `text` into rows. Blank rows are left out; their lines still count.
 * @param delimiter the one to use; found in the text when absent
 */
export function readRecords(
  text: string,
  delimiter?: string,
  limits: CsvLimits = DEFAULT_LIMITS,
): CsvText {
  const declared = /^\uFEFF?sep=(.)\r?\n/i.exec(text);
  const own = delimiter ?? declared?.[1] ?? findDelimiter(text);
  const reader = new RecordReader(text, own, limits);
  if (declared !== null) reader.skip(declared[0].length);
  return reader.run();
}

/**
 * The delimiter that gives the most lines the same number of cells; quoted
 * cells do not count. A comma where nothing tells.
 */
export function findDelimiter(text: string): string {
  const lines = sampleLines(text);
  let best = ",";
  let bestScore = 0;
  for (const delimiter of DELIMITERS) {
    const counts = lines.map((line) => line.split(delimiter).length - 1);
    const frequency = new Map<number, number>();
    for (const count of counts.filter((one) => one > 0)) {
      frequency.set(count, (frequency.get(count) ?? 0) + 1);
    }
    for (const [count, lines] of frequency) {
      // Many alike lines count more than many cells on a few.
      const score = lines * lines * Math.min(count, 12);
      if (score > bestScore) [best, bestScore] = [delimiter, score];
    }
  }
  return best;
}

/** The first lines, without what is quoted. */
function sampleLines(text: string): string[] {
  const sample = text.slice(0, 64 * 1024).replaceAll(/"(?:[^"]|"")*"/g, "");
  return sample
    .split(/\r\n|\r|\n/)
    .filter((line) => line.trim() !== "")
    .slice(0, SAMPLE_LINES);
}

class RecordReader {
  private readonly rows: CsvRow[] = [];
  private readonly diagnostics: Diagnostic[] = [];
  private position = 0;
  private line = 1;
  private readonly text: string;
  private readonly delimiter: string;
  private readonly limits: CsvLimits;
  /** Where the row being read started. */
  private start = { position: 0, line: 1 };
  /** Of the row being read: it is left out. */
  private broken = false;
  private suppressed = 0;

  constructor(text: string, delimiter: string, limits: CsvLimits) {
    this.text = text;
    this.delimiter = delimiter;
    this.limits = limits;
    if (text.startsWith("\uFEFF")) this.position = 1;
  }

  skip(characters: number): void {
    this.position = characters;
    this.line += 1;
  }

  run(): CsvText {
    while (this.position < this.text.length) {
      if (this.rows.length >= this.limits.rows) {
        const message = `more than ${this.limits.rows} rows; split the file`;
        this.find("error", "csv_too_many_rows", message, this.line);
        this.rows.length = 0;
        break;
      }
      this.takeRow();
    }
    if (this.suppressed > 0) {
      const message = `${this.suppressed} further findings were left out`;
      this.diagnostics.push({
        level: "error",
        code: "csv_more_findings",
        message,
      });
    }
    return {
      rows: this.rows,
      delimiter: this.delimiter,
      diagnostics: this.diagnostics,
    };
  }

  private takeRow(): void {
    this.start = { position: this.position, line: this.line };
    this.broken = false;
    const cells: string[] = [];
    for (;;) {
      const cell = this.takeCell(cells.length);
      if (cell === undefined) return;
      cells.push(cell);
      const next = this.text[this.position];
      if (next === this.delimiter) {
        this.position += 1;
        if (cells.length < this.limits.columns) continue;
        const message = `more than ${this.limits.columns} columns; the row was left out`;
        this.find("error", "csv_too_many_columns", message, this.start.line);
        this.dropLine();
        return;
      }
      break;
    }
    this.endLine();
    if (this.broken) return;
    if (cells.some((cell) => cell !== "")) {
      this.rows.push({ cells, line: this.start.line });
    }
  }

  /** One cell, trimmed; undefined when the row was given up. */
  private takeCell(column: number): string | undefined {
    const { text, delimiter } = this;
    let at = this.position;
    while (text[at] === " " || (text[at] === "\t" && delimiter !== "\t")) {
      at += 1;
    }
    if (text[at] === QUOTE) return this.takeQuoted(at, column);
    const end = this.plainEnd();
    const cell = text.slice(this.position, end).trim();
    this.position = end;
    return this.bounded(cell, column);
  }

  /** Where a cell without quotes ends. */
  private plainEnd(): number {
    const { text, delimiter } = this;
    for (let at = this.position; at < text.length; at += 1) {
      const character = text[at];
      if (character === delimiter) return at;
      if (character === "\n" || character === "\r") return at;
    }
    return text.length;
  }

  /** A cell that begins with a quote at `open`. */
  private takeQuoted(open: number, column: number): string | undefined {
    const { text } = this;
    const parts: string[] = [];
    let from = open + 1;
    let lines = 0;
    let odd = false;
    for (;;) {
      const close = text.indexOf(QUOTE, from);
      // Far enough that no cell is that long.
      const tooFar = close - open > this.limits.cell * 2 + 2;
      if (close < 0 || tooFar) return this.giveUp(column);
      const piece = text.slice(from, close);
      lines += countLines(piece);
      parts.push(piece);
      if (text[close + 1] === QUOTE) {
        parts.push(QUOTE);
        from = close + 2;
        continue;
      }
      const end = this.afterQuote(close + 1);
      if (end !== undefined) {
        this.position = end;
        this.line += lines;
        if (odd) this.findQuote(column);
        return this.bounded(parts.join("").trim(), column);
      }
      // A quote within the cell: an inch sign, or one that was never closed.
      if (lines > 0) return this.giveUp(column);
      odd = true;
      parts.push(QUOTE);
      from = close + 1;
    }
  }

  /** Where the delimiter or the line's end stands behind a closing quote. */
  private afterQuote(from: number): number | undefined {
    const { text, delimiter } = this;
    let at = from;
    while (text[at] === " " || (text[at] === "\t" && delimiter !== "\t")) {
      at += 1;
    }
    const character = text[at];
    const ends =
      at >= text.length ||
      character === delimiter ||
      character === "\n" ||
      character === "\r";
    return ends ? at : undefined;
  }

  private findQuote(column: number): void {
    const message =
      "a quotation mark stands alone inside a quoted cell; it was taken as text. Double it";
    this.find("warning", "csv_quote", message, this.line, column);
  }

  /** The row ends with its line: what was open is no cell. */
  private giveUp(column: number): undefined {
    const message =
      "a quotation mark is opened and not closed; the row was left out. Close it, or double it where it is part of the text";
    this.find("error", "csv_unclosed_quote", message, this.start.line, column);
    this.position = this.start.position;
    this.line = this.start.line;
    this.dropLine();
    return undefined;
  }

  private dropLine(): void {
    const { text } = this;
    while (
      this.position < text.length &&
      text[this.position] !== "\n" &&
      text[this.position] !== "\r"
    ) {
      this.position += 1;
    }
    this.endLine();
  }

  private endLine(): void {
    if (this.position >= this.text.length) return;
    const isPair = this.text.startsWith("\r\n", this.position);
    this.position += isPair ? 2 : 1;
    this.line += 1;
  }

  private bounded(cell: string, column: number): string {
    if (cell.length <= this.limits.cell) return cell;
    const message = `a cell of ${cell.length} characters; at most ${this.limits.cell} are read. The row was left out`;
    this.find("error", "csv_cell_too_long", message, this.start.line, column);
    this.broken = true;
    return "";
  }

  private find(
    level: Diagnostic["level"],
    code: string,
    message: string,
    line: number,
    column?: number,
  ): void {
    if (this.diagnostics.length >= MAX_FINDINGS) {
      this.suppressed += 1;
      return;
    }
    this.diagnostics.push({
      level,
      code,
      message,
      line,
      ...(column === undefined ? {} : { path: `column ${column + 1}` }),
      scope: "line",
    });
  }
}

function countLines(text: string): number {
  return text.match(/\r\n|\r|\n/g)?.length ?? 0;
}
