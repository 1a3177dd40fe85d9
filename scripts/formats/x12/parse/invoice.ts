/** 810 → `invoice` or `credit_note`. */
import type {
  AllowanceCharge,
  CreditNote,
  Invoice,
  InvoiceLine,
  Reference,
} from "../../../canonical/generated/documents.ts";
import { negate } from "../../decimal.ts";
import { compact, type SetReader } from "../reader.ts";
import type { Segment } from "../segment.ts";
import {
  issuedAt,
  markSummaries,
  pickDate,
  readHeader,
  type Header,
} from "./header.ts";
import {
  LineNumbers,
  compareLineCount,
  readBaseLine,
  splitLines,
  type LineLoop,
} from "./lines.ts";
import { promoteLineParties } from "./parties.ts";
import { filled, lineCurrency, totalsOf } from "./purchase-order.ts";

/** BIG07 (element 640) of credits. */
const CREDITS = new Set(["CR", "CN", "CG"]);

/** References that name the shipment, the best first. */
const DESPATCH = ["shipment", "packing_list"];

export function readInvoice(
  reader: SetReader,
): Invoice | CreditNote | undefined {
  const split = splitLines(reader, "IT1", ["TDS", "CTT"]);
  const big = split.header.find((segment) => segment.id === "BIG");
  const number = reader.code(big, 2);
  if (big === undefined || number === undefined) {
    const message = "the invoice has no number (BIG02); it cannot be used";
    reader.add("error", "x12_number_missing", message, big, 2);
    return undefined;
  }
  reader.label = number;
  const credit = CREDITS.has(reader.raw(big, 7).toUpperCase());
  const header = readHeader(reader, [
    ...split.header,
    ...split.summary.filter(({ id }) => ["SAC", "TXI", "REF"].includes(id)),
  ]);
  const lines = readLines(reader, split.loops, header);
  const order = orderOf(reader, big, header.references, lines);
  compareLineCount(reader, split.summary, split.loops.length, "IT1");
  const document: Invoice = compact({
    document_type: "invoice" as const,
    schema_version: "1.0" as const,
    number,
    issued_at: issuedAt(reader, reader.date(big, 1)),
    currency: header.currency ?? lineCurrency(reader, split.loops),
    test: reader.transaction.interchange.test || undefined,
    references: references(reader, big, header),
    notes: header.notes.length === 0 ? undefined : header.notes.join("\n"),
    parties: filled(header.parties),
    deliver_to: header.deliver_to,
    payment_terms: header.payment_terms,
    freight_terms: header.freight_terms,
    allowances_charges: header.allowances_charges,
    taxes: header.taxes,
    totals: totals(reader, split.summary),
    invoice_kind:
      reader.raw(big, 7) === "PP" ? ("prepayment" as const) : undefined,
    order_reference: order,
    despatch_reference: referenceOf(header.references, DESPATCH),
    invoice_period: period(reader, header),
    due_date: header.payment_terms?.due_date,
    lines: lines.map((line) => withoutRepeatedOrder(line, order)),
  });
  return credit ? asCredit(reader, document, header.references) : document;
}

function readLines(
  reader: SetReader,
  loops: readonly LineLoop[],
  header: Header,
): InvoiceLine[] {
  const numbers = new LineNumbers(loops.map(({ base }) => reader.raw(base, 1)));
  const charges: AllowanceCharge[] = [];
  const lines = loops.map((loop) => {
    const { line } = readBaseLine(reader, loop, numbers);
    charges.push(...(line.allowances_charges ?? []));
    return line;
  });
  promoteLineParties(
    reader,
    header.parties,
    loops.map(({ parties }) => parties),
  );
  markSummaries(header.allowances_charges, charges);
  return lines;
}

/** BIG04, else REF*PO, else the one order that all lines name. */
function orderOf(
  reader: SetReader,
  big: Segment,
  references: readonly Reference[],
  lines: readonly InvoiceLine[],
): string | undefined {
  const named =
    reader.code(big, 4) ?? referenceOf(references, ["purchase_order"]);
  if (named !== undefined) return named;
  const orders = new Set(lines.map((line) => line.order_number));
  return orders.size === 1 ? [...orders][0] : undefined;
}

function withoutRepeatedOrder(
  line: InvoiceLine,
  order: string | undefined,
): InvoiceLine {
  if (line.order_number === undefined || line.order_number !== order) {
    return line;
  }
  const { order_number: _repeated, ...rest } = line;
  return rest;
}

/** BIG05 is the release, BIG03 the order's date. */
function references(
  reader: SetReader,
  big: Segment,
  header: Header,
): Reference[] {
  const release = reader.code(big, 5);
  return release === undefined
    ? header.references
    : [{ type: "release", number: release }, ...header.references];
}

function referenceOf(
  references: readonly Reference[],
  types: readonly string[],
): string | undefined {
  for (const type of types) {
    const found = references.find((item) => item.type === type);
    if (found?.number !== undefined) return found.number;
  }
  return undefined;
}

/** TDS01 is what is to be paid, in hundredths. */
function totals(
  reader: SetReader,
  summary: readonly Segment[],
): Invoice["totals"] {
  const tds = summary.find((segment) => segment.id === "TDS");
  if (tds === undefined) {
    reader.add(
      "warning",
      "x12_total_missing",
      "the invoice has no total (TDS01)",
    );
  }
  const payable = reader.hundredths(tds, 1);
  return filled(
    compact({
      ...totalsOf(reader, summary),
      ...(payable === undefined ? {} : { payable }),
    }),
  );
}

/** DTM 186 and 187, or 150 and 151: start and end of the period. */
function period(reader: SetReader, header: Header): Invoice["invoice_period"] {
  return filled(
    compact({
      start_date: pickDate(reader, header.dates, ["186", "150"]),
      end_date: pickDate(reader, header.dates, ["187", "151"]),
    }),
  );
}

/**
 * A credit note has positive amounts. Some senders give negative ones beside
 * the credit code; then everything is turned round, and that is said.
 */
function asCredit(
  reader: SetReader,
  invoice: Invoice,
  references: readonly Reference[],
): CreditNote {
  const turned = invoice.totals?.payable?.startsWith("-") ?? false;
  const { document_type: _type, ...rest } = turned ? turn(invoice) : invoice;
  if (turned) {
    const message = "a credit with negative amounts: they were turned positive";
    reader.add("info", "x12_negative_credit", message);
  }
  return compact({
    document_type: "credit_note" as const,
    ...rest,
    original_invoice_reference: referenceOf(references, [
      "original_invoice",
      "invoice",
    ]),
    rma_number: referenceOf(references, ["return_authorisation"]),
  });
}

function turn(invoice: Invoice): Invoice {
  const amounts = Object.entries(invoice.totals ?? {}) as [string, string][];
  const totals = Object.fromEntries(
    amounts.map(([key, value]) => [key, negate(value)]),
  );
  const turned = { ...invoice, totals: filled(totals) };
  const isNegative = (line: InvoiceLine) => line.quantity?.startsWith("-");
  // With positive quantities only the total carries the sign.
  if (!invoice.lines?.some(isNegative)) return compact(turned);
  return compact({
    ...turned,
    allowances_charges: invoice.allowances_charges?.map(turnCharge),
    taxes: invoice.taxes?.map((tax) =>
      tax.amount === undefined ? tax : { ...tax, amount: negate(tax.amount) },
    ),
    lines: invoice.lines.map((line) =>
      compact({
        ...line,
        quantity: line.quantity && negate(line.quantity),
        line_amount: line.line_amount && negate(line.line_amount),
        allowances_charges: line.allowances_charges?.map(turnCharge),
      }),
    ),
  });
}

function turnCharge(charge: AllowanceCharge): AllowanceCharge {
  return charge.amount === undefined
    ? charge
    : { ...charge, amount: negate(charge.amount) };
}
