/** What lines and summaries of orders, answers and invoices have in common. */
import type {
  InvoiceLine,
  OrderAcknowledgementLine,
  PurchaseOrder,
  PurchaseOrderLine,
} from "../../../canonical/generated/documents.ts";
import type { SetWriter } from "./writer.ts";

/** PO1 and IT1 begin alike: number, quantity, unit, price, basis, item. */
export function writeBase(
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

/** AMT: 1 sum of the lines, TT total. */
export function writeSummaryAmounts(
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
