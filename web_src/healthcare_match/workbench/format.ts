import { getCurrency } from "@web/core/currency";
import {
  deserializeDate,
  deserializeDateTime,
  toLocaleDateString,
  toLocaleDateTimeString,
  today,
} from "@web/core/l10n/dates";
import { localization } from "@web/core/l10n/localization";
import { insertThousandsSep } from "@web/core/utils/numbers";

import { writeDecimal } from "./decimal";
import type {
  Absent,
  CurrencyId,
  Decimal,
  IsoDate,
  IsoDateTime,
} from "./workbench_types";

/** How the user's language writes numbers, money and dates. */

const NO_BREAK_SPACE = "\u00a0";
const MILLISECONDS_PER_DAY = 86_400_000;

interface NumberOptions {
  minDigits?: number;
  sign?: "auto" | "always";
}

export function formatDecimal(
  value: Decimal | Absent,
  options: NumberOptions = {},
): string {
  if (!value) {
    return "";
  }
  return writeDecimal(value, {
    decimalPoint: localization.decimalPoint,
    group: (integer) =>
      insertThousandsSep(
        integer,
        localization.thousandsSep,
        localization.grouping,
      ),
    ...options,
  });
}

/** An amount or price with all its digits, at least those of the currency. */
export function formatMoney(
  value: Decimal | Absent,
  currencyId: CurrencyId,
  options: NumberOptions = {},
): string {
  const currency = getCurrency(currencyId);
  const number = formatDecimal(value, {
    minDigits: currency?.digits[1] ?? 2,
    ...options,
  });
  if (!currency || !number) {
    return number;
  }
  if (currency.position === "after") {
    return number + NO_BREAK_SPACE + currency.symbol;
  }
  // The sign stands before the symbol: −$12.00.
  const [, signMark = "", digits = number] = /^([+−]?)(.*)$/.exec(number) ?? [];
  return signMark + currency.symbol + NO_BREAK_SPACE + digits;
}

export function formatQuantity(
  value: Decimal | Absent,
  unit: string | Absent,
  options: NumberOptions = {},
): string {
  const number = formatDecimal(value, options);
  return number && unit ? number + NO_BREAK_SPACE + unit : number;
}

/** `+12 %`, signed. */
export function formatPercent(value: Decimal | Absent): string {
  const number = formatDecimal(value, { sign: "always" });
  return number && number + NO_BREAK_SPACE + "%";
}

export function formatDay(value: IsoDate | Absent): string {
  return value ? toLocaleDateString(deserializeDate(value)) : "";
}

export function formatMoment(value: IsoDateTime | Absent): string {
  if (!value) {
    return "";
  }
  // Odoo's reader of date-times wants its own notation.
  const odooValue = value.replace("T", " ").replace(/(\.\d+)?Z$/, "");
  return toLocaleDateTimeString(deserializeDateTime(odooValue), {
    showSeconds: false,
  });
}

/** Days from today; negative for the past. */
export function daysFromToday(value: IsoDate): number {
  const distance = deserializeDate(value).toMillis() - today().toMillis();
  return Math.round(distance / MILLISECONDS_PER_DAY);
}
