/**
 * One claim's messages on their way: render, stage, send, report.
 *
 * Crash behaviour: killed before a send, the lease runs out and the message
 * is claimed again; killed between send and report likewise, and the partner
 * gets the same bytes under the same key once more.
 */
import { OdooError } from "../odoo/client.ts";
import type {
  AttemptResult,
  ClaimedMessage,
  Rendered,
  Staged,
} from "../odoo/exchange.ts";
import type { Payload, SendOutcome } from "../transports/transport.ts";
import { AttemptTrace } from "./attempt-trace.ts";
import { sha256, sizeOf, toRendered, toResult } from "./attempt.ts";
import {
  isProblem,
  resolveEndpoint,
  type ResolvedEndpoint,
  type SyncContext,
} from "./context.ts";
import type { ErrorCode } from "./errors.ts";
import { pause } from "../timing.ts";
import { sendPresenting } from "./presenting.ts";
import { renderMessage } from "./render.ts";
import type { RelaySummary } from "./relay-summary.ts";
import { newTraceparent } from "./traceparent.ts";
import { now } from "./tracing.ts";

/** Milliseconds that finished attempts wait for others to be reported with. */
const REPORT_WINDOW = 20;

/** Part of a lease that must remain for a send to begin. */
const LEASE_RESERVE = 0.2;

interface BatchOptions {
  token: string;
  rows: ClaimedMessage[];
  /** `performance.now()` before the claim was asked for. */
  claimedAt: number;
  leaseSeconds: number;
  /** Breaks sends off. */
  signal: AbortSignal;
  summary: RelaySummary;
  /** Called when places become free. */
  onProgress: () => void;
  /** Called when a message is known to be due again later. */
  onRetry: (inMilliseconds: number) => void;
}

/** A message that is ready to be sent. */
interface Ready {
  row: ClaimedMessage;
  endpoint: ResolvedEndpoint;
  payload: Payload;
}

/** A message whose bytes are not stored yet. */
interface Fresh {
  row: ClaimedMessage;
  endpoint: ResolvedEndpoint;
  rendered: Rendered;
}

export class Batch {
  private readonly context: SyncContext;
  private readonly options: BatchOptions;
  /** Not reported yet, and still ours as far as we know. */
  private readonly open: Map<string, ClaimedMessage>;
  private readonly finished: AttemptResult[] = [];
  private readonly traces: Map<string, AttemptTrace>;
  /** Sends that have begun: their own outcome counts. */
  private readonly begun = new Set<string>();
  /** Their send has ended: what is left is Odoo's to hear. */
  private readonly sent = new Set<string>();
  /** Of documents and payloads, while the batch lasts. */
  readonly bytes: number;
  private leaseEnds: number;
  private stopped = false;
  /** A report that waits for others to go with it. */
  private gathering = false;
  private readonly reports = new Set<Promise<void>>();

  constructor(context: SyncContext, options: BatchOptions) {
    this.context = context;
    this.options = options;
    this.open = new Map(options.rows.map((row) => [row.uuid, row]));
    const { tracing } = context;
    this.bytes = options.rows.reduce((sum, row) => sum + sizeOf(row), 0);
    this.traces = new Map(
      options.rows.map((row) => [
        row.uuid,
        new AttemptTrace(tracing, row, now()),
      ]),
    );
    this.leaseEnds = options.claimedAt + options.leaseSeconds * 1_000;
  }

  /** Endpoint codes of the messages that still take a place. */
  unfinished(): string[] {
    return [...this.open.values()]
      .filter((row) => !this.sent.has(row.uuid))
      .map((row) => row.endpoint_code);
  }

  /** Begins no further send. */
  stop(): void {
    this.stopped = true;
  }

  /** Works all messages off; what was not begun when stopped is given back. */
  async run(): Promise<void> {
    const keeper = this.keepLeases();
    try {
      const ready = await this.prepare();
      await Promise.all(ready.map((one) => this.sendOne(one)));
      if (this.stopped) this.giveBack();
      await Promise.all(this.reports);
    } finally {
      keeper.stop();
      await keeper.ended;
      // A batch that broke off in the middle: its leases run out.
      for (const uuid of this.open.keys()) this.traces.get(uuid)?.end(true);
      this.open.clear();
    }
  }

  /** Prolongs the leases while the batch lasts. */
  private keepLeases(): { stop: () => void; ended: Promise<void> } {
    const ending = new AbortController();
    const every = (this.options.leaseSeconds * 1_000) / 3;
    const ended = (async () => {
      for (;;) {
        await pause(every, ending.signal);
        if (ending.signal.aborted || this.open.size === 0) return;
        await this.extend();
      }
    })();
    return { stop: () => ending.abort(), ended };
  }

  private async extend(): Promise<void> {
    const { token, leaseSeconds } = this.options;
    const askedAt = performance.now();
    try {
      const held = await this.context.exchange.extend(token, leaseSeconds);
      this.leaseEnds = askedAt + leaseSeconds * 1_000;
      const ours = new Set(held.uuids);
      const reporting = new Set(this.finished.map((one) => one.uuid));
      for (const uuid of this.open.keys())
        if (!ours.has(uuid) && !reporting.has(uuid)) this.lose(uuid);
    } catch (error) {
      // Not yet lost: the next third of the lease tries again.
      this.context.log.warn({ event: "extend_failed", error });
    }
  }

  private lose(uuid: string): void {
    if (!this.open.delete(uuid)) return;
    this.traces.get(uuid)?.end(true);
    this.options.summary.lost++;
    this.context.metrics.count("hcp_lost_leases_total");
    this.context.log.warn({ event: "lease_lost", message_uuid: uuid });
    this.options.onProgress();
  }

  /** Renders and stages what has no bytes yet. */
  private async prepare(): Promise<Ready[]> {
    const all = await Promise.all(
      this.options.rows.map((row) => this.bytesOf(row)),
    );
    const known = all.filter((one) => one !== undefined);
    const ready = known.filter((one) => "payload" in one);
    const fresh = known.filter((one) => "rendered" in one);
    if (fresh.length === 0 || this.stopped) return ready;
    const start = now();
    const staged = await this.context.exchange.stage(
      this.options.token,
      fresh.map((one) => one.rendered),
    );
    const byUuid = new Map(staged.map((one) => [one.uuid, one]));
    for (const { row, endpoint } of fresh) {
      this.traces.get(row.uuid)?.record("stage", start);
      const payload = this.accepted(row, byUuid.get(row.uuid));
      if (payload) ready.push({ row, endpoint, payload });
    }
    return ready;
  }

  /** Stored bytes, or freshly rendered ones; undefined: it cannot be tried. */
  private async bytesOf(
    row: ClaimedMessage,
  ): Promise<Ready | Fresh | undefined> {
    const endpoint = resolveEndpoint(this.context.config, row.endpoint);
    if (isProblem(endpoint)) {
      this.fail(row, endpoint.error, endpoint.message);
      return undefined;
    }
    if (row.payload !== false) {
      const payload = this.verified(row, row);
      return payload && { row, endpoint, payload };
    }
    const start = now();
    const one = await renderMessage(row, endpoint);
    this.traces.get(row.uuid)?.record("render", start);
    if ("error" in one) {
      this.fail(row, one.error, one.message);
      return undefined;
    }
    const rendered = toRendered(row.uuid, one.payload);
    return { row, endpoint, rendered };
  }

  private accepted(
    row: ClaimedMessage,
    staged: Staged | undefined,
  ): Payload | undefined {
    if (staged?.status === "staged" || staged?.status === "kept")
      return this.verified(row, staged);
    // Another worker has the message now: nothing is sent from here.
    this.lose(row.uuid);
    return undefined;
  }

  /** Stored bytes, if they are what their checksum says. */
  private verified(
    row: ClaimedMessage,
    stored: {
      payload: string | false;
      payload_sha256: string | false;
      filename: string | false;
      content_type: string | false;
    },
  ): Payload | undefined {
    const bytes = Buffer.from(stored.payload || "", "base64");
    if (sha256(bytes) !== stored.payload_sha256) {
      this.fail(row, "payload_damaged", "stored bytes and checksum differ");
      return undefined;
    }
    return {
      bytes,
      filename: stored.filename || `${row.uuid}.bin`,
      contentType: stored.content_type || "application/octet-stream",
    };
  }

  private async sendOne(ready: Ready): Promise<void> {
    const { row, endpoint, payload } = ready;
    if (!this.mayBegin(row.uuid)) return;
    this.begun.add(row.uuid);
    const startedAt = new Date().toISOString();
    const began = performance.now();
    const { context } = this;
    const trace = this.traces.get(row.uuid);
    const outcome = await sendPresenting(
      context,
      row.endpoint_code,
      endpoint,
      payload,
      {
        settings: endpoint.settings,
        idempotencyKey: row.idempotency_key,
        traceparent: trace?.beginSend() ?? newTraceparent(row.trace_id),
        dataDir: context.config.dataDir,
        signal: this.options.signal,
      },
    ).catch((error: unknown): SendOutcome => {
      this.context.log.error({
        event: "transport_threw",
        message_uuid: row.uuid,
        error,
      });
      return {
        outcome: "unknown",
        acknowledged: false,
        error: "internal",
        message: "the transport failed; see the service's log",
      };
    });
    const duration = performance.now() - began;
    trace?.endSend(outcome.outcome, outcome.error, outcome.httpStatus);
    this.finish(row, outcome, startedAt, duration);
  }

  /** A send begins only while the lease is certainly ours. */
  private mayBegin(uuid: string): boolean {
    if (this.stopped || !this.open.has(uuid)) return false;
    const reserve = this.options.leaseSeconds * 1_000 * LEASE_RESERVE;
    if (performance.now() < this.leaseEnds - reserve) return true;
    this.lose(uuid);
    return false;
  }

  /** A message that cannot even be tried. */
  private fail(row: ClaimedMessage, error: ErrorCode, message: string): void {
    this.traces.get(row.uuid)?.endSend("not_sent", error);
    this.finish(
      row,
      { outcome: "not_sent", acknowledged: false, error, message },
      new Date().toISOString(),
      0,
    );
  }

  private finish(
    row: ClaimedMessage,
    outcome: SendOutcome,
    startedAt: string,
    duration: number,
  ): void {
    this.finished.push(toResult(row.uuid, outcome, startedAt, duration));
    this.sent.add(row.uuid);
    this.options.onProgress();
    const labels = { endpoint: row.endpoint_code, outcome: outcome.outcome };
    this.context.metrics.count("hcp_attempts_total", labels);
    this.context.metrics.observe("hcp_attempt_seconds", duration / 1_000, {
      endpoint: row.endpoint_code,
    });
    const level = outcome.outcome === "delivered" ? "info" : "warn";
    this.context.log[level]({
      event: "attempt",
      message_uuid: row.uuid,
      endpoint: row.endpoint_code,
      document_type: row.document_type,
      number: row.number,
      outcome: outcome.outcome,
      error_code: outcome.error,
      http_status: outcome.httpStatus,
      detail: outcome.message,
      duration_ms: Math.round(duration),
      trace_id: row.trace_id,
    });
    if (this.gathering) return;
    this.gathering = true;
    const one = this.reportSoon().finally(() => this.reports.delete(one));
    this.reports.add(one);
  }

  /** Reports what is finished, a few together. */
  private async reportSoon(): Promise<void> {
    await pause(REPORT_WINDOW);
    this.gathering = false;
    await this.report();
  }

  private async report(): Promise<void> {
    const results = this.finished.splice(0);
    if (results.length === 0) return;
    const start = now();
    const answers = await this.reportUntilHeard(results);
    for (const answer of answers) {
      this.traces.get(answer.uuid)?.record("report", start);
      const result = results.find((one) => one.uuid === answer.uuid);
      if (answer.next_attempt_at)
        this.options.onRetry(until(answer.next_attempt_at));
      if (answer.status === "lost_lease") this.lose(answer.uuid);
      else if (result && this.open.delete(answer.uuid)) this.settle(result);
    }
    this.options.onProgress();
  }

  private settle({ uuid, outcome }: AttemptResult): void {
    this.options.summary[outcome]++;
    this.traces.get(uuid)?.end();
  }

  /**
   * A report matters: unheard, the message is sent once more. So it is
   * repeated for as long as the leases could still be ours, and once beyond.
   */
  private async reportUntilHeard(
    results: AttemptResult[],
  ): ReturnType<SyncContext["exchange"]["report"]> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.context.exchange.report(this.options.token, results);
      } catch (error) {
        this.context.metrics.count("hcp_odoo_errors_total", {
          call: "report",
        });
        this.context.log.error({ event: "report_failed", error, attempt });
        const again = error instanceof OdooError && error.retryable;
        const late = performance.now() > this.leaseEnds;
        if (!again || late || this.options.signal.aborted) {
          for (const one of results) this.lose(one.uuid);
          return [];
        }
        await pause(Math.min(250 * 2 ** attempt, 5_000), this.options.signal);
      }
    }
  }

  /** What was not begun is due again at once, not when its lease ends. */
  private giveBack(): void {
    const done = new Set(this.finished.map((one) => one.uuid));
    for (const row of this.open.values())
      if (!done.has(row.uuid) && !this.begun.has(row.uuid))
        this.fail(row, "stopped", "the service was stopped before sending");
  }
}

/** Milliseconds until a time that Odoo tells in whole seconds. */
function until(time: string): number {
  return Date.parse(time) + 1_000 - Date.now();
}
