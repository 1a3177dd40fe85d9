import type { Absent, Decimal } from "./workbench_types";

/**
 * Exact decimals as text. Odoo sends every quantity, price and amount as an
 * exact decimal; nothing here goes through a binary number except a position in
 * a drawing.
 */

const DECIMAL = /^([+-]?)(\d+)(?:\.(\d*))?$/;

interface Parts {
  negative: boolean;
  integer: string;
  fraction: string;
}

function partsOf(value: Decimal): Parts | null {
  const match = DECIMAL.exec(value.trim());
  if (!match) {
    return null;
  }
  return {
    negative: match[1] === "-",
    integer: (match[2] ?? "0").replace(/^0+(?=\d)/, ""),
    fraction: (match[3] ?? "").replace(/0+$/, ""),
  };
}

/** -1, 0 or 1: the sign of a decimal; 0 for what is absent or no number. */
export function sign(value: Decimal | Absent): -1 | 0 | 1 {
  const parts = value ? partsOf(value) : null;
  if (!parts || /^0*$/.test(parts.integer + parts.fraction)) {
    return 0;
  }
  return parts.negative ? -1 : 1;
}

/** Whether two decimals are the same number: `5` and `5.00` are. */
export function isSame(a: Decimal | Absent, b: Decimal | Absent): boolean {
  const [left, right] = [a, b].map((value) => (value ? partsOf(value) : null));
  if (!left || !right || sign(a) !== sign(b)) {
    return false;
  }
  return left.integer === right.integer && left.fraction === right.fraction;
}

export interface DecimalStyle {
  decimalPoint: string;
  /** Puts the thousands separators into the digits before the point. */
  group: (integer: string) => string;
  /** Digits after the point that are shown even where they are zero. */
  minDigits?: number;
  /** `always` writes a plus before what is above zero. */
  sign?: "auto" | "always";
}

/**
 * A decimal as a person reads it, with all its digits: nothing is rounded away,
 * because the third digit of a price is often the difference. A true minus is
 * used, since a hyphen is easily missed. What is no decimal is shown as it came.
 */
export function writeDecimal(value: Decimal, style: DecimalStyle): string {
  const parts = partsOf(value);
  if (!parts) {
    return value;
  }
  const direction = sign(value);
  let prefix = direction < 0 ? "−" : "";
  if (style.sign === "always" && direction > 0) {
    prefix = "+";
  }
  const fraction = parts.fraction.padEnd(style.minDigits ?? 0, "0");
  const integer = style.group(parts.integer);
  return prefix + integer + (fraction ? style.decimalPoint + fraction : "");
}

/** For drawing only: the nearest binary number, or null. */
export function toPosition(value: Decimal | Absent): number | null {
  return value && partsOf(value) ? Number(value) : null;
}
