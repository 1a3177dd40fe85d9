/**
 * The credentials of all endpoints: sealed in Odoo, opened here, kept for a
 * few seconds. Where Odoo never had a credential of an endpoint in a
 * direction, the environment's or the secrets file's token counts; where it
 * has had one, nothing else does, be that one revoked or expired.
 *
 * Invariant: no secret leaves this file but to be compared, to check a
 * signature or to be presented to the partner it is for.
 */
import { createHash } from "node:crypto";
import { ConfigError, type Config } from "../config.ts";
import { OdooError } from "../odoo/client.ts";
import type {
  ExchangeApi,
  Resealed,
  SealedCredential,
  SealedCredentials,
} from "../odoo/exchange.ts";
import { pause } from "../timing.ts";
import type { Logger } from "./log.ts";
import {
  SealingError,
  derivedKey,
  openSealed,
  readServiceKeys,
  seal,
  type ServiceKey,
} from "./sealing.ts";

/** Milliseconds for which Odoo's answer is good enough: a revoked credential opens doors no longer. */
const FRESH = 5_000;

/** Milliseconds for which it serves while Odoo does not answer. */
const STALE = 15 * 60_000;

/** Milliseconds between looks of an idle service. */
const IDLE = 60_000;

/** What keys of access tokens are derived for. */
const TOKEN_PURPOSE = "hcp access token v1";

/** The answer in place of an Odoo's that knows no credentials. */
const NO_CREDENTIALS: SealedCredentials = {
  active_key_id: false,
  managed: [],
  credentials: [],
};

/** What a partner may present to us. */
export interface InboundCredential {
  /** Odoo's name of it; `env` for one of the environment. */
  uuid: string;
  endpoint: string;
  kind: "bearer" | "oauth_client" | "webhook_secret";
  /** Of an OAuth 2.0 client. */
  clientId: string | undefined;
  /** SHA-256 of a token or client secret: enough to compare. */
  digest: Buffer | undefined;
  /** Of a webhook secret: the key for HMAC. */
  hmacKey: Buffer | undefined;
}

/** What we may present to a partner. */
export interface OutboundCredential {
  uuid: string;
  fingerprint: string;
  bearer: string;
}

/** A key for access tokens; the first one signs, all are accepted. */
export interface TokenKey {
  id: string;
  secret: Buffer;
}

interface Opened {
  row: SealedCredential;
  from: number;
  to: number;
  inbound: InboundCredential | undefined;
  outbound: OutboundCredential | undefined;
}

interface Known {
  at: number;
  managed: Set<string>;
  opened: Opened[];
}

export class CredentialStore {
  /** Keys for access tokens; empty without a private key of the service. */
  readonly tokenKeys: readonly TokenKey[];
  private readonly config: Config;
  private readonly exchange: ExchangeApi;
  private readonly log: Logger;
  private readonly keys: ServiceKey[];
  private known: Known | undefined;
  private asking: Promise<Known> | undefined;
  /** Opened before, by {@link boundTo}. */
  private opened = new Map<string, Opened>();
  private readonly unreadable = new Set<string>();

  /** @throws ConfigError for a private key that cannot be used */
  constructor(config: Config, exchange: ExchangeApi, log: Logger) {
    this.config = config;
    this.exchange = exchange;
    this.log = log;
    const text = config.servicePrivateKeys();
    this.keys = text === undefined ? [] : configuredKeys(text);
    this.tokenKeys = this.keys.map((key) => ({
      id: key.id,
      secret: derivedKey(key, TOKEN_PURPOSE),
    }));
  }

  /**
   * What partners may present at an endpoint now.
   * @throws OdooError when Odoo does not answer and has not for long
   */
  async inbound(endpoint: string): Promise<InboundCredential[]> {
    const known = await this.current();
    if (!known.managed.has(`${endpoint} inbound`))
      return this.fallback(endpoint);
    return valid(known).flatMap(({ inbound }) =>
      inbound?.endpoint === endpoint ? [inbound] : [],
    );
  }

  /**
   * The valid secrets of an OAuth 2.0 client, at all its endpoints.
   * @throws OdooError when Odoo does not answer and has not for long
   */
  async ofClient(clientId: string): Promise<InboundCredential[]> {
    return valid(await this.current()).flatMap(({ inbound }) =>
      inbound?.kind === "oauth_client" && inbound.clientId === clientId
        ? [inbound]
        : [],
    );
  }

  /**
   * What we present to an endpoint's partner, the newest first. While two are
   * valid, the partner may not know the newer one yet.
   * @returns `undefined` where Odoo has had credentials and none is valid
   * @throws OdooError when Odoo does not answer and has not for long
   */
  async outbound(
    endpoint: string,
    sandbox: boolean,
  ): Promise<OutboundCredential[] | undefined> {
    const known = await this.current();
    if (!known.managed.has(`${endpoint} outbound`)) {
      const bearer = this.config.outboundBearer(endpoint, sandbox);
      return bearer ? [{ uuid: "env", fingerprint: "", bearer }] : [];
    }
    const found = valid(known).flatMap(({ row, outbound }) =>
      outbound && row.endpoint_code === endpoint ? [outbound] : [],
    );
    return found.length > 0 ? found : undefined;
  }

  /** Looks now and then until told to stop, so that an idle service keeps up. */
  async keepFresh(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.current().catch((error: unknown) => {
        this.log.warn({ event: "credentials_not_read", error });
      });
      await pause(IDLE, signal);
    }
  }

  private async current(): Promise<Known> {
    const age = this.known ? performance.now() - this.known.at : Infinity;
    if (this.known && age < FRESH) return this.known;
    this.asking ??= this.ask().finally(() => {
      this.asking = undefined;
    });
    try {
      return await this.asking;
    } catch (error) {
      const unreachable = error instanceof OdooError && error.retryable;
      if (this.known && unreachable && age < STALE) return this.known;
      throw error;
    }
  }

  private async ask(): Promise<Known> {
    const at = performance.now();
    const answer = await this.exchange
      .sealedCredentials()
      .catch((error: unknown) => this.withoutCredentials(error));
    const opened = answer.credentials.flatMap((row) => this.open(row) ?? []);
    this.opened = new Map(opened.map((one) => [boundTo(one.row), one]));
    const managed = new Set(
      answer.managed.map((one) => `${one.endpoint_code} ${one.direction}`),
    );
    // Not to be kept: Odoo may have credentials again in a moment.
    const asked = answer === NO_CREDENTIALS ? -Infinity : at;
    this.known = { at: asked, managed, opened };
    await this.reseal(answer);
    return this.known;
  }

  /**
   * The answer of an Odoo whose addon has no credentials yet. One that has had
   * some has lost them for a moment, while it is upgraded or another worker
   * starts: the environment's tokens, perhaps long revoked, do not come back.
   * @throws OdooError that is retryable then, and every other error as it is
   */
  private withoutCredentials(error: unknown): SealedCredentials {
    if (!(error instanceof OdooError) || error.kind !== "missing") throw error;
    if (this.known && this.known.managed.size > 0)
      throw new OdooError(
        "unavailable",
        `Odoo does not answer for credentials that it has had: ${error.message}`,
      );
    return NO_CREDENTIALS;
  }

  private open(row: SealedCredential): Opened | undefined {
    const before = this.opened.get(boundTo(row));
    const secret = before ? undefined : this.secretOf(row);
    if (!before && secret === undefined) return undefined;
    const inbound = row.direction === "inbound";
    return {
      row,
      from: row.valid_from ? Date.parse(row.valid_from) : 0,
      to: row.valid_to ? Date.parse(row.valid_to) : Infinity,
      inbound:
        before?.inbound ?? (inbound ? toInbound(row, secret) : undefined),
      outbound:
        before?.outbound ?? (inbound ? undefined : toOutbound(row, secret)),
    };
  }

  private secretOf(row: SealedCredential): string | undefined {
    const key = this.keys.find((one) => one.id === row.key_id);
    try {
      if (key) return openSealed(row.sealed, key, row);
      throw new SealingError(
        `This service does not have the private key ${row.key_id}.`,
      );
    } catch (error) {
      // Said once for each, not every few seconds.
      if (!this.unreadable.has(boundTo(row)))
        this.log.error({
          event: "credential_unreadable",
          endpoint: row.endpoint_code,
          credential: row.uuid,
          fingerprint: row.fingerprint,
          error,
        });
      this.unreadable.add(boundTo(row));
      return undefined;
    }
  }

  /** Seals under Odoo's active key what is sealed under an earlier one. */
  private async reseal(answer: SealedCredentials): Promise<void> {
    const active = this.keys.find((one) => one.id === answer.active_key_id);
    if (!active) return;
    const rewraps: Resealed[] = answer.credentials.flatMap((row) => {
      const key = this.keys.find((one) => one.id === row.key_id);
      if (!key || row.key_id === active.id) return [];
      if (this.unreadable.has(boundTo(row))) return [];
      const secret = openSealed(row.sealed, key, row);
      return [
        {
          uuid: row.uuid,
          sealed_before: row.sealed,
          sealed: seal(secret, active.publicBytes, row),
          key_id: active.id,
        },
      ];
    });
    if (rewraps.length === 0) return;
    try {
      const answers = await this.exchange.reseal(rewraps);
      const done = answers.filter((one) => one.status === "resealed").length;
      this.log.info({ event: "credentials_resealed", count: done });
    } catch (error) {
      // What is sealed under the earlier key still opens; the next look tries again.
      this.log.warn({ event: "reseal_failed", error });
    }
  }

  private fallback(endpoint: string): InboundCredential[] {
    return this.config.inboundBearers(endpoint).map((token) => ({
      uuid: "env",
      endpoint,
      kind: "bearer",
      clientId: undefined,
      digest: digestOf(token),
      hmacKey: undefined,
    }));
  }
}

/**
 * All that an opened secret rests on: the sealed bytes and what they are bound
 * to. Copied to another credential they have to be opened anew, which fails.
 */
function boundTo(row: SealedCredential): string {
  const { endpoint_code, uuid, direction, kind, client_id, key_id } = row;
  const parts = [endpoint_code, uuid, direction, kind, client_id, key_id];
  return JSON.stringify([...parts, row.sealed]);
}

function configuredKeys(text: string): ServiceKey[] {
  try {
    return readServiceKeys(text);
  } catch (error) {
    if (!(error instanceof SealingError)) throw error;
    throw new ConfigError(`HCP_SERVICE_PRIVATE_KEY: ${error.message}`);
  }
}

/** SHA-256 of a text: secrets are compared by it, for digests have one length. */
export function digestOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** The service's clock decides, so that a time that passes needs no call. */
function valid(known: Known): Opened[] {
  const now = Date.now();
  return known.opened.filter((one) => one.from <= now && now < one.to);
}

function toInbound(
  row: SealedCredential,
  secret: string | undefined,
): InboundCredential {
  const webhook = row.kind === "webhook_secret";
  const text = secret ?? "";
  return {
    uuid: row.uuid,
    endpoint: row.endpoint_code,
    kind: row.kind,
    clientId: row.client_id || undefined,
    digest: webhook ? undefined : digestOf(text),
    hmacKey: webhook
      ? Buffer.from(text.replace(/^whsec_/, ""), "base64")
      : undefined,
  };
}

function toOutbound(
  row: SealedCredential,
  secret: string | undefined,
): OutboundCredential {
  return {
    uuid: row.uuid,
    fingerprint: row.fingerprint,
    bearer: secret ?? "",
  };
}
