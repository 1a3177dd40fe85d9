/** 850, 855, 810 and 997: canonical documents → transaction sets. */
import type {
  CreditNote,
  FunctionalAcknowledgement,
  Invoice,
  InvoiceLine,
  OrderAcknowledgement,
  OrderAcknowledgementLine,
  PurchaseOrder,
  PurchaseOrderLine,
} from "../../../canonical/generated/documents.ts";
import { ACKNOWLEDGEMENT_NUMBER } from "../codes/references.ts";
import { statusToX12 } from "../codes/responses.ts";
import {
  withReference,
  writeCharges,
  writeDescription,
  writeFreight,
  writeNotes,
  writeParties,
  writeReferences,
  writeTaxes,
  writeTerms,
} from "./common.ts";
import { sameNumber, type SetWriter } from "./writer.ts";

type OrderKind = NonNullable<PurchaseOrder["order_kind"]>;

/** BEG02; a kind without a code goes as standard with a note. */
const ORDER_TYPES: Readonly<Partial<Record<OrderKind, string>>> = {
  standard: "SA",
  release: "RL",
  drop_ship: "DS",
  consignment: "CN",
  confirming: "CF",
};

const BACKORDER_CODES = {
  allow: "Y",
  fill_or_kill: "N",
  ship_complete: "SC",
} as const;

export function writePurchaseOrder(
  writer: SetWriter,
  order: PurchaseOrder,
): void {
  const { type, remarks } = orderType(writer, order);
  const number = writer.required(order.number, 22, "number");
  const release = writer.code(order.release_number, 30, "release_number");
  writer.add("BEG", "00", type, number, release, writer.date);
  if (order.currency !== undefined) writer.add("CUR", "BY", order.currency);
  writeReferences(writer, order.references);
  writeFreight(writer, order.freight_terms);
  if (order.backorder_policy !== undefined) {
    writer.add("CSH", BACKORDER_CODES[order.backorder_policy]);
  }
  writeCharges(writer, order.allowances_charges, "allowances_charges");
  writeTerms(writer, order.payment_terms);
  writeNotes(writer, order.notes, remarks);
  writeParties(writer, order.parties, order.deliver_to);
  const lines = order.lines ?? [];
  if (lines.length === 0) {
    writer.error("x12_missing", "lines", "an 850 has at least one line");
  }
  lines.forEach((line, index) => writeOrderLine(writer, line, index));
  writer.add("CTT", String(lines.length));
  writeSummaryAmounts(writer, order.totals);
}

/** BEG02, and what it cannot say as remarks for the supplier. */
function orderType(
  writer: SetWriter,
  order: PurchaseOrder,
): { type: string; remarks: string[] } {
  const remarks: string[] = [];
  const kind = order.order_kind ?? "standard";
  const known = ORDER_TYPES[kind];
  let type = known ?? "SA";
  const remark = (path: string, text: string) => {
    remarks.push(text);
    writer.warn(
      "x12_as_note",
      path,
      `X12 has no code for it; it goes as the note "${text}"`,
    );
  };
  if (known === undefined) {
    remark(
      "order_kind",
      `ORDER KIND: ${kind.replaceAll("_", " ").toUpperCase()}`,
    );
  }
  if (order.urgency === "emergency" || order.urgency === "urgent") {
    if (type === "SA") type = order.urgency === "emergency" ? "EO" : "RO";
    else remark("urgency", `URGENCY: ${order.urgency.toUpperCase()}`);
  } else if (order.urgency === "break_glass") {
    type = type === "SA" ? "EO" : type;
    remark("urgency", "URGENCY: BREAK GLASS");
  }
  if (order.case_reference !== undefined) {
    remark("case_reference", `CASE: ${order.case_reference}`);
  }
  const { department, location } = order.deliver_to ?? {};
  const place = [department, location].filter((part) => part !== undefined);
  if (place.length > 0) remarks.push(`DELIVER TO: ${place.join(", ")}`);
  return { type, remarks };
}

/** PO1 and IT1 begin alike: number, quantity, unit, price, basis, item. */
function writeBase(
  writer: SetWriter,
  id: "PO1" | "IT1",
  number: string | undefined,
  line: PurchaseOrderLine | OrderAcknowledgementLine | InvoiceLine,
  path: string,
): void {
  if (line.item === undefined && line.description === undefined) {
    writer.error(
      "x12_missing",
      `${path}.item`,
      "the line has neither an item nor a description",
    );
  }
  writer.add(
    id,
    writer.code(number, 20, `${path}.line_number`),
    writer.requiredDecimal(line.quantity, `${path}.quantity`),
    writer.unit(line.unit, `${path}.unit`),
    ...writer.price(line.price, line.unit, `${path}.price`),
    ...writer.item(line.item, `${path}.item`),
  );
}

function writeOrderLine(
  writer: SetWriter,
  line: PurchaseOrderLine,
  index: number,
): void {
  const path = `lines[${index}]`;
  writeBase(writer, "PO1", line.line_number, line, path);
  writeDescription(writer, line.description, `${path}.description`);
  const contract = line.contract_reference?.number;
  if (contract !== undefined) {
    writer.add(
      "REF",
      "CT",
      writer.code(contract, 50, `${path}.contract_reference`),
    );
  }
  writeCharges(writer, line.allowances_charges, `${path}.allowances_charges`);
  writeTaxes(writer, line.taxes, `${path}.taxes`);
  writeSchedules(writer, line, path);
}

/** One delivery of everything is a DTM, several are SCH. */
function writeSchedules(
  writer: SetWriter,
  line: PurchaseOrderLine,
  path: string,
): void {
  const schedules = line.schedules ?? [];
  const [only] = schedules;
  if (only === undefined) return;
  const whole =
    only.quantity === undefined || sameNumber(only.quantity, line.quantity);
  if (schedules.length === 1 && whole) {
    if (only.requested_date !== undefined) {
      writer.add("DTM", "002", writer.date8(only.requested_date));
    }
    return;
  }
  schedules.forEach((schedule, index) => {
    const at = `${path}.schedules[${index}]`;
    if (schedule.requested_date === undefined) {
      writer.error(
        "x12_missing",
        `${at}.requested_date`,
        "a part delivery needs its date",
      );
    }
    writer.add(
      "SCH",
      writer.requiredDecimal(schedule.quantity, `${at}.quantity`),
      writer.unit(line.unit, `${path}.unit`),
      "",
      "",
      "002",
      writer.date8(schedule.requested_date),
    );
  });
}

/** AMT: 1 sum of the lines, TT total. */
function writeSummaryAmounts(
  writer: SetWriter,
  totals: PurchaseOrder["totals"],
): void {
  const amounts = [
    ["1", totals?.lines, "totals.lines"],
    ["TT", totals?.payable, "totals.payable"],
  ] as const;
  for (const [qualifier, amount, path] of amounts) {
    if (amount === undefined) continue;
    writer.add("AMT", qualifier, writer.decimal(amount, path));
  }
}

export function writeOrderAcknowledgement(
  writer: SetWriter,
  answer: OrderAcknowledgement,
): void {
  const order = writer.required(answer.order_reference, 22, "order_reference");
  const supplierOrder = writer.code(
    answer.supplier_order_number,
    50,
    "supplier_order_number",
  );
  writer.add(
    "BAK",
    "00",
    answerType(answer),
    order,
    writer.date,
    "",
    "",
    "",
    supplierOrder,
    writer.date,
  );
  if (answer.currency !== undefined) writer.add("CUR", "SE", answer.currency);
  const number = writer.required(answer.number, 50, "number");
  writer.add("REF", "ZZ", number, ACKNOWLEDGEMENT_NUMBER);
  writeReferences(writer, answer.references);
  writeFreight(writer, answer.freight_terms);
  writeCharges(writer, answer.allowances_charges, "allowances_charges");
  writeTerms(writer, answer.payment_terms);
  writeNotes(writer, answer.notes);
  writeParties(writer, answer.parties, answer.deliver_to);
  const lines = answer.lines ?? [];
  lines.forEach((line, index) => writeAnswerLine(writer, line, index));
  writer.add("CTT", String(lines.length));
  writeSummaryAmounts(writer, answer.totals);
}

/** BAK02 (element 587). */
function answerType(answer: OrderAcknowledgement): string {
  const statuses = (answer.lines ?? []).flatMap((line) =>
    (line.responses ?? []).map(({ status }) => status),
  );
  if (statuses.length === 0) {
    if (answer.status === "rejected") return "RJ";
    return answer.status === "accepted" ? "AT" : "AK";
  }
  if (statuses.every((status) => status === "rejected")) return "RD";
  return statuses.every((status) => status === "accepted") ? "AD" : "AC";
}

function writeAnswerLine(
  writer: SetWriter,
  line: OrderAcknowledgementLine,
  index: number,
): void {
  const path = `lines[${index}]`;
  const price = answeredPrice(writer, line, path);
  const number = line.order_line_number ?? line.line_number;
  writeBase(writer, "PO1", number, { ...line, price }, path);
  writeDescription(writer, line.description, `${path}.description`);
  (line.responses ?? []).forEach((response, at) => {
    const where = `${path}.responses[${at}]`;
    const delivery = response.promised_delivery_date;
    const ship = response.promised_ship_date;
    const [qualifier, date] =
      delivery === undefined ? ["068", ship] : ["067", delivery];
    const quantity = writer.decimal(response.quantity, `${where}.quantity`);
    writer.add(
      "ACK",
      statusToX12(response.status ?? "on_hold", response.reason_code),
      quantity,
      quantity === ""
        ? ""
        : writer.unit(response.unit ?? line.unit, `${where}.unit`),
      date === undefined ? "" : qualifier,
      writer.date8(date),
      "",
      ...writer.item(response.substitute, `${where}.substitute`),
    );
    if (delivery !== undefined && ship !== undefined) {
      writer.add("DTM", "068", writer.date8(ship));
    }
  });
}

/** A changed price stands in PO104, where there is room for one. */
function answeredPrice(
  writer: SetWriter,
  line: OrderAcknowledgementLine,
  path: string,
): OrderAcknowledgementLine["price"] {
  const prices = (line.responses ?? []).flatMap(({ price }) => price ?? []);
  const distinct = new Set(prices.map((price) => JSON.stringify(price)));
  if (distinct.size > 1) {
    writer.error(
      "x12_price_conflict",
      `${path}.responses`,
      "an 855 has room for one new price per line",
    );
  }
  return prices[0] ?? line.price;
}

export function writeInvoice(
  writer: SetWriter,
  invoice: Invoice | CreditNote,
): void {
  const credit = invoice.document_type === "credit_note";
  const kind = invoice.invoice_kind === "prepayment" ? "PP" : "DI";
  writer.add(
    "BIG",
    writer.date,
    writer.required(invoice.number, 22, "number"),
    "",
    writer.code(invoice.order_reference, 22, "order_reference"),
    "",
    "",
    credit ? "CR" : kind,
  );
  if (invoice.currency !== undefined) writer.add("CUR", "SE", invoice.currency);
  writeReferences(writer, invoiceReferences(invoice));
  writeParties(writer, invoice.parties, invoice.deliver_to);
  const { due_date: dueDate } = invoice;
  const terms =
    dueDate === undefined
      ? invoice.payment_terms
      : { due_date: dueDate, ...invoice.payment_terms };
  writeTerms(writer, terms);
  const { start_date: from, end_date: to } = invoice.invoice_period ?? {};
  if (from !== undefined) writer.add("DTM", "186", writer.date8(from));
  if (to !== undefined) writer.add("DTM", "187", writer.date8(to));
  writeFreight(writer, invoice.freight_terms);
  writeNotes(writer, invoice.notes);
  const lines = invoice.lines ?? [];
  lines.forEach((line, index) => writeInvoiceLine(writer, line, index));
  const payable = writer.cents(invoice.totals?.payable, "totals.payable");
  if (invoice.totals?.payable === undefined) {
    writer.error("x12_missing", "totals.payable", "an 810 needs its total");
  }
  writer.add("TDS", payable);
  writeTaxes(writer, invoice.taxes, "taxes");
  if (invoice.totals?.lines !== undefined) {
    writer.add(
      "AMT",
      "1",
      writer.decimal(invoice.totals.lines, "totals.lines"),
    );
  }
  writeCharges(writer, invoice.allowances_charges, "allowances_charges");
  writer.add("CTT", String(lines.length));
}

function invoiceReferences(invoice: Invoice | CreditNote) {
  const { despatch_reference: despatch } = invoice;
  const shipped = withReference(invoice.references, "shipment", despatch);
  if (invoice.document_type === "invoice") return shipped;
  const original = withReference(
    shipped,
    "original_invoice",
    invoice.original_invoice_reference,
  );
  return withReference(original, "return_authorisation", invoice.rma_number);
}

function writeInvoiceLine(
  writer: SetWriter,
  line: InvoiceLine,
  index: number,
): void {
  const path = `lines[${index}]`;
  writeBase(writer, "IT1", line.line_number, line, path);
  if (line.line_amount !== undefined) {
    writer.add(
      "PAM",
      "",
      "",
      "",
      "1",
      writer.decimal(line.line_amount, `${path}.line_amount`),
    );
  }
  writeTaxes(writer, line.taxes, `${path}.taxes`);
  writeDescription(writer, line.description, `${path}.description`);
  const references = [
    ["PO", line.order_number, `${path}.order_number`],
    ["FJ", line.order_line_number, `${path}.order_line_number`],
    ["CT", line.contract_reference?.number, `${path}.contract_reference`],
  ] as const;
  for (const [qualifier, number, at] of references) {
    if (number !== undefined)
      writer.add("REF", qualifier, writer.code(number, 50, at));
  }
  writeCharges(writer, line.allowances_charges, `${path}.allowances_charges`);
}

/** AK5 and AK9 by status; errors carry the numbers of elements 718 and 716. */
const ACKNOWLEDGE_CODES = {
  accepted: "A",
  partial: "P",
  rejected: "R",
} as const;

export function writeFunctionalAcknowledgement(
  writer: SetWriter,
  answer: FunctionalAcknowledgement,
): void {
  const about = answer.acknowledges;
  if (about?.functional_identifier === "FA") {
    writer.error(
      "x12_acknowledges_itself",
      "acknowledges",
      "a 997 is never acknowledged",
    );
  }
  writer.add(
    "AK1",
    writer.required(
      about?.functional_identifier,
      2,
      "acknowledges.functional_identifier",
    ),
    writer.required(
      about?.group_control_number,
      9,
      "acknowledges.group_control_number",
    ),
    writer.code(about?.version, 12, "acknowledges.version"),
  );
  const transactions = about?.transactions ?? [];
  transactions.forEach((transaction, index) => {
    const path = `acknowledges.transactions[${index}]`;
    writer.add(
      "AK2",
      writer.required(
        transaction.transaction_set,
        3,
        `${path}.transaction_set`,
      ),
      writer.required(transaction.control_number, 9, `${path}.control_number`),
    );
    const codes = (transaction.errors ?? []).flatMap(({ code }) =>
      numeric(code),
    );
    const status = transaction.status === "rejected" ? "R" : "A";
    writer.add(
      "AK5",
      codes.length > 0 && status === "A" ? "E" : status,
      ...codes.slice(0, 5),
    );
  });
  const accepted = transactions.filter(({ status }) => status !== "rejected");
  if (answer.status === undefined) {
    writer.error("x12_missing", "status", "a 997 needs a status");
  }
  writer.add(
    "AK9",
    ACKNOWLEDGE_CODES[answer.status ?? "accepted"],
    String(about?.included ?? transactions.length),
    String(about?.received ?? transactions.length),
    String(about?.accepted ?? accepted.length),
    ...(answer.errors ?? []).flatMap(({ code }) => numeric(code)).slice(0, 5),
  );
}

function numeric(code: string | undefined): string[] {
  return code !== undefined && /^\d{1,3}$/.test(code) ? [code] : [];
}
