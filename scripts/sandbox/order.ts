/**
 * What a sandbox supplier knows of an order. The sandbox stands for partners'
 * systems: it shares no code with the integration service, so that a mistake
 * of ours is not made on both sides.
 */
import { createHash } from "node:crypto";

/** An ordered line, as the supplier keeps it. Decimals are text. */
export interface SandboxLine {
  /** The buyer's line number. */
  number: string;
  item: Record<string, string>;
  description: string;
  quantity: string;
  /** The unit in the supplier's own notation. */
  unit: string;
  price: string;
  /** Quantity that the price is for. */
  priceBase: string;
}

/** What a supplier sends back. */
export type OutgoingKind =
  "functional_acknowledgement" | "acknowledgement" | "ship_notice" | "invoice";

/** A document that waits to be sent, or was. */
export interface Outgoing {
  /** Same at every attempt. */
  key: string;
  kind: OutgoingKind;
  /** Body of the request or content of the file. */
  content: string;
  filename: string;
  sent: boolean;
  /** The buyer's last answer, for people. */
  answer?: string;
  /** Group control number (GS06), where it is an X12 file. */
  control?: number;
  /** AK901 of each 997 that answered it, in order. */
  acknowledged?: string[];
}

/** An order and everything that happened to it; one file on disk. */
export interface SandboxOrder {
  supplier: "a" | "b";
  number: string;
  currency: string;
  test: boolean;
  /** As received, to give the parties back as they were. */
  parties: Record<string, unknown>;
  lines: SandboxLine[];
  receivedAt: string;
  /** How often the same document came; more than 1 is a repeated send. */
  copies: number;
  key: string;
  sha256: string;
  outgoing: Outgoing[];
  /** Supplier B: addresses of the interchange, as received. */
  interchange?: { sender: string[]; receiver: string[] };
  /** Supplier B: what a 997 names. */
  functional?: { group: string; transaction: string };
}

/** Options of an action; everything is optional. */
export interface Variant {
  /** Line numbers that take part; all where absent. */
  lines?: string[];
  /** Added to each price, such as `"0.50"`; or a percentage, such as `"5%"`. */
  price_change?: string;
  /** Unit to use instead of the order's, quantity unchanged: a mistake. */
  unit?: string;
  /** Added to each quantity, such as `"-2"`: short or over. */
  quantity_change?: string;
  /** Freight charge of an invoice. */
  freight?: string;
  /** Another document number than the usual one. */
  number?: string;
  /** Another order number than the real one. */
  order_reference?: string;
  /** Item code of the supplier to use instead. */
  supplier_code?: string;
  /** Answer of an acknowledgement. */
  status?: string;
  /** Days until delivery. Default 2. */
  delivery_days?: number;
  /** Days until the lots expire. Default 540. */
  expiry_days?: number;
}

/** Digest of bytes, in hex. */
export function sha256(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** A date so many days after another, as `YYYY-MM-DD`. */
export function dayAfter(start: Date, days: number): string {
  return new Date(start.getTime() + days * 86_400_000)
    .toISOString()
    .slice(0, 10);
}

/** Lot of a line: made up by the supplier, the same each time it is asked. */
export function lotOf(order: SandboxOrder, line: SandboxLine): string {
  const digest = sha256(`${order.supplier}/${order.number}/${line.number}`);
  return `L${digest.slice(0, 7).toUpperCase()}`;
}
