/** Applies what an action was asked to do differently. */
import { Decimal } from "decimal.js";
import type { SandboxLine, SandboxOrder, Variant } from "./order.ts";

/** A line as a document will have it. */
export interface VariedLine extends SandboxLine {
  amount: string;
}

const KNOWN: Record<keyof Variant, "text" | "number" | "texts"> = {
  lines: "texts",
  price_change: "text",
  unit: "text",
  quantity_change: "text",
  freight: "text",
  number: "text",
  order_reference: "text",
  supplier_code: "text",
  status: "text",
  delivery_days: "number",
  expiry_days: "number",
};

/** Answers of an acknowledgement that the sandbox can give. */
export const STATUSES = ["accepted", "backordered", "rejected"] as const;

/**
 * Checks the options of an action.
 * @throws Error naming the option that is wrong
 */
export function parseVariant(value: unknown): Variant {
  if (value === undefined || value === null) return {};
  if (typeof value !== "object" || Array.isArray(value))
    throw new Error("options must be a JSON object");
  for (const [name, option] of Object.entries(value)) {
    const kind = KNOWN[name as keyof Variant];
    if (kind === undefined) throw new Error(`option ${name} is not known`);
    const fine =
      kind === "texts"
        ? Array.isArray(option) &&
          option.every((one) => typeof one === "string")
        : typeof option === (kind === "text" ? "string" : "number");
    if (!fine) throw new Error(`option ${name} must be ${kind}`);
  }
  const variant = value as Variant;
  const { price_change, quantity_change, freight, status } = variant;
  for (const text of [
    price_change?.replace(/%$/, ""),
    quantity_change,
    freight,
  ])
    if (text !== undefined && !/^-?\d+(\.\d+)?$/.test(text))
      throw new Error(`${text} is not a decimal number`);
  if (status && !(STATUSES as readonly string[]).includes(status))
    throw new Error(`status is one of ${STATUSES.join(", ")}`);
  return variant;
}

/** The lines that a document has, with the variant's changes and amounts. */
export function variedLines(
  order: SandboxOrder,
  variant: Variant,
): VariedLine[] {
  return order.lines
    .filter((line) => variant.lines?.includes(line.number) ?? true)
    .map((line) => {
      const quantity = new Decimal(line.quantity).plus(
        variant.quantity_change ?? 0,
      );
      const price = changedPrice(line.price, variant.price_change);
      const amount = price.times(quantity).div(line.priceBase);
      return {
        ...line,
        item: variant.supplier_code
          ? { supplier_code: variant.supplier_code }
          : line.item,
        quantity: Decimal.max(quantity, 0).toFixed(),
        unit: variant.unit ?? line.unit,
        price: price.toFixed(),
        amount: amount.toDecimalPlaces(2, Decimal.ROUND_HALF_UP).toFixed(2),
      };
    });
}

function changedPrice(price: string, change: string | undefined): Decimal {
  const old = new Decimal(price);
  if (!change) return old;
  return change.endsWith("%")
    ? old.times(new Decimal(change.slice(0, -1)).div(100).plus(1))
    : old.plus(change);
}

/** Sum of the lines and the freight, two decimals. */
export function totalOf(lines: VariedLine[], freight?: string): string {
  return lines
    .reduce((sum, line) => sum.plus(line.amount), new Decimal(freight ?? 0))
    .toFixed(2);
}
