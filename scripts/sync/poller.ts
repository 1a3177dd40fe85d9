/**
 * The poller: takes files that partners left, for transports that receive.
 *
 * Crash behaviour: a file leaves the inbox only after Odoo has committed what
 * is in it. Killed before that, the file is still there; killed in between,
 * it is read again and everything in it is a `duplicate`.
 */
import { parseOptions } from "../connectors/connector.ts";
import type { Endpoint, Envelope, MessageStatus } from "../odoo/exchange.ts";
import type { ReceivedFile } from "../transports/transport.ts";
import {
  isProblem,
  resolveEndpoint,
  type ResolvedEndpoint,
  type SyncContext,
} from "./context.ts";
import { oversizedEnvelope, toEnvelopes } from "./inbound.ts";
import { MAX_FILE_BYTES } from "./limits.ts";
import { ReceiptTrace } from "./receipt-trace.ts";
import { pause } from "../timing.ts";

/** Milliseconds between looks into the folders. */
const INTERVAL = 1_000;

/** Longest pause before a file that could not be stored is tried again. */
const MAX_FILE_BACKOFF = 300_000;

export interface PollSummary {
  files: number;
  accepted: number;
  duplicate: number;
  rejected: number;
  failed: number;
}

export class Poller {
  readonly summary: PollSummary = {
    files: 0,
    accepted: 0,
    duplicate: 0,
    rejected: 0,
    failed: 0,
  };
  private readonly context: SyncContext;
  private readonly codes: string[];
  private readonly onStored: (uuids: string[], traceparent: string) => void;
  private readonly stopping = new AbortController();
  /** Files that failed: when to look again. Lost on a restart, harmlessly. */
  private readonly failures = new Map<
    string,
    { count: number; until: number }
  >();
  /** Endpoint problems that were logged: once each is enough. */
  private readonly warned = new Set<string>();

  /**
   * @param codes endpoints to serve; empty means all
   * @param onStored told which messages wait to be processed
   */
  constructor(
    context: SyncContext,
    codes: string[],
    onStored: (uuids: string[], traceparent: string) => void,
  ) {
    this.context = context;
    this.codes = codes;
    this.onStored = onStored;
  }

  /** Looks again and again until stopped; waits out a missing Odoo. */
  async serve(): Promise<void> {
    const { signal } = this.stopping;
    let failures = 0;
    while (!signal.aborted) {
      try {
        await this.once();
        failures = 0;
      } catch (error) {
        failures++;
        this.context.metrics.count("hcp_odoo_errors_total", { call: "poll" });
        this.context.log.error({ event: "poll_failed", error });
      }
      await pause(INTERVAL * 2 ** Math.min(failures, 5), signal);
    }
  }

  /** Finishes the present file, takes no other. */
  stop(): void {
    this.stopping.abort();
  }

  /** Takes every file that waits now. @throws OdooError without endpoints */
  async once(): Promise<PollSummary> {
    for (const endpoint of await this.context.endpoints.all()) {
      if (this.stopping.signal.aborted) break;
      if (!this.isServed(endpoint)) continue;
      const resolved = resolveEndpoint(this.context.config, endpoint);
      if (isProblem(resolved)) this.warn(endpoint.code, resolved.message);
      else await this.takeFiles(endpoint, resolved);
    }
    return this.summary;
  }

  private isServed(endpoint: Endpoint): boolean {
    const wanted =
      this.codes.length === 0 || this.codes.includes(endpoint.code);
    return (
      wanted && endpoint.state === "active" && endpoint.direction !== "outbound"
    );
  }

  private warn(code: string, message: string): void {
    if (this.warned.has(message)) return;
    this.warned.add(message);
    this.context.log.error({
      event: "endpoint_unusable",
      endpoint: code,
      message,
    });
  }

  private async takeFiles(
    endpoint: Endpoint,
    resolved: ResolvedEndpoint,
  ): Promise<void> {
    const { transport } = resolved.connector;
    if (!transport.receive) return;
    let files: ReceivedFile[];
    try {
      files = await transport.receive({
        settings: resolved.settings,
        dataDir: this.context.config.dataDir,
      });
    } catch (error) {
      this.context.log.error({
        event: "inbox_unreadable",
        endpoint: endpoint.code,
        error,
      });
      return;
    }
    for (const file of files) {
      if (this.stopping.signal.aborted) return;
      await this.takeOne(endpoint, resolved, file);
    }
  }

  /** One file that cannot be stored holds up no other. */
  private async takeOne(
    endpoint: Endpoint,
    resolved: ResolvedEndpoint,
    file: ReceivedFile,
  ): Promise<void> {
    const key = `${endpoint.code}/${file.filename}`;
    const failed = this.failures.get(key);
    if (failed && performance.now() < failed.until) return;
    try {
      await this.store(endpoint, resolved, file);
      this.failures.delete(key);
    } catch (error) {
      if ((error as { code?: unknown }).code === "ENOENT") return;
      const count = (failed?.count ?? 0) + 1;
      const wait = Math.min(INTERVAL * 2 ** count, MAX_FILE_BACKOFF);
      this.failures.set(key, { count, until: performance.now() + wait });
      this.summary.failed++;
      this.context.log.error({
        event: "file_not_stored",
        endpoint: endpoint.code,
        filename: file.filename,
        error,
      });
    }
  }

  private async store(
    endpoint: Endpoint,
    resolved: ResolvedEndpoint,
    file: ReceivedFile,
  ): Promise<void> {
    const trace = new ReceiptTrace(this.context.tracing, endpoint.code);
    try {
      await this.storeTraced(endpoint, resolved, file, trace);
      trace.end();
    } catch (error) {
      trace.end(error);
      throw error;
    }
  }

  private async storeTraced(
    endpoint: Endpoint,
    resolved: ResolvedEndpoint,
    file: ReceivedFile,
    trace: ReceiptTrace,
  ): Promise<void> {
    const { traceparent } = trace;
    const read = await this.envelopes(endpoint, resolved, file, traceparent);
    const statuses = await trace.ingest(this.context, endpoint.code, read);
    const taken = statuses.filter(
      (one) =>
        one.status !== "rejected" && one.status !== "idempotency_conflict",
    );
    await file.settle(taken.length > 0 ? "archive" : "rejected");
    this.record(endpoint, file, statuses);
    const waiting = taken
      .filter((one) => one.status === "accepted" || one.state === "queued")
      .map((one) => one.message_uuid);
    if (waiting.length > 0) this.onStored(waiting, traceparent);
  }

  private async envelopes(
    endpoint: Endpoint,
    resolved: ResolvedEndpoint,
    file: ReceivedFile,
    traceparent: string,
  ): Promise<Envelope[]> {
    if (file.size > MAX_FILE_BYTES) {
      const digest = await file.digest();
      return [
        oversizedEnvelope(
          file.filename,
          file.size,
          digest,
          MAX_FILE_BYTES,
          'in the folder "rejected"',
        ),
      ];
    }
    return toEnvelopes({
      bytes: await file.read(),
      filename: file.filename,
      contentType: "",
      format: resolved.connector.format,
      parse: parseOptions(resolved.connector, endpoint),
      rules: endpoint,
      traceparent,
    });
  }

  private record(
    endpoint: Endpoint,
    file: ReceivedFile,
    statuses: MessageStatus[],
  ): void {
    this.summary.files++;
    for (const one of statuses) {
      const status =
        one.status === "accepted" || one.status === "duplicate"
          ? one.status
          : "rejected";
      this.summary[status]++;
      this.context.metrics.count("hcp_received_total", {
        endpoint: endpoint.code,
        status: one.status,
      });
    }
    this.context.log.info({
      event: "file_stored",
      endpoint: endpoint.code,
      filename: file.filename,
      statuses: statuses.map((one) => one.status),
      message_uuids: statuses.slice(0, 20).map((one) => one.message_uuid),
    });
  }
}
