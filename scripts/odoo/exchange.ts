/**
 * The exchange protocol's RPC methods (`healthcare.exchange.message`), typed.
 * Every one is a batch and may be repeated; bytes travel as base64.
 */
import { OdooError, type CallOptions, type OdooClient } from "./client.ts";

const MESSAGE = "healthcare.exchange.message";
const WORKER = "healthcare.exchange.worker";
const CREDENTIAL = "healthcare.exchange.credential";
const COMMAND = "healthcare.exchange.command";
const UPLOAD = "healthcare.exchange.upload";
const CERTIFICATION = "healthcare.exchange.certification";

/** A canonical document, as the JSON that it is. */
export type CanonicalJson = Record<string, unknown>;

/** Codes of an endpoint: name of the table → code → its counterpart. */
export type CodeTables = Record<string, Record<string, string>>;

/** A version of an inbound mapping that is in use. */
export interface InboundMapping {
  document_type: string;
  version: number;
  expression: string | false;
}

/** What Odoo knows about an endpoint; `settings` hold no secret. */
export interface Endpoint {
  code: string;
  name: string;
  state: "draft" | "certified" | "active" | "suspended";
  direction: "inbound" | "outbound" | "both";
  test: boolean;
  connector: string;
  settings: Record<string, unknown>;
  expects_functional_ack: boolean;
  /** Kinds of credentials that count at the ingress; bearer alone where absent. */
  authentication?: string[];
  /** What the endpoint lists. */
  documents?: { document_type: string; direction: "inbound" | "outbound" }[];
  /** For what comes in: the partner's codes → ours. */
  code_tables?: CodeTables;
  mappings?: InboundMapping[];
}

/** A credential that only this service can open. */
export interface SealedCredential {
  uuid: string;
  endpoint_code: string;
  direction: "inbound" | "outbound";
  kind: "bearer" | "oauth_client" | "webhook_secret";
  client_id: string | false;
  /** Base64; see scripts/sync/sealing.ts. */
  sealed: string;
  key_id: string;
  /** Tells two secrets apart and nothing else. */
  fingerprint: string;
  /** ISO 8601 with Z. */
  valid_from: string | false;
  valid_to: string | false;
}

/** Answer of `sealed`. */
export interface SealedCredentials {
  /** Key that Odoo seals with. */
  active_key_id: string | false;
  /** What ever had a credential in Odoo: nothing else counts there. */
  managed: { endpoint_code: string; direction: "inbound" | "outbound" }[];
  /** The newest first. */
  credentials: SealedCredential[];
}

/** A credential sealed under another key, in place of `sealed_before`. */
export interface Resealed {
  uuid: string;
  sealed_before: string;
  sealed: string;
  key_id: string;
}

/** A message under a lease of ours. */
export interface ClaimedMessage {
  uuid: string;
  endpoint_code: string;
  endpoint: {
    code: string;
    connector: string;
    settings: Record<string, unknown> | false;
    test: boolean;
    expects_functional_ack: boolean;
    partner_name: string | false;
  };
  document_type: string;
  number: string;
  document: CanonicalJson;
  idempotency_key: string;
  control_number: number;
  /** ISO 8601 with Z; pinned when the message was queued. */
  document_time: string;
  mapping: { id: number; version: number; expression: string | false } | false;
  /** Our codes → the partner's. */
  code_tables?: CodeTables;
  attempt_count: number;
  payload: string | false;
  payload_sha256: string | false;
  filename: string | false;
  content_type: string | false;
  trace_id: string | false;
  /** Pinned when it was queued (W3C Trace Context); empty for old messages. */
  traceparent?: string;
  /** ISO 8601 with Z and milliseconds. */
  created_at?: string;
  leased_until: string;
}

/** Rendered bytes of one message, on their way to `stage`. */
export interface Rendered {
  uuid: string;
  payload: string;
  payload_sha256: string;
  filename: string;
  content_type: string;
}

/** What `stage` kept: the first writer's bytes win. */
export interface Staged extends Rendered {
  status: "staged" | "kept" | "lost_lease" | "conflict";
}

/** How one attempt ended. */
export interface AttemptResult {
  uuid: string;
  outcome: "delivered" | "not_sent" | "unknown";
  acknowledged: boolean;
  error_code: string | false;
  error_kind: string | false;
  retryable: boolean;
  message: string | false;
  http_status: number | false;
  started_at: string;
  duration_ms: number;
  retry_after_seconds: number | false;
  partner_reference: string | false;
}

/** Answer of `report`, per message. */
export interface Reported {
  uuid: string;
  status: "recorded" | "repeated" | "lost_lease";
  state: string;
  next_attempt_at: string | false;
}

/** How the queues of one endpoint stand in Odoo. */
export interface QueueGauge {
  endpoint: string;
  /** Outbound, not sent yet; counted up to 10 000, like the others. */
  waiting: number;
  overdue_seconds: number;
  inbox: number;
  /** Dead letters and rejected ones. */
  trouble: number;
  breaker: "closed" | "half_open" | "open";
}

/** An error that concerns a document: which field or line, and what to do. */
export interface DocumentError {
  code: string;
  message: string;
  path?: string | false;
  line?: number | string | false;
}

/** One received document; `document` is null where the bytes were unreadable. */
export interface Envelope {
  document: CanonicalJson | null;
  raw: string;
  raw_sha256: string;
  filename: string;
  content_type?: string;
  diagnostics: unknown[];
  idempotency_key: string;
  position: number;
  /** The envelope that the document came in, where its format has them. */
  interchange?: Record<string, string>;
  /**
   * With the last envelope of a file: what the partner is told about it, one
   * document per functional group. Odoo queues them as it stores.
   */
  acknowledgements?: CanonicalJson[];
  trace_id: string;
  traceparent?: string;
  /** Version of the mapping that made the document. */
  mapping_version?: number;
}

/** Answer of `ingest`, `process` and `status`, per message. */
export interface MessageStatus {
  message_uuid: string;
  status:
    | "accepted"
    | "duplicate"
    | "rejected"
    | "waiting"
    | "unchanged"
    | "idempotency_conflict";
  state: string;
  document_type: string | false;
  number: string | false;
  errors: DocumentError[];
  endpoint_code?: string;
  direction?: "inbound" | "outbound";
  res_model?: string | false;
  res_id?: number | false;
  exceptions?: string[];
}

/** Something that Odoo asks the service to do for an endpoint. */
export interface Command {
  /** Also the key that handlers present to a partner. */
  uuid: string;
  kind: string;
  arguments: Record<string, unknown>;
  endpoint: Endpoint;
  attempt_count: number;
  leased_until: string;
}

/** A file that a person handed in. */
export interface UploadedFile {
  filename: string;
  document_type: string;
  /** Base64. */
  raw: string;
  raw_sha256: string;
}

/** How a command ended. */
export interface CommandReport {
  uuid: string;
  state: "done" | "failed";
  result: Record<string, unknown>;
  /** One sentence for the person who asked. */
  message: string;
}

/** What the conformance suite sends, prepared by Odoo as real documents are. */
export interface CertificationPlan {
  endpoint: Endpoint;
  /** SHA-256 of the configuration that is tested. */
  digest: string;
  samples: {
    document_type: string;
    document: CanonicalJson;
    /** Texts that must not leave. */
    withheld: string[];
    mapping: { version: number; expression: string } | false;
    code_tables: CodeTables;
    control_number: number;
    document_time: string;
  }[];
}

/** A run of the conformance suite. */
export interface CertificationReport {
  digest: string;
  passed: boolean;
  checks: {
    name: string;
    passed: boolean;
    detail: string;
    duration_ms: number;
  }[];
}

/** Result of recomputing the audit chain. */
export interface AuditVerdict {
  ok: boolean;
  checked: number;
  unsealed: number;
  heads: { company_id: number; seq: number; hash: string }[];
  first_broken: Record<string, unknown> | false;
}

/** The protocol over one connection. All methods throw {@link OdooError}. */
export class ExchangeApi {
  readonly client: OdooClient;

  constructor(client: OdooClient) {
    this.client = client;
  }

  /** Leases up to `limit` due messages; the same token returns the same rows. */
  claim(
    args: {
      worker: string;
      limit: number;
      lease_seconds: number;
      endpoint_codes: string[];
      lease_token: string;
    },
    options?: CallOptions,
  ): Promise<ClaimedMessage[]> {
    return this.call("claim", args, options);
  }

  /** Stores rendered bytes before the first send. */
  stage(lease_token: string, rendered: Rendered[]): Promise<Staged[]> {
    return this.call("stage", { lease_token, rendered });
  }

  /** Prolongs the leases of a token, from now on. */
  extend(
    lease_token: string,
    lease_seconds: number,
  ): Promise<{ uuids: string[]; leased_until: string | false }> {
    return this.call("extend", { lease_token, lease_seconds });
  }

  /** Records how attempts ended. */
  report(lease_token: string, results: AttemptResult[]): Promise<Reported[]> {
    return this.call("report", { lease_token, results });
  }

  /** Stores and commits received documents, answered in the same order. */
  ingest(
    endpoint_code: string,
    envelopes: Envelope[],
  ): Promise<MessageStatus[]> {
    return this.call(
      "ingest",
      { endpoint_code, envelopes },
      { timeout: 60_000 },
    );
  }

  /** Lets stored documents take effect, one transaction each. */
  process(uuids: string[]): Promise<MessageStatus[]> {
    return this.call("process", { uuids }, { timeout: 120_000 });
  }

  /** Where messages stand. */
  status(uuids: string[]): Promise<MessageStatus[]> {
    return this.call("status", { uuids });
  }

  /** Queues messages again under their own idempotency keys. */
  replay(
    uuids: string[],
  ): Promise<
    { message_uuid: string; state: string | false; replayed: boolean }[]
  > {
    return this.call("replay", { uuids });
  }

  /** Name of the secret bus channel that says "there is something to claim". */
  wakeChannel(): Promise<string> {
    return this.call("wake_channel", {});
  }

  /** Says that a process of the service is there; claims say it, too. */
  workerSeen(worker: string, version: string): Promise<boolean> {
    return this.client.call(
      WORKER,
      "seen",
      { worker, version },
      { timeout: 5_000 },
    );
  }

  /** Says that a process of the service ends by intention. */
  workerGone(worker: string): Promise<boolean> {
    return this.client.call(WORKER, "gone", { worker }, { timeout: 2_000 });
  }

  /** How the queues stand, for a monitoring system. */
  gauges(options?: CallOptions): Promise<QueueGauge[]> {
    return this.call("gauges", {}, options);
  }

  /** The endpoints that this user may serve. */
  endpoints(options?: CallOptions): Promise<Endpoint[]> {
    return this.call("endpoints", {}, options);
  }

  /** Leases up to `limit` commands; the same token returns the same ones. */
  claimCommands(
    args: {
      worker: string;
      limit: number;
      lease_seconds: number;
      lease_token: string;
    },
    options?: CallOptions,
  ): Promise<Command[]> {
    return this.client.call(COMMAND, "claim", args, options);
  }

  /** Prolongs the leases of a token on commands, from now on. */
  extendCommands(
    lease_token: string,
    lease_seconds: number,
  ): Promise<{ uuids: string[] }> {
    return this.client.call(COMMAND, "extend", { lease_token, lease_seconds });
  }

  /** Records how commands ended. */
  reportCommands(
    lease_token: string,
    results: CommandReport[],
  ): Promise<
    { uuid: string; status: "recorded" | "repeated" | "lost_lease" }[]
  > {
    return this.client.call(COMMAND, "report", { lease_token, results });
  }

  /** The file that a `read_file` command under our lease is about. */
  uploadContent(command_uuid: string): Promise<UploadedFile> {
    return this.client.call(
      UPLOAD,
      "content",
      { command_uuid },
      { timeout: 60_000 },
    );
  }

  /** Stores documents of that file; as `ingest`, but in a person's name. */
  takeInUpload(
    command_uuid: string,
    envelopes: Envelope[],
  ): Promise<MessageStatus[]> {
    return this.client.call(
      UPLOAD,
      "take_in",
      { command_uuid, envelopes },
      { timeout: 60_000 },
    );
  }

  /** The sealed credentials of the endpoints that this user may serve. */
  sealedCredentials(): Promise<SealedCredentials> {
    return this.client.call(CREDENTIAL, "sealed", { endpoint_codes: [] });
  }

  /** Hands in credentials that were sealed anew with Odoo's active key. */
  reseal(
    rewraps: Resealed[],
  ): Promise<{ uuid: string; status: "resealed" | "changed" }[]> {
    return this.client.call(CREDENTIAL, "reseal", { rewraps });
  }

  /** An endpoint's configuration and samples; takes control numbers. */
  certificationPlan(endpoint_code: string): Promise<CertificationPlan> {
    return this.client.call(CERTIFICATION, "plan", { endpoint_code });
  }

  /** Stores a run of the conformance suite as evidence. */
  recordCertification(
    endpoint_code: string,
    report: CertificationReport,
  ): Promise<{ id: number; passed: boolean; current: boolean; state: string }> {
    return this.client.call(CERTIFICATION, "record_certification", {
      endpoint_code,
      report,
    });
  }

  /** Recomputes the audit chain of every company that the user may see. */
  verifyAudit(): Promise<AuditVerdict> {
    return this.client.call(
      "healthcare.audit.entry",
      "verify",
      {},
      { timeout: 600_000 },
    );
  }

  private call<T>(
    method: string,
    args: Record<string, unknown>,
    options?: CallOptions,
  ): Promise<T> {
    return this.client.call<T>(MESSAGE, method, args, options);
  }
}

/**
 * Runs a repeatable call until it succeeds, with doubling pauses.
 * @param attempts total tries
 * @throws OdooError the last one, or at once when trying again cannot help
 */
export async function withRetries<T>(
  attempts: number,
  run: () => Promise<T>,
  pause: (milliseconds: number) => Promise<void>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      const again = error instanceof OdooError && error.retryable;
      if (!again || attempt >= attempts) throw error;
      await pause(Math.min(200 * 2 ** (attempt - 1), 5_000));
    }
  }
}
