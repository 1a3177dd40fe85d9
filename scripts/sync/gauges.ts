/**
 * What Odoo's queues look like, for whoever scrapes `/metrics`: asked for then
 * only, and at most every few seconds, however many scrape.
 */
import type { QueueGauge } from "../odoo/exchange.ts";
import type { SyncContext } from "./context.ts";

/** Milliseconds for which an answer is good enough. */
const FRESH = 10_000;

/** Milliseconds that a scrape waits for Odoo. */
const LIMIT = 3_000;

const BREAKER = { closed: 0, half_open: 0.5, open: 1 } as const;

export class QueueGauges {
  private readonly context: SyncContext;
  private askedAt = -Infinity;
  private answeredAt: number | undefined;
  private asking: Promise<void> | undefined;

  constructor(context: SyncContext) {
    this.context = context;
  }

  /** Brings the gauges up to date. Never throws: a scrape shows the rest. */
  async refresh(): Promise<void> {
    const { metrics } = this.context;
    if (performance.now() - this.askedAt > FRESH) {
      this.asking ??= this.ask().finally(() => {
        this.asking = undefined;
      });
      await this.asking;
    }
    const age =
      this.answeredAt === undefined
        ? -1
        : (performance.now() - this.answeredAt) / 1_000;
    metrics.set("hcp_gauges_age_seconds", age);
  }

  private async ask(): Promise<void> {
    const { exchange, log, metrics } = this.context;
    try {
      const rows = await exchange.gauges({ timeout: LIMIT });
      for (const row of rows) this.show(row);
      this.answeredAt = performance.now();
    } catch (error) {
      metrics.count("hcp_odoo_errors_total", { call: "gauges" });
      log.warn({ event: "gauges_failed", error });
    } finally {
      this.askedAt = performance.now();
    }
  }

  private show(row: QueueGauge): void {
    const { metrics } = this.context;
    const { endpoint } = row;
    metrics.set("hcp_queue_waiting", row.waiting, { endpoint });
    metrics.set("hcp_queue_overdue_seconds", row.overdue_seconds, { endpoint });
    metrics.set("hcp_inbox_waiting", row.inbox, { endpoint });
    metrics.set("hcp_trouble", row.trouble, { endpoint });
    metrics.set("hcp_breaker_open", BREAKER[row.breaker], { endpoint });
  }
}
