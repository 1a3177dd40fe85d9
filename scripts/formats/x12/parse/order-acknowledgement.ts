/** 855 → `order_acknowledgement`. */
import type {
  OrderAcknowledgement,
  OrderAcknowledgementLine,
  Reference,
} from "../../../canonical/generated/documents.ts";
import { compare, subtract } from "../../decimal.ts";
import { DELIVERY_DATES, SHIP_DATES } from "../codes/dates.ts";
import { ACKNOWLEDGEMENT_NUMBER } from "../codes/references.ts";
import { HEADER_STATUSES, statusFromX12 } from "../codes/responses.ts";
import { compact, type SetReader } from "../reader.ts";
import type { Segment } from "../segment.ts";
import { issuedAt, pickDate, readHeader } from "./header.ts";
import {
  LineNumbers,
  compareLineCount,
  itemOf,
  readBaseLine,
  splitLines,
  type BaseLine,
  type LineLoop,
} from "./lines.ts";
import { promoteLineParties } from "./parties.ts";
import { filled, lineCurrency, totalsOf } from "./purchase-order.ts";

type Response = NonNullable<OrderAcknowledgementLine["responses"]>[number];

export function readOrderAcknowledgement(
  reader: SetReader,
): OrderAcknowledgement | undefined {
  const split = splitLines(reader, "PO1", ["CTT"]);
  const bak = split.header.find((segment) => segment.id === "BAK");
  const order = reader.code(bak, 3);
  if (bak === undefined || order === undefined) {
    const message =
      "the acknowledgement names no order (BAK03); it cannot be used";
    reader.add("error", "x12_number_missing", message, bak, 3);
    return undefined;
  }
  reader.label = order;
  const { own, others } = ownNumber(reader, split.header);
  const header = readHeader(reader, others);
  const numbers = new LineNumbers(
    split.loops.map(({ base }) => reader.raw(base, 1)),
  );
  const lines = split.loops.map((loop) => readLine(reader, loop, numbers));
  promoteLineParties(
    reader,
    header.parties,
    split.loops.map(({ parties }) => parties),
  );
  compareLineCount(reader, split.summary, split.loops.length, "PO1");
  return compact({
    document_type: "order_acknowledgement" as const,
    schema_version: "1.0" as const,
    number: own ?? derivedNumber(reader, order),
    issued_at: issuedAt(reader, reader.date(bak, 9) ?? reader.date(bak, 4)),
    currency: header.currency ?? lineCurrency(reader, split.loops),
    test: reader.transaction.interchange.test || undefined,
    references: [...beginning(reader, bak), ...header.references],
    notes: header.notes.length === 0 ? undefined : header.notes.join("\n"),
    parties: filled(header.parties),
    deliver_to: header.deliver_to,
    payment_terms: header.payment_terms,
    freight_terms: header.freight_terms,
    allowances_charges: header.allowances_charges,
    taxes: header.taxes,
    totals: totalsOf(reader, split.summary),
    order_reference: order,
    supplier_order_number: supplierOrder(reader, bak, header.references),
    status: headerStatus(reader, bak, split.loops),
    lines,
  });
}

/** An 855 has no number of its own, unless the sender put it into a REF*ZZ. */
function ownNumber(
  reader: SetReader,
  header: readonly Segment[],
): { own: string | undefined; others: Segment[] } {
  const isOwn = (segment: Segment) =>
    segment.id === "REF" &&
    reader.raw(segment, 1) === "ZZ" &&
    reader.raw(segment, 3).toUpperCase() === ACKNOWLEDGEMENT_NUMBER;
  return {
    own: reader.code(header.find(isOwn), 2),
    others: header.filter((segment) => !isOwn(segment)),
  };
}

/**
 * Order number with the control numbers: several acknowledgements of one order
 * must not look like the same one.
 */
function derivedNumber(reader: SetReader, order: string): string {
  const { group, controlNumber } = reader.transaction;
  const suffix = [group.controlNumber, controlNumber]
    .filter((part) => part !== "")
    .join("-");
  return suffix === "" ? order : `${order}/${suffix}`.slice(0, 200);
}

function beginning(reader: SetReader, bak: Segment): Reference[] {
  const contract = reader.code(bak, 7);
  const release = reader.code(bak, 5);
  return [
    ...(contract === undefined ? [] : [{ type: "contract", number: contract }]),
    ...(release === undefined ? [] : [{ type: "release", number: release }]),
  ];
}

function supplierOrder(
  reader: SetReader,
  bak: Segment,
  references: readonly Reference[],
): string | undefined {
  const reference = references.find((item) => item.type === "supplier_order");
  return reader.code(bak, 8) ?? reference?.number;
}

/** BAK02 counts where no line is answered. */
function headerStatus(
  reader: SetReader,
  bak: Segment,
  loops: readonly LineLoop[],
): OrderAcknowledgement["status"] {
  const code = reader.raw(bak, 2).toUpperCase();
  const status = HEADER_STATUSES[code];
  if (loops.length > 0 || code === "") return undefined;
  if (status === undefined) {
    const message = `BAK02 ${code} does not say whether the order is accepted, and no line does`;
    reader.add("warning", "x12_no_answer", message, bak, 2);
  }
  return status;
}

function readLine(
  reader: SetReader,
  loop: LineLoop,
  numbers: LineNumbers,
): OrderAcknowledgementLine {
  const sent = reader.code(loop.base, 1);
  const { line } = readBaseLine(reader, loop, numbers);
  const responses: Response[] = [];
  const acknowledgements = ackLoops(loop.segments);
  for (const ack of acknowledgements) {
    responses.push(readResponse(reader, ack, line));
  }
  const rest = backorderedRest(reader, acknowledgements, line);
  if (rest !== undefined) responses.push(rest);
  return compact({
    ...line,
    order_line_number: line.order_line_number ?? sent,
    responses,
  });
}

/** ACK with the DTM and CTP behind it, up to the next ACK. */
function ackLoops(segments: readonly Segment[]): [Segment, ...Segment[]][] {
  const loops: [Segment, ...Segment[]][] = [];
  for (const segment of segments) {
    if (segment.id === "ACK") loops.push([segment]);
    else if (["DTM", "CTP"].includes(segment.id)) loops.at(-1)?.push(segment);
  }
  return loops;
}

function readResponse(
  reader: SetReader,
  [ack, ...others]: [Segment, ...Segment[]],
  line: BaseLine,
): Response {
  const code = reader.raw(ack, 1).toUpperCase();
  const status = statusFromX12(code);
  if (status === undefined) {
    const message = `line status ${code === "" ? "is missing" : code}: not known, taken as on hold`;
    reader.add("warning", "x12_status_unknown", message, ack, 1);
  }
  const dates = responseDates(reader, ack, others);
  const item = itemOf(reader, ack, 7);
  return compact({
    status: status ?? ("on_hold" as const),
    quantity: reader.decimal(ack, 2),
    unit: reader.unit(ack, 3)?.unit ?? line.unit,
    price: responsePrice(reader, code, others, line),
    promised_ship_date: pickDate(reader, dates, SHIP_DATES),
    promised_delivery_date: pickDate(reader, dates, DELIVERY_DATES),
    substitute: status === "substituted" ? item : undefined,
    reason_code: code === "" ? undefined : code,
  });
}

/** ACK04/05 and DTM of the loop as one set of dates. */
function responseDates(
  reader: SetReader,
  ack: Segment,
  others: readonly Segment[],
): Map<string, Segment> {
  const dates = new Map<string, Segment>();
  const qualifier = reader.raw(ack, 4);
  if (qualifier !== "" && reader.raw(ack, 5) !== "") {
    const elements = ["DTM", qualifier, reader.raw(ack, 5)];
    dates.set(qualifier, { ...ack, elements });
  }
  for (const segment of others) {
    const key = reader.raw(segment, 1);
    if (segment.id === "DTM" && !dates.has(key)) dates.set(key, segment);
  }
  return dates;
}

/** The new price: a CTP behind the ACK, or PO104 where the ACK says so. */
function responsePrice(
  reader: SetReader,
  code: string,
  others: readonly Segment[],
  line: BaseLine,
): Response["price"] {
  const ctp = others.find((segment) => segment.id === "CTP");
  const amount = reader.decimal(ctp, 3);
  if (amount !== undefined) return { amount };
  return code === "IP" ? line.price : undefined;
}

/** BP alone: what PO102 has more than ACK02 is backordered. */
function backorderedRest(
  reader: SetReader,
  acknowledgements: readonly [Segment, ...Segment[]][],
  line: BaseLine,
): Response | undefined {
  const [only] = acknowledgements;
  if (only === undefined || acknowledgements.length > 1) return undefined;
  const [ack] = only;
  const quantity = reader.decimal(ack, 2);
  if (reader.raw(ack, 1).toUpperCase() !== "BP") return undefined;
  if (quantity === undefined || line.quantity === undefined) return undefined;
  const rest = subtract(line.quantity, quantity);
  if (compare(rest, "0") <= 0) return undefined;
  return compact({
    status: "backordered" as const,
    quantity: rest,
    unit: line.unit,
    reason_code: "BP",
  });
}
