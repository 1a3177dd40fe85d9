/** Commands that are refused with reasons instead of failing. */

export type Refusal =
  /** No message is chosen. */
  | { code: "no_message" }
  /** Its state, or the user's rights, do not allow it. */
  | { code: "not_offered" }
  /** There is no further row in that direction. */
  | { code: "at_end" }
  /** The same command is still under way. */
  | { code: "busy" }
  /** Odoo refused; `detail` is its message. */
  | { code: "failed"; detail: string };

export type Result = { ok: true } | { ok: false; refusal: Refusal };

export const DONE: Result = { ok: true };

export function refused(refusal: Refusal): Result {
  return { ok: false, refusal };
}

/** The message of whatever was thrown; Odoo puts its own under `data`. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) {
    const data = (error as Error & { data?: { message?: unknown } }).data;
    return typeof data?.message === "string" ? data.message : error.message;
  }
  return String(error);
}
