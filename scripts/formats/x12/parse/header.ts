/** Segments that mean the same in every set: header, terms, money, notes. */
import { table } from "../../table.ts";
import type {
  AllowanceCharge,
  FreightTerms,
  Parties,
  PaymentTerms,
  Reference,
  Tax,
  DeliverTo,
} from "../../../canonical/generated/documents.ts";
import { add, compare } from "../../decimal.ts";
import { CHARGE_CODE_LIST, isTax, kindOf } from "../codes/charges.ts";
import { referenceType } from "../codes/references.ts";
import { dateFromX12 } from "../codes/dates.ts";
import { compact, type SetReader } from "../reader.ts";
import type { Segment } from "../segment.ts";
import {
  assignParties,
  readContact,
  takePartyLoops,
  type Contact,
  type PartyLoop,
} from "./parties.ts";

/** What the header of any set says. */
export interface Header {
  parties: Parties;
  loops: PartyLoop[];
  deliver_to?: DeliverTo;
  references: Reference[];
  currency?: string;
  payment_terms?: PaymentTerms;
  freight_terms?: FreightTerms;
  allowances_charges: AllowanceCharge[];
  taxes: Tax[];
  notes: string[];
  /** DTM by qualifier, in the order sent. */
  dates: Map<string, Segment>;
}

/** Reads `segments`; what a set reads itself may be among them. */
export function readHeader(
  reader: SetReader,
  segments: readonly Segment[],
): Header {
  const { loops, rest } = takePartyLoops(reader, segments);
  const contact: Contact = {};
  const header: Header = {
    parties: assignParties(reader, loops),
    loops,
    references: [],
    allowances_charges: [],
    taxes: [],
    notes: [],
    dates: new Map(),
  };
  for (const segment of rest) readSegment(reader, segment, header, contact);
  supplierNumber(header);
  header.deliver_to = deliverTo(loops, contact);
  return header;
}

function readSegment(
  reader: SetReader,
  segment: Segment,
  header: Header,
  contact: Contact,
): void {
  switch (segment.id) {
    case "REF":
    case "N9":
      addReference(reader, segment, header.references);
      break;
    case "CUR":
      header.currency ??= readCurrency(reader, segment);
      break;
    case "DTM":
      addDate(reader, segment, header.dates);
      break;
    case "ITD":
      readTerms(reader, segment, header);
      break;
    case "FOB":
      header.freight_terms ??= readFreight(reader, segment);
      break;
    case "SAC":
      readCharge(reader, segment, header);
      break;
    case "TXI":
    case "TAX":
      addTax(reader, segment, header.taxes);
      break;
    case "PER":
      if (["DC", "RE"].includes(reader.raw(segment, 1).toUpperCase())) {
        readContact(reader, segment, contact);
      }
      break;
    case "NTE":
      addNote(reader.text(segment, 2), header.notes);
      break;
    case "MSG":
      addNote(reader.text(segment, 1), header.notes);
      break;
    default:
  }
}

/** REF*IA is the buyer's number of the supplier. */
function supplierNumber(header: Header): void {
  const found = header.references.find(
    (reference) => reference.type === "supplier_number",
  );
  if (found?.number === undefined) return;
  const supplier = (header.parties.supplier ??= {});
  const identifiers = (supplier.identifiers ??= []);
  if (identifiers.some((item) => item.scheme === "buyer_assigned")) return;
  identifiers.push({ scheme: "buyer_assigned", value: found.number });
}

function deliverTo(
  loops: readonly PartyLoop[],
  contact: Contact,
): DeliverTo | undefined {
  const shipTo = loops.find((loop) => ["ST", "BS"].includes(loop.code));
  const person = shipTo?.contact.person ?? contact.person;
  const phone = shipTo?.contact.phone ?? contact.phone;
  const result = compact({ person, phone });
  return Object.keys(result).length === 0 ? undefined : result;
}

export function addReference(
  reader: SetReader,
  segment: Segment,
  references: Reference[],
): void {
  const qualifier = reader.raw(segment, 1).toUpperCase();
  const number = reader.code(segment, 2) ?? reader.code(segment, 3);
  if (qualifier === "" || number === undefined) return;
  // Only the heading of the MSG behind it.
  if (segment.id === "N9" && qualifier === "L1") return;
  const date = segment.id === "N9" ? reader.date(segment, 4) : undefined;
  references.push(compact({ type: referenceType(qualifier), number, date }));
}

export function readCurrency(
  reader: SetReader,
  segment: Segment,
): string | undefined {
  const code = reader.raw(segment, 2).toUpperCase();
  if (/^[A-Z]{3}$/.test(code)) return code;
  const message = `"${code}" is no ISO 4217 currency; it was left out`;
  reader.add("warning", "x12_invalid_currency", message, segment, 2);
  return undefined;
}

export function addDate(
  reader: SetReader,
  segment: Segment,
  dates: Map<string, Segment>,
): void {
  const qualifier = reader.raw(segment, 1);
  if (!dates.has(qualifier)) dates.set(qualifier, segment);
}

/** The first date of the given kinds, the best kind first. */
export function pickDate(
  reader: SetReader,
  dates: ReadonlyMap<string, Segment>,
  qualifiers: readonly string[],
): string | undefined {
  for (const qualifier of qualifiers) {
    const segment = dates.get(qualifier);
    const date = segment === undefined ? undefined : reader.dtmDate(segment);
    if (date !== undefined) return date;
  }
  return undefined;
}

/** As `pickDate`, with the time where its zone is known. */
export function pickMoment(
  reader: SetReader,
  dates: ReadonlyMap<string, Segment>,
  qualifiers: readonly string[],
): string | undefined {
  for (const qualifier of qualifiers) {
    const segment = dates.get(qualifier);
    const moment =
      segment === undefined ? undefined : reader.dtmMoment(segment);
    if (moment !== undefined) return moment;
  }
  return undefined;
}

/** Several ITD are alternatives; the first with a net date or days counts. */
function readTerms(reader: SetReader, segment: Segment, header: Header): void {
  const terms: PaymentTerms = compact({
    code: reader.code(segment, 1),
    discount_percent: reader.decimal(segment, 3),
    discount_days: reader.days(segment, 5),
    due_date: reader.date(segment, 6),
    net_days: reader.days(segment, 7),
  });
  if (header.payment_terms !== undefined) {
    const message = "further payment terms; the first were kept";
    reader.add("info", "x12_terms_repeated", message, segment);
    return;
  }
  if (Object.keys(terms).length > 0) header.payment_terms = terms;
}

const FREIGHT = table<FreightTerms["payment"]>({
  PC: "prepay_and_add",
  PP: "prepaid_and_allowed",
  PO: "prepaid_and_allowed",
  CC: "collect",
  CF: "collect",
  PU: "collect",
  TP: "third_party",
});

function readFreight(
  reader: SetReader,
  segment: Segment,
): FreightTerms | undefined {
  const code = reader.raw(segment, 1).toUpperCase();
  const payment = FREIGHT[code];
  if (payment === undefined && code !== "" && code !== "DF") {
    const message = `freight payment ${code} has no counterpart; it was left out`;
    reader.add("info", "x12_freight_terms", message, segment, 1);
  }
  const incoterm =
    reader.raw(segment, 4) === "01" ? reader.code(segment, 5) : undefined;
  const terms = compact({ payment, incoterm });
  return Object.keys(terms).length === 0 ? undefined : terms;
}

interface Money {
  allowances_charges: AllowanceCharge[];
  taxes: Tax[];
}

/** SAC: an allowance (A, P), a charge (C, Q), a tax, or neither (N, S). */
export function readCharge(
  reader: SetReader,
  segment: Segment,
  money: Money,
): void {
  const flag = reader.raw(segment, 1).toUpperCase();
  const code = reader.raw(segment, 2).toUpperCase();
  const amount = reader.hundredths(segment, 5);
  const description = reader.text(segment, 15);
  if (isTax(code) && flag !== "A") {
    const tax = compact({
      amount,
      rate: percentOf(reader, segment),
      exemption_reason: description,
    });
    money.taxes.push(tax);
    return;
  }
  if (flag !== "A" && flag !== "C") {
    const message = `SAC01 ${flag === "" ? "is empty" : flag}: neither an allowance nor a charge to be paid; it was left out`;
    reader.add("info", "x12_charge_ignored", message, segment, 1);
    return;
  }
  money.allowances_charges.push(
    compact({
      indicator: flag === "A" ? ("allowance" as const) : ("charge" as const),
      kind: kindOf(code),
      code: reader.code(segment, 2) ?? reader.code(segment, 4),
      code_list: code === "" ? undefined : CHARGE_CODE_LIST,
      description,
      amount,
      percent: percentOf(reader, segment),
    }),
  );
}

/** SAC07, a percentage whatever SAC06 says it is a percentage of. */
function percentOf(reader: SetReader, segment: Segment): string | undefined {
  return reader.raw(segment, 6) === "" ? undefined : reader.decimal(segment, 7);
}

/** TXI: 02 amount, 03 percent, 05 jurisdiction, 06 exempt, 08 base, 09 number. */
export function addTax(
  reader: SetReader,
  segment: Segment,
  taxes: Tax[],
): void {
  if (segment.id === "TAX") {
    const exemption = reader.code(segment, 1);
    if (exemption !== undefined) {
      taxes.push({ category: "E", exemption_number: exemption });
    }
    return;
  }
  const exempt = EXEMPT.has(reader.raw(segment, 6));
  const tax: Tax = compact({
    category: exempt ? "E" : undefined,
    amount: reader.decimal(segment, 2),
    rate: reader.decimal(segment, 3),
    jurisdiction: reader.code(segment, 5),
    taxable: reader.decimal(segment, 8),
    exemption_number: exempt ? reader.code(segment, 9) : undefined,
  });
  if (Object.keys(tax).length > 0) taxes.push(tax);
}

/** Element 441: exempt, exempt for resale, … ; 2 is taxable. */
const EXEMPT = new Set(["0", "1", "3", "5", "6", "9", "E", "Y"]);

function addNote(text: string | undefined, notes: string[]): void {
  if (text !== undefined) notes.push(text);
}

/**
 * Marks header charges that only sum up charges of the lines: same code and
 * indicator, and exactly their sum.
 */
export function markSummaries(
  header: AllowanceCharge[],
  lines: readonly AllowanceCharge[],
): void {
  for (const entry of header) {
    const same = lines.filter(
      (line) => line.code === entry.code && line.indicator === entry.indicator,
    );
    if (same.length === 0 || entry.amount === undefined) continue;
    const sum = same.reduce(
      (total, line) => add(total, line.amount ?? "0"),
      "0",
    );
    if (compare(sum, entry.amount) === 0) entry.is_summary = true;
  }
}

/** Date of the document: its own segment's, else that of the group (GS04). */
export function issuedAt(
  reader: SetReader,
  own: string | undefined,
): string | undefined {
  return own ?? dateFromX12(reader.transaction.group.date);
}
