import {
  deserializeDateTime,
  toLocaleDateTimeString,
} from "@web/core/l10n/dates";
import { localization } from "@web/core/l10n/localization";
import { _t } from "@web/core/l10n/translation";
import { insertThousandsSep } from "@web/core/utils/numbers";

import type { Absent, IsoDateTime } from "./monitor_types";

/** How the user's language writes numbers, durations and moments. */

const NO_BREAK_SPACE = "\u00a0";
export const NOTHING = "\u2013";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export function formatNumber(value: number, digits = 0): string {
  const [whole = "0", part] = value.toFixed(digits).split(".");
  const grouped = insertThousandsSep(
    whole,
    localization.thousandsSep,
    localization.grouping,
  );
  return part ? grouped + localization.decimalPoint + part : grouped;
}

/** A count that may have stopped: `10,000+`. */
export function formatCount(value: number, more = false): string {
  return formatNumber(value) + (more ? "+" : "");
}

/** A share of 1, as per cent. */
export function formatShare(value: number | Absent): string {
  if (value === false) {
    return NOTHING;
  }
  const percent = value * 100;
  const digits = percent > 0 && percent < 10 ? 1 : 0;
  return formatNumber(percent, digits) + NO_BREAK_SPACE + "%";
}

/** Milliseconds in the unit that says most. */
export function formatDuration(milliseconds: number | Absent): string {
  if (milliseconds === false) {
    return NOTHING;
  }
  const [value, unit] =
    milliseconds < SECOND
      ? [milliseconds, _t("ms")]
      : milliseconds < MINUTE
        ? [milliseconds / SECOND, _t("s")]
        : milliseconds < HOUR
          ? [milliseconds / MINUTE, _t("min")]
          : milliseconds < 2 * DAY
            ? [milliseconds / HOUR, _t("h")]
            : [milliseconds / DAY, _t("d")];
  const isRound = Math.abs(value - Math.round(value)) < 0.05;
  const digits = milliseconds < SECOND || value >= 10 || isRound ? 0 : 1;
  return formatNumber(value, digits) + NO_BREAK_SPACE + unit;
}

function toDateTime(value: IsoDateTime) {
  // Odoo's reader of date-times wants its own notation.
  return deserializeDateTime(value.replace("T", " ").replace(/(\.\d+)?Z$/, ""));
}

export function formatMoment(value: IsoDateTime | Absent): string {
  return value ? toLocaleDateTimeString(toDateTime(value)) : "";
}

/** How long ago, by the database's clock. */
export function formatAge(
  value: IsoDateTime | Absent,
  now: IsoDateTime,
): string {
  return value
    ? formatDuration(Math.max(0, Date.parse(now) - Date.parse(value)))
    : NOTHING;
}

export function formatSize(bytes: number): string {
  if (bytes < 1024) {
    return _t("%s bytes", formatNumber(bytes));
  }
  const kilobytes = bytes / 1024;
  return kilobytes < 1024
    ? _t("%s KB", formatNumber(kilobytes, kilobytes < 10 ? 1 : 0))
    : _t("%s MB", formatNumber(kilobytes / 1024, 1));
}
