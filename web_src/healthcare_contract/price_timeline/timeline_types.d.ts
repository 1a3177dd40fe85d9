/** What `healthcare.price.timeline.load` answers; numbers are decimal text. */

export type EventKind =
  "contract" | "feed" | "order" | "acknowledgement" | "bill";

export interface PriceEvent {
  id: string;
  kind: EventKind;
  /** ISO day: the first of its validity, or when it happened. */
  date: string | false;
  /** Last day of its validity. */
  until: string | false;
  title: string;
  partner: string | false;
  price: string | false;
  base_quantity: string;
  unit: string | false;
  /** For one of the item's unit; false where the factor is not known. */
  unit_price: string | false;
  currency: string;
  note: string;
  model: string;
  res_id: number;
  /** Of the order line that the timeline was opened from. */
  current: boolean;
}

export interface Loser {
  source: string;
  price: string | false;
  base_quantity: string;
  unit: string | false;
  currency: string;
  partner_name: string | false;
  contract_number: string | false;
  tier: string | false;
  reason: string;
  explanation: string;
}

export interface Truth {
  price: string | false;
  base_quantity: string | false;
  unit: string | false;
  source: string | false;
  currency: string | false;
  partner_name: string | false;
  contract_number: string | false;
  tier: string | false;
  valid_to: string | false;
  held_until: string | false;
  explanation: string | false;
  losers: Loser[];
  losers_left_off?: number;
}

export interface Timeline {
  item: string;
  product_id: number;
  unit: string;
  partner: string | false;
  facility: string | false;
  /** ISO day. */
  today: string;
  truth: Truth;
  /** Oldest first. */
  events: PriceEvent[];
}
