/** Item identifiers: X12 data elements 235/234 ↔ canonical `item`. */
import { checkDigit, hasRightCheckDigit } from "../../gtin.ts";
import { table } from "../../table.ts";
import type { Item } from "../../../canonical/generated/documents.ts";

export interface ItemPair {
  qualifier: string;
  value: string;
  /** Element position of the value, from 1. */
  element: number;
}

/**
 * What becomes of a GTIN with a wrong check digit: a document about deliveries
 * and money keeps what was sent; master data takes only what is right.
 */
export type WrongGtin = "keep" | "drop";

export interface ItemReading {
  item: Item;
  /** Lot and serial numbers that stand among the identifiers. */
  lot?: string;
  serials: string[];
  problems: { element: number; code: string; message: string }[];
}

const BUYER = ["BP", "CB", "IN", "IZ", "SK"];
const SUPPLIER = ["VN", "VP", "VC", "VA", "PI"];
const MANUFACTURER = ["MG", "MN"];
const NDC = ["N4", "ND", "N1", "N2", "N3"];

/** Digits that a GTIN of each qualifier has. */
const GTIN_LENGTH = table<number>({
  UK: 14,
  EN: 13,
  UP: 12,
  UE: 13,
  EO: 8,
});

/**
 * Reads qualifier/value pairs. Identifiers of other kinds (style, UPC case
 * codes without check digit) stand in for a missing supplier code, so that the
 * line keeps an identity; that is said.
 */
export function readItem(
  pairs: readonly ItemPair[],
  wrongGtin: WrongGtin = "keep",
): ItemReading {
  const reading: ItemReading = { item: {}, serials: [], problems: [] };
  const others: ItemPair[] = [];
  for (const pair of pairs) {
    if (pair.value === "" || pair.qualifier === "") continue;
    if (!assign(reading, pair, wrongGtin)) others.push(pair);
  }
  if (Object.keys(reading.item).length === 0) useOther(reading, others);
  return reading;
}

function assign(
  reading: ItemReading,
  pair: ItemPair,
  wrongGtin: WrongGtin,
): boolean {
  const { item } = reading;
  const { qualifier, value } = pair;
  if (BUYER.includes(qualifier)) item.buyer_code ??= value;
  else if (SUPPLIER.includes(qualifier)) item.supplier_code ??= value;
  else if (MANUFACTURER.includes(qualifier)) item.manufacturer_code ??= value;
  else if (NDC.includes(qualifier)) item.ndc ??= value;
  else if (qualifier === "HI" || qualifier === "UX") item.hibc ??= value;
  else if (qualifier === "C3" && /^[0-9]{8}$/.test(value)) {
    item.unspsc ??= value;
  } else if (qualifier === "LT" || qualifier === "B8") reading.lot ??= value;
  else if (qualifier === "SN") reading.serials.push(value);
  else if (qualifier === "UI" && /^[0-9]{11}$/.test(value)) {
    // UPC 1-5-5: the GTIN-12 without its check digit.
    item.gtin ??= (value + checkDigit(value)).padStart(14, "0");
  } else if (GTIN_LENGTH[qualifier] !== undefined) {
    return assignGtin(reading, pair, wrongGtin);
  } else return false;
  return true;
}

/** A wrong check digit is said, not mended. */
function assignGtin(
  reading: ItemReading,
  pair: ItemPair,
  wrongGtin: WrongGtin,
): boolean {
  const digits = pair.value.replaceAll(/[\s-]/g, "");
  if (!/^[0-9]{8,14}$/.test(digits)) {
    reading.problems.push({
      element: pair.element,
      code: "x12_invalid_gtin",
      message: `"${pair.value}" is no GTIN (${pair.qualifier}): 8 to 14 digits were expected`,
    });
    return false;
  }
  const gtin = digits.padStart(14, "0");
  if (!hasRightCheckDigit(gtin)) {
    const what = wrongGtin === "drop" ? "left out" : "kept as sent";
    reading.problems.push({
      element: pair.element,
      code: "gtin_check_digit",
      message: `GTIN ${digits} has a wrong check digit; it was ${what}`,
    });
    if (wrongGtin === "drop") return true;
  }
  reading.item.gtin ??= gtin;
  return true;
}

function useOther(reading: ItemReading, others: readonly ItemPair[]): void {
  const other = others[0];
  if (other === undefined) return;
  reading.item.supplier_code = other.value;
  reading.problems.push({
    element: other.element,
    code: "x12_item_qualifier",
    message: `item identifier of kind ${other.qualifier} was taken as the supplier's code, for there is no other`,
  });
}

/** Qualifier/value pairs of an item, always in the same order. */
export function writeItem(item: Item | undefined): string[] {
  if (item === undefined) return [];
  const pairs: [string, string | undefined][] = [
    ["BP", item.buyer_code],
    ["VN", item.supplier_code],
    ["MG", item.manufacturer_code],
    ["UK", item.gtin],
    ["N4", item.ndc],
    ["HI", item.hibc],
    ["C3", item.unspsc],
  ];
  return pairs.flatMap(([qualifier, value]) =>
    value === undefined ? [] : [qualifier, value],
  );
}
