/** Lots, expiry dates and serial numbers of an item of an 856. */
import type { Lot } from "../../../canonical/generated/documents.ts";
import { multiply } from "../../decimal.ts";
import { EXPIRY_DATES } from "../codes/dates.ts";
import { readItem } from "../codes/items.ts";
import { compact, type SetReader } from "../reader.ts";
import type { Segment } from "../segment.ts";
import type { Level } from "./levels.ts";

/**
 * Lots of an item: REF*LT or REF*BT, each followed by its own expiry (DTM or
 * DTP), its quantity where a CLD comes before it, and serial numbers (REF*SE).
 * A lot may also stand among the identifiers of LIN.
 */
export function readLots(
  reader: SetReader,
  level: Level,
  lin: Segment | undefined,
  quantity: string | undefined,
): Lot[] {
  const lots: Lot[] = [];
  const listed = readItem(lin === undefined ? [] : reader.pairs(lin, 2));
  if (listed.lot !== undefined) lots.push({ number: listed.lot });
  const serials = [...listed.serials];
  let expiry: string | undefined;
  let perLoad: string | undefined;
  for (const segment of level.segments) {
    const qualifier = reader.raw(segment, 1).toUpperCase();
    if (segment.id === "CLD") {
      perLoad = loadQuantity(reader, segment);
      expiry = undefined;
    } else if (segment.id === "REF" && ["LT", "BT"].includes(qualifier)) {
      const number = reader.code(segment, 2);
      if (number === undefined || lots.some((lot) => lot.number === number))
        continue;
      lots.push(compact({ number, expires_on: expiry, quantity: perLoad }));
      expiry = undefined;
      perLoad = undefined;
    } else if (segment.id === "REF" && qualifier === "SE") {
      const serial = reader.code(segment, 2);
      if (serial !== undefined)
        (lots.at(-1)?.serials ?? newSerials(lots, serials)).push(serial);
    } else if (isExpiry(segment, qualifier)) {
      const date =
        segment.id === "DTP"
          ? reader.date(segment, 3)
          : reader.dtmDate(segment);
      const last = lots.at(-1);
      if (
        last !== undefined &&
        last.expires_on === undefined &&
        date !== undefined
      ) {
        last.expires_on = date;
      } else if (last === undefined) expiry = date;
    }
  }
  return finishLots(lots, serials, expiry, quantity);
}

/** List of serial numbers of the last lot, made on first use. */
function newSerials(lots: readonly Lot[], loose: string[]): string[] {
  const last = lots.at(-1);
  return last === undefined ? loose : (last.serials ??= []);
}

function isExpiry(segment: Segment, qualifier: string): boolean {
  return (
    ["DTM", "DTP"].includes(segment.id) && EXPIRY_DATES.includes(qualifier)
  );
}

/** CLD: number of loads × quantity per load. */
function loadQuantity(reader: SetReader, cld: Segment): string | undefined {
  const loads = reader.decimal(cld, 1);
  const each = reader.decimal(cld, 2);
  return loads === undefined || each === undefined
    ? undefined
    : multiply(loads, each);
}

/** One lot holds the whole line; an expiry or serials may come without a lot. */
function finishLots(
  lots: Lot[],
  serials: string[],
  expiry: string | undefined,
  quantity: string | undefined,
): Lot[] {
  if (lots.length === 0 && (expiry !== undefined || serials.length > 0)) {
    lots.push(compact({ expires_on: expiry }));
  }
  const [only] = lots;
  if (only === undefined) return lots;
  if (serials.length > 0) only.serials = [...serials, ...(only.serials ?? [])];
  if (lots.length === 1 && quantity !== undefined) only.quantity ??= quantity;
  return lots;
}
