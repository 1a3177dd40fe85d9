/** What an HTTP answer, or its absence, says about a document's fate. */
import type { ErrorCode } from "../../sync/errors.ts";
import type { SendOutcome } from "../transport.ts";

/** Longest text of a partner that is kept with an attempt. */
const MAX_TEXT = 500;

/** Longest pause that a partner may ask for, in seconds: one day. */
const MAX_RETRY_AFTER = 86_400;

/** Failures before a single byte of the document left. */
const NOT_SENT: Record<string, ErrorCode> = {
  ECONNREFUSED: "connection_refused",
  EHOSTUNREACH: "connection_refused",
  ENETUNREACH: "connection_refused",
  EHOSTDOWN: "connection_refused",
  UND_ERR_CONNECT_TIMEOUT: "connection_refused",
  ENOTFOUND: "dns_failed",
  EAI_AGAIN: "dns_failed",
};

const TLS =
  /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|HOSTNAME_MISMATCH|EPROTO$)/;

const TIMEOUTS = new Set(["UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT"]);

/** Outcome of a request that got no answer. */
export function classifyFailure(
  error: unknown,
  context: {
    timedOut: boolean;
    stopped: boolean;
    host: string;
    seconds: number;
  },
): SendOutcome {
  const code = failureCode(error);
  const failed = (
    outcome: "not_sent" | "unknown",
    name: ErrorCode,
    message: string,
  ): SendOutcome => ({ outcome, acknowledged: false, error: name, message });
  const before = NOT_SENT[code];
  if (before)
    return failed("not_sent", before, `${context.host} not reached (${code})`);
  if (TLS.test(code))
    return failed("not_sent", "tls_failed", `${context.host}: ${code}`);
  if (context.timedOut || TIMEOUTS.has(code))
    return failed(
      "unknown",
      "timeout",
      `${context.host} did not answer within ${context.seconds} s`,
    );
  if (context.stopped)
    return failed(
      "unknown",
      "connection_lost",
      "stopped before the partner answered",
    );
  return failed(
    "unknown",
    "connection_lost",
    `connection to ${context.host} lost (${code || "no reason given"})`,
  );
}

/** Node's code of a failure, looking through `cause` and aggregates. */
function failureCode(error: unknown): string {
  if (!(error instanceof Error)) return "";
  if (error instanceof AggregateError && error.errors.length > 0)
    return failureCode(error.errors[0]);
  const code = (error as { code?: unknown }).code;
  if (typeof code === "string") return code;
  return error.cause ? failureCode(error.cause) : "";
}

/** Outcome of an answer. */
export function classifyStatus(
  status: number,
  headers: Record<string, string | string[] | undefined>,
  body: string,
  now: number = Date.now(),
): SendOutcome {
  const httpStatus = status;
  if (status >= 200 && status < 300) {
    const reference = referenceIn(body);
    return {
      outcome: "delivered",
      acknowledged: true,
      httpStatus,
      ...(reference ? { reference } : {}),
    };
  }
  const [outcome, error] = meaning(status, body);
  const retryAfterSeconds = retryAfter(headers["retry-after"], now);
  return {
    outcome,
    acknowledged: false,
    error,
    httpStatus,
    message: `answered ${status}${textIn(body)}`,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  };
}

/** What a status other than 2xx means for the document. */
function meaning(
  status: number,
  body: string,
): ["not_sent" | "unknown", ErrorCode] {
  if (status >= 300 && status < 400) return ["not_sent", "partner_redirect"];
  if (status === 401 || status === 403 || status === 407)
    return ["not_sent", "partner_auth"];
  if (status === 408) return ["unknown", "timeout"];
  // The Idempotency-Key draft: the first request is still being worked on.
  if (status === 409) return ["unknown", "in_progress"];
  if (status === 425 || status === 429) return ["not_sent", "rate_limited"];
  if (status === 422 && /idempotency[_ -]?(key|conflict)/i.test(body))
    return ["not_sent", "key_conflict"];
  if (status === 503) return ["not_sent", "partner_unavailable"];
  if (status >= 500) return ["unknown", "partner_unavailable"];
  return ["not_sent", "partner_rejected"];
}

/** `Retry-After` in seconds: a number or an HTTP date (RFC 9110, 10.2.3). */
export function retryAfter(
  value: string | string[] | undefined,
  now: number,
): number | undefined {
  const text = (Array.isArray(value) ? value[0] : value)?.trim();
  if (!text) return undefined;
  const seconds = /^\d+$/.test(text)
    ? Number(text)
    : Math.ceil((Date.parse(text) - now) / 1_000);
  if (Number.isNaN(seconds)) return undefined;
  return Math.min(Math.max(seconds, 0), MAX_RETRY_AFTER);
}

function parsed(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body);
    return value && typeof value === "object" && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : {};
  } catch {
    return {};
  }
}

function referenceIn(body: string): string | undefined {
  const { reference } = parsed(body);
  return typeof reference === "string"
    ? printable(reference).slice(0, 100)
    : undefined;
}

/** The partner's own words: a problem's detail, else the text's beginning. */
function textIn(body: string): string {
  const { detail, title, message } = parsed(body);
  const own = [detail, message, title].find((one) => typeof one === "string");
  const text = printable(own ?? (/^\s*</.test(body) ? "" : body));
  return text ? `: ${text.slice(0, MAX_TEXT)}` : "";
}

/** On one line, without control characters. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\s]+/gu, " ").trim();
}
