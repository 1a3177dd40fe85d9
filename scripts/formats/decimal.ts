/** Exact decimals as text: nothing here goes through a binary number. */
import { Decimal } from "decimal.js";

/** Enough for every sum of amounts; results are exact. */
const Exact = Decimal.clone({ precision: 120, toExpNeg: -120, toExpPos: 120 });

const PLAIN = /^[+-]?(\d+(\.\d*)?|\.\d+)$/;
const MAX_LENGTH = 40;

/**
 * Canonical form of a decimal as sent: a digit on both sides of the point, no
 * plus sign, no leading zeros. Trailing zeros stay. Undefined when `text` is no
 * plain decimal (an exponent, a thousands separator, too long).
 */
export function canonicalDecimal(text: string): string | undefined {
  if (text.length > MAX_LENGTH || !PLAIN.test(text)) return undefined;
  const negative = text.startsWith("-");
  const [whole = "", fraction = ""] = text.replace(/^[+-]/, "").split(".");
  const digits = whole.replace(/^0+(?=\d)/, "") || "0";
  const value = fraction === "" ? digits : `${digits}.${fraction}`;
  const isZero = /^[0.]*$/.test(value);
  return negative && !isZero ? `-${value}` : value;
}

/** Moves the point: `shiftDecimal("36596", 2)` is `365.96`. */
export function shiftDecimal(integer: string, places: number): string {
  const negative = integer.startsWith("-");
  const digits = integer.replace(/^[+-]/, "").padStart(places + 1, "0");
  const cut = digits.length - places;
  const text = `${digits.slice(0, cut)}.${digits.slice(cut)}`;
  return canonicalDecimal(negative ? `-${text}` : text) ?? "0";
}

/** Sum, difference and comparison of canonical decimals. */
export function add(left: string, right: string): string {
  return new Exact(left).plus(right).toFixed();
}

export function subtract(left: string, right: string): string {
  return new Exact(left).minus(right).toFixed();
}

export function multiply(left: string, right: string): string {
  return new Exact(left).times(right).toFixed();
}

export function compare(left: string, right: string): number {
  return new Exact(left).comparedTo(right);
}

export function negate(value: string): string {
  if (/^-?[0.]*$/.test(value)) return value;
  return value.startsWith("-") ? value.slice(1) : `-${value}`;
}

/** Without trailing zeros: `12.50` → `12.5`, `10.00` → `10`. */
export function plain(value: string): string {
  return new Exact(value).toFixed();
}

/**
 * `amount` in hundredths, as X12's implied decimals want it; undefined when it
 * has fractions of them.
 */
export function hundredths(amount: string): string | undefined {
  const shifted = new Exact(amount).times(100);
  return shifted.isInteger() ? shifted.toFixed() : undefined;
}
