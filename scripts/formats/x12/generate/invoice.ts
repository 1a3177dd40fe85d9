/** `invoice` and `credit_note` → 810. */
import type {
  CreditNote,
  Invoice,
  InvoiceLine,
} from "../../../canonical/generated/documents.ts";
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
import { writeBase } from "./lines.ts";
import type { SetWriter } from "./writer.ts";

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
