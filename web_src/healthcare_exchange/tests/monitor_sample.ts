import type {
  Content,
  EndpointRow,
  History,
  MessageDetail,
  MessagePage,
  MessageRow,
  Overview,
  Total,
} from "../monitor/monitor_types";

/** What Odoo would answer, for the tests of screen and model. */

export const NOW = "2026-11-23T12:00:00Z";

const TRAFFIC = {
  attempts: 40,
  failed: 4,
  unknown: 1,
  retries: 2,
  error_rate: 0.1,
  duration: { p50: 40, p95: 210, p99: 900 },
  sent: 36,
  latency: { p50: 320, p95: 870, p99: 2400 },
  received: 12,
};

const QUEUE = {
  waiting: 3,
  waiting_more: false,
  oldest_waiting_at: "2026-11-23T11:53:00Z",
  retrying: 1,
  dead: 2,
  rejected: 1,
  overdue: 0,
  alerts: 1,
};

export function sampleTotal(values: Partial<Total> = {}): Total {
  return { ...TRAFFIC, ...QUEUE, endpoints: 2, in_trouble: 1, ...values };
}

export function sampleEndpoint(values: Partial<EndpointRow> = {}): EndpointRow {
  return {
    ...TRAFFIC,
    ...QUEUE,
    id: 1,
    code: "SUPPLIER_A",
    name: "Meridian Surgical Supply",
    partner: "Meridian Surgical Supply",
    company: "Riverbend Health",
    direction: "both",
    test: true,
    state: "active",
    health: "up",
    reasons: [],
    breaker_since: false,
    open_until: false,
    paused_until: false,
    last_delivered_at: NOW,
    last_received_at: NOW,
    ...values,
  };
}

export function sampleOverview(values: Partial<Overview> = {}): Overview {
  return {
    now: NOW,
    since: "2026-11-22T12:30:00Z",
    period: "day",
    can_act: true,
    total: sampleTotal(),
    endpoints: [
      sampleEndpoint(),
      sampleEndpoint({
        id: 2,
        code: "SUPPLIER_B",
        name: "Northgate Medical",
        partner: false,
        health: "open",
        open_until: "2026-11-23T12:02:00Z",
        dead: 0,
        rejected: 0,
        alerts: 0,
      }),
    ],
    alerts: [
      {
        id: 7,
        type: "breaker_open",
        label: "Partner does not answer",
        summary: "Down since 11:40",
        endpoint_code: "SUPPLIER_B",
        message_uuid: false,
        owner: "Ada",
        escalated_to: false,
        deadline: "2026-11-23T11:00:00Z",
        opened_at: "2026-11-23T11:40:00Z",
      },
    ],
    workers: [
      {
        name: "service:1",
        version: "19.0.1.0.0",
        last_seen_at: "2026-11-23T11:59:55Z",
        silent: false,
      },
    ],
    document_types: ["invoice", "purchase_order"],
    ...values,
  };
}

export function sampleHistory(values: Partial<History> = {}): History {
  return {
    since: "2026-11-23T11:00:00Z",
    width_seconds: 1800,
    endpoint: false,
    bars: [
      {
        at: "2026-11-23T11:00:00Z",
        delivered: 20,
        not_sent: 1,
        unknown: 0,
        received: 5,
        p50: 300,
        p95: 800,
      },
      {
        at: "2026-11-23T11:30:00Z",
        delivered: 16,
        not_sent: 2,
        unknown: 1,
        received: 7,
        p50: false,
        p95: false,
      },
    ],
    errors: [
      {
        code: "timeout",
        kind: "transient",
        title: "The partner did not answer in time.",
        hint: "It is sent again with the same key.",
        direction: "outbound",
        number: 4,
        last_at: "2026-11-23T11:58:00Z",
        endpoints: ["SUPPLIER_B"],
      },
    ],
    ...values,
  };
}

export function sampleRow(values: Partial<MessageRow> = {}): MessageRow {
  return {
    id: 100,
    uuid: "00000000-0000-4000-8000-000000000001",
    number: "P00001",
    document_type: "purchase_order",
    direction: "outbound",
    endpoint_code: "SUPPLIER_B",
    partner: "Northgate Medical",
    state: "dead",
    priority: 1,
    created_at: "2026-11-23T11:50:00Z",
    sent_at: false,
    latency: false,
    next_attempt_at: false,
    attempt_count: 10,
    error_code: "timeout",
    owner: "Ada",
    partner_reference: false,
    trace_id: "0af7651916cd43dd8448eb211c80319c",
    actions: ["replay", "cancel"],
    ...values,
  };
}

/** Rows `P00001` … with falling ids, as Odoo gives them: newest first. */
export function sampleRows(count: number): MessageRow[] {
  return Array.from({ length: count }, (_, index) =>
    sampleRow({
      id: 1000 - index,
      uuid: `uuid-${index + 1}`,
      number: `P${String(index + 1).padStart(5, "0")}`,
    }),
  );
}

export function samplePage(
  items: MessageRow[],
  values: Partial<MessagePage> = {},
): MessagePage {
  return {
    items,
    next_cursor: false,
    total: items.length,
    total_more: false,
    ...values,
  };
}

export function sampleContent(values: Partial<Content> = {}): Content {
  return {
    kind: "text",
    encoding: "utf-8",
    text: "line one\nline two",
    size: 17,
    cut: false,
    sha256: "ab".repeat(32),
    filename: "order.txt",
    content_type: "text/plain",
    url: "/web/content/healthcare.exchange.message/100/payload?download=true",
    ...values,
  };
}

export function sampleDetail(
  values: Partial<MessageDetail> = {},
): MessageDetail {
  return {
    ...sampleRow(),
    idempotency_key: "key-1",
    ordering_key: "purchase.order,1",
    control_number: 12,
    mapping_version: false,
    leased_by: false,
    leased_until: false,
    position: 0,
    company: "Riverbend Health",
    endpoint_id: 2,
    endpoint_name: "Northgate Medical",
    error: {
      title: "The partner did not answer in time.",
      hint: "It is sent again with the same key.",
    },
    errors: [
      {
        level: "",
        code: "timeout",
        message: "No answer in 30 s",
        path: "",
        line: "",
      },
    ],
    diagnostics: [],
    exceptions: [],
    related: [],
    content_hidden: false,
    document: '{\n  "number": "P00001"\n}',
    raw: false,
    payload: sampleContent(),
    attempts: [
      {
        id: 1,
        started_at: "2026-11-23T11:50:01Z",
        duration_ms: 30000,
        outcome: "unknown",
        acknowledged: false,
        error_code: "timeout",
        error_kind: "transient",
        message: "No answer in 30 s",
        http_status: false,
        worker: "service:1",
        title: "The partner did not answer in time.",
        hint: "It is sent again with the same key.",
      },
    ],
    trace: [
      {
        uuid: sampleRow().uuid,
        number: "P00001",
        document_type: "purchase_order",
        direction: "outbound",
        endpoint_code: "SUPPLIER_B",
        state: "dead",
        created_at: "2026-11-23T11:50:00Z",
      },
      {
        uuid: "other",
        number: "INV-1",
        document_type: "invoice",
        direction: "inbound",
        endpoint_code: "SUPPLIER_B",
        state: "done",
        created_at: "2026-11-23T11:55:00Z",
      },
    ],
    records: [
      {
        model: "purchase.order",
        id: 5,
        label: "Purchase Order",
        name: "P00001",
        own: true,
      },
    ],
    history: [],
    ...values,
  };
}
