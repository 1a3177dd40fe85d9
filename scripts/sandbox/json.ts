/** Supplier A's documents: the buyer's JSON, read and written. */
import {
  dayAfter,
  lotOf,
  type SandboxLine,
  type SandboxOrder,
  type Variant,
} from "./order.ts";
import { totalOf, variedLines } from "./variant.ts";

type JsonObject = Record<string, unknown>;

/** An order that this supplier cannot take; the message goes to the buyer. */
export class OrderRefused extends Error {
  override name = "OrderRefused";
}

/**
 * Reads a purchase order.
 * @throws OrderRefused naming the field that is missing
 */
export function readOrder(
  text: string,
): Pick<SandboxOrder, "number" | "currency" | "test" | "parties" | "lines"> {
  let order: JsonObject;
  try {
    order = JSON.parse(text) as JsonObject;
  } catch {
    throw new OrderRefused("the body is not JSON");
  }
  if (order.document_type !== "purchase_order")
    throw new OrderRefused("document_type must be purchase_order");
  const lines = Array.isArray(order.lines) ? (order.lines as JsonObject[]) : [];
  if (lines.length === 0) throw new OrderRefused("lines: there are none");
  return {
    number: required(order, "number", ""),
    currency: typeof order.currency === "string" ? order.currency : "USD",
    test: order.test === true,
    parties: isObject(order.parties) ? order.parties : {},
    lines: lines.map(readLine),
  };
}

function readLine(line: JsonObject, index: number): SandboxLine {
  const where = `lines[${index}].`;
  const price = isObject(line.price) ? line.price : {};
  return {
    number: required(line, "line_number", where),
    item: (isObject(line.item) ? line.item : {}) as Record<string, string>,
    description: typeof line.description === "string" ? line.description : "",
    quantity: required(line, "quantity", where),
    unit: required(line, "unit", where),
    price: required(price, "amount", `${where}price.`),
    priceBase:
      typeof price.base_quantity === "string" ? price.base_quantity : "1",
  };
}

function required(from: JsonObject, name: string, where: string): string {
  const value = from[name];
  if (typeof value === "string" && value !== "") return value;
  throw new OrderRefused(`${where}${name} is missing`);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What all of this supplier's documents have in common. */
function header(
  type: string,
  number: string,
  order: SandboxOrder,
  variant: Variant,
  now: Date,
): JsonObject {
  const { buyer, supplier, ship_to } = order.parties;
  return {
    document_type: type,
    schema_version: "1.0",
    number: variant.number ?? number,
    issued_at: now.toISOString().slice(0, 10),
    currency: order.currency,
    ...(order.test ? { test: true } : {}),
    parties: Object.fromEntries(
      Object.entries({ buyer, supplier, ship_to }).filter(
        ([, party]) => party !== undefined,
      ),
    ),
    order_reference: variant.order_reference ?? order.number,
  };
}

export function acknowledgement(
  order: SandboxOrder,
  variant: Variant,
  now: Date,
): JsonObject {
  const status = variant.status ?? "accepted";
  const changed = variant.price_change || variant.quantity_change;
  const promised = dayAfter(now, variant.delivery_days ?? 2);
  return {
    ...header(
      "order_acknowledgement",
      `ACK-${order.number}`,
      order,
      variant,
      now,
    ),
    supplier_order_number: `SO-${order.number}`,
    lines: variedLines(order, variant).map((line) => ({
      line_number: line.number,
      order_line_number: line.number,
      item: line.item,
      quantity: line.quantity,
      unit: line.unit,
      responses: [
        {
          status:
            changed && status === "accepted" ? "accepted_with_change" : status,
          quantity: line.quantity,
          unit: line.unit,
          price: { amount: line.price, base_quantity: line.priceBase },
          ...(status === "rejected"
            ? {}
            : { promised_delivery_date: promised }),
        },
      ],
    })),
  };
}

export function shipNotice(
  order: SandboxOrder,
  variant: Variant,
  now: Date,
): JsonObject {
  const number = `SHP-${order.number}`;
  return {
    ...header("ship_notice", number, order, variant, now),
    shipment_number: variant.number ?? number,
    shipped_at: now.toISOString(),
    expected_at: dayAfter(now, variant.delivery_days ?? 2),
    carrier: "Sandbox Freight",
    tracking_number: `TRK${order.number.replace(/\W/g, "")}`,
    lines: variedLines(order, variant).map((line) => ({
      line_number: line.number,
      order_line_number: line.number,
      item: line.item,
      quantity: line.quantity,
      unit: line.unit,
      lots: [
        {
          number: lotOf(order, line),
          expires_on: dayAfter(now, variant.expiry_days ?? 540),
          quantity: line.quantity,
        },
      ],
    })),
  };
}

export function invoice(
  order: SandboxOrder,
  variant: Variant,
  now: Date,
): JsonObject {
  const lines = variedLines(order, variant);
  const { freight } = variant;
  return {
    ...header("invoice", `INV-${order.number}`, order, variant, now),
    invoice_kind: "standard",
    despatch_reference: `SHP-${order.number}`,
    due_date: dayAfter(now, 30),
    lines: lines.map((line) => ({
      line_number: line.number,
      order_line_number: line.number,
      item: line.item,
      ...(line.description ? { description: line.description } : {}),
      quantity: line.quantity,
      unit: line.unit,
      price: {
        amount: line.price,
        base_quantity: line.priceBase,
        unit: line.unit,
        kind: "net",
      },
      line_amount: line.amount,
    })),
    ...(freight
      ? {
          allowances_charges: [
            { indicator: "charge", kind: "freight", amount: freight },
          ],
        }
      : {}),
    totals: {
      lines: totalOf(lines),
      ...(freight ? { charges: freight } : {}),
      payable: totalOf(lines, freight),
    },
  };
}
