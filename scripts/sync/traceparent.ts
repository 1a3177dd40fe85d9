/** `traceparent` (W3C Trace Context): trace, span and flags in one header. */
import { randomBytes } from "node:crypto";

/** Version 00 has these four parts, a later one may have more behind them. */
const FORM =
  /^(?!ff|00-.{52}-)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** Something that is not zeros only: those mean "none". */
const SOMETHING = /[^0]/;

/** Its parts; undefined for an invalid one. */
export function parseTraceparent(
  value: string | false | undefined,
): { traceId: string; spanId: string; flags: number } | undefined {
  const [, traceId = "", spanId = "", flags = "00"] =
    FORM.exec((value || "").trim()) ?? [];
  return SOMETHING.test(traceId) && SOMETHING.test(spanId)
    ? { traceId, spanId, flags: Number.parseInt(flags, 16) }
    : undefined;
}

/** Puts one together, in the version 00 of the format. */
export function formatTraceparent(
  traceId: string,
  spanId: string,
  flags: number,
): string {
  return `00-${traceId}-${spanId}-${flags.toString(16).padStart(2, "0")}`;
}

/** A new span of a trace; an invalid trace id starts a new trace. */
export function newTraceparent(traceId?: string | false): string {
  const valid =
    /^[0-9a-f]{32}$/.test(traceId || "") && SOMETHING.test(traceId || "");
  const id = valid && traceId ? traceId : randomBytes(16).toString("hex");
  return formatTraceparent(id, randomBytes(8).toString("hex"), 1);
}

/** A received one as version 00, or a new trace for anything invalid. */
export function acceptTraceparent(value: string | undefined): string {
  const parsed = parseTraceparent(value);
  if (!parsed) return newTraceparent();
  return formatTraceparent(parsed.traceId, parsed.spanId, parsed.flags & 1);
}
