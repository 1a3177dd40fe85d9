/** Counters for Prometheus (text exposition format 0.0.4). */
import { Counter, Gauge, Histogram, Registry } from "prom-client";

type Labels = Record<string, string>;

/** Upper bounds of durations, in seconds. */
const BUCKETS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Everything that is counted: help and names of labels. */
const COUNTERS = {
  hcp_attempts_total: [
    "Attempts to send, by outcome.",
    ["endpoint", "outcome"],
  ],
  hcp_received_total: [
    "Received documents, by status.",
    ["endpoint", "status"],
  ],
  hcp_claims_total: [
    "Claims of messages to send: some, none, or failed.",
    ["result"],
  ],
  hcp_claimed_total: ["Messages claimed.", ["endpoint"]],
  hcp_lost_leases_total: ["Leases lost while working.", []],
  hcp_odoo_errors_total: ["Failed calls to Odoo.", ["call"]],
  hcp_http_requests_total: ["Requests to the ingress.", ["route", "status"]],
  hcp_wakeups_total: ["Wake-ups over Odoo's bus.", []],
} as const satisfies Record<string, readonly [string, readonly string[]]>;

const HISTOGRAMS = {
  hcp_attempt_seconds: ["Duration of attempts.", ["endpoint"]],
} as const satisfies Record<string, readonly [string, readonly string[]]>;

const GAUGES = {
  hcp_in_flight: ["Messages under a lease of this process.", []],
  hcp_in_flight_bytes: ["Bytes of those messages in memory.", []],
  hcp_bus_connected: ["1 while the bus is connected.", []],
  hcp_queue_waiting: [
    "Messages that wait to be sent, in Odoo (counted up to 10 000).",
    ["endpoint"],
  ],
  hcp_queue_overdue_seconds: [
    "How long the first of them has been due.",
    ["endpoint"],
  ],
  hcp_inbox_waiting: [
    "Received messages that wait to be processed, in Odoo.",
    ["endpoint"],
  ],
  hcp_trouble: [
    "Dead letters and rejected messages that wait for a person.",
    ["endpoint"],
  ],
  hcp_breaker_open: [
    "Circuit breaker: 0 closed, 0.5 half-open, 1 open.",
    ["endpoint"],
  ],
  hcp_gauges_age_seconds: [
    "Age of what Odoo said about its queues; -1: it has said nothing.",
    [],
  ],
} as const satisfies Record<string, readonly [string, readonly string[]]>;

/** What the service counts. One object, with a registry of its own, per process. */
export class Metrics {
  private readonly registry = new Registry();
  private readonly counters = this.define(COUNTERS, Counter);
  private readonly histograms = this.define(HISTOGRAMS, Histogram, {
    buckets: BUCKETS,
  });
  private readonly gauges = this.define(GAUGES, Gauge);

  /** The content type that `render()` is to be sent with. */
  readonly contentType = this.registry.contentType;

  /** Adds to a counter. @throws Error for a label that it has not */
  count(name: keyof typeof COUNTERS, labels: Labels = {}, by = 1): void {
    this.counters[name].inc(labels, by);
  }

  /** Sets a gauge. @throws Error for a label that it has not */
  set(name: keyof typeof GAUGES, value: number, labels: Labels = {}): void {
    this.gauges[name].set(labels, value);
  }

  /** Adds a duration in seconds. @throws Error for a label that it has not */
  observe(
    name: keyof typeof HISTOGRAMS,
    seconds: number,
    labels: Labels = {},
  ): void {
    this.histograms[name].observe(labels, seconds);
  }

  /** Everything in Prometheus' text format. */
  render(): Promise<string> {
    return this.registry.metrics();
  }

  private define<Name extends string, Metric>(
    families: Record<Name, readonly [string, readonly string[]]>,
    Family: new (configuration: {
      name: string;
      help: string;
      labelNames: string[];
      registers: Registry[];
    }) => Metric,
    more: object = {},
  ): Record<Name, Metric> {
    const entries = Object.entries<readonly [string, readonly string[]]>(
      families,
    ).map(([name, [help, labels]]) => {
      const metric = new Family({
        name,
        help,
        labelNames: [...labels],
        registers: [this.registry],
        ...more,
      });
      return [name, metric] as const;
    });
    return Object.fromEntries(entries) as Record<Name, Metric>;
  }
}
