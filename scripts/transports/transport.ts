/**
 * A transport moves bytes to and from a partner; it does not look into them.
 * Only transports do partner I/O. To add one: a folder beside this file, and
 * a line in `index.ts`.
 */
import type { ErrorCode } from "../sync/errors.ts";

/** Bytes on their way to a partner; the same at every attempt. */
export interface Payload {
  bytes: Uint8Array;
  filename: string;
  contentType: string;
}

/** What a transport is given for one attempt. */
export interface SendContext {
  /** The endpoint's settings, already checked against the connector. */
  settings: Record<string, unknown>;
  /** Same at every attempt of a message. */
  idempotencyKey: string;
  /** For partners that continue our trace (W3C Trace Context). */
  traceparent: string;
  /** Presented to the partner, where the transport has a use for it. */
  bearer: string | undefined;
  /** Folder below which file transports stay. */
  dataDir: string;
  /** Ends the attempt at once. */
  signal: AbortSignal;
}

/**
 * How an attempt ended:
 * - `delivered`: the partner has it for certain;
 * - `not_sent`: the partner does not have it for certain;
 * - `unknown`: neither is certain; it must go to the same partner again with
 *   the same key, never elsewhere.
 */
export interface SendOutcome {
  outcome: "delivered" | "not_sent" | "unknown";
  /** The transport itself carries a positive functional acknowledgement. */
  acknowledged: boolean;
  /** Set unless delivered. */
  error?: ErrorCode;
  /** For people; holds no secret. */
  message?: string;
  httpStatus?: number;
  retryAfterSeconds?: number;
  /** What the partner calls the document. */
  reference?: string;
}

/** A file that a partner left for us; taken only when it is complete. */
export interface ReceivedFile {
  filename: string;
  /** Size in bytes at the time of listing. */
  size: number;
  /** Reads it. @throws when it is gone, for someone else took it. */
  read(): Promise<Uint8Array>;
  /** SHA-256 in hex without holding the bytes, for files that are too large. */
  digest(): Promise<string>;
  /** Removes it from the inbox after it was stored for good. */
  settle(outcome: "archive" | "rejected"): Promise<void>;
}

/** Where a transport looks for files. */
export interface ReceiveContext {
  settings: Record<string, unknown>;
  dataDir: string;
}

/** What a test of the connection is given. */
export type ProbeContext = Pick<
  SendContext,
  "settings" | "bearer" | "dataDir" | "signal"
>;

/** One thing that a test of the connection found. */
export interface ProbeFinding {
  /** Short and stable, such as `encryption` or `outbox`. */
  name: string;
  passed: boolean;
  /** For people: what was found, and what to do; holds no secret. */
  detail: string;
}

/** What a partner and we may show each other, see docs/glossary.md. */
export type CredentialKind = "bearer" | "oauth_client" | "webhook_secret";

/** One way to move bytes. */
export interface Transport {
  id: string;
  /**
   * JSON Schema (2020-12) properties of its settings. `title` and `description`
   * are what the form in Odoo shows.
   */
  settings: Record<string, object>;
  required: string[];
  /** Credentials that it has a use for; empty where none are shown. */
  credentials: { outbound: CredentialKind[]; inbound: CredentialKind[] };
  /** Checks what a schema cannot say. @returns a sentence, or undefined. */
  check?(settings: Record<string, unknown>): string | undefined;
  /** One attempt. Never throws: every failure is an outcome. */
  send(payload: Payload, context: SendContext): Promise<SendOutcome>;
  /** Tests the connection without sending a document. Never throws. */
  probe(context: ProbeContext): Promise<ProbeFinding[]>;
  /** Files that wait, oldest name first. Absent where partners call us. */
  receive?(context: ReceiveContext): Promise<ReceivedFile[]>;
}

/** A setting as text. @returns `undefined` where it is absent or no text. */
export function textSetting(
  settings: Record<string, unknown>,
  name: string,
): string | undefined {
  const value = settings[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}
