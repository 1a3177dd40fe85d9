/**
 * The fallback: `odoo-xmlrpc` behind the same interface, for instances where
 * JSON-2 is not reachable. The package opens a client per call and knows no
 * time limit; both limits here are ours.
 *
 * The exchange protocol goes as JSON text within XML-RPC, which carries neither
 * nulls nor control characters nor integers above 32 bits. For other methods
 * named arguments are `execute_kw`'s keywords; nulls are left out, and what
 * would be corrupted is refused.
 */
import Odoo from "odoo-xmlrpc";
import type { OdooSettings } from "../config.ts";
import {
  DEFAULT_TIMEOUT,
  OdooError,
  type CallOptions,
  type OdooClient,
  type OdooErrorKind,
} from "./call.ts";

/** Where the exchange protocol takes and gives JSON text. */
const GATE = "healthcare.exchange.message";

/** What goes through it; Odoo has the same list. */
const PROTOCOL: Record<string, string[]> = {
  "healthcare.exchange.message": [
    ...["claim", "stage", "extend", "report", "ingest", "process"],
    ...["status", "replay", "endpoints", "gauges"],
  ],
  "healthcare.exchange.command": ["claim", "extend", "report"],
  "healthcare.exchange.credential": ["sealed", "reseal"],
};

/** JSON that every XML parser leaves as it is. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A fault: `faultCode` is Odoo's number, `faultString` may be a traceback. */
interface Fault {
  faultCode?: unknown;
  faultString?: unknown;
  message?: unknown;
  code?: unknown;
}

type Callback<T> = (error: Fault | null, value: T) => void;

export class XmlRpcClient implements OdooClient {
  private readonly settings: OdooSettings;
  private readonly odoo: Odoo;
  private connected: Promise<unknown> | undefined;

  constructor(settings: OdooSettings) {
    this.settings = settings;
    const url = new URL(settings.url);
    const port = url.port || (url.protocol === "https:" ? "443" : "80");
    this.odoo = new Odoo({
      url: settings.url,
      port: Number(port),
      db: settings.db,
      username: settings.login ?? "",
      password: settings.apiKey,
    });
  }

  async call<T>(
    model: string,
    method: string,
    args: Record<string, unknown> = {},
    options: CallOptions = {},
  ): Promise<T> {
    const what = `${model}.${method}`;
    if (PROTOCOL[model]?.includes(method))
      return this.callJson<T>(model, method, args, options);
    // As in JSON-2, `ids` are the records that the method works on. Odoo's
    // dispatcher looks for what `create` gets at its place only.
    const first = method === "create" ? "vals_list" : "ids";
    const { [first]: subject, ...named } = args;
    const keywords = withoutNulls(named, what);
    const positional =
      subject === undefined ? [] : [withoutNulls(subject, what)];
    await this.connect(options);
    return this.limited<T>(what, options, (done) =>
      this.odoo.execute_kw(model, method, [positional, keywords], done),
    );
  }

  private async callJson<T>(
    model: string,
    method: string,
    args: Record<string, unknown>,
    options: CallOptions,
  ): Promise<T> {
    await this.connect(options);
    const what = `${model}.${method}`;
    const parameters = [[model, method, asciiJson(args)]];
    const answer = await this.limited<unknown>(what, options, (done) =>
      this.odoo.execute_kw(GATE, "call_json", parameters, done),
    );
    try {
      return JSON.parse(String(answer)) as T;
    } catch {
      throw new OdooError("protocol", `${what}: Odoo's answer is not JSON.`);
    }
  }

  async close(): Promise<void> {
    this.connected = undefined;
  }

  private connect(options: CallOptions): Promise<unknown> {
    this.connected ??= this.limited("authenticate", options, (done) =>
      this.odoo.connect(done),
    ).catch((error: unknown) => {
      this.connected = undefined;
      throw error;
    });
    return this.connected;
  }

  private limited<T>(
    what: string,
    options: CallOptions,
    start: (done: Callback<T>) => void,
  ): Promise<T> {
    const timeout = options.timeout ?? DEFAULT_TIMEOUT;
    return new Promise<T>((resolve, reject) => {
      const unanswered = (why: string) =>
        reject(
          new OdooError("unreachable", `Odoo at ${this.settings.url} ${why}.`),
        );
      const timer = setTimeout(
        () => unanswered(`did not answer within ${timeout / 1000} s`),
        timeout,
      );
      const abort = () => unanswered("was not waited for (stopped)");
      options.signal?.addEventListener("abort", abort, { once: true });
      start((error, value) => {
        clearTimeout(timer);
        options.signal?.removeEventListener("abort", abort);
        if (error) reject(toError(error, what, this.settings.url));
        else resolve(value);
      });
    });
  }
}

/** Odoo's fault codes; see `addons/rpc/controllers/xmlrpc.py` of Odoo. */
const FAULT_KINDS: Record<number, OdooErrorKind> = {
  1: "unavailable",
  2: "refused",
  3: "auth",
  4: "auth",
};

function toError(fault: Fault, what: string, url: string): OdooError {
  const code = Number(fault.faultCode);
  if (!Number.isInteger(code)) {
    if (fault.message === "No UID returned from authentication.")
      return new OdooError(
        "auth",
        `Odoo at ${url} refused the login: check HCP_ODOO_LOGIN and HCP_ODOO_API_KEY.`,
      );
    const why = typeof fault.code === "string" ? fault.code : "no answer";
    return new OdooError(
      "unreachable",
      `Odoo at ${url} could not be reached (${why}).`,
    );
  }
  const kind = FAULT_KINDS[code] ?? "unavailable";
  // Fault 1 carries a traceback instead of a message: its last line only.
  const said = typeof fault.faultString === "string" ? fault.faultString : "";
  const lines = said.trim().split("\n");
  const message =
    kind === "unavailable" ? (lines.at(-1) ?? "") : lines.join(" ");
  return new OdooError(kind, `${what}: ${message}`);
}

/**
 * XML-RPC has no null: a key with one is left out (Odoo's default applies).
 * @throws OdooError for what XML-RPC would corrupt without saying so.
 */
function withoutNulls(value: unknown, what: string): unknown {
  if (Array.isArray(value))
    return value.map((item) =>
      item === null || item === undefined ? false : withoutNulls(item, what),
    );
  if (typeof value === "string") {
    if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(value))
      throw new OdooError(
        "refused",
        `${what}: a text holds control characters, which XML-RPC drops.`,
      );
    return value;
  }
  if (typeof value === "number" && Math.abs(value) > 0x7fffffff)
    throw new OdooError(
      "refused",
      `${what}: ${value} does not fit XML-RPC's 32-bit integers.`,
    );
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== null && item !== undefined)
      .map(([key, item]) => [key, withoutNulls(item, what)]),
  );
}
