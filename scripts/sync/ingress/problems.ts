/** Problem details (RFC 9457): how the ingress says no. */
import { errorEntry, type ErrorCode } from "../errors.ts";

/** Media type of problem details. */
export const PROBLEM_TYPE = "application/problem+json; charset=utf-8";

/** Body of a problem answer. */
export interface ProblemBody {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  /** Code of the table in `errors.ts`. */
  code: string;
  [extra: string]: unknown;
}

/** A request beyond the allowed rate. @param seconds until it may come again */
export function tooMany(seconds: number): Problem {
  return new Problem("rate_limited", `Try again in ${seconds} s.`, {
    headers: { "retry-after": String(seconds) },
  });
}

/** Thrown by a route; the server's error handler answers with it. */
export class Problem extends Error {
  override name = "Problem";
  readonly code: ErrorCode;
  readonly extra: Record<string, unknown>;
  readonly headers: Record<string, string>;

  constructor(
    code: ErrorCode,
    detail: string,
    options: {
      extra?: Record<string, unknown>;
      headers?: Record<string, string>;
    } = {},
  ) {
    super(detail);
    this.code = code;
    this.extra = options.extra ?? {};
    this.headers = options.headers ?? {};
  }

  get status(): number {
    return errorEntry(this.code).status ?? 500;
  }

  /** @param instance what the problem is about: the request's id as a URN */
  body(instance: string): ProblemBody {
    return {
      type: `urn:hcp:problem:${this.code}`,
      title: errorEntry(this.code).title,
      status: this.status,
      detail: this.message,
      instance,
      code: this.code,
      ...this.extra,
    };
  }
}
