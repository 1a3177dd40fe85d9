/** The spans of a receipt: `receive` → `ingest`, `process`. */
import type { Span } from "@opentelemetry/api";
import type { Envelope, MessageStatus } from "../odoo/exchange.ts";
import type { SyncContext } from "./context.ts";
import { inChunks } from "./inbound.ts";
import { acceptTraceparent } from "./traceparent.ts";
import {
  SpanKind,
  markFailed,
  now,
  traceparentOf,
  type Tracing,
} from "./tracing.ts";

export class ReceiptTrace {
  /** What the messages are stored with. */
  readonly traceparent: string;
  private readonly tracing: Tracing;
  private readonly span: Span | undefined;

  /** @param header `traceparent` of whoever sent it; a new trace without one */
  constructor(tracing: Tracing, endpoint: string, header?: string) {
    this.tracing = tracing;
    const parent = acceptTraceparent(header);
    this.span = tracing.begin("receive", {
      // Without a sender's span there is none above ours.
      parent: header === undefined ? false : parent,
      kind: SpanKind.SERVER,
      attributes: { "hcp.endpoint": endpoint },
    });
    this.traceparent = this.span ? traceparentOf(this.span) : parent;
  }

  /**
   * Stores envelopes, in portions that Odoo takes.
   * @throws OdooError when Odoo does not; what was stored stays
   */
  async ingest(
    context: SyncContext,
    endpoint: string,
    envelopes: Envelope[],
  ): Promise<MessageStatus[]> {
    const statuses: MessageStatus[] = [];
    for (const chunk of inChunks(envelopes)) {
      const start = now();
      statuses.push(...(await context.exchange.ingest(endpoint, chunk)));
      this.tracing.record("ingest", now(), {
        parent: this.traceparent,
        kind: SpanKind.CLIENT,
        start,
        attributes: { "hcp.documents": chunk.length },
      });
    }
    return statuses;
  }

  /** It is over. @param error why nothing was taken */
  end(error?: unknown): void {
    if (error !== undefined)
      markFailed(this.span, error instanceof Error ? error.name : "error");
    this.span?.end();
  }
}
