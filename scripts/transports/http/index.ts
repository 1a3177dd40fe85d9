/** Transport `http`: one POST per document, with the message's own key. */
import { request, type Dispatcher } from "undici";
import {
  type Payload,
  type SendContext,
  type SendOutcome,
  type Transport,
} from "../transport.ts";
import { classifyFailure, classifyStatus } from "./classify.ts";
import { documentsUrl, PARTNER_AGENT } from "./partner.ts";
import { probe } from "./probe.ts";

/** Seconds until a partner's answer is given up, unless the endpoint says. */
const DEFAULT_TIMEOUT_SECONDS = 30;

/** What is read of an answer: enough for a problem document. */
const MAX_ANSWER_BYTES = 64 * 1024;

export const transport: Transport = {
  id: "http",
  settings: {
    base_url: {
      title: "Address",
      description: "The partner's API, beginning with https://.",
      type: "string",
      format: "uri",
      pattern: "^https?://",
    },
    base_url_setting: {
      title: "Address By Name",
      description:
        "Instead of an address: the integration service knows it by this name (sandbox).",
      enum: ["sandbox_a"],
    },
    path: {
      title: "Path of Documents",
      description: "Where documents are posted, below the address; /documents.",
      type: "string",
      pattern: "^/[A-Za-z0-9._~/-]*$",
      maxLength: 200,
    },
    timeout_seconds: {
      title: "Time-out (seconds)",
      description: "How long an answer is waited for; 30.",
      type: "number",
      exclusiveMinimum: 0,
      maximum: 300,
    },
  },
  required: ["base_url"],
  credentials: {
    outbound: ["bearer"],
    inbound: ["bearer", "oauth_client", "webhook_secret"],
  },
  check: (settings) =>
    settings.base_url_setting === undefined
      ? checkEncrypted(String(settings.base_url))
      : undefined,
  send,
  probe,
};

/** Documents leave this machine only encrypted; loopback is this machine. */
function checkEncrypted(address: string): string | undefined {
  if (!URL.canParse(address)) return `base_url: ${address} is not an address`;
  const url = new URL(address);
  if (url.username || url.password)
    return "base_url: credentials do not belong into an address";
  const loopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  return url.protocol === "https:" || loopback
    ? undefined
    : "base_url: must begin with https:// (http is for this machine only)";
}

async function send(
  payload: Payload,
  context: SendContext,
): Promise<SendOutcome> {
  const { settings } = context;
  const url = documentsUrl(settings);
  const seconds = Number(settings.timeout_seconds ?? DEFAULT_TIMEOUT_SECONDS);
  const limit = AbortSignal.timeout(seconds * 1_000);
  let answer: Dispatcher.ResponseData;
  try {
    answer = await request(url, {
      method: "POST",
      dispatcher: PARTNER_AGENT,
      headersTimeout: seconds * 1_000,
      signal: AbortSignal.any([context.signal, limit]),
      headers: {
        "content-type": payload.contentType,
        accept: "application/json, application/problem+json",
        "user-agent": "healthcare-procurement-suite",
        // A structured-field string, as the Idempotency-Key draft has it.
        "idempotency-key": `"${context.idempotencyKey}"`,
        traceparent: context.traceparent,
        ...(context.bearer
          ? { authorization: `Bearer ${context.bearer}` }
          : {}),
      },
      body: Buffer.from(payload.bytes),
    });
  } catch (error) {
    return classifyFailure(error, {
      timedOut: limit.aborted,
      stopped: context.signal.aborted,
      host: new URL(url).host,
      seconds,
    });
  }
  const body = withoutSecret(await readAnswer(answer), context.bearer);
  const outcome = classifyStatus(answer.statusCode, answer.headers, body);
  const { message } = outcome;
  return message === undefined
    ? outcome
    : { ...outcome, message: withoutSecret(message, context.bearer) };
}

/** What the partner says is kept and logged, and some repeat the token. */
function withoutSecret(text: string, bearer: string | undefined): string {
  return bearer ? text.replaceAll(bearer, "[redacted]") : text;
}

/** The beginning of the body; a broken one changes nothing: the status counts. */
async function readAnswer(answer: Dispatcher.ResponseData): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of answer.body) {
      chunks.push(chunk as Buffer);
      size += (chunk as Buffer).length;
      if (size >= MAX_ANSWER_BYTES) break;
    }
  } catch {
    answer.body.destroy();
  }
  return Buffer.concat(chunks).subarray(0, MAX_ANSWER_BYTES).toString("utf8");
}
