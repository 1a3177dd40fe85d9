/** Lines that start with PO1 or IT1: baseline item data and its loop. */
import type {
  AllowanceCharge,
  ContractReference,
  Item,
  Price,
  Reference,
  Tax,
} from "../../../canonical/generated/documents.ts";
import { PRICE_BASES } from "../codes/charges.ts";
import { readItem, type WrongGtin } from "../codes/items.ts";
import { compact, type SetReader } from "../reader.ts";
import type { Segment } from "../segment.ts";
import { addDate, addReference, addTax, readCharge } from "./header.ts";
import { takePartyLoops, type PartyLoop } from "./parties.ts";

/** The parts of a canonical line that every set with lines has. */
export interface BaseLine {
  line_number: string;
  order_number?: string;
  order_line_number?: string;
  item?: Item;
  description?: string;
  quantity?: string;
  unit?: string;
  quantity_as_sent?: string;
  unit_as_sent?: string;
  price?: Price;
  line_amount?: string;
  contract_reference?: ContractReference;
  allowances_charges?: AllowanceCharge[];
  taxes?: Tax[];
}

export interface LineLoop {
  base: Segment;
  /** The loop's segments without those of its parties. */
  segments: Segment[];
  parties: PartyLoop[];
}

/** Header, one loop per line, and summary. */
export interface Split {
  header: Segment[];
  loops: LineLoop[];
  summary: Segment[];
}

/** Cuts the body where lines start and where the summary starts. */
export function splitLines(
  reader: SetReader,
  start: string,
  summaryStarts: readonly string[],
): Split {
  const header: Segment[] = [];
  const summary: Segment[] = [];
  const loops: { base: Segment; segments: Segment[] }[] = [];
  let inSummary = false;
  for (const segment of reader.body()) {
    if (segment.id === start) {
      inSummary = false;
      loops.push({ base: segment, segments: [] });
    } else if (summaryStarts.includes(segment.id)) {
      inSummary = true;
      summary.push(segment);
    } else if (inSummary) {
      summary.push(segment);
    } else {
      (loops.at(-1)?.segments ?? header).push(segment);
    }
  }
  return {
    header,
    summary,
    loops: loops.map(({ base, segments }) => {
      const { loops: parties, rest } = takePartyLoops(reader, segments);
      return { base, segments: rest, parties };
    }),
  };
}

/** Line numbers as sent where they are unique, else the next free number. */
export class LineNumbers {
  private readonly used: Set<string>;
  private next = 1;

  constructor(sent: readonly string[]) {
    this.used = new Set();
    this.reserved = new Set(sent.filter((number) => number !== ""));
  }

  private readonly reserved: Set<string>;

  take(
    reader: SetReader,
    sent: string,
    segment: Segment,
    element: number,
  ): string {
    if (sent !== "" && !this.used.has(sent)) {
      this.used.add(sent);
      return sent;
    }
    while (
      this.reserved.has(String(this.next)) ||
      this.used.has(String(this.next))
    ) {
      this.next += 1;
    }
    const number = String(this.next);
    this.used.add(number);
    if (sent !== "") {
      const message = `line number ${sent} was used before; the line became ${number}`;
      reader.add("info", "x12_line_number", message, segment, element);
    }
    return number;
  }
}

/** Positions of quantity, unit, price, price basis and first item qualifier. */
const AT = { number: 1, quantity: 2, unit: 3, price: 4, basis: 5, item: 6 };

/** Reads PO1 or IT1 and the segments of its loop that are alike in all sets. */
export function readBaseLine(
  reader: SetReader,
  loop: LineLoop,
  numbers: LineNumbers,
): { line: BaseLine; references: Reference[]; dates: Map<string, Segment> } {
  const { base } = loop;
  const sent = reader.code(base, AT.number) ?? "";
  const quantity = reader.decimal(base, AT.quantity);
  const unit = reader.unit(base, AT.unit);
  const line: BaseLine = {
    line_number: numbers.take(reader, sent, base, AT.number),
    item: itemOf(reader, base, AT.item),
    ...(quantity === undefined ? {} : { quantity, quantity_as_sent: quantity }),
    ...unit,
    price: readPrice(reader, base, AT.price, AT.basis),
  };
  const references: Reference[] = [];
  const dates = new Map<string, Segment>();
  const money = {
    allowances_charges: [] as AllowanceCharge[],
    taxes: [] as Tax[],
  };
  for (const segment of loop.segments) {
    readInLoop(reader, segment, line, money);
    if (segment.id === "REF" || segment.id === "N9") {
      addReference(reader, segment, references);
    } else if (segment.id === "DTM") addDate(reader, segment, dates);
  }
  applyReferences(line, references);
  return { line: compact({ ...line, ...compact(money) }), references, dates };
}

function readInLoop(
  reader: SetReader,
  segment: Segment,
  line: BaseLine,
  money: { allowances_charges: AllowanceCharge[]; taxes: Tax[] },
): void {
  switch (segment.id) {
    case "PID":
      appendDescription(line, reader.text(segment, 5));
      break;
    case "SAC":
      readCharge(reader, segment, money);
      break;
    case "TXI":
    case "TAX":
      addTax(reader, segment, money.taxes);
      break;
    case "CTP":
      line.price ??= readListedPrice(reader, segment);
      break;
    case "IT3":
      fillQuantity(reader, segment, line);
      break;
    case "PAM":
      if (["1", "N", "TT"].includes(reader.raw(segment, 4))) {
        line.line_amount ??= reader.decimal(segment, 5);
      }
      break;
    case "AMT":
      if (reader.raw(segment, 1) === "1") {
        line.line_amount ??= reader.decimal(segment, 2);
      }
      break;
    default:
  }
}

/** Several PID make one description. */
export function appendDescription(
  line: { description?: string },
  text: string | undefined,
): void {
  if (text === undefined) return;
  const whole =
    line.description === undefined ? text : `${line.description} ${text}`;
  line.description = whole.slice(0, 10_000);
}

/** Quantity of an IT1 that leaves it to its IT3. */
function fillQuantity(
  reader: SetReader,
  segment: Segment,
  line: BaseLine,
): void {
  if (line.quantity !== undefined) return;
  const quantity = reader.decimal(segment, 1);
  if (quantity === undefined) return;
  line.quantity = quantity;
  line.quantity_as_sent = quantity;
  const unit = line.unit === undefined ? reader.unit(segment, 2) : undefined;
  Object.assign(line, unit);
}

function applyReferences(
  line: BaseLine,
  references: readonly Reference[],
): void {
  for (const { type, number } of references) {
    if (number === undefined) continue;
    if (type === "contract") line.contract_reference ??= { number };
    else if (type === "purchase_order") line.order_number ??= number;
    else if (type === "line_item") line.order_line_number ??= number;
  }
}

/** Item identifiers from `first` on, with findings at their elements. */
export function itemOf(
  reader: SetReader,
  segment: Segment,
  first: number,
  wrongGtin: WrongGtin = "keep",
): Item | undefined {
  const reading = readItem(reader.pairs(segment, first), wrongGtin);
  for (const { code, message, element } of reading.problems) {
    const level = code === "x12_item_qualifier" ? "info" : "warning";
    reader.add(level, code, message, segment, element);
  }
  return Object.keys(reading.item).length === 0 ? undefined : reading.item;
}

/** Unit price and what it is per (element 639). */
export function readPrice(
  reader: SetReader,
  segment: Segment,
  at: number,
  basisAt: number,
): Price | undefined {
  const amount = reader.decimal(segment, at);
  if (amount === undefined) return undefined;
  const code = reader.raw(segment, basisAt).toUpperCase();
  const basis = code === "" ? {} : PRICE_BASES[code];
  if (basis === undefined) {
    const message = `price basis ${code} is not known; the price was taken as per unit`;
    reader.add("warning", "x12_price_basis", message, segment, basisAt);
    return { amount };
  }
  return compact({
    amount,
    base_quantity: basis.quantity === "1" ? undefined : basis.quantity,
    unit: basis.unit,
    kind: basis.kind,
  });
}

/** CTP: 03 price, 04 and 05 what it is per, where PO104/IT104 is empty. */
function readListedPrice(
  reader: SetReader,
  segment: Segment,
): Price | undefined {
  const amount = reader.decimal(segment, 3);
  if (amount === undefined) return undefined;
  const per = reader.decimal(segment, 4);
  const unit = reader.unit(segment, 5)?.unit;
  const isBasis =
    per !== undefined && unit !== undefined && !/^0*1(\.0*)?$/.test(per);
  if (isBasis) {
    const message = `the price was taken as per ${per} ${unit}`;
    reader.add("warning", "x12_price_basis", message, segment, 4);
  }
  return compact({ amount, base_quantity: isBasis ? per : undefined, unit });
}

/** CTT01 against the number of lines. */
export function compareLineCount(
  reader: SetReader,
  summary: readonly Segment[],
  lines: number,
  what: string,
): void {
  const total = summary.find((segment) => segment.id === "CTT");
  const told = reader.raw(total, 1);
  if (total === undefined || told === "" || Number(told) === lines) return;
  const message = `CTT01 says ${told}; there are ${lines} ${what}`;
  reader.add("warning", "x12_count_mismatch", message, total, 1);
}
