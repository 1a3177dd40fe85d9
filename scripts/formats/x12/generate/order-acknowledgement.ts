/** `order_acknowledgement` → 855. */
import type {
  OrderAcknowledgement,
  OrderAcknowledgementLine,
} from "../../../canonical/generated/documents.ts";
import { ACKNOWLEDGEMENT_NUMBER } from "../codes/references.ts";
import { statusToX12 } from "../codes/responses.ts";
import {
  writeCharges,
  writeDescription,
  writeFreight,
  writeNotes,
  writeParties,
  writeReferences,
  writeTerms,
} from "./common.ts";
import { writeBase, writeSummaryAmounts } from "./lines.ts";
import type { SetWriter } from "./writer.ts";

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
