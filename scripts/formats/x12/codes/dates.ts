/** Dates and times: X12 data elements 373, 337, 374 and 623. */

import { table } from "../../table.ts";

/**
 * ISO date of `CCYYMMDD` or `YYMMDD` (before 004010; years 50–99 are 19xx).
 * Undefined when it is none, or not in the calendar.
 */
export function dateFromX12(text: string): string | undefined {
  const match = /^(\d{2}|\d{4})(\d{2})(\d{2})$/.exec(text);
  if (match === null) return undefined;
  const [, year = "", month = "", day = ""] = match;
  const full =
    year.length === 4 ? year : `${Number(year) < 50 ? "20" : "19"}${year}`;
  const iso = `${full}-${month}-${day}`;
  const date = new Date(`${iso}T00:00:00Z`);
  const exists =
    !Number.isNaN(date.getTime()) && date.toISOString().startsWith(iso);
  return exists ? iso : undefined;
}

/** `2026-01-31` or `2026-01-31T…` → `20260131`. */
export function dateToX12(iso: string): string {
  return iso.slice(0, 10).replaceAll("-", "");
}

/** Offsets of time zone codes that mean one offset (element 623). */
const OFFSETS = table<string>({
  UT: "Z",
  GM: "Z",
  ES: "-05:00",
  ED: "-04:00",
  CS: "-06:00",
  CD: "-05:00",
  MS: "-07:00",
  MD: "-06:00",
  PS: "-08:00",
  PD: "-07:00",
});

/**
 * Date-time where time and zone are known, else the date alone: a time without
 * zone would have to be guessed.
 */
export function momentFromX12(
  date: string,
  time: string,
  zone: string,
): string | undefined {
  const day = dateFromX12(date);
  const offset = OFFSETS[zone.toUpperCase()];
  const match = /^([01]\d|2[0-3])([0-5]\d)([0-5]\d)?\d{0,2}$/.exec(time);
  if (day === undefined || offset === undefined || match === null) return day;
  return `${day}T${match[1]}:${match[2]}:${match[3] ?? "00"}${offset}`;
}

/** DTM01 that promise or name a day of delivery, the best first. */
export const DELIVERY_DATES = ["067", "069", "017", "371", "074", "002"];
/** DTM01 that promise or name a day of shipping, the best first. */
export const SHIP_DATES = ["068", "079", "011", "010", "370", "118"];
/** DTM01 that ask for a day, the best first: delivery before shipping. */
export const REQUESTED_DATES = ["002", "106", "074", "063", "010", "118"];
/** DTM01 that name the end of an item's life. */
export const EXPIRY_DATES = ["036", "208", "511"];
