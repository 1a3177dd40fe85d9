/** Line status of an acknowledgement: X12 data element 668 (ACK01, SN108). */

import { table } from "../../table.ts";

export type ResponseStatus =
  | "accepted"
  | "accepted_with_change"
  | "backordered"
  | "substituted"
  | "rejected"
  | "on_hold"
  | "cancelled"
  | "price_pending"
  | "date_pending";

const STATUSES = table<ResponseStatus>({
  /** Accepted, order forwarded to another location of the supplier. */
  AA: "accepted",
  /** Accepted and shipped. */
  AC: "accepted",
  /** Accepted and released for shipment. */
  AR: "accepted",
  /** Partial shipment, balance backordered; the balance is told apart. */
  BP: "accepted",
  /** Accepted, date rescheduled. */
  DR: "accepted_with_change",
  IA: "accepted",
  IB: "backordered",
  /** Accepted, changes made. */
  IC: "accepted_with_change",
  /** Deleted. */
  ID: "cancelled",
  /** Accepted, price pending. */
  IE: "price_pending",
  /** On hold, incomplete description. */
  IF: "on_hold",
  IH: "on_hold",
  /** Accepted, price changed. */
  IP: "accepted_with_change",
  /** Accepted, quantity changed. */
  IQ: "accepted_with_change",
  IR: "rejected",
  IS: "substituted",
  /** On hold, waiver required. */
  IW: "on_hold",
  /** Not a contract item. */
  R1: "rejected",
  /** Invalid item. */
  R2: "rejected",
  /** Invalid unit of issue. */
  R3: "rejected",
  /** Contract item not available. */
  R4: "rejected",
  /** R5–R8: reorder by another route. */
  R5: "rejected",
  R6: "rejected",
  R7: "rejected",
  R8: "rejected",
  /** Accepted, schedule date pending. */
  SP: "date_pending",
});

const DEFAULT_CODES: Readonly<Record<ResponseStatus, string>> = {
  accepted: "IA",
  accepted_with_change: "IC",
  backordered: "IB",
  substituted: "IS",
  rejected: "IR",
  on_hold: "IH",
  cancelled: "ID",
  price_pending: "IE",
  date_pending: "SP",
};

/** The canonical status of an ACK01; undefined when it is not known. */
export function statusFromX12(code: string): ResponseStatus | undefined {
  return STATUSES[code];
}

/** ACK01: the reason code where it is one and fits, else the status's own. */
export function statusToX12(
  status: ResponseStatus,
  reasonCode: string | undefined,
): string {
  if (reasonCode !== undefined && STATUSES[reasonCode] === status) {
    return reasonCode;
  }
  return DEFAULT_CODES[status];
}

/** BAK02 (element 587) for answers to the whole order. */
export const HEADER_STATUSES = table<
  "accepted" | "accepted_with_change" | "rejected"
>({
  AC: "accepted_with_change",
  AD: "accepted",
  AT: "accepted",
  AP: "accepted",
  RD: "rejected",
  RJ: "rejected",
  RF: "rejected",
});
