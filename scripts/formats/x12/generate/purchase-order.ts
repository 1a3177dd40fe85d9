/** `purchase_order` → 850. */
import type {
  PurchaseOrder,
  PurchaseOrderLine,
} from "../../../canonical/generated/documents.ts";
import {
  writeCharges,
  writeDescription,
  writeFreight,
  writeNotes,
  writeParties,
  writeReferences,
  writeTaxes,
  writeTerms,
} from "./common.ts";
import { writeBase, writeSummaryAmounts } from "./lines.ts";
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
  if (order.substitution_allowed === false) remarks.push("NO SUBSTITUTES");
  if (order.price_class !== undefined) {
    remarks.push(`PRICE CLASS: ${order.price_class.toUpperCase()}`);
  }
  const { department, location } = order.deliver_to ?? {};
  const place = [department, location].filter((part) => part !== undefined);
  if (place.length > 0) remarks.push(`DELIVER TO: ${place.join(", ")}`);
  return { type, remarks };
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
