/** 850 → `purchase_order`. */
import { table } from "../../table.ts";
import type {
  PurchaseOrder,
  PurchaseOrderLine,
  Reference,
} from "../../../canonical/generated/documents.ts";
import { REQUESTED_DATES } from "../codes/dates.ts";
import { compact, type SetReader } from "../reader.ts";
import type { Segment } from "../segment.ts";
import { issuedAt, pickDate, readHeader, type Header } from "./header.ts";
import {
  LineNumbers,
  compareLineCount,
  readBaseLine,
  readPrice,
  itemOf,
  splitLines,
  type LineLoop,
} from "./lines.ts";
import { promoteLineParties } from "./parties.ts";

type Schedule = NonNullable<PurchaseOrderLine["schedules"]>[number];

/** BEG02 (element 92) → kind of order. */
const ORDER_KINDS = table<PurchaseOrder["order_kind"]>({
  SA: "standard",
  NE: "standard",
  EO: "standard",
  RO: "standard",
  RL: "release",
  DS: "drop_ship",
  CN: "consignment",
  CF: "confirming",
});

const URGENCIES = table<PurchaseOrder["urgency"]>({
  EO: "emergency",
  RO: "urgent",
});

/** CSH01 (element 563) → what to do when not all is in stock. */
const BACKORDER_POLICIES = table<PurchaseOrder["backorder_policy"]>({
  Y: "allow",
  N: "fill_or_kill",
  SC: "ship_complete",
});

export function readPurchaseOrder(
  reader: SetReader,
): PurchaseOrder | undefined {
  const split = splitLines(reader, "PO1", ["CTT"]);
  const beg = split.header.find((segment) => segment.id === "BEG");
  const number = reader.code(beg, 3);
  if (beg === undefined || number === undefined) {
    const message = "the order has no number (BEG03); it cannot be used";
    reader.add("error", "x12_number_missing", message, beg, 3);
    return undefined;
  }
  reader.label = number;
  sayPurpose(reader, beg);
  const header = readHeader(reader, split.header);
  const notes = [...header.notes];
  const lines = readLines(reader, split.loops, header, notes);
  compareLineCount(reader, split.summary, split.loops.length, "PO1");
  const kind = reader.raw(beg, 2).toUpperCase();
  const csh = split.header.find((segment) => segment.id === "CSH");
  return compact({
    document_type: "purchase_order" as const,
    schema_version: "1.0" as const,
    number,
    issued_at: issuedAt(reader, reader.date(beg, 5)),
    currency: header.currency ?? lineCurrency(reader, split.loops),
    test: reader.transaction.interchange.test || undefined,
    references: [...beginning(reader, beg), ...header.references],
    notes: notes.length === 0 ? undefined : notes.join("\n"),
    parties: filled(header.parties),
    deliver_to: header.deliver_to,
    payment_terms: header.payment_terms,
    freight_terms: header.freight_terms,
    allowances_charges: header.allowances_charges,
    taxes: header.taxes,
    totals: totalsOf(reader, split.summary),
    order_kind: ORDER_KINDS[kind],
    urgency: URGENCIES[kind],
    release_number: reader.code(beg, 4),
    backorder_policy: BACKORDER_POLICIES[reader.raw(csh, 1).toUpperCase()],
    lines,
  });
}

/** BEG01 (element 353) of messages that are no new order. */
const PURPOSES = table<string>({
  "01": "cancels",
  "03": "deletes",
  "04": "changes",
  "05": "replaces",
});

/** BEG01 other than original: the order stands for something else. */
function sayPurpose(reader: SetReader, beg: Segment): void {
  const purpose = reader.raw(beg, 1);
  if (purpose === "" || ["00", "06", "07", "22", "24"].includes(purpose))
    return;
  const meaning = PURPOSES[purpose] ?? "is not a new order:";
  const message = `BEG01 ${purpose}: this ${meaning} an order sent before`;
  reader.add("warning", "x12_purpose", message, beg, 1);
}

/** BEG06 is the contract. */
function beginning(reader: SetReader, beg: Segment): Reference[] {
  const contract = reader.code(beg, 6);
  return contract === undefined ? [] : [{ type: "contract", number: contract }];
}

function readLines(
  reader: SetReader,
  loops: readonly LineLoop[],
  header: Header,
  notes: string[],
): PurchaseOrderLine[] {
  const numbers = new LineNumbers(loops.map(({ base }) => reader.raw(base, 1)));
  const requested = pickDate(reader, header.dates, REQUESTED_DATES);
  const lines: PurchaseOrderLine[] = [];
  for (const loop of loops) {
    const { line, dates } = readBaseLine(reader, loop, numbers);
    const date = pickDate(reader, dates, REQUESTED_DATES) ?? requested;
    lines.push(
      compact({ ...line, schedules: readSchedules(reader, loop, line, date) }),
    );
    for (const segment of loop.segments) {
      if (segment.id !== "SLN") continue;
      const added = readSubline(
        reader,
        segment,
        line.line_number,
        numbers,
        notes,
      );
      if (added !== undefined) lines.push(added);
    }
  }
  promoteLineParties(
    reader,
    header.parties,
    loops.map(({ parties }) => parties),
  );
  return lines;
}

/** SCH and SDQ, else one delivery of everything on the requested date. */
function readSchedules(
  reader: SetReader,
  loop: LineLoop,
  line: { quantity?: string },
  requestedDate: string | undefined,
): Schedule[] {
  const schedules: Schedule[] = [];
  for (const segment of loop.segments) {
    if (segment.id === "SCH") {
      schedules.push(
        compact({
          quantity: reader.decimal(segment, 1),
          requested_date: reader.date(segment, 6) ?? requestedDate,
        }),
      );
    } else if (segment.id === "SDQ") {
      schedules.push(...destinations(reader, segment, requestedDate));
    }
  }
  if (schedules.length === 0 && requestedDate !== undefined) {
    const { quantity } = line;
    return [compact({ quantity, requested_date: requestedDate })];
  }
  return schedules;
}

/** SDQ: pairs of location and quantity from element 3 on. */
function destinations(
  reader: SetReader,
  segment: Segment,
  requestedDate: string | undefined,
): Schedule[] {
  const schedules: Schedule[] = [];
  for (let at = 3; at + 1 < segment.elements.length && at <= 21; at += 2) {
    const location = reader.text(segment, at);
    if (location === undefined) continue;
    schedules.push(
      compact({
        quantity: reader.decimal(segment, at + 1),
        requested_date: requestedDate,
        deliver_to: { location },
      }),
    );
  }
  return schedules;
}

/**
 * SLN03 A adds to the line and is a line of its own. What is included (I) or
 * otherwise described was not ordered for itself: it becomes a note, so that
 * nobody takes it for an ordered quantity.
 */
function readSubline(
  reader: SetReader,
  segment: Segment,
  parent: string,
  numbers: LineNumbers,
  notes: string[],
): PurchaseOrderLine | undefined {
  const relation = reader.raw(segment, 3).toUpperCase();
  const item = itemOf(reader, segment, 9);
  if (relation !== "A") {
    const code =
      item?.supplier_code ??
      item?.manufacturer_code ??
      item?.buyer_code ??
      item?.gtin;
    const parts = [reader.raw(segment, 4), reader.component(segment, 5), code];
    const what = parts.filter((part) => part !== undefined && part !== "");
    notes.push(`Line ${parent} includes ${what.join(" ")}`.slice(0, 1000));
    return undefined;
  }
  const quantity = reader.decimal(segment, 4);
  const sent = `${parent}.${reader.raw(segment, 1)}`;
  return compact({
    line_number: numbers.take(reader, sent.slice(0, 200), segment, 1),
    parent_line_id: parent,
    item,
    quantity,
    quantity_as_sent: quantity,
    ...reader.unit(segment, 5),
    price: readPrice(reader, segment, 6, 7),
  });
}

/** CUR that stands at each line instead of in the header. */
export function lineCurrency(
  reader: SetReader,
  loops: readonly LineLoop[],
): string | undefined {
  const codes = new Set(
    loops.map(({ segments }) =>
      reader.raw(
        segments.find((segment) => segment.id === "CUR"),
        2,
      ),
    ),
  );
  const [only = ""] = codes;
  return codes.size === 1 && /^[A-Z]{3}$/.test(only) ? only : undefined;
}

/** AMT in the summary: 1 sum of the lines, TT total. */
export function totalsOf(
  reader: SetReader,
  summary: readonly Segment[],
): { lines?: string; payable?: string } | undefined {
  const amount = (qualifier: string) =>
    reader.decimal(
      summary.find(
        (segment) =>
          segment.id === "AMT" && reader.raw(segment, 1) === qualifier,
      ),
      2,
    );
  return filled(compact({ lines: amount("1"), payable: amount("TT") }));
}

/** Undefined for an object without fields. */
export function filled<T extends object>(value: T): T | undefined {
  return Object.keys(value).length === 0 ? undefined : value;
}
