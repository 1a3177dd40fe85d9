/** What goes to Odoo about one attempt: bytes before it, its end after it. */
import { createHash } from "node:crypto";
import type {
  AttemptResult,
  ClaimedMessage,
  Rendered,
} from "../odoo/exchange.ts";
import type { Payload, SendOutcome } from "../transports/transport.ts";
import { errorEntry } from "./errors.ts";

/** What a message takes in memory, roughly: its text, parsed and as it came. */
export function sizeOf(row: ClaimedMessage): number {
  const payload = row.payload === false ? 0 : row.payload.length;
  return payload + JSON.stringify(row.document).length;
}

/** Digest of bytes, in hex. */
export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Bytes as `stage` takes them. */
export function toRendered(uuid: string, payload: Payload): Rendered {
  return {
    uuid,
    payload: Buffer.from(payload.bytes).toString("base64"),
    payload_sha256: sha256(payload.bytes),
    filename: payload.filename,
    content_type: payload.contentType,
  };
}

/**
 * How an attempt ended, as `report` takes it.
 * @param startedAt ISO 8601
 * @param duration milliseconds
 */
export function toResult(
  uuid: string,
  outcome: SendOutcome,
  startedAt: string,
  duration: number,
): AttemptResult {
  const entry = outcome.error ? errorEntry(outcome.error) : undefined;
  return {
    uuid,
    outcome: outcome.outcome,
    acknowledged: outcome.acknowledged,
    error_code: outcome.error ?? false,
    error_kind: entry?.kind ?? false,
    retryable: entry?.retryable ?? false,
    message: outcome.message ?? false,
    http_status: outcome.httpStatus ?? false,
    started_at: startedAt,
    duration_ms: Math.round(duration),
    retry_after_seconds: outcome.retryAfterSeconds ?? false,
    partner_reference: outcome.reference ?? false,
  };
}
