/**
 * What the parts of the integration service share.
 *
 * Terms, as they are used everywhere (see also docs/glossary.md):
 * - endpoint: one partner's connection, a record in Odoo;
 * - connector: which transport and which format an endpoint uses, declared in
 *   code; it is configuration that makes an endpoint out of it;
 * - message: one document on its way in or out, a row in Odoo's database;
 * - lease: the right to work on a message until a time; its token also fences,
 *   for a report under another token is refused;
 * - attempt: one try to send; ends `delivered`, `not_sent` or `unknown`;
 * - to stage: to store a message's rendered bytes before their first send, so
 *   that every attempt sends the same bytes;
 * - envelope: one received document with the bytes that it came in;
 * - dead letter: a message whose attempts are exhausted; a person decides.
 *
 * Invariant: the service keeps no state. Whatever it holds in memory is in
 * Odoo too, or can be lost. Killed anywhere, it loses nothing and repeats at
 * most a send with the same key and the same bytes.
 */
import type { Config } from "../config.ts";
import { CONNECTORS } from "../connectors/index.ts";
import type { Connector } from "../connectors/connector.ts";
import type { Endpoint, ExchangeApi } from "../odoo/exchange.ts";
import type { CredentialStore } from "./credentials.ts";
import type { ErrorCode } from "./errors.ts";
import type { Logger } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import type { Tracing } from "./tracing.ts";

/** Handed to every part; made once per process. */
export interface SyncContext {
  config: Config;
  exchange: ExchangeApi;
  endpoints: EndpointDirectory;
  credentials: CredentialStore;
  log: Logger;
  metrics: Metrics;
  tracing: Tracing;
  /** Name of this process in leases and attempts. */
  worker: string;
}

/** An endpoint with everything that is needed to talk to its partner. */
export interface ResolvedEndpoint {
  connector: Connector;
  settings: Record<string, unknown>;
  /** The partner is the sandbox, which has a token of its own. */
  sandbox: boolean;
}

/** Why an endpoint cannot be used as it is configured. */
export interface EndpointProblem {
  error: ErrorCode;
  message: string;
}

/** True for the answer that says what is wrong. */
export function isProblem(
  value: ResolvedEndpoint | EndpointProblem,
): value is EndpointProblem {
  return "error" in value;
}

/**
 * Connector and settings of an endpoint: Odoo's settings, with what differs
 * per machine laid over them.
 */
export function resolveEndpoint(
  config: Config,
  endpoint: {
    code: string;
    connector: string;
    settings: Record<string, unknown> | false;
  },
): ResolvedEndpoint | EndpointProblem {
  const connector = CONNECTORS.get(endpoint.connector);
  if (!connector) {
    const known = [...CONNECTORS.keys()].join(", ");
    return {
      error: "connector_unknown",
      message: `endpoint ${endpoint.code}: connector "${endpoint.connector}" is not one of ${known}`,
    };
  }
  const settings: Record<string, unknown> = {
    ...(endpoint.settings || {}),
    ...config.run.endpoints?.[endpoint.code],
  };
  const sandbox = settings.base_url_setting === "sandbox_a";
  if (sandbox) settings.base_url = config.sandboxUrl();
  const wrong = connector.checkSettings(settings);
  if (wrong.length > 0)
    return {
      error: "settings_invalid",
      message: `endpoint ${endpoint.code}: ${wrong.join("; ")}`,
    };
  return { connector, settings, sandbox };
}

/** Milliseconds for which an answer about endpoints is good enough. */
const FRESH = 10_000;

/** The endpoints of Odoo, asked for again every few seconds. */
export class EndpointDirectory {
  private readonly exchange: ExchangeApi;
  private known: { at: number; list: Endpoint[] } | undefined;
  private asking: Promise<Endpoint[]> | undefined;

  constructor(exchange: ExchangeApi) {
    this.exchange = exchange;
  }

  /** All endpoints. @throws OdooError when Odoo does not answer. */
  async all(): Promise<Endpoint[]> {
    if (this.known && performance.now() - this.known.at < FRESH)
      return this.known.list;
    this.asking ??= this.ask();
    return this.asking;
  }

  /** One endpoint, or undefined when Odoo has none of that code. */
  async find(code: string): Promise<Endpoint | undefined> {
    return (await this.all()).find((one) => one.code === code);
  }

  private async ask(): Promise<Endpoint[]> {
    try {
      const list = await this.exchange.endpoints();
      this.known = { at: performance.now(), list };
      return list;
    } finally {
      this.asking = undefined;
    }
  }
}
