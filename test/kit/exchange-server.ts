/**
 * The exchange protocol over real HTTP (JSON-2), in memory, with faults on
 * demand: what a real Odoo cannot be made to do at a given moment, such as
 * losing one answer. Whether Odoo itself keeps the protocol is tested with a
 * real Odoo, in test/integration and in the addon.
 */
import { createHash, randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import { HttpPartner, reply, type ReceivedRequest } from "./http-partner.ts";

/** A message as the stand-in keeps it. */
export interface StoredMessage {
  uuid: string;
  direction: "inbound" | "outbound";
  endpoint_code: string;
  state: string;
  document_type: string;
  number: string;
  document: Record<string, unknown> | null;
  idempotency_key: string;
  raw_sha256: string;
  payload: string | false;
  payload_sha256: string | false;
  filename: string | false;
  content_type: string | false;
  token: string | false;
  leased_until: number;
  attempts: Record<string, unknown>[];
  traceparent?: string;
  diagnostics: unknown[];
  errors: { code: string; message: string; path: string; line: string }[];
}

export interface StandInEndpoint {
  code: string;
  connector: string;
  settings: Record<string, unknown>;
  state?: string;
  direction?: string;
  authentication?: string[];
}

/** A command as the stand-in keeps it. */
export interface StoredCommand {
  uuid: string;
  kind: string;
  arguments: Record<string, unknown>;
  endpoint_code: string;
  state: string;
  token: string | false;
  leased_until: number;
  attempt_count: number;
  result: Record<string, unknown>;
  message: string;
}

/** What `sealed` answers. */
export interface StandInCredentials {
  active_key_id: string | false;
  managed: { endpoint_code: string; direction: string }[];
  credentials: Record<string, unknown>[];
}

type Args = Record<string, unknown>;

/** Return `lose` to do the work and drop the answer, `fail` for a 500. */
export type Fault = (method: string, args: Args) => "lose" | "fail" | undefined;

/** What Odoo tells about an endpoint. */
function entry(endpoint: StandInEndpoint): Record<string, unknown> {
  return {
    name: endpoint.code,
    state: "active",
    direction: "both",
    test: false,
    expects_functional_ack: false,
    ...endpoint,
  };
}

export class ExchangeServer {
  readonly messages: StoredMessage[] = [];
  readonly commands: StoredCommand[] = [];
  readonly calls: { method: string; args: Args }[] = [];
  endpoints: StandInEndpoint[] = [];
  credentials: StandInCredentials = {
    active_key_id: false,
    managed: [],
    credentials: [],
  };
  gauges: Record<string, unknown>[] = [];
  fault: Fault = () => undefined;
  /** Every call is answered 403, as to an account without rights. */
  refuse = false;
  url = "";
  private readonly server = new HttpPartner();

  async start(): Promise<string> {
    this.server.answer = (request, response, socket) => {
      const [model, name] = request.path.split("/").slice(-2);
      const onCommands = model === "healthcare.exchange.command";
      const method = onCommands ? `command.${name ?? ""}` : (name ?? "");
      if (request.headers.authorization !== "bearer key") {
        reply(401, { name: "AccessDenied", message: "Invalid apikey" })(
          request,
          response,
          socket,
        );
        return;
      }
      if (this.refuse)
        reply(403, { name: "odoo.exceptions.AccessError", message: "no" })(
          request,
          response,
          socket,
        );
      else this.answer(method, request, response);
    };
    this.url = await this.server.start();
    return this.url;
  }

  stop(): Promise<void> {
    return this.server.stop();
  }

  /** Queues an outbound message, as Odoo does when an order is confirmed. */
  queue(
    endpoint: string,
    document: Record<string, unknown>,
    changes: Partial<StoredMessage> = {},
  ): StoredMessage {
    const message: StoredMessage = {
      uuid: randomUUID(),
      direction: "outbound",
      endpoint_code: endpoint,
      state: "queued",
      document_type: String(document.document_type),
      number: String(document.number),
      document,
      idempotency_key: `key-${this.messages.length + 1}`,
      raw_sha256: "",
      payload: false,
      payload_sha256: false,
      filename: false,
      content_type: false,
      token: false,
      leased_until: 0,
      attempts: [],
      diagnostics: [],
      errors: [],
      ...changes,
    };
    this.messages.push(message);
    return message;
  }

  /** Asks for something, as a button in Odoo does. */
  ask(
    endpoint: string,
    kind: string,
    given: Record<string, unknown> = {},
  ): StoredCommand {
    const command: StoredCommand = {
      uuid: randomUUID(),
      kind,
      arguments: given,
      endpoint_code: endpoint,
      state: "queued",
      token: false,
      leased_until: 0,
      attempt_count: 0,
      result: {},
      message: "",
    };
    this.commands.push(command);
    return command;
  }

  private answer(
    method: string,
    request: ReceivedRequest,
    response: ServerResponse,
  ): void {
    const args = JSON.parse(request.body.toString()) as Args;
    this.calls.push({ method, args });
    const fault = this.fault(method, args);
    const broken = { name: "builtins.Exception", message: "broken" };
    const failed = reply(500, { ...broken, debug: "Traceback: secret" });
    if (fault === "fail") {
      failed(request, response, request as never);
      return;
    }
    const result = this.run(method, args);
    if (fault === "lose") response.destroy();
    else reply(200, result)(request, response, request as never);
  }

  private run(method: string, args: Args): unknown {
    switch (method) {
      case "endpoints":
        return this.endpoints.map(entry);
      case "command.claim":
        return this.claimCommands(args);
      case "command.extend":
        return { uuids: [] };
      case "command.report":
        return this.reportCommands(args);
      case "claim":
        return this.claim(args);
      case "stage":
        return this.stage(args);
      case "extend":
        return this.extend(args);
      case "report":
        return this.report(args);
      case "ingest":
        return this.ingest(args);
      case "process":
      case "status":
        return (args.uuids as string[]).map((uuid) => this.status(uuid));
      case "sealed":
        return this.credentials;
      case "reseal":
        return this.reseal(args.rewraps as Record<string, unknown>[]);
      case "gauges":
        return this.gauges;
      case "wake_channel":
        return "channel";
      case "seen":
      case "gone":
        return true;
      default:
        throw new Error(`stand-in: no method ${method}`);
    }
  }

  private claimCommands(args: Args): unknown[] {
    const now = Date.now();
    const token = String(args.lease_token);
    const taken = this.commands.filter(
      (one) =>
        one.state === "queued" ||
        (one.state === "leased" &&
          (one.token === token || one.leased_until < now)),
    );
    return taken.slice(0, args.limit as number).map((one) => {
      if (one.token !== token) one.attempt_count++;
      one.state = "leased";
      one.token = token;
      one.leased_until = now + (args.lease_seconds as number) * 1_000;
      const endpoint = this.endpoints.find((e) => e.code === one.endpoint_code);
      return { ...one, endpoint: endpoint && entry(endpoint) };
    });
  }

  private reportCommands(args: Args): unknown[] {
    return (args.results as StoredCommand[]).map(({ uuid, ...said }) => {
      const command = this.commands.find((one) => one.uuid === uuid);
      if (command?.token !== args.lease_token)
        return { uuid, status: "lost_lease", state: false };
      Object.assign(command ?? {}, said, { token: false });
      return { uuid, status: "recorded", state: said.state };
    });
  }

  private reseal(rewraps: Record<string, unknown>[]): unknown[] {
    return rewraps.map((rewrap) => {
      const row = this.credentials.credentials.find(
        (one) =>
          one.uuid === rewrap.uuid && one.sealed === rewrap.sealed_before,
      );
      if (row) Object.assign(row, { ...rewrap, sealed_before: undefined });
      return { uuid: rewrap.uuid, status: row ? "resealed" : "changed" };
    });
  }

  private held(token: unknown): StoredMessage[] {
    return this.messages.filter(
      (one) => one.state === "leased" && one.token === token,
    );
  }

  private claim(args: Args): unknown[] {
    const codes = args.endpoint_codes as string[];
    const now = Date.now();
    const before = this.held(args.lease_token);
    const due = this.messages.filter(
      (one) =>
        one.direction === "outbound" &&
        (codes.length === 0 || codes.includes(one.endpoint_code)) &&
        (one.state === "queued" ||
          (one.state === "leased" && one.leased_until < now)),
    );
    const rows = before.length ? before : due.slice(0, args.limit as number);
    for (const one of rows) {
      one.state = "leased";
      one.token = String(args.lease_token);
      one.leased_until = now + (args.lease_seconds as number) * 1_000;
    }
    return rows.map((one) => this.row(one));
  }

  private row(one: StoredMessage): unknown {
    const endpoint = this.endpoints.find((e) => e.code === one.endpoint_code);
    return {
      ...one,
      endpoint: {
        code: one.endpoint_code,
        connector: endpoint?.connector ?? "",
        settings: endpoint?.settings ?? {},
        test: false,
        expects_functional_ack: false,
        partner_name: "",
      },
      control_number: 7,
      document_time: "2026-01-31T12:00:00Z",
      mapping: false,
      attempt_count: one.attempts.length,
      trace_id: "0af7651916cd43dd8448eb211c80319c",
      priority: 1,
      leased_until: new Date(one.leased_until).toISOString(),
    };
  }

  private stage(args: Args): unknown[] {
    const mine = this.held(args.lease_token);
    return (args.rendered as Record<string, string>[]).map((item) => {
      const one = mine.find((message) => message.uuid === item.uuid);
      if (!one)
        return {
          uuid: item.uuid,
          status: "lost_lease",
          payload: false,
          payload_sha256: false,
          filename: false,
          content_type: false,
        };
      const status = one.payload === false ? "staged" : "kept";
      if (one.payload === false) {
        one.payload = item.payload ?? "";
        one.payload_sha256 = item.payload_sha256 ?? "";
        one.filename = item.filename ?? "";
        one.content_type = item.content_type ?? "";
      }
      const { uuid, payload, payload_sha256, filename, content_type } = one;
      return { uuid, status, payload, payload_sha256, filename, content_type };
    });
  }

  private extend(args: Args): unknown {
    const until = Date.now() + (args.lease_seconds as number) * 1_000;
    const mine = this.held(args.lease_token);
    for (const one of mine) one.leased_until = until;
    return { uuids: mine.map((one) => one.uuid), leased_until: "" };
  }

  private report(args: Args): unknown[] {
    return (args.results as Record<string, unknown>[]).map((item) => {
      const one = this.messages.find((message) => message.uuid === item.uuid);
      const repeated = one?.attempts.some(
        (attempt) => attempt.token === args.lease_token,
      );
      if (repeated)
        return { uuid: item.uuid, status: "repeated", state: one?.state };
      if (!one || one.token !== args.lease_token)
        return { uuid: item.uuid, status: "lost_lease", state: false };
      one.attempts.push({ ...item, token: args.lease_token });
      one.token = false;
      one.state =
        item.outcome === "delivered"
          ? "sent"
          : item.retryable
            ? "retry"
            : "rejected";
      return { uuid: item.uuid, status: "recorded", state: one.state };
    });
  }

  private ingest(args: Args): unknown[] {
    return (args.envelopes as Record<string, unknown>[]).map((envelope) => {
      const raw = Buffer.from(String(envelope.raw), "base64");
      const digest =
        raw.length === 0 && envelope.raw_sha256
          ? String(envelope.raw_sha256)
          : createHash("sha256").update(raw).digest("hex");
      const position = Number(envelope.position);
      const own = String(envelope.idempotency_key || "");
      const key = own ? `${own}#${position}` : `${digest}:${position}`;
      const known = this.messages.find((one) => one.idempotency_key === key);
      if (known) {
        const status =
          known.raw_sha256 === digest ? "duplicate" : "idempotency_conflict";
        return { ...this.status(known.uuid), status };
      }
      const document = envelope.document as Record<string, unknown> | null;
      const message = this.queue(String(args.endpoint_code), document ?? {});
      const diagnostics = envelope.diagnostics as {
        level: string;
        code: string;
        message: string;
        path?: string;
        line?: number;
      }[];
      const bad =
        document === null || diagnostics.some((d) => d.code === "schema");
      Object.assign(message, {
        direction: "inbound",
        document,
        document_type: document ? String(document.document_type) : "",
        number: document ? String(document.number) : "",
        idempotency_key: key,
        raw_sha256: digest,
        state: bad ? "rejected" : "queued",
        diagnostics,
        errors: bad
          ? diagnostics
              .filter((d) => d.level === "error")
              .map((d) => ({
                code: d.code,
                message: d.message,
                path: d.path ?? "",
                line: String(d.line ?? ""),
              }))
          : [],
      });
      return this.status(message.uuid);
    });
  }

  private status(uuid: string): Record<string, unknown> {
    const one = this.messages.find((message) => message.uuid === uuid);
    return {
      message_uuid: uuid,
      status: one?.state === "rejected" ? "rejected" : "accepted",
      state: one?.state ?? false,
      document_type: one?.document_type || false,
      number: one?.number || false,
      errors: one?.errors ?? [],
      endpoint_code: one?.endpoint_code ?? false,
      direction: one?.direction ?? false,
      exceptions: [],
    };
  }
}
