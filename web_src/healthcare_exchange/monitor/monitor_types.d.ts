/** What `healthcare.exchange.monitor` answers. Odoo writes false for what is absent. */

export type Absent = false;
/** ISO 8601 in UTC, with `Z`. */
export type IsoDateTime = string;

export type Period = "hour" | "day" | "week";
export type Direction = "inbound" | "outbound";
export type MessageState =
  | "queued"
  | "leased"
  | "sent"
  | "acknowledged"
  | "done"
  | "retry"
  | "dead"
  | "rejected"
  | "cancelled";
/** A state, or a group of states that people look for. */
export type StateFilter =
  MessageState | "all" | "waiting" | "attention" | "delivered";
export type Health =
  | "up"
  | "degraded"
  | "open"
  | "paused"
  | "suspended"
  | "maintenance"
  | "inactive";
export type HealthReason =
  "probing" | "failures" | "retrying" | "backlog" | "draining";
export type Outcome = "not_sent" | "delivered" | "unknown";
export type Command = "retry" | "replay" | "cancel";
export type OfferedCommand = Command | "reroute";

/** Milliseconds. */
export interface Percentiles {
  p50: number;
  p95: number;
  p99: number;
}

/** Of the chosen period. */
export interface TrafficFigures {
  attempts: number;
  failed: number;
  unknown: number;
  retries: number;
  /** 0 to 1; absent without attempts. */
  error_rate: number | Absent;
  /** How long attempts took. */
  duration: Percentiles | Absent;
  sent: number;
  /** From the order's transaction to the partner's receipt. */
  latency: Percentiles | Absent;
  received: number;
}

/** As it is now. */
export interface QueueFigures {
  waiting: number;
  /** The count stopped: there are more. */
  waiting_more: boolean;
  oldest_waiting_at: IsoDateTime | Absent;
  retrying: number;
  dead: number;
  rejected: number;
  /** Sent and not acknowledged in time. */
  overdue: number;
  alerts: number;
}

export interface EndpointRow extends TrafficFigures, QueueFigures {
  id: number;
  code: string;
  name: string;
  partner: string | Absent;
  company: string;
  direction: Direction | "both";
  test: boolean;
  state: "draft" | "certified" | "active" | "suspended";
  health: Health;
  reasons: HealthReason[];
  breaker_since: IsoDateTime | Absent;
  open_until: IsoDateTime | Absent;
  paused_until: IsoDateTime | Absent;
  last_delivered_at: IsoDateTime | Absent;
  last_received_at: IsoDateTime | Absent;
}

export interface Total extends TrafficFigures, QueueFigures {
  endpoints: number;
  in_trouble: number;
}

export interface Alert {
  id: number;
  type: string;
  label: string;
  summary: string;
  endpoint_code: string | Absent;
  message_uuid: string | Absent;
  owner: string | Absent;
  escalated_to: string | Absent;
  deadline: IsoDateTime | Absent;
  opened_at: IsoDateTime | Absent;
}

export interface Worker {
  name: string;
  version: string | Absent;
  last_seen_at: IsoDateTime;
  silent: boolean;
}

export interface Overview {
  now: IsoDateTime;
  since: IsoDateTime;
  period: Period;
  can_act: boolean;
  total: Total;
  endpoints: EndpointRow[];
  alerts: Alert[];
  workers: Worker[];
  document_types: string[];
}

export interface Bar {
  at: IsoDateTime;
  delivered: number;
  not_sent: number;
  unknown: number;
  received: number;
  p50: number | Absent;
  p95: number | Absent;
}

/** What an error code means and what to do; empty for codes that are not ours. */
export interface Explained {
  title: string;
  hint: string;
}

export interface ErrorGroup extends Explained {
  code: string;
  kind: string | Absent;
  direction: Direction;
  number: number;
  last_at: IsoDateTime;
  endpoints: string[];
}

export interface History {
  since: IsoDateTime;
  width_seconds: number;
  endpoint: string | Absent;
  bars: Bar[];
  errors: ErrorGroup[];
}

export interface Filters {
  search: string;
  endpoint: string;
  direction: Direction | "";
  document_type: string;
  state: StateFilter;
  period: Period | "";
  mine: boolean;
  overdue: boolean;
  error_code: string;
}

export interface MessageRow {
  id: number;
  uuid: string;
  number: string | Absent;
  document_type: string | Absent;
  direction: Direction;
  endpoint_code: string;
  partner: string | Absent;
  state: MessageState;
  priority: number;
  created_at: IsoDateTime;
  sent_at: IsoDateTime | Absent;
  /** Milliseconds from the order's transaction to the partner's receipt. */
  latency: number | Absent;
  next_attempt_at: IsoDateTime | Absent;
  attempt_count: number;
  error_code: string | Absent;
  owner: string | Absent;
  partner_reference: string | Absent;
  trace_id: string | Absent;
  /** What this user may do with it in its state. */
  actions: OfferedCommand[];
}

export interface MessagePage {
  items: MessageRow[];
  next_cursor: number | Absent;
  /** With the first page only. */
  total: number | Absent;
  total_more: boolean;
}

/** Stored bytes, or their beginning. */
export interface Content {
  kind: "text" | "hex";
  encoding: string | Absent;
  text: string;
  size: number;
  /** Only the beginning is shown. */
  cut: boolean;
  sha256: string | Absent;
  filename: string;
  content_type: string | Absent;
  url: string;
}

export interface Problem {
  level: string;
  code: string;
  message: string;
  path: string;
  line: string;
}

export interface Attempt extends Explained {
  id: number;
  started_at: IsoDateTime;
  duration_ms: number;
  outcome: Outcome;
  acknowledged: boolean;
  error_code: string | Absent;
  error_kind: string | Absent;
  message: string | Absent;
  http_status: number | Absent;
  worker: string | Absent;
}

export interface TraceStep {
  uuid: string;
  number: string | Absent;
  document_type: string | Absent;
  direction: Direction;
  endpoint_code: string;
  state: MessageState;
  created_at: IsoDateTime;
}

export interface BusinessRecord {
  model: string;
  id: number;
  label: string;
  name: string;
  /** What this message itself is about. */
  own: boolean;
}

export interface Related {
  relation: "parent" | "rerouted_from" | "rerouted_to";
  uuid: string;
  endpoint_code: string;
  state: MessageState;
}

export interface MessageDetail extends MessageRow {
  idempotency_key: string;
  ordering_key: string | Absent;
  control_number: number | Absent;
  mapping_version: number | Absent;
  leased_by: string | Absent;
  leased_until: IsoDateTime | Absent;
  position: number;
  company: string;
  endpoint_id: number;
  endpoint_name: string;
  /** What the message's own error code means. */
  error: Explained;
  errors: Problem[];
  diagnostics: Problem[];
  exceptions: string[];
  related: Related[];
  content_hidden: boolean;
  /** Canonical JSON, as text. */
  document: string | Absent;
  raw: Content | Absent;
  payload: Content | Absent;
  attempts: Attempt[];
  trace: TraceStep[];
  records: BusinessRecord[];
  history: {
    id: number;
    at: IsoDateTime;
    action: string;
    login: string | Absent;
  }[];
}

export type Selection =
  { uuids: string[] } | { filters: Partial<Filters>; until: number };

export type LeftReason =
  | "on_its_way"
  | "finished"
  | "cancelled"
  | "unreadable"
  | "by_hand"
  | "not_waiting"
  | "unknown";

export interface SliceResult {
  seen: number;
  done: number;
  left: { reason: LeftReason; number: number }[];
  next_cursor: number | Absent;
}
