/** How often one may call, under which key, with what. */
import { timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { digestOf } from "../credentials.ts";
import { Problem } from "./problems.ts";

/**
 * Compares a presented bearer token with those that are valid, in a time that
 * depends on neither. Digests are compared, for they have one length.
 */
export function isValidBearer(
  authorization: string | undefined,
  valid: string[],
): boolean {
  const match = /^Bearer +([^\s]+) *$/i.exec(authorization ?? "");
  const presented = digestOf(match?.[1] ?? "");
  let found = false;
  for (const token of valid)
    if (timingSafeEqual(presented, digestOf(token))) found = true;
  return found && match !== null;
}

/**
 * The partner's key: a structured-field string as in the Idempotency-Key
 * draft, or the bare text that many clients send.
 * @throws Problem for one that cannot be kept
 */
export function parseIdempotencyKey(
  header: string | string[] | undefined,
): string | undefined {
  if (header === undefined) return undefined;
  const text = String(header).trim();
  const quoted = /^"((?:[^"\\]|\\["\\])*)"$/.exec(text);
  const key = quoted ? (quoted[1] ?? "").replace(/\\(.)/g, "$1") : text;
  const unbalanced = !quoted && text.includes('"');
  if (unbalanced || !/^[\x21-\x7e]{1,150}$/.test(key))
    throw new Problem(
      "bad_request",
      "Idempotency-Key must be 1 to 150 printable ASCII characters without spaces.",
    );
  return key;
}

/** Names that a rate limit remembers; a stranger cannot make it grow further. */
const MAX_BUCKETS = 10_000;

/** A token bucket per name; full at the beginning. */
export class RateLimit {
  private readonly perSecond: number;
  private readonly burst: number;
  /** The name used longest ago comes first. */
  private readonly buckets = new Map<string, { tokens: number; at: number }>();

  constructor(perSecond: number, burst: number) {
    this.perSecond = perSecond;
    this.burst = burst;
  }

  /** @returns 0 when allowed, else the seconds to wait (at least 1) */
  take(name: string, now: number = performance.now()): number {
    const bucket = this.buckets.get(name) ?? { tokens: this.burst, at: now };
    const gained = ((now - bucket.at) / 1_000) * this.perSecond;
    bucket.tokens = Math.min(this.burst, bucket.tokens + gained);
    bucket.at = now;
    this.buckets.delete(name);
    this.buckets.set(name, bucket);
    const [oldest] = this.buckets.keys();
    if (this.buckets.size > MAX_BUCKETS && oldest !== undefined)
      this.buckets.delete(oldest);
    if (bucket.tokens < 1)
      return Math.ceil((1 - bucket.tokens) / this.perSecond);
    bucket.tokens -= 1;
    return 0;
  }
}

/** Media types under which documents come; what is in the bytes decides. */
const MEDIA_TYPES =
  /^(application\/(json|xml|edi-x12|edifact|edi-consent|octet-stream|cxml|pdf|zip|[\w.+-]+\+(json|xml))|text\/(plain|csv|xml|json|x12|edifact))$/;

/** For people and for the header `Accept-Post`. */
const ACCEPTED =
  "application/json, application/xml, application/edi-x12, application/edifact, application/octet-stream, text/csv, text/plain";

/**
 * Refuses what cannot be a document by its header: forms, pages, pictures and
 * compressed bodies. No type at all is fine.
 * @throws Problem
 */
export function checkMediaType(headers: IncomingHttpHeaders): void {
  const coding = headers["content-encoding"]?.trim().toLowerCase();
  if (coding && coding !== "identity")
    throw new Problem(
      "unsupported_media_type",
      "Compressed bodies are not taken; send the bytes as they are.",
      { headers: { "accept-encoding": "identity" } },
    );
  const type = headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
  if (type && !MEDIA_TYPES.test(type))
    throw new Problem(
      "unsupported_media_type",
      `Documents do not come as ${type.slice(0, 80)}. Send one of ${ACCEPTED}.`,
      { headers: { "accept-post": ACCEPTED } },
    );
}
