/**
 * What the model `healthcare.price.feed.review` takes and answers.
 *
 * Prices, quantities and percentages are decimal text; an empty text means that there is none.
 * Dates are ISO 8601, times are UTC.
 */

export type FeedState =
  | "received"
  | "staging"
  | "comparing"
  | "review"
  | "waiting_approval"
  | "approved"
  | "applying"
  | "applied"
  | "rolled_back"
  | "refused"
  | "failed";

export type LineKind =
  | "new"
  | "changed"
  | "ended"
  | "unchanged"
  | "suspicious"
  | "broken"
  | "ignored";

export type LineDecision = "open" | "proposed" | "approved" | "refused";

/** The line cannot take effect as it is. */
export type BrokenFlag =
  | "unreadable"
  | "item_unknown"
  | "item_ambiguous"
  | "item_contradiction"
  | "gtin_invalid"
  | "currency_unknown"
  | "cost_plus"
  | "list_price_only"
  | "tier_price"
  | "price_missing"
  | "price_negative"
  | "unit_missing"
  | "unit_unknown"
  | "quantity_invalid"
  | "dates_reversed"
  | "validity_over"
  | "repeated_line"
  | "same_item_twice"
  | "overlapping_validity";

/** The line needs a second person. */
export type SuspiciousFlag =
  | "price_zero"
  | "price_absurd"
  | "decimal_slip"
  | "pack_factor"
  | "unit_flip"
  | "large_increase"
  | "large_decrease"
  | "currency_changed"
  | "packaging_mismatch"
  | "above_contract"
  | "corrected"
  | "list_incomplete";

/** Worth knowing. */
export type NoticeFlag =
  | "unit_changed"
  | "backdated"
  | "validity_changed"
  | "same_price"
  | "read_with_doubt";

export type LineFlag = BrokenFlag | SuspiciousFlag | NoticeFlag;

/** Answer of `load(feed_id)`, and of all that decides on a whole feed. */
export interface Feed {
  id: number;
  name: string;
  /** The supplier's number of the list. */
  number: string;
  title: string;
  supplier: { id: number; name: string };
  currency: string;
  /** `full`: what is not in the list ends. */
  scope: "full" | "changes";
  state: FeedState;
  state_label: string;
  /** Why it failed, was refused or rolled back. */
  state_reason: string;
  /** Of the step that runs, 0 to 100. */
  progress: number;
  valid_from: string;
  valid_to: string;
  received_at: string;
  compared_at: string;
  applied_at: string;
  /** SHA-256 of all that was applied. */
  digest: string;
  owner: string;
  /** The person who gave in the file; empty: the supplier sent it. */
  submitter: string;
  portions: { in: number; of: number };
  counts: FeedCounts;
  /** How many lines were found to be what; only lines to decide and broken ones. */
  flags: Partial<Record<LineFlag, number>>;
  /** Percent of the supplier's prices before. */
  shares: { changed: string; ended: string };
  /** The policy's thresholds at the time of the comparison. */
  thresholds: Record<string, string | number | boolean>;
  /** Sentences: why even what is not flagged needs a second person. */
  approval_reasons: string[];
  approval_request_id: number | false;
  may: {
    decide: boolean;
    correct: boolean;
    approve_unflagged: boolean;
    request_approval: boolean;
    refuse: boolean;
    retry: boolean;
    roll_back: boolean;
  };
}

export interface FeedCounts extends Record<LineKind | LineDecision, number> {
  /** Lines as sent. */
  lines: number;
  /** Prices of the supplier that were valid before. */
  before: number;
  applied: number;
  /** Open lines that nothing was found about. */
  unflagged: number;
}

export interface LineFilters {
  kinds?: LineKind[];
  decisions?: LineDecision[];
  flags?: LineFlag[];
  /** In line number, codes, description and item. */
  search?: string;
  product_id?: number;
}

/** Answer of `load_lines(feed_id, filters, cursor, limit)`; limit is 1 to 500. */
export interface LinePage {
  lines: FeedLine[];
  /** Cursor of the next page. */
  next_cursor: number | false;
  /** Of all pages. */
  total: number;
}

export interface FeedLine {
  id: number;
  /** Empty where the line was not sent. */
  line_number: string;
  /** Not sent: a price that a list of the whole catalog does not name any more. */
  generated: boolean;
  kind: LineKind | "";
  /** What the line does, suspicious or not. */
  change: "new" | "changed" | "ended" | "unchanged" | "";
  flags: LineFlag[];
  /** What was found, as sentences. */
  explanation: string;
  /** What to do about it, as sentences. */
  remedy: string;
  product: { id: number; name: string } | false;
  sent: {
    supplier_code: string;
    buyer_code: string;
    manufacturer_code: string;
    gtin: string;
    description: string;
    packaging: string;
    unit: string;
    amount: string;
    base_quantity: string;
    min_quantity: string;
    valid_from: string;
    valid_to: string;
    list_price: string;
  };
  /** What a person put in place of what was sent. */
  correction: LineCorrection;
  /** As understood. */
  price: {
    amount: string;
    base_quantity: string;
    unit: string;
    /** How many of the item's reference unit the unit holds; 0: unknown. */
    factor: number;
    min_quantity: string;
    currency: string;
    valid_from: string;
    valid_to: string;
    price_class: string;
    contract_number: string;
  };
  before:
    | { amount: string; base_quantity: string; unit: string; valid_to: string }
    | false;
  /** Of the price for one reference unit, against before. */
  change_percent: string;
  /** The contract's price for the line's base quantity and unit. */
  contract: { amount: string; name: string } | false;
  decision: LineDecision | "";
  decision_reason: string;
  decided_by: string;
  applied: boolean;
}

/** Values of `correct(line_id, values)`; null goes back to what was sent. */
export interface LineCorrection {
  product_id?: number | null;
  unit?: string | null;
  /** Empty: taken out. */
  gtin?: string | null;
  amount?: string | null;
  base_quantity?: string | null;
  min_quantity?: string | null;
  valid_from?: string | null;
  valid_to?: string | null;
}

/** Answer of `correct(line_id, values)`. */
export interface Corrected {
  feed: Feed;
  line: FeedLine;
}

/** Second argument of `decide(feed_id, selection, decision, reason)`. */
export type LineSelection = { line_ids: number[] } | { filters: LineFilters };

/**
 * Answer of `decide`. The decision is `approved` (a suspicious line is proposed to a second
 * person), `refused` (with a reason) or `open`.
 */
export interface Decided {
  decided: number;
  feed: Feed;
}

/**
 * `approve_unflagged(feed_id)`, `request_approval(feed_id, reason)`, `refuse(feed_id, reason)`,
 * `retry(feed_id)` and `roll_back(feed_id, reason)` answer the `Feed`. Over the bus, to the
 * group of clerks: `healthcare_catalog/price_feed`.
 */
export interface FeedProgress {
  feed_id: number;
  state: FeedState;
  progress: number;
}
