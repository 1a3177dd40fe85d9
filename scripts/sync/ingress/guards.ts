/** Who may call, how often, and under which key. */
import { createHash, timingSafeEqual } from "node:crypto";
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
  const presented = digest(match?.[1] ?? "");
  let found = false;
  for (const token of valid)
    if (timingSafeEqual(presented, digest(token))) found = true;
  return found && match !== null;
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
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

/** A token bucket per name; full at the beginning. */
export class RateLimit {
  private readonly perSecond: number;
  private readonly burst: number;
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
    this.buckets.set(name, bucket);
    if (bucket.tokens < 1)
      return Math.ceil((1 - bucket.tokens) / this.perSecond);
    bucket.tokens -= 1;
    return 0;
  }
}
