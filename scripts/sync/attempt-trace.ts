/**
 * The spans of one attempt: `queue` (Odoo's, once) → `attempt` → `wait`,
 * `render`, `stage`, `send`, `report`.
 */
import type { Span } from "@opentelemetry/api";
import type { ClaimedMessage } from "../odoo/exchange.ts";
import { newTraceparent } from "./traceparent.ts";
import {
  SpanKind,
  markFailed,
  now,
  traceparentOf,
  type Tracing,
} from "./tracing.ts";

export class AttemptTrace {
  private readonly tracing: Tracing;
  private readonly row: ClaimedMessage;
  private readonly attempt: Span | undefined;
  private sending: Span | undefined;

  /** @param claimedAt milliseconds since 1970 at which the claim came back */
  constructor(tracing: Tracing, row: ClaimedMessage, claimedAt: number) {
    this.tracing = tracing;
    this.row = row;
    if (!tracing.enabled) return;
    const attributes = {
      "hcp.message.uuid": row.uuid,
      "hcp.endpoint": row.endpoint_code,
      "hcp.document.type": row.document_type,
      "hcp.document.number": row.number,
    };
    const parent = row.traceparent;
    const queuedAt = Date.parse(row.created_at || "") || claimedAt;
    if (parent && row.attempt_count === 0)
      tracing.recordPinned(`queue ${row.document_type}`, parent, {
        kind: SpanKind.PRODUCER,
        start: queuedAt,
        attributes,
      });
    this.attempt = tracing.begin("attempt", {
      parent,
      kind: SpanKind.CONSUMER,
      start: claimedAt,
      attributes: { ...attributes, "hcp.attempt": row.attempt_count + 1 },
    });
    // How long it lay there; of a repeated attempt only the first part is new.
    if (row.attempt_count === 0)
      tracing.record("wait", Math.max(claimedAt, queuedAt), {
        parent,
        start: queuedAt,
      });
  }

  /** A step that is over, of this message or of several at once. */
  record(step: "render" | "stage" | "report", start: number): void {
    if (!this.attempt) return;
    const parent = traceparentOf(this.attempt);
    const kind = step === "render" ? SpanKind.INTERNAL : SpanKind.CLIENT;
    this.tracing.record(step, now(), { parent, start, kind });
  }

  /** The send begins. @returns the `traceparent` that the partner is given */
  beginSend(): string {
    if (!this.attempt) return newTraceparent(this.row.trace_id);
    this.sending = this.tracing.begin("send", {
      parent: traceparentOf(this.attempt),
      kind: SpanKind.CLIENT,
    });
    return this.sending
      ? traceparentOf(this.sending)
      : newTraceparent(this.row.trace_id);
  }

  /** The send has ended. */
  endSend(outcome: string, error?: string, httpStatus?: number): void {
    this.attempt?.setAttribute("hcp.outcome", outcome);
    if (httpStatus !== undefined)
      this.sending?.setAttribute("http.response.status_code", httpStatus);
    if (error) {
      markFailed(this.sending, error);
      markFailed(this.attempt, error);
    }
    this.sending?.end();
    this.sending = undefined;
  }

  /** The attempt is over: reported, or no longer ours. */
  end(lost = false): void {
    if (lost) markFailed(this.attempt, "lease_lost");
    this.sending?.end();
    this.attempt?.end();
  }
}
