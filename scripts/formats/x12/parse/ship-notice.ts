/** 856 → `ship_notice`: the tree of HL levels. */
import type {
  Lot,
  Reference,
  ShipNotice,
  ShipNoticeLine,
} from "../../../canonical/generated/documents.ts";
import { compare, multiply, subtract } from "../../decimal.ts";
import {
  DELIVERY_DATES,
  EXPIRY_DATES,
  SHIP_DATES,
  momentFromX12,
} from "../codes/dates.ts";
import { readItem } from "../codes/items.ts";
import { compact, type SetReader } from "../reader.ts";
import type { Segment } from "../tokenizer.ts";
import {
  addReference,
  issuedAt,
  pickMoment,
  readHeader,
  type Header,
} from "./header.ts";
import {
  LineNumbers,
  appendDescription,
  compareLineCount,
  itemOf,
} from "./lines.ts";
import { filled } from "./purchase-order.ts";

type Package = NonNullable<ShipNotice["packages"]>[number];
type Content = NonNullable<Package["contents"]>[number];

interface Level {
  /** HL segment. */
  hl: Segment;
  /** HL03: S shipment, O order, T tare, P pack, I item. */
  code: string;
  parent?: Level;
  segments: Segment[];
}

export function readShipNotice(reader: SetReader): ShipNotice | undefined {
  const { header: top, levels } = split(reader);
  const bsn = top.find((segment) => segment.id === "BSN");
  const number = reader.code(bsn, 2);
  if (bsn === undefined || number === undefined) {
    const message = "the ship notice has no number (BSN02); it cannot be used";
    reader.add("error", "x12_number_missing", message, bsn, 2);
    return undefined;
  }
  reader.label = number;
  const above = levels.filter(
    ({ code }) => !["O", "I", "P", "T"].includes(code),
  );
  const header = readHeader(reader, [
    ...top,
    ...above.flatMap(({ segments }) => segments),
    ...onlyOrder(levels),
  ]);
  const orders = ordersOf(reader, levels);
  const reading = readItems(reader, levels, orders);
  const summary = reader.body().filter(({ id }) => id === "CTT");
  compareLineCount(reader, summary, levels.length, "HL");
  return compact({
    document_type: "ship_notice" as const,
    schema_version: "1.0" as const,
    number,
    issued_at: issuedAt(
      reader,
      momentFromX12(reader.raw(bsn, 3), "", "") ?? reader.date(bsn, 3),
    ),
    currency: header.currency,
    test: reader.transaction.interchange.test || undefined,
    references: header.references,
    notes: header.notes.length === 0 ? undefined : header.notes.join("\n"),
    parties: filled(header.parties),
    deliver_to: header.deliver_to,
    freight_terms: header.freight_terms,
    allowances_charges: header.allowances_charges,
    order_reference: orders.single,
    shipment_number: number,
    shipped_at: pickMoment(reader, header.dates, SHIP_DATES),
    expected_at: pickMoment(reader, header.dates, DELIVERY_DATES),
    ...transport(
      reader,
      [...top, ...above.flatMap(({ segments }) => segments)],
      header,
    ),
    packages: reading.packages,
    lines: reading.lines,
  });
}

/** Header segments, and levels with their parents. */
function split(reader: SetReader): { header: Segment[]; levels: Level[] } {
  const header: Segment[] = [];
  const levels: Level[] = [];
  const byId = new Map<string, Level>();
  let ended = false;
  for (const segment of reader.body()) {
    if (segment.id === "HL") {
      const level = readLevel(reader, segment, byId, levels);
      levels.push(level);
      byId.set(reader.raw(segment, 1), level);
    } else if (segment.id === "CTT") {
      ended = true;
    } else if (!ended) {
      (levels.at(-1)?.segments ?? header).push(segment);
    }
  }
  return { header, levels };
}

/** A missing or wrong parent (HL02) is made up for by the order of levels. */
function readLevel(
  reader: SetReader,
  hl: Segment,
  byId: ReadonlyMap<string, Level>,
  before: readonly Level[],
): Level {
  const code = reader.raw(hl, 3).toUpperCase();
  const parentId = reader.raw(hl, 2);
  const told = byId.get(parentId);
  if (parentId !== "" && told === undefined) {
    const message = `HL02 names level ${parentId}, which does not come before it; the last level above was taken`;
    reader.add("warning", "x12_hl_parent", message, hl, 2);
  }
  const parent = told ?? (code === "S" ? undefined : lastAbove(before, code));
  return {
    hl,
    code,
    segments: [],
    ...(parent === undefined ? {} : { parent }),
  };
}

const RANKS = ["S", "O", "T", "P", "I"];

function lastAbove(before: readonly Level[], code: string): Level | undefined {
  return [...before].reverse().find((level) => isAbove(level, code));
}

function isAbove(level: Level, code: string): boolean {
  return RANKS.indexOf(level.code) < RANKS.indexOf(code);
}

/** Parties and dates of a lone order level count for the whole notice. */
function onlyOrder(levels: readonly Level[]): Segment[] {
  const orders = levels.filter(({ code }) => code === "O");
  const [only] = orders;
  if (only === undefined || orders.length > 1) return [];
  return only.segments.filter(({ id }) =>
    ["N1", "N2", "N3", "N4", "PER", "REF", "DTM", "FOB"].includes(id),
  );
}

interface Orders {
  /** The order of the whole notice, when there is just one. */
  single?: string;
  /** Order of an item level: its own PRF, else the nearest above. */
  of(level: Level): string | undefined;
}

function ordersOf(reader: SetReader, levels: readonly Level[]): Orders {
  const own = new Map<Level, string>();
  for (const level of levels) {
    const prf = level.segments.find((segment) => segment.id === "PRF");
    const number = reader.code(prf, 1);
    if (number !== undefined) own.set(level, number);
  }
  const distinct = new Set(own.values());
  const [single] = distinct;
  return {
    ...(distinct.size === 1 && single !== undefined ? { single } : {}),
    of: (level) =>
      distinct.size === 1
        ? undefined
        : ancestry(level)
            .map((item) => own.get(item))
            .find((number) => number !== undefined),
  };
}

/** The level itself, its parent, and so on; a circle ends it. */
function ancestry(level: Level): Level[] {
  const path: Level[] = [];
  for (
    let current: Level | undefined = level;
    current !== undefined && !path.includes(current);
    current = current.parent
  ) {
    path.push(current);
  }
  return path;
}

/** Carrier, tracking number and bill of lading of the shipment. */
function transport(
  reader: SetReader,
  segments: readonly Segment[],
  header: Header,
): Pick<ShipNotice, "carrier" | "tracking_number" | "bill_of_lading"> {
  const td5 = segments.find((segment) => segment.id === "TD5");
  const scac = reader.raw(td5, 2) === "2" ? reader.code(td5, 3) : undefined;
  const number = (types: readonly string[]) =>
    types
      .map((type) => header.references.find((item) => item.type === type))
      .find((reference) => reference !== undefined)?.number;
  return compact({
    carrier: scac ?? reader.code(td5, 5) ?? reader.code(td5, 3),
    tracking_number: number(["tracking", "carrier_reference"]),
    bill_of_lading: number(["bill_of_lading", "master_bill_of_lading"]),
  });
}

/** All item levels as lines, and the packages around or below them. */
function readItems(
  reader: SetReader,
  levels: readonly Level[],
  orders: Orders,
): { lines: ShipNoticeLine[]; packages: Package[] } {
  const items = levels.filter(({ code }) => code === "I");
  const numbers = new LineNumbers(
    items.map((level) => linNumber(reader, level)),
  );
  const lines: ShipNoticeLine[] = [];
  const lineOf = new Map<Level, ShipNoticeLine>();
  for (const level of items) {
    const line = readLine(reader, level, numbers, orders);
    lines.push(line);
    lineOf.set(level, line);
  }
  return { lines, packages: readPackages(reader, levels, lineOf) };
}

/** LIN01, else SN101. */
function linNumber(reader: SetReader, level: Level): string {
  const lin = level.segments.find(({ id }) => id === "LIN");
  const sn1 = level.segments.find(({ id }) => id === "SN1");
  return reader.raw(lin, 1) || reader.raw(sn1, 1);
}

function readLine(
  reader: SetReader,
  level: Level,
  numbers: LineNumbers,
  orders: Orders,
): ShipNoticeLine {
  const lin = level.segments.find(({ id }) => id === "LIN");
  const sn1 = level.segments.find(({ id }) => id === "SN1");
  if (lin === undefined && sn1 === undefined) {
    const message = "the item level has neither LIN nor SN1";
    reader.add("warning", "x12_item_empty", message, level.hl);
  }
  const sent = linNumber(reader, level);
  const quantity = reader.decimal(sn1, 2);
  const line: ShipNoticeLine = {
    line_number: numbers.take(reader, sent.slice(0, 200), lin ?? level.hl, 1),
    order_number: orders.of(level),
    order_line_number: sent === "" ? undefined : sent.slice(0, 200),
    item: lin === undefined ? undefined : itemOf(reader, lin, 2),
    ...(quantity === undefined ? {} : { quantity, quantity_as_sent: quantity }),
    ...(sn1 === undefined ? {} : reader.unit(sn1, 3)),
    ...backordered(reader, sn1),
  };
  const references: Reference[] = [];
  for (const segment of level.segments) {
    if (segment.id === "PID") appendDescription(line, reader.text(segment, 5));
    if (segment.id === "REF") addReference(reader, segment, references);
  }
  const contract = references.find(({ type }) => type === "contract")?.number;
  if (contract !== undefined) line.contract_reference = { number: contract };
  const orderLine = references.find(({ type }) => type === "line_item")?.number;
  if (orderLine !== undefined) line.order_line_number = orderLine;
  line.lots = readLots(reader, level, lin, quantity);
  return compact(line);
}

/** SN108 BP or IB: what SN105 has more than SN102 is backordered. */
function backordered(
  reader: SetReader,
  sn1: Segment | undefined,
): Pick<ShipNoticeLine, "backordered_quantity" | "backorder_reason"> {
  const status = reader.raw(sn1, 8).toUpperCase();
  const shipped = reader.decimal(sn1, 2);
  const ordered = reader.decimal(sn1, 5);
  if (!["BP", "IB"].includes(status)) return {};
  if (shipped === undefined || ordered === undefined) return {};
  const rest = subtract(ordered, shipped);
  return compare(rest, "0") > 0
    ? { backordered_quantity: rest, backorder_reason: status }
    : {};
}

/**
 * Lots of an item: REF*LT or REF*BT, each followed by its own expiry (DTM or
 * DTP), its quantity where a CLD comes before it, and serial numbers (REF*SE).
 * A lot may also stand among the identifiers of LIN.
 */
function readLots(
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

/** Pack and tare levels with an SSCC or contents, and SSCCs on item levels. */
function readPackages(
  reader: SetReader,
  levels: readonly Level[],
  lineOf: ReadonlyMap<Level, ShipNoticeLine>,
): Package[] {
  const packages: Package[] = [];
  for (const level of levels) {
    const marks = ssccsOf(reader, level);
    if (level.code === "P" || level.code === "T") {
      const contents = contentsOf(level, levels, lineOf);
      const parent = ancestry(level)
        .slice(1)
        .find((item) => item.code === "T" || item.code === "P");
      const parentMark = parent === undefined ? [] : ssccsOf(reader, parent);
      for (const sscc of marks.length > 0 ? marks : [undefined]) {
        const entry: Package = compact({
          sscc,
          parent_sscc: parentMark[0],
          contents: marks.length > 1 ? [] : contents,
        });
        if (Object.keys(entry).length > 0) packages.push(entry);
      }
    } else if (level.code === "I") {
      const line = lineOf.get(level);
      if (line === undefined) continue;
      const contents = [contentOf(line, marks.length === 1)];
      for (const sscc of marks) packages.push({ sscc, contents });
    }
  }
  return packages;
}

/** Items directly in the package, or the item the package is a part of. */
function contentsOf(
  level: Level,
  levels: readonly Level[],
  lineOf: ReadonlyMap<Level, ShipNoticeLine>,
): Content[] {
  const below = levels.filter(
    (item) => item.code === "I" && item.parent === level,
  );
  const lines = below.map((item) => lineOf.get(item));
  if (level.parent?.code === "I") {
    const siblings = levels.filter(
      (item) => item.parent === level.parent && item.code === level.code,
    );
    const line = lineOf.get(level.parent);
    return line === undefined ? [] : [contentOf(line, siblings.length === 1)];
  }
  return lines.flatMap((line) =>
    line === undefined ? [] : [contentOf(line, true)],
  );
}

/** `whole`: all of the line is in this package. */
function contentOf(line: ShipNoticeLine, whole: boolean): Content {
  return compact({
    line_number: line.line_number,
    quantity: whole ? line.quantity : undefined,
    lots: whole ? line.lots : undefined,
  });
}

/** MAN*GM (SSCC-18 with application identifier 00) and MAN*AA (SSCC-18). */
function ssccsOf(reader: SetReader, level: Level): string[] {
  return level.segments
    .filter(({ id }) => id === "MAN")
    .flatMap((segment) => [
      { qualifier: reader.raw(segment, 1), value: reader.code(segment, 2) },
      { qualifier: reader.raw(segment, 4), value: reader.code(segment, 5) },
    ])
    .filter(({ qualifier }) =>
      ["GM", "AA", "AI"].includes(qualifier.toUpperCase()),
    )
    .flatMap(({ value }) => (value === undefined ? [] : [withoutAi(value)]));
}

function withoutAi(value: string): string {
  const digits = value.replaceAll(/[\s()]/g, "");
  return /^00[0-9]{18}$/.test(digits) ? digits.slice(2) : digits;
}
