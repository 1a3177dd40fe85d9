/** Odoo's JSON-2 API: `POST /json/2/<model>/<method>` with a bearer key. */
import { Agent, request } from "undici";
import type { OdooSettings } from "../config.ts";
import {
  DEFAULT_TIMEOUT,
  OdooError,
  type CallOptions,
  type OdooClient,
  type OdooErrorKind,
} from "./call.ts";

/** Answers above this are refused rather than read into memory. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;

/** Odoo's error body, of which `debug` (the traceback) is never looked at. */
interface ErrorBody {
  name?: unknown;
  message?: unknown;
}

export class Json2Client implements OdooClient {
  private readonly settings: OdooSettings;
  private readonly agent = new Agent({
    connect: { timeout: 5_000 },
    keepAliveTimeout: 10_000,
    connections: 8,
    maxResponseSize: MAX_ANSWER_BYTES,
  });

  constructor(settings: OdooSettings) {
    this.settings = settings;
  }

  async call<T>(
    model: string,
    method: string,
    args: Record<string, unknown> = {},
    options: CallOptions = {},
  ): Promise<T> {
    const path = `/json/2/${encodeURIComponent(model)}/${encodeURIComponent(method)}`;
    const answer = await this.post(path, JSON.stringify(args), options);
    if (answer.status === 200)
      return parseAnswer<T>(answer, `${model}.${method}`);
    throw toError(answer, `${model}.${method}`, this.settings.url);
  }

  async close(): Promise<void> {
    await this.agent.close();
  }

  private async post(
    path: string,
    body: string,
    options: CallOptions,
  ): Promise<{ status: number; text: string }> {
    const timeout = options.timeout ?? DEFAULT_TIMEOUT;
    const limit = AbortSignal.timeout(timeout);
    const signal = options.signal
      ? AbortSignal.any([options.signal, limit])
      : limit;
    try {
      const response = await request(this.settings.url + path, {
        method: "POST",
        dispatcher: this.agent,
        headersTimeout: timeout,
        bodyTimeout: timeout,
        signal,
        headers: {
          authorization: `bearer ${this.settings.apiKey}`,
          "content-type": "application/json",
          "x-odoo-database": this.settings.db,
        },
        body,
      });
      return {
        status: response.statusCode,
        text: await response.body.text(),
      };
    } catch (error) {
      const why = limit.aborted
        ? `did not answer within ${timeout / 1000} s`
        : `could not be reached (${reason(error)})`;
      throw new OdooError(
        "unreachable",
        `Odoo at ${this.settings.url} ${why}.`,
      );
    }
  }
}

/** Short technical reason of a network failure, such as `ECONNREFUSED`. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = (error as { code?: unknown }).code;
  return typeof code === "string" ? code : error.message;
}

function parseAnswer<T>(answer: { text: string }, what: string): T {
  try {
    return JSON.parse(answer.text) as T;
  } catch {
    throw new OdooError("protocol", `${what}: Odoo's answer is not JSON.`, {
      status: 200,
    });
  }
}

/**
 * HTTP status of JSON-2 to kind; see Odoo's `exceptions.py` for the source. A
 * 404 that JSON-2 itself did not write is Odoo without that database, or with
 * a database server that is down: it cannot tell these two apart.
 */
function kindOf(status: number, isOdoos: boolean): OdooErrorKind {
  if (status === 401 || status === 403) return "auth";
  if (status === 404) return isOdoos ? "missing" : "unavailable";
  if (status === 409 || status === 429 || status >= 502) return "unavailable";
  if (status === 500) return "unavailable";
  if (status === 400 || status === 415 || status === 422) return "refused";
  return "protocol";
}

function kindHint(status: number, exception: string | undefined): string {
  return status === 404 && exception === undefined
    ? " There is no such database, or its server is down: check HCP_ODOO_DB and PostgreSQL."
    : "";
}

function toError(
  answer: { status: number; text: string },
  what: string,
  url: string,
): OdooError {
  const { status } = answer;
  let body: ErrorBody = {};
  try {
    const parsed: unknown = JSON.parse(answer.text);
    if (parsed && typeof parsed === "object") body = parsed;
  } catch {
    // An HTML page: a proxy's or a wrong address's.
  }
  const message =
    typeof body.message === "string" && body.message
      ? body.message
      : `${url} answered ${status}`;
  const exception = typeof body.name === "string" ? body.name : undefined;
  const hint =
    status === 401
      ? " The API key is not valid (or has expired): check HCP_ODOO_API_KEY."
      : kindHint(status, exception);
  const kind = kindOf(status, exception !== undefined);
  return new OdooError(kind, `${what}: ${message}${hint}`, {
    status,
    exception,
  });
}
