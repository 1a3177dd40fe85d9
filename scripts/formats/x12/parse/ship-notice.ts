/** 856 → `ship_notice`: the tree of HL levels. */
import type {
  Reference,
  ShipNotice,
  ShipNoticeLine,
} from "../../../canonical/generated/documents.ts";
import { compare, subtract } from "../../decimal.ts";
import { DELIVERY_DATES, SHIP_DATES, momentFromX12 } from "../codes/dates.ts";
import { compact, type SetReader } from "../reader.ts";
import type { Segment } from "../segment.ts";
import {
  addReference,
  issuedAt,
  pickMoment,
  readHeader,
  type Header,
} from "./header.ts";
import { ancestry, splitLevels, type Level } from "./levels.ts";
import {
  LineNumbers,
  appendDescription,
  compareLineCount,
  itemOf,
} from "./lines.ts";
import { readLots } from "./lots.ts";
import { readPackages, type Package } from "./packages.ts";
import { filled } from "./purchase-order.ts";

export function readShipNotice(reader: SetReader): ShipNotice | undefined {
  const { header: top, levels } = splitLevels(reader);
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
