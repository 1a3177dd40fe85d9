import { deserializeDate, toLocaleDateString } from "@web/core/l10n/dates";
import { localization } from "@web/core/l10n/localization";
import { insertThousandsSep } from "@web/core/utils/numbers";

/** An ISO day as the user reads days; empty for none. */
export function formatDay(day: string | false): string {
  return day ? toLocaleDateString(deserializeDate(day)) : "";
}

/** Decimal text as the user's language writes it, with at least two decimals. */
export function formatPrice(price: string | false): string {
  if (!price) {
    return "";
  }
  const [integer = "0", decimals = ""] = price.split(".");
  const grouped = insertThousandsSep(
    integer,
    localization.thousandsSep,
    localization.grouping,
  );
  return `${grouped}${localization.decimalPoint}${decimals.padEnd(2, "0")}`;
}
