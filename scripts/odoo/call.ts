/**
 * What the service needs from Odoo's RPC: one call, with named arguments and
 * a time limit.
 */

/** A value that both protocols carry. */
export type Json =
  null | boolean | number | string | Json[] | { [key: string]: Json };

/** Options of one call. */
export interface CallOptions {
  /** Milliseconds until the call is given up. Default 30 000. */
  timeout?: number;
  /** Stops the call. Odoo may still finish it. */
  signal?: AbortSignal;
}

/**
 * Why a call failed:
 * - `unreachable`: no answer, so it is unknown whether Odoo did it;
 * - `unavailable`: Odoo answered that it cannot now (5xx, 429, lock);
 * - `auth`: key, user or rights;
 * - `refused`: Odoo understood and said no (UserError, ValidationError);
 * - `missing`: record, method or model is not there;
 * - `protocol`: an answer that is not Odoo's.
 */
export type OdooErrorKind =
  "unreachable" | "unavailable" | "auth" | "refused" | "missing" | "protocol";

/** A failed call. Holds Odoo's own message, never its traceback (`debug`). */
export class OdooError extends Error {
  override name = "OdooError";
  readonly kind: OdooErrorKind;
  readonly status: number | undefined;
  /** Odoo's exception class, such as `odoo.exceptions.AccessError`. */
  readonly exception: string | undefined;

  constructor(
    kind: OdooErrorKind,
    message: string,
    details: { status?: number; exception?: string } = {},
  ) {
    super(message);
    this.kind = kind;
    this.status = details.status;
    this.exception = details.exception;
  }

  /** True when the same call may succeed later. */
  get retryable(): boolean {
    return this.kind === "unreachable" || this.kind === "unavailable";
  }
}

/** A connection to one database as one user. */
export interface OdooClient {
  /**
   * Calls a public method with named arguments.
   * @throws OdooError
   */
  call<T>(
    model: string,
    method: string,
    args?: Record<string, unknown>,
    options?: CallOptions,
  ): Promise<T>;
  /** Frees sockets. */
  close(): Promise<void>;
}

/** Milliseconds that a call may take unless it says otherwise. */
export const DEFAULT_TIMEOUT = 30_000;
