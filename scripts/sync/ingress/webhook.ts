/**
 * Signed webhooks as Standard Webhooks describes them
 * (https://www.standardwebhooks.com): HMAC-SHA256 over `id.timestamp.body`,
 * several signatures during a rotation, a timestamp against replays.
 *
 * The signature is computed over the bytes as they came: the specification's
 * own library reads them as UTF-8 first, under which different bytes can be
 * the same text. Tests compare with that library where both apply.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** Seconds that the sender's clock may be before or behind ours. */
export const TOLERANCE_SECONDS = 300;

/** Signatures that are looked at; a rotation needs two. */
const MAX_SIGNATURES = 20;

/** The headers of a signed request. */
export interface SignedHeaders {
  id: string;
  timestamp: string;
  /** Decoded signatures of version 1. */
  signatures: Buffer[];
}

/** True where a request claims to be signed, well or badly. */
export function looksSigned(headers: IncomingHttpHeaders): boolean {
  return headers["webhook-signature"] !== undefined;
}

/**
 * Reads the headers; needs no body.
 * @returns a sentence where they cannot be those of a request sent now
 */
export function readSignedHeaders(
  headers: IncomingHttpHeaders,
  now: number = Date.now(),
): SignedHeaders | string {
  const id = headers["webhook-id"];
  const timestamp = headers["webhook-timestamp"];
  const signature = headers["webhook-signature"];
  if (
    typeof id !== "string" ||
    typeof timestamp !== "string" ||
    typeof signature !== "string"
  )
    return "webhook-id, webhook-timestamp and webhook-signature are required";
  if (!/^[\x21-\x7e]{1,150}$/.test(id))
    return "webhook-id must be 1 to 150 printable ASCII characters";
  if (!/^\d{1,12}$/.test(timestamp))
    return "webhook-timestamp must be seconds since 1970";
  const age = Math.floor(now / 1_000) - Number(timestamp);
  if (Math.abs(age) > TOLERANCE_SECONDS)
    return `webhook-timestamp is more than ${TOLERANCE_SECONDS} seconds from our clock`;
  const signatures = signature
    .split(" ")
    .slice(0, MAX_SIGNATURES)
    .flatMap((one) => /^v1,([A-Za-z0-9+/]{43}=)$/.exec(one)?.[1] ?? [])
    .map((text) => Buffer.from(text, "base64"));
  return { id, timestamp, signatures };
}

/** True when one of the signatures was made with one of the keys. */
export function isSignedWith(
  keys: readonly Uint8Array[],
  signed: SignedHeaders,
  body: Uint8Array,
): boolean {
  let found = false;
  for (const key of keys) {
    const expected = createHmac("sha256", key)
      .update(`${signed.id}.${signed.timestamp}.`)
      .update(body)
      .digest();
    for (const signature of signed.signatures)
      if (timingSafeEqual(signature, expected)) found = true;
  }
  return found;
}
