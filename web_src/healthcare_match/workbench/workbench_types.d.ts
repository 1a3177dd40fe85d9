/**
 * What the match workbench and Odoo say to each other.
 *
 * `healthcare.match.workbench` (public methods, called with keyword arguments):
 *   load_queue(domain_filter, search, offset, limit) -> QueuePage
 *   load_bill(move_id)                               -> Bill
 * `healthcare.match.exception`:
 *   action_resolve(resolution, reason, values=None) on one or more exceptions
 * `account.move`:
 *   action_evaluate_match() on one or more bills
 *
 * Texts (labels, explanations, arithmetic) arrive in the user's language.
 * An absent value is `null` or `false`, whichever is natural in Python.
 */

/** An exact decimal as text, `"12.50"`. Never a JavaScript number. */
export type Decimal = string;

/** `"2026-11-23"`. */
export type IsoDate = string;

/** UTC, `"2026-11-23T18:30:00Z"`. */
export type IsoDateTime = string;

/** Python's two ways to say that there is nothing. */
export type Absent = null | false;

/** Currencies are given by their Odoo id: the web client knows the rest. */
export type CurrencyId = number;

export type QueueFilter = "open" | "waiting" | "matched" | "released" | "all";

export type MatchState =
  | "not_applicable"
  | "waiting"
  | "matched"
  | "matched_tolerance"
  | "exception"
  | "released";

export type Family =
  | "price"
  | "quantity"
  | "unit_item"
  | "charges_tax_total"
  | "duplicate"
  | "control";

export type Severity = "low" | "medium" | "high";

export type Criticality = "low" | "medium" | "high" | "critical";

export type ResolutionCode =
  | "accept_variance"
  | "correct_order"
  | "wait_receipt"
  | "convert_unit"
  | "request_credit"
  | "short_pay"
  | "dispute"
  | "assign_buyer"
  | "mark_duplicate";

/** One bill in the queue, in the order in which people should look at them. */
export interface QueueItem {
  move_id: number;
  /** Odoo's number, or `"Draft"` wording while it has none. */
  name: string;
  supplier: string;
  /** The supplier's own number of the bill. */
  reference: string | Absent;
  date: IsoDate | Absent;
  due_date: IsoDate | Absent;
  amount: Decimal;
  currency: CurrencyId;
  match_state: MatchState;
  /** Open exceptions. */
  exception_count: number;
  /** Families of the open exceptions, without repetition. */
  families: Family[];
  /** Sum over the open exceptions, in company currency. */
  at_stake: Decimal;
  company_currency: CurrencyId;
  /** Highest criticality of the items on the bill. */
  criticality: Criticality | Absent;
  /** Who has to look, by name. */
  owner: string | Absent;
  /** Earliest deadline of the open exceptions. */
  deadline: IsoDate | Absent;
  facility: string | Absent;
}

export interface QueuePage {
  /** How many bills the filter and search find in all. */
  total: number;
  items: QueueItem[];
  /** How many bills each filter would find with the same search. */
  counts: Record<QueueFilter, number>;
}

/** A record that may be opened. */
export interface Reference {
  id: number;
  name: string;
}

export interface BillHeader {
  move_id: number;
  name: string;
  supplier: string;
  reference: string | Absent;
  date: IsoDate | Absent;
  due_date: IsoDate | Absent;
  amount: Decimal;
  currency: CurrencyId;
  company_currency: CurrencyId;
  match_state: MatchState;
  /** `account.move.state`. */
  state: "draft" | "posted" | "cancel";
  /** Whether the payment gate lets it be paid now. */
  payable: boolean;
  /** One sentence: why it may, or may not, be paid. */
  payable_reason: string;
  /** One sentence for the bill as a whole. */
  explanation: string;
  facility: string | Absent;
  orders: Reference[];
  evaluated_at: IsoDateTime | Absent;
}

/** The supplier's line as sent. */
export interface BillLineCell {
  id: number;
  line_number: string;
  description: string;
  /** Item codes as sent: `{label: "Supplier code", value: "GL-100"}`. */
  item_codes: Fact[];
  quantity: Decimal;
  unit: string | Absent;
  unit_as_sent: string | Absent;
  /** As sent, per `unit` unless `price_basis` says otherwise. */
  price: Decimal;
  /** What the price is per, with its unit: `"100 EA"`; empty means one. */
  price_basis: string | Absent;
  amount: Decimal;
  match_state: MatchState;
}

export interface OrderLineCell {
  id: number;
  order: Reference;
  line_number: string;
  product: string;
  quantity: Decimal;
  unit: string;
  /** Price on the order today, per `unit`. */
  price: Decimal;
  /** Price that the bill is judged by (the order as acknowledged), per `unit`. */
  agreed_price: Decimal;
  /** Quantity in the reference unit with its name: `"20 EA"`. */
  quantity_reference: string | Absent;
}

export interface ReceiptLot {
  name: string;
  expires_on: IsoDate | Absent;
}

export interface ReceiptCell {
  /** The stock move. */
  id: number;
  picking: Reference;
  date: IsoDate | Absent;
  quantity: Decimal;
  unit: string;
  lots: ReceiptLot[];
  /** True for goods that went back. */
  is_return: boolean;
}

/**
 * `agree`       nothing to see
 * `tolerance`   differs, inside the limits
 * `outside`     differs, beyond a limit
 * `waiting`     cannot be judged before goods arrive
 * `unknown`     cannot be judged: the other side is missing
 * `not_checked` policy does not look at it
 */
export type CompareState =
  "agree" | "tolerance" | "outside" | "waiting" | "unknown" | "not_checked";

/** One check: all numbers in one measure, so that they can be drawn on one line. */
export interface Check {
  state: CompareState;
  /** What was expected: agreed price, open received quantity, expected amount. */
  expected: Decimal | Absent;
  billed: Decimal | Absent;
  /** billed − expected, signed. */
  difference: Decimal | Absent;
  /** Signed, of expected: `"5.00"` is five per cent. */
  difference_percent: Decimal | Absent;
  /** Largest accepted shortfall, not negative, same measure; absent: no limit. */
  limit_lower: Decimal | Absent;
  /** Largest accepted excess, not negative, same measure; absent: no limit. */
  limit_upper: Decimal | Absent;
  /** Which policy level set the limit, in words: `"No policy: exact"`. */
  level: string;
  /** Unit of quantities, or what a price is per: `"EA"`; absent for amounts. */
  unit: string | Absent;
}

export interface UnitCheck {
  state: CompareState;
  billed_unit: string;
  order_unit: string;
  /** In words where they differ: `"1 BX = 10 EA (packaging)"`. */
  text: string | Absent;
}

/** How sure the assignment of a bill line to an order line is. */
export interface Allocation {
  /** In words: `"Order line cited by the supplier"`. */
  source: string;
  score: Decimal | Absent;
  margin: Decimal | Absent;
  /** The next best order line, by name. */
  runner_up: string | Absent;
}

/**
 * One row: a bill line beside its order line, an order line nobody billed, or a
 * bill line that found no order line. A bill line over two order lines is two rows.
 */
export interface MatchRow {
  /** Stable between loads. */
  row_id: string;
  bill_line: BillLineCell | Absent;
  order_line: OrderLineCell | Absent;
  receipts: ReceiptCell[];
  compare: {
    price: Check;
    quantity: Check;
    unit: UnitCheck;
    amount: Check;
  };
  allocation: Allocation | Absent;
  /** Ids of `Bill.exceptions` that belong to this row. */
  exceptions: number[];
}

export interface Fact {
  label: string;
  value: string;
}

export interface ResolutionChoice {
  code: ResolutionCode;
  label: string;
  /** One sentence: what will happen. */
  effect: string;
}

export interface MatchException {
  id: number;
  /** The technical type, `"price_variance"`, and its name in words. */
  type: string;
  label: string;
  family: Family;
  family_label: string;
  severity: Severity;
  state: "open" | "resolved" | "closed";
  /** Whether it still holds the bill: open, or decided without letting it pass. */
  holds: boolean;
  /** One sentence a person can read. */
  explanation: string;
  /** The calculation, one step a line. */
  arithmetic: string[];
  facts: Fact[];
  amount_at_stake: Decimal;
  owner: string | Absent;
  deadline: IsoDate | Absent;
  proposed_resolution: ResolutionCode | Absent;
  /** What this user may choose as long as it holds; the proposed one first. */
  resolutions: ResolutionChoice[];
  can_resolve: boolean;
  /** Where this user may not take every decision: one sentence, who may. */
  needs_role: string | Absent;
  /** How it ended, for those that are not open. */
  resolution_label: string | Absent;
  resolution_reason: string | Absent;
  resolved_by: string | Absent;
  resolved_at: IsoDateTime | Absent;
}

export interface SourceDocument {
  /** `healthcare.exchange.message`. */
  message_id: number;
  message_uuid: string;
  name: string;
  document_type: string;
  /** `document_type` in words. */
  label: string;
  date: IsoDateTime | Absent;
  /** Whether this user may open the message with the bytes as received. */
  raw_available: boolean;
}

export interface HistoryEntry {
  date: IsoDateTime;
  author: string;
  text: string;
}

export interface Bill {
  header: BillHeader;
  rows: MatchRow[];
  /** Open ones first, then by amount at stake. */
  exceptions: MatchException[];
  documents: SourceDocument[];
  /** Newest first. */
  history: HistoryEntry[];
  can: {
    /** Ask for a new verdict. */
    evaluate: boolean;
  };
}
