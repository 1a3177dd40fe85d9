/**
 * Asks Odoo to process what was stored, right away. Odoo does it by itself a
 * little later, so whatever is lost here is only delayed.
 */
import type { MessageStatus } from "../odoo/exchange.ts";
import type { SyncContext } from "./context.ts";

/** Messages per call. */
const BATCH = 20;

export class Processor {
  private readonly context: SyncContext;
  private readonly waiting = new Set<string>();
  private working: Promise<void> | undefined;
  private stopped = false;

  constructor(context: SyncContext) {
    this.context = context;
  }

  /** Queues messages; returns at once. */
  add(uuids: string[]): void {
    for (const uuid of uuids) this.waiting.add(uuid);
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
      const uuids = [...this.waiting].slice(0, BATCH);
      for (const uuid of uuids) this.waiting.delete(uuid);
      try {
        for (const one of await this.context.exchange.process(uuids))
          this.record(one);
      } catch (error) {
        this.context.metrics.count("hcp_odoo_errors_total", {
          call: "process",
        });
        this.context.log.error({ event: "process_failed", error });
      }
    }
    this.working = undefined;
  }

  private record(one: MessageStatus): void {
    const rejected = one.status === "rejected";
    this.context.log[rejected ? "warn" : "info"]({
      event: "processed",
      message_uuid: one.message_uuid,
      document_type: one.document_type,
      number: one.number,
      status: one.status,
      state: one.state,
      errors: one.errors.map((error) => error.code),
      exceptions: one.exceptions,
    });
  }
}
