/**
 * The relay: claim → render → stage → send → report.
 *
 * Each claim is a batch with a lease token of its own; batches overlap, so
 * that a slow partner does not hold up the others, and a partner that does
 * not answer takes at most its share of the places (a bulkhead).
 *
 * Invariant: nothing is sent before its bytes are staged, and nothing after
 * its lease may have run out by this process's own clock.
 */
import { randomUUID } from "node:crypto";
import { OdooError } from "../odoo/client.ts";
import type { ClaimedMessage } from "../odoo/exchange.ts";
import { Batch } from "./batch.ts";
import type { RelaySummary } from "./relay-summary.ts";
import type { SyncContext } from "./context.ts";
import { Bell, pause } from "../timing.ts";

/** How the relay works; times in milliseconds unless named otherwise. */
export interface RelayOptions {
  /** Endpoint codes to serve; empty means all. */
  endpoints: string[];
  /** Messages under lease at the same time. */
  concurrency: number;
  /** Of them for one endpoint. */
  perEndpoint: number;
  leaseSeconds: number;
  /**
   * Shortest pause between looks when nothing wakes us: the net below the bus.
   * It doubles while nothing is found.
   */
  pollInterval: number;
  /** Longest one while the bus is connected, and while it is not. */
  pollLimit: number;
  pollLimitAlone: number;
  /** Bytes of documents in memory above which nothing is claimed. */
  memory: number;
}

export const RELAY_DEFAULTS: RelayOptions = {
  endpoints: [],
  concurrency: 32,
  perEndpoint: 8,
  leaseSeconds: 60,
  pollInterval: 1_000,
  pollLimit: 10_000,
  pollLimitAlone: 3_000,
  memory: 64 * 1024 * 1024,
};

/**
 * Milliseconds between two claims while there is no backlog: many wake-ups in
 * a row are one claim of several messages, not a claim, a stage and a report
 * for each.
 */
const GATHER = 40;

/** Longest pause between looks while Odoo does not answer. */
const MAX_BACKOFF = 30_000;

export class Relay {
  readonly summary: RelaySummary = {
    delivered: 0,
    not_sent: 0,
    unknown: 0,
    lost: 0,
  };
  private readonly context: SyncContext;
  private readonly options: RelayOptions;
  private readonly bell = new Bell();
  /** When the last claim was asked for, and whether it came back full. */
  private claimedAt = -Infinity;
  private backlog = false;
  /** Whether Odoo's bus would wake us. */
  private woken = false;
  /** When a message of ours is due again, by `performance.now()`. */
  private retryAt = Infinity;
  private readonly batches = new Map<Batch, Promise<void>>();
  /** Ends claiming. */
  private readonly stopping = new AbortController();
  /** Ends sending, too. */
  private readonly aborting = new AbortController();

  constructor(context: SyncContext, options: Partial<RelayOptions> = {}) {
    this.context = context;
    this.options = { ...RELAY_DEFAULTS, ...options };
  }

  /** There may be something to claim. */
  wake(): void {
    this.bell.ring();
  }

  /** Whether the bus is connected: without it we look more often. */
  onBus(connected: boolean): void {
    this.woken = connected;
    this.bell.ring();
  }

  /** Works until stopped. Odoo being down is waited out. */
  async serve(): Promise<void> {
    let failures = 0;
    let quiet = 0;
    while (!this.stopping.signal.aborted) {
      try {
        await this.gather();
        const found = await this.claimOnce();
        failures = 0;
        const rang = found || (await this.bell.wait(this.idlePause(quiet)));
        quiet = rang ? 0 : quiet + 1;
      } catch (error) {
        failures++;
        this.context.metrics.count("hcp_claims_total", { result: "failed" });
        this.context.metrics.count("hcp_odoo_errors_total", {
          call: "claim",
        });
        this.context.log.error({ event: "claim_failed", error, failures });
        const wait = Math.min(500 * 2 ** Math.min(failures, 8), MAX_BACKOFF);
        await pause(wait, this.stopping.signal);
      }
    }
    await Promise.all(this.batches.values());
  }

  /**
   * Sends everything that is due now and returns.
   * @throws OdooError when Odoo does not answer
   */
  async drain(): Promise<RelaySummary> {
    while (!this.stopping.signal.aborted) {
      const found = await this.claimOnce();
      if (found) continue;
      if (this.batches.size === 0) break;
      // What a finished batch made room for, or unblocked, may be due now.
      await Promise.race(this.batches.values());
    }
    await Promise.all(this.batches.values());
    return this.summary;
  }

  /**
   * Stops claiming; what is being sent may finish within the grace period,
   * what has not begun is given back at once.
   * @param grace milliseconds until sends are broken off (0: at once)
   */
  async stop(grace: number): Promise<void> {
    this.stopping.abort();
    this.bell.ring();
    for (const batch of this.batches.keys()) batch.stop();
    const all = Promise.all(this.batches.values());
    await Promise.race([all, pause(grace, this.aborting.signal)]);
    this.aborting.abort();
    await all;
  }

  /**
   * How long to wait for the bell. Spread by chance, so that many processes do
   * not look at the same moment; ends when a message of ours is due again.
   * @param quiet looks in a row that found nothing
   */
  private idlePause(quiet: number): number {
    const { pollInterval, pollLimit, pollLimitAlone } = this.options;
    const limit = this.woken ? pollLimit : pollLimitAlone;
    const pause = Math.min(pollInterval * 2 ** Math.min(quiet, 10), limit);
    const spread = pause * (0.8 + Math.random() * 0.4);
    const untilRetry = this.retryAt - performance.now();
    if (untilRetry > spread) return spread;
    this.retryAt = Infinity;
    return Math.max(untilRetry, 0);
  }

  /** A report has said when its message is due again. */
  private noteRetry(inMilliseconds: number): void {
    const at = performance.now() + inMilliseconds;
    if (at >= this.retryAt) return;
    this.retryAt = at;
    this.bell.ring();
  }

  /** Lets a few messages come together, unless a backlog waits. */
  private async gather(): Promise<void> {
    if (this.backlog) return;
    const wait = this.claimedAt + GATHER - performance.now();
    if (wait > 0) await pause(wait, this.stopping.signal);
  }

  /** Claims as much as there is room for. @returns false when nothing came. */
  private async claimOnce(): Promise<boolean> {
    const room = this.room();
    if (room.limit <= 0) return false;
    const codes = await this.openEndpoints(room.saturated);
    if (codes === undefined) return false;
    const token = randomUUID();
    const claimedAt = performance.now();
    this.claimedAt = claimedAt;
    const rows = await this.claim(token, room.limit, codes);
    this.backlog = rows.length >= room.limit;
    const result = rows.length > 0 ? "some" : "none";
    this.context.metrics.count("hcp_claims_total", { result });
    if (rows.length === 0) return false;
    for (const { endpoint_code: endpoint } of rows)
      this.context.metrics.count("hcp_claimed_total", { endpoint });
    this.start(token, rows, claimedAt);
    return true;
  }

  /** The same token again when the answer was lost: the same rows come. */
  private async claim(
    token: string,
    limit: number,
    codes: string[],
  ): Promise<ClaimedMessage[]> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.context.exchange.claim(
          {
            worker: this.context.worker,
            limit,
            lease_seconds: this.options.leaseSeconds,
            endpoint_codes: codes,
            lease_token: token,
          },
          { timeout: 15_000 },
        );
      } catch (error) {
        const again = error instanceof OdooError && error.retryable;
        if (!again || attempt >= 3 || this.stopping.signal.aborted) throw error;
        await pause(200 * attempt, this.stopping.signal);
      }
    }
  }

  private start(
    token: string,
    rows: ClaimedMessage[],
    claimedAt: number,
  ): void {
    const batch = new Batch(this.context, {
      token,
      rows,
      claimedAt,
      leaseSeconds: this.options.leaseSeconds,
      signal: this.aborting.signal,
      summary: this.summary,
      onProgress: () => {
        this.gauge();
        this.bell.ring();
      },
      onRetry: (inMilliseconds) => this.noteRetry(inMilliseconds),
    });
    const done = batch
      .run()
      .catch((error: unknown) => {
        // The leases run out and someone claims the messages again.
        this.context.log.error({ event: "batch_failed", error });
      })
      .finally(() => {
        this.batches.delete(batch);
        this.gauge();
        this.bell.ring();
      });
    this.batches.set(batch, done);
    this.gauge();
    if (this.stopping.signal.aborted) batch.stop();
  }

  private room(): { limit: number; saturated: Set<string> } {
    const busy = new Map<string, number>();
    for (const batch of this.batches.keys())
      for (const code of batch.unfinished())
        busy.set(code, (busy.get(code) ?? 0) + 1);
    const total = [...busy.values()].reduce((sum, one) => sum + one, 0);
    const { concurrency, perEndpoint, memory } = this.options;
    if (this.bytes() >= memory) return { limit: 0, saturated: new Set() };
    const saturated = [...busy].filter(([, count]) => count >= perEndpoint);
    return {
      limit: Math.min(concurrency - total, perEndpoint),
      saturated: new Set(saturated.map(([code]) => code)),
    };
  }

  /** Codes to claim for; undefined when every endpoint has its share. */
  private async openEndpoints(
    saturated: Set<string>,
  ): Promise<string[] | undefined> {
    const wanted = this.options.endpoints;
    if (saturated.size === 0) return wanted;
    const all = wanted.length
      ? wanted
      : (await this.context.endpoints.all()).map((one) => one.code);
    const open = all.filter((code) => !saturated.has(code));
    return open.length ? open : undefined;
  }

  private bytes(): number {
    let total = 0;
    for (const batch of this.batches.keys()) total += batch.bytes;
    return total;
  }

  private gauge(): void {
    let total = 0;
    for (const batch of this.batches.keys()) total += batch.unfinished().length;
    this.context.metrics.set("hcp_in_flight", total);
    this.context.metrics.set("hcp_in_flight_bytes", this.bytes());
  }
}
