/** `POST /v1/endpoints/{code}/documents`: take documents, commit, answer. */
import type { IncomingHttpHeaders } from "node:http";
import { parseOptions } from "../../connectors/connector.ts";
import { CONNECTORS } from "../../connectors/index.ts";
import type { Endpoint, Envelope, MessageStatus } from "../../odoo/exchange.ts";
import type { SyncContext } from "../context.ts";
import { toEnvelopes } from "../inbound.ts";
import type { Processor } from "../processor.ts";
import { ReceiptTrace } from "../receipt-trace.ts";
import { parseIdempotencyKey } from "./guards.ts";
import { Problem } from "./problems.ts";
import { looksSigned } from "./webhook.ts";

/** What a message looks like in an answer. */
export interface MessageView {
  message_uuid: string;
  status: string;
  state: string;
  document_type: string | null;
  number: string | null;
  errors: { code: string; message: string; path: string; line: string }[];
}

/** Body of a 202. */
export interface AcceptedBody {
  message_uuid: string;
  status: string;
  messages: MessageView[];
}

export class DocumentsRoute {
  private readonly context: SyncContext;
  private readonly processor: Processor;
  /** Keys that are being worked on in this process. */
  private readonly inProgress = new Set<string>();

  constructor(context: SyncContext, processor: Processor) {
    this.context = context;
    this.processor = processor;
  }

  /**
   * Stores what was posted; returns after Odoo's commit.
   * @param signedId `webhook-id` of a request whose signature was checked
   * @throws Problem for everything that was not taken
   */
  async post(
    code: string,
    headers: IncomingHttpHeaders,
    body: Buffer,
    signedId?: string,
  ): Promise<AcceptedBody> {
    const endpoint = await this.open(code);
    const key = keyIn(headers, signedId);
    const busy = key === undefined ? undefined : `${code} ${key}`;
    if (busy !== undefined && this.inProgress.has(busy))
      throw new Problem(
        "in_progress",
        "A request with this Idempotency-Key has not been answered yet.",
        { headers: { "retry-after": "1" } },
      );
    if (busy !== undefined) this.inProgress.add(busy);
    try {
      return await this.storeTraced(endpoint, headers, body, key);
    } finally {
      if (busy !== undefined) this.inProgress.delete(busy);
    }
  }

  private async open(code: string): Promise<Endpoint> {
    const endpoint = await this.context.endpoints.find(code);
    if (!endpoint || endpoint.direction === "outbound")
      throw new Problem("not_found", "There is no such endpoint.");
    // Suspended: documents are kept, and wait in Odoo.
    if (endpoint.state !== "active" && endpoint.state !== "suspended")
      throw new Problem(
        "endpoint_inactive",
        `Endpoint ${code} is not active yet.`,
        { headers: { "retry-after": "300" } },
      );
    return endpoint;
  }

  private async storeTraced(
    endpoint: Endpoint,
    headers: IncomingHttpHeaders,
    body: Buffer,
    key: string | undefined,
  ): Promise<AcceptedBody> {
    const trace = new ReceiptTrace(
      this.context.tracing,
      endpoint.code,
      headers.traceparent as string | undefined,
    );
    try {
      const statuses = await this.store(endpoint, headers, body, key, trace);
      const accepted = this.answer(endpoint.code, statuses, trace.traceparent);
      trace.end();
      return accepted;
    } catch (error) {
      trace.end(error);
      throw error;
    }
  }

  private async store(
    endpoint: Endpoint,
    headers: IncomingHttpHeaders,
    body: Buffer,
    key: string | undefined,
    trace: ReceiptTrace,
  ): Promise<MessageStatus[]> {
    const connector = CONNECTORS.get(endpoint.connector);
    const envelopes = await toEnvelopes({
      bytes: body,
      filename: filenameOf(headers["content-disposition"]),
      contentType: (headers["content-type"] ?? "").slice(0, 100),
      format: connector?.format ?? "json",
      parse: parseOptions(connector, endpoint),
      rules: endpoint,
      ...(key === undefined ? {} : { idempotencyKey: key }),
      traceparent: trace.traceparent,
    });
    const statuses = await trace.ingest(this.context, endpoint.code, envelopes);
    return statuses.map((one, index) => asBefore(one, envelopes[index]));
  }

  private answer(
    code: string,
    statuses: MessageStatus[],
    traceparent: string,
  ): AcceptedBody {
    const messages = statuses.map(messageView);
    for (const one of messages)
      this.context.metrics.count("hcp_received_total", {
        endpoint: code,
        status: one.status,
      });
    const taken = messages.filter((one) =>
      ["accepted", "duplicate", "waiting"].includes(one.status),
    );
    const [first] = taken;
    if (!first) throw refusal(messages);
    const fresh = taken.filter((one) => one.status === "accepted");
    if (fresh.length > 0)
      this.processor.add(
        fresh.map((one) => one.message_uuid),
        traceparent,
      );
    return {
      message_uuid: first.message_uuid,
      status: first.status,
      messages,
    };
  }
}

/**
 * The key of a request: of a signed webhook its signed id and nothing else, or
 * whoever catches one could send it again under a header of their own, which
 * no signature covers. Otherwise the partner's.
 * @throws Problem for a signed webhook that names another key, which would
 *   have no effect
 */
function keyIn(
  headers: IncomingHttpHeaders,
  signedId: string | undefined,
): string | undefined {
  const named = parseIdempotencyKey(headers["idempotency-key"]);
  if (signedId === undefined) {
    if (named !== undefined || !looksSigned(headers)) return named;
    return parseIdempotencyKey(headers["webhook-id"]);
  }
  if (named !== undefined && named !== signedId)
    throw new Problem(
      "bad_request",
      "A signed webhook's key is its webhook-id: leave Idempotency-Key out, or send the same in both.",
    );
  return signedId;
}

/**
 * The same answer as the first time: what could not be read then cannot be
 * read now, unless a person has let it take effect meanwhile.
 */
function asBefore(
  one: MessageStatus,
  envelope: Envelope | undefined,
): MessageStatus {
  const again = one.status === "duplicate" && one.state === "rejected";
  const unreadable =
    envelope?.document === null ||
    envelope?.diagnostics.some(
      (found) => (found as { level?: unknown }).level === "error",
    );
  return again && unreadable ? { ...one, status: "rejected" } : one;
}

/** Nothing was taken: kept as evidence in Odoo, and refused to the sender. */
function refusal(messages: MessageView[]): Problem {
  const [first] = messages;
  const extra = {
    message_uuid: first?.message_uuid,
    errors: messages.flatMap((one) => one.errors).slice(0, 50),
    messages,
  };
  if (messages.some((one) => one.status === "idempotency_conflict"))
    return new Problem(
      "idempotency_conflict",
      "This Idempotency-Key was used for another document before.",
      { extra },
    );
  const schema = messages.some((one) =>
    one.errors.some((error) => error.code === "schema"),
  );
  const why = first?.errors[0]?.message ?? "no document was found";
  return new Problem(schema ? "schema" : "unparseable", why, { extra });
}

/** A message as partners see it. */
export function messageView(one: MessageStatus): MessageView {
  return {
    message_uuid: one.message_uuid,
    status: one.status,
    state: one.state,
    document_type: one.document_type || null,
    number: one.number || null,
    errors: one.errors.map((error) => ({
      code: error.code,
      message: error.message,
      path: error.path || "",
      line: String(error.line || ""),
    })),
  };
}

/** File name of a `Content-Disposition`, without any folder. */
function filenameOf(header: string | undefined): string {
  const match = /filename="?([^";]+)"?/i.exec(header ?? "");
  const name = match?.[1]?.split(/[\\/]/).at(-1) ?? "";
  return name.replace(/[^\w. -]/g, "_").slice(0, 120);
}
