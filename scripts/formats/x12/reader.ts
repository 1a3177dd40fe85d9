/** Reading the elements of a transaction set, with findings at their place. */
import type { Diagnostic } from "../../canonical/types.ts";
import { canonicalDecimal, shiftDecimal } from "../decimal.ts";
import { momentFromX12, dateFromX12 } from "./codes/dates.ts";
import type { ItemPair } from "./codes/items.ts";
import type { Origin } from "./codes/parties.ts";
import { unitFromX12 } from "./codes/units.ts";
import type { TransactionSet } from "./envelope.ts";
import type { Report } from "./report.ts";
import type { Segment } from "./segment.ts";

/** Schema limit of codes and numbers. */
const MAX_CODE = 200;
const MAX_TEXT = 10_000;

export interface UnitReading {
  unit: string;
  unit_as_sent: string;
}

export class SetReader {
  readonly transaction: TransactionSet;
  readonly origin: Origin;
  private readonly report: Report;
  /** Number of the document, once it is known. */
  label: string;
  /** The line being read, where what is wrong with it concerns no other. */
  lineNumber: string | undefined;

  constructor(transaction: TransactionSet, origin: Origin, report: Report) {
    this.transaction = transaction;
    this.origin = origin;
    this.report = report;
    this.label = `${transaction.set} ${transaction.controlNumber}`.trim();
  }

  /** Segments between ST and SE. */
  body(): Segment[] {
    return this.transaction.segments.filter(
      (segment) => segment.id !== "ST" && segment.id !== "SE",
    );
  }

  add(
    level: Diagnostic["level"],
    code: string,
    message: string,
    segment?: Segment,
    element?: number,
  ): void {
    const where = segment ?? this.transaction.segments[0];
    this.report.add(
      level,
      code,
      message,
      where,
      element,
      this.label,
      this.lineNumber,
    );
  }

  /** An element as text; empty when it is missing. */
  raw(segment: Segment | undefined, element: number): string {
    return segment?.elements[element] ?? "";
  }

  /** A code, number or name: undefined when empty, cut at the schema's limit. */
  code(segment: Segment | undefined, element: number): string | undefined {
    return this.limited(segment, element, MAX_CODE);
  }

  text(segment: Segment | undefined, element: number): string | undefined {
    return this.limited(segment, element, MAX_TEXT);
  }

  private limited(
    segment: Segment | undefined,
    element: number,
    limit: number,
  ): string | undefined {
    const value = this.raw(segment, element);
    if (value === "") return undefined;
    if (value.length <= limit) return value;
    const message = `${value.length} characters; only the first ${limit} were kept`;
    this.add("error", "x12_too_long", message, segment, element);
    return value.slice(0, limit);
  }

  /** First component of a composite element. */
  component(segment: Segment, element: number): string {
    const value = this.raw(segment, element);
    const separator = segment.component;
    if (separator === undefined) return value;
    return (value.split(separator, 1)[0] ?? "").trim();
  }

  /** A number of type R, exact; an error where it is none. */
  decimal(segment: Segment | undefined, element: number): string | undefined {
    const value = this.raw(segment, element);
    if (value === "") return undefined;
    const decimal = canonicalDecimal(value);
    if (decimal === undefined) {
      const message = `"${value.slice(0, 40)}" is no number; the field was left out`;
      this.add("error", "x12_invalid_number", message, segment, element);
    }
    return decimal;
  }

  /** A number of type N2: two implied decimals. One with a point is as meant. */
  hundredths(
    segment: Segment | undefined,
    element: number,
  ): string | undefined {
    const value = this.raw(segment, element);
    if (value === "") return undefined;
    if (value.includes(".")) {
      const message =
        "the decimal point is implied here; one was sent and taken as meant";
      this.add("warning", "x12_explicit_decimal", message, segment, element);
      return this.decimal(segment, element);
    }
    if (!/^[+-]?\d{1,38}$/.test(value)) return this.decimal(segment, element);
    return shiftDecimal(value, 2);
  }

  /** Whole days; undefined and a warning when the number is none. */
  days(segment: Segment | undefined, element: number): number | undefined {
    const value = this.raw(segment, element);
    if (value === "") return undefined;
    if (/^\d{1,5}(\.0*)?$/.test(value) && Number.parseInt(value, 10) <= 36500) {
      return Number.parseInt(value, 10);
    }
    const message = `"${value}" is no number of days; it was left out`;
    this.add("warning", "x12_invalid_number", message, segment, element);
    return undefined;
  }

  date(segment: Segment | undefined, element: number): string | undefined {
    const value = this.raw(segment, element);
    if (value === "") return undefined;
    const date = dateFromX12(value);
    if (date === undefined) {
      const message = `"${value.slice(0, 40)}" is no date (CCYYMMDD); it was left out`;
      this.add("warning", "x12_invalid_date", message, segment, element);
    }
    return date;
  }

  /** DTM02–04, or DTM05/06 with format qualifier D8. */
  dtmDate(segment: Segment): string | undefined {
    if (this.raw(segment, 2) !== "") return this.date(segment, 2);
    return this.raw(segment, 6) === "" ? undefined : this.date(segment, 6);
  }

  dtmMoment(segment: Segment): string | undefined {
    const [date, time, zone] = [2, 3, 4].map((n) => this.raw(segment, n));
    return (
      momentFromX12(date ?? "", time ?? "", zone ?? "") ?? this.dtmDate(segment)
    );
  }

  /** Unit at `element`, which may be a composite (C001). */
  unit(segment: Segment, element: number): UnitReading | undefined {
    const code = this.component(segment, element);
    if (code === "") return undefined;
    const whole = this.raw(segment, element);
    if (whole !== code) {
      const message = `composite unit ${whole}: only ${code} was used`;
      this.add("info", "x12_composite_unit", message, segment, element);
    }
    const { unit, known } = unitFromX12(code.slice(0, 40));
    if (!known) {
      const message = `unit ${code} has no counterpart in UN/ECE Recommendation 20; it is "${unit}"`;
      this.add("warning", "x12_unit_unknown", message, segment, element);
    }
    return { unit, unit_as_sent: code.slice(0, MAX_CODE) };
  }

  /** Qualifier/value pairs from `first` to the end of the segment. */
  pairs(segment: Segment, first: number): ItemPair[] {
    const pairs: ItemPair[] = [];
    for (let at = first; at < segment.elements.length; at += 2) {
      pairs.push({
        qualifier: this.raw(segment, at).toUpperCase(),
        value: this.raw(segment, at + 1).slice(0, MAX_CODE),
        element: at + 1,
      });
    }
    return pairs;
  }
}

/** Removes what is undefined or empty, so that optional fields are absent. */
export function compact<T extends object>(value: T): T {
  return Object.fromEntries(
    Object.entries(value).filter(
      ([, item]) =>
        item !== undefined && !(Array.isArray(item) && item.length === 0),
    ),
  ) as T;
}
