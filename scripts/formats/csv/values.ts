/** What stands in a cell: numbers, dates, codes. Nothing is guessed. */
import { canonicalDecimal } from "../decimal.ts";

/** The value, or what is wrong with it in a few words. */
export type Reading<T> = { value: T } | { problem: Problem };

export interface Problem {
  code: string;
  message: string;
}

export type DecimalMark = "." | ",";
export type DateOrder = "DMY" | "MDY" | "YMD";

/** Nothing in it that would be taken off. */
const PLAIN_CELL = /^(?!['=])[\x20-\x7E]*$/;

/** Text as a person means it: without what a spreadsheet put around it. */
export function cleanCell(cell: string): string {
  // Most cells: a large file has millions.
  if (PLAIN_CELL.test(cell)) return cell.trim();
  // ="0012" and '0012 keep zeros in spreadsheets.
  const formula = /^=\s*"(.*)"$/s.exec(cell);
  const text = formula?.[1] ?? cell;
  return text
    .replaceAll(/[\u00A0\u2007\u202F\u200B\uFEFF]/g, " ")
    .replaceAll(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]/g, "")
    .replace(/^'(?=[\d=+@-])/, "")
    .trim();
}

/** Cells that say that there is nothing. */
export function isBlank(text: string): boolean {
  return /^(n\/?a|#n\/a|null|none|nil|tbd|-+|\.)?$/i.test(text);
}

interface Amount {
  negative: boolean;
  digits: string;
  percent: boolean;
}

/** Takes currency signs, blanks and signs off a number. */
function bareAmount(text: string): Amount | undefined {
  let rest = text.replaceAll(/\s/g, "");
  let negative = false;
  const brackets = /^\((.*)\)$/.exec(rest);
  if (brackets !== null) [rest, negative] = [brackets[1] ?? "", true];
  rest = rest
    .replaceAll(/[$€£¥₹]/g, "")
    .replaceAll(/^[A-Z]{3}(?=[\d.,+-])|(?<=\d)[A-Z]{3}$/gi, "")
    .replaceAll(/(?<=\d)['’](?=\d{3})/g, "");
  const percent = rest.endsWith("%");
  if (percent) rest = rest.slice(0, -1);
  const sign = /^([+-])(.*)$/.exec(rest) ?? /^(.*?)(-)$/.exec(rest);
  if (sign !== null) {
    negative ||= rest.includes("-");
    rest = rest.replace(/^[+-]|-$/g, "");
  }
  return /^[\d.,]+$/.test(rest) && /\d/.test(rest)
    ? { negative, digits: rest, percent }
    : undefined;
}

/**
 * Which mark a number shows to be the decimal one: undefined when it has none,
 * `?` when it might be a thousands separator just as well (`1,234`).
 */
export function decimalMarkOf(text: string): DecimalMark | "?" | undefined {
  const digits = bareAmount(text)?.digits;
  if (digits === undefined) return undefined;
  const last = Math.max(digits.lastIndexOf("."), digits.lastIndexOf(","));
  if (last < 0) return undefined;
  const mark = digits[last] as DecimalMark;
  const other = mark === "." ? "," : ".";
  if (digits.includes(other)) {
    return digits.indexOf(mark) === last ? mark : undefined;
  }
  // One and the same mark twice groups thousands: the other is the decimal one.
  if (digits.indexOf(mark) !== last) return other;
  const [whole = "", fraction = ""] = digits.split(mark);
  const maybeThousands = fraction.length === 3 && /^[1-9]\d{0,2}$/.test(whole);
  return maybeThousands ? "?" : mark;
}

/**
 * A number, exact. `mark` is the file's decimal mark where it is known; a cell
 * that shows its own is read by that.
 */
export function readNumber(
  text: string,
  mark: DecimalMark | undefined,
): Reading<string> {
  const amount = bareAmount(text);
  if (amount === undefined) return wrongNumber(text);
  const shown = decimalMarkOf(text);
  const used = shown === "?" ? mark : (shown ?? mark ?? ".");
  if (used === undefined) {
    return {
      problem: {
        code: "csv_ambiguous_number",
        message: `"${short(text)}" may be ${withMark(text, ".")} or ${withMark(text, ",")}, and nothing in the file tells; write it with two decimals, or set the decimal mark`,
      },
    };
  }
  const thousands = used === "." ? "," : ".";
  const groups = amount.digits.split(used)[0]?.split(thousands) ?? [];
  const wellGrouped =
    groups.length === 1 ||
    groups.every((group, index) =>
      index === 0 ? /^\d{1,3}$/.test(group) : /^\d{3}$/.test(group),
    );
  const plain = amount.digits.replaceAll(thousands, "").replace(used, ".");
  const value = wellGrouped
    ? canonicalDecimal((amount.negative ? "-" : "") + plain)
    : undefined;
  return value === undefined ? wrongNumber(text) : { value };
}

function wrongNumber(text: string): Reading<string> {
  const scientific = /^[+-]?\d+([.,]\d+)?e[+-]?\d+$/i.test(text);
  const why = scientific
    ? "was rounded by a spreadsheet; format the column as a number and save again"
    : "is no number";
  return {
    problem: { code: "csv_invalid_number", message: `"${short(text)}" ${why}` },
  };
}

function withMark(text: string, mark: DecimalMark): string {
  const reading = readNumber(text, mark);
  return "value" in reading ? reading.value : "?";
}

const MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");

/** Dates that stand for "no end". */
const FOREVER =
  /^(9999|2999|2099-12-31|12\/31\/(99|2099))|^31[./-]12[./-](9999|2099|2999)|^12[./-]31[./-](9999|2999)/;

/** True for the usual ways to say that something has no end. */
export function isForever(text: string): boolean {
  return FOREVER.test(text) || /^(evergreen|open|indefinite|none)$/i.test(text);
}

/**
 * Which order day and month have in `03/04/2026`-like text: undefined for
 * other shapes, `?` where both are possible.
 */
export function dateOrderOf(text: string): DateOrder | "?" | undefined {
  const match = /^(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})\b/.exec(text);
  if (match === null) return undefined;
  const [first, second] = [Number(match[1]), Number(match[2])];
  if (first > 12) return "DMY";
  if (second > 12) return "MDY";
  // Points stand for day first everywhere.
  if (text.includes(".")) return "DMY";
  return first === second ? undefined : "?";
}

/** ISO date of a cell; `order` is the file's where it is known. */
export function readDate(
  text: string,
  order: DateOrder | undefined,
): Reading<string> {
  const found =
    fromIso(text) ?? fromWords(text) ?? fromSerial(text) ?? undefined;
  if (found !== undefined) return calendar(text, found);
  const match = /^(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})(?:[ T].*)?$/.exec(
    text,
  );
  if (match === null) return calendar(text, undefined);
  const [, first = "", second = "", year = ""] = match;
  const shown = dateOrderOf(text);
  const used = shown === "?" ? order : (shown ?? "DMY");
  if (used === undefined) {
    return {
      problem: {
        code: "csv_ambiguous_date",
        message: `"${short(text)}" may be day or month first, and nothing in the file tells; write dates as 2026-01-31, or set the order`,
      },
    };
  }
  const [day, month] = used === "MDY" ? [second, first] : [first, second];
  return calendar(text, [fullYear(year), month, day]);
}

type Parts = [year: string, month: string, day: string];

function fromIso(text: string): Parts | undefined {
  const match =
    /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T].*)?$/.exec(text) ??
    /^((?:19|20|99)\d{2})(\d{2})(\d{2})$/.exec(text);
  return match === null
    ? undefined
    : [match[1] ?? "", match[2] ?? "", match[3] ?? ""];
}

/** `31-Jan-2026`, `31 January 26`, `Jan 31, 2026`. */
function fromWords(text: string): Parts | undefined {
  const dayFirst = /^(\d{1,2})[ .-]+([a-z]{3,9})[ .,-]+(\d{4}|\d{2})$/i.exec(
    text,
  );
  const monthFirst = /^([a-z]{3,9})[ .-]+(\d{1,2})[ ,.-]+(\d{4}|\d{2})$/i.exec(
    text,
  );
  const [day, name, year] = dayFirst
    ? [dayFirst[1], dayFirst[2], dayFirst[3]]
    : [monthFirst?.[2], monthFirst?.[1], monthFirst?.[3]];
  const month = MONTHS.indexOf((name ?? "").slice(0, 3).toLowerCase()) + 1;
  if (month === 0 || year === undefined) return undefined;
  return [fullYear(year), String(month), day ?? ""];
}

/** Days since 1899-12-30, as spreadsheets count; from 1954 to 2119. */
function fromSerial(text: string): Parts | undefined {
  if (!/^[2-7]\d{4}(\.0+)?$/.test(text)) return undefined;
  const date = new Date(Date.UTC(1899, 11, 30 + Math.trunc(Number(text))));
  const [year = "", month = "", day = ""] = date
    .toISOString()
    .slice(0, 10)
    .split("-");
  return [year, month, day];
}

function fullYear(year: string): string {
  if (year.length === 4) return year;
  return `${Number(year) < 70 ? "20" : "19"}${year}`;
}

function calendar(text: string, parts: Parts | undefined): Reading<string> {
  const iso =
    parts &&
    [parts[0], parts[1].padStart(2, "0"), parts[2].padStart(2, "0")].join("-");
  const date = iso === undefined ? undefined : new Date(`${iso}T00:00:00Z`);
  const exists =
    iso !== undefined &&
    date !== undefined &&
    !Number.isNaN(date.getTime()) &&
    date.toISOString().startsWith(iso);
  if (exists) return { value: iso };
  return {
    problem: {
      code: "csv_invalid_date",
      message: `"${short(text)}" is no date; write it as 2026-01-31`,
    },
  };
}

/** A cell's text in a message. */
export function short(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length > 60 ? `${line.slice(0, 60)}…` : line;
}
