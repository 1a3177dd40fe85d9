/**
 * The values of the Standard Webhooks' own tests, read in place, and the
 * specification's library beside our check.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";

import {
  TOLERANCE_SECONDS,
  isSignedWith,
  readSignedHeaders,
} from "../../scripts/sync/ingress/webhook.ts";

const corpus = process.env["HCP_CORPUS"] ?? join("..", "shared", "corpus");
const file = join(corpus, "webhooks", "standard-webhooks-vectors.json");

interface Vector {
  secret: string;
  id: string;
  timestamp: number;
  payload: string;
  signature: string;
}

const { sign = [], verify = [] } = existsSync(file)
  ? (JSON.parse(readFileSync(file, "utf8")) as {
      sign: Vector[];
      verify: [string, string][];
    })
  : {};

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const KEY = keyOf(SECRET);
const PAYLOAD = '{"test": 2432232314}';

function keyOf(secret: string): Buffer {
  return Buffer.from(secret.replace("whsec_", ""), "base64");
}

/** Our verdict. */
function accepted(
  headers: Record<string, string>,
  payload: string,
  now = Date.now(),
): boolean {
  const signed = readSignedHeaders(headers, now);
  if (typeof signed === "string") return false;
  return isSignedWith([KEY], signed, Buffer.from(payload));
}

/** The library's verdict. */
function acceptedByLibrary(
  headers: Record<string, string>,
  payload: string,
): boolean {
  try {
    new Webhook(SECRET).verify(payload, headers);
    return true;
  } catch {
    return false;
  }
}

function headersAt(seconds: number): Record<string, string> {
  const id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
  return {
    "webhook-id": id,
    "webhook-timestamp": String(seconds),
    "webhook-signature": new Webhook(SECRET).sign(
      id,
      new Date(seconds * 1_000),
      PAYLOAD,
    ),
  };
}

const now = () => Math.floor(Date.now() / 1_000);
const fresh = () => headersAt(now());
const signature = () => fresh()["webhook-signature"] ?? "";

/** Each case of the corpus' list, made as it says. */
const CASES: Record<string, () => [Record<string, string>, string]> = {
  "valid now": () => [fresh(), PAYLOAD],
  "several space-delimited signatures, one right": () => [
    {
      ...fresh(),
      "webhook-signature": `v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= v2,x ${signature()}`,
    },
    PAYLOAD,
  ],
  "timestamp now-301s": () => [
    headersAt(now() - TOLERANCE_SECONDS - 1),
    PAYLOAD,
  ],
  // A second may pass between making the request and looking at it.
  "timestamp now+301s": () => [
    headersAt(now() + TOLERANCE_SECONDS + 2),
    PAYLOAD,
  ],
  "payload with one byte added": () => [fresh(), `${PAYLOAD} `],
  "webhook-id missing": () => {
    const { "webhook-id": _id, ...headers } = fresh();
    return [headers, PAYLOAD];
  },
  "truncated signature": () => [
    { ...fresh(), "webhook-signature": signature().slice(0, 8) },
    PAYLOAD,
  ],
};

/** Of the library's constructor; Odoo refuses such a secret when it is typed. */
const OF_THE_SECRET = 'empty secret / "whsec_"';

describe("Standard Webhooks' own values", () => {
  it(`are in ${corpus}/webhooks`, () => {
    expect(sign.length).toBeGreaterThan(0);
    expect(verify.map(([name]) => name).sort()).toEqual(
      [...Object.keys(CASES), OF_THE_SECRET].sort(),
    );
  });

  it.each(sign)("signature of $secret", (vector) => {
    const headers = {
      "webhook-id": vector.id,
      "webhook-timestamp": String(vector.timestamp),
      "webhook-signature": vector.signature,
    };
    const signed = readSignedHeaders(headers, vector.timestamp * 1_000);
    expect(signed).not.toBeTypeOf("string");
    if (typeof signed === "string") return;
    const key = keyOf(vector.secret);
    const body = Buffer.from(vector.payload);
    expect(isSignedWith([key], signed, body)).toBe(true);
    expect(isSignedWith([Buffer.alloc(24)], signed, body)).toBe(false);
    expect(isSignedWith([Buffer.alloc(24), key], signed, body)).toBe(true);
    expect(isSignedWith([], signed, body)).toBe(false);
  });

  it.each(verify.filter(([name]) => name !== OF_THE_SECRET))(
    "%s: %s",
    (name, verdict) => {
      const [headers, payload] = CASES[name]?.() ?? [{}, ""];
      expect(acceptedByLibrary(headers, payload)).toBe(verdict === "accept");
      expect(accepted(headers, payload)).toBe(verdict === "accept");
    },
  );
});
