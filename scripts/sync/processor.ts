/**
 * Asks Odoo to process what was stored, right away. Odoo does it by itself a
 * little later, so whatever is lost here is only delayed.
 */
import type { MessageStatus } from "../odoo/exchange.ts";
import type { SyncContext } from "./context.ts";
import { parseTraceparent } from "./traceparent.ts";
import { SpanKind, now } from "./tracing.ts";

/** Messages per call. */
const BATCH = 20;

export class Processor {
  private readonly context: SyncContext;
  /** Message to the `traceparent` that it was stored with. */
  private readonly waiting = new Map<string, string>();
  private working: Promise<void> | undefined;
  private stopped = false;

  constructor(context: SyncContext) {
    this.context = context;
  }

  /**
   * Queues messages; returns at once.
   * @param traceparent where in a trace they were received
   */
  add(uuids: string[], traceparent: string): void {
    for (const uuid of uuids) this.waiting.set(uuid, traceparent);
    this.working ??= this.work();
  }

  /** Waits until nothing is queued. */
  async idle(): Promise<void> {
    while (this.working) await this.working;
  }

  /** Finishes the present call; the rest is Odoo's. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.working;
  }

  private async work(): Promise<void> {
    while (this.waiting.size > 0 && !this.stopped) {
      const batch = [...this.waiting].slice(0, BATCH);
      const uuids = batch.map(([uuid]) => uuid);
      for (const uuid of uuids) this.waiting.delete(uuid);
      const start = now();
      try {
        const answers = await this.context.exchange.process(uuids);
        answers.forEach((one, index) =>
          this.record(one, batch[index]?.[1], start),
        );
      } catch (error) {
        this.context.metrics.count("hcp_odoo_errors_total", {
          call: "process",
        });
        this.context.log.error({ event: "process_failed", error });
      }
    }
    this.working = undefined;
  }

  private record(
    one: MessageStatus,
    parent: string | undefined,
    start: number,
  ): void {
    const rejected = one.status === "rejected";
    this.context.tracing.record("process", now(), {
      parent,
      start,
      kind: SpanKind.CLIENT,
      attributes: {
        "hcp.message.uuid": one.message_uuid,
        "hcp.document.type": one.document_type || "",
        "hcp.document.number": one.number || "",
        "hcp.status": one.status,
      },
    });
    this.context.log[rejected ? "warn" : "info"]({
      event: "processed",
      message_uuid: one.message_uuid,
      document_type: one.document_type,
      number: one.number,
      status: one.status,
      state: one.state,
      errors: one.errors.map((error) => error.code),
      exceptions: one.exceptions,
      trace_id: parseTraceparent(parent)?.traceId,
    });
  }
}
