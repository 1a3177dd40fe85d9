/** Counters for Prometheus (text exposition format 0.0.4). */

type Labels = Record<string, string>;

interface Family {
  type: "counter" | "gauge" | "histogram";
  help: string;
  values: Map<string, { labels: Labels; value: number; buckets?: number[] }>;
}

/** Upper bounds of durations, in seconds. */
const BUCKETS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** What the service counts. One object per process. */
export class Metrics {
  private readonly families = new Map<string, Family>();

  constructor() {
    const define = (name: string, type: Family["type"], help: string): void => {
      this.families.set(name, { type, help, values: new Map() });
    };
    define("hcp_attempts_total", "counter", "Attempts to send, by outcome.");
    define("hcp_attempt_seconds", "histogram", "Duration of attempts.");
    define("hcp_received_total", "counter", "Received documents, by status.");
    define("hcp_lost_leases_total", "counter", "Leases lost while working.");
    define("hcp_odoo_errors_total", "counter", "Failed calls to Odoo.");
    define("hcp_http_requests_total", "counter", "Requests to the ingress.");
    define("hcp_wakeups_total", "counter", "Wake-ups over Odoo's bus.");
    define("hcp_in_flight", "gauge", "Messages under a lease of this process.");
    define("hcp_bus_connected", "gauge", "1 while the bus is connected.");
  }

  /** Adds to a counter. */
  count(name: string, labels: Labels = {}, by = 1): void {
    this.entry(name, labels).value += by;
  }

  /** Sets a gauge. */
  set(name: string, value: number, labels: Labels = {}): void {
    this.entry(name, labels).value = value;
  }

  /** Adds a duration in seconds to a histogram. */
  observe(name: string, seconds: number, labels: Labels = {}): void {
    const entry = this.entry(name, labels);
    entry.buckets ??= [...BUCKETS.map(() => 0), 0];
    entry.value += seconds;
    const first = BUCKETS.findIndex((bound) => seconds <= bound);
    const index = first < 0 ? BUCKETS.length : first;
    entry.buckets[index] = (entry.buckets[index] ?? 0) + 1;
  }

  /** Everything in Prometheus' text format. */
  render(): string {
    const lines: string[] = [];
    for (const [name, family] of this.families) {
      lines.push(`# HELP ${name} ${family.help}`);
      lines.push(`# TYPE ${name} ${family.type}`);
      for (const entry of family.values.values()) {
        if (entry.buckets) lines.push(...histogram(name, entry));
        else lines.push(`${name}${shown(entry.labels)} ${entry.value}`);
      }
    }
    return `${lines.join("\n")}\n`;
  }

  private entry(
    name: string,
    labels: Labels,
  ): { labels: Labels; value: number; buckets?: number[] } {
    const family = this.families.get(name);
    if (!family) throw new Error(`Metric ${name} is not defined.`);
    const key = shown(labels);
    const known = family.values.get(key);
    if (known) return known;
    const fresh = { labels, value: 0 };
    family.values.set(key, fresh);
    return fresh;
  }
}

function histogram(
  name: string,
  entry: { labels: Labels; value: number; buckets?: number[] },
): string[] {
  const lines: string[] = [];
  let total = 0;
  (entry.buckets ?? []).forEach((count, index) => {
    total += count;
    const le = index < BUCKETS.length ? String(BUCKETS[index]) : "+Inf";
    lines.push(`${name}_bucket${shown({ ...entry.labels, le })} ${total}`);
  });
  lines.push(`${name}_sum${shown(entry.labels)} ${entry.value}`);
  lines.push(`${name}_count${shown(entry.labels)} ${total}`);
  return lines;
}

function shown(labels: Labels): string {
  const parts = Object.entries(labels).map(
    ([key, value]) => `${key}="${value.replace(/[\\"\n]/g, "_")}"`,
  );
  return parts.length ? `{${parts.join(",")}}` : "";
}
