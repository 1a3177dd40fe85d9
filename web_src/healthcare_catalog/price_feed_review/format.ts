import { deserializeDate, toLocaleDateString } from "@web/core/l10n/dates";

/** An ISO day as the user reads days; empty for none. */
export function formatDay(day: string): string {
  return day ? toLocaleDateString(deserializeDate(day)) : "";
}
