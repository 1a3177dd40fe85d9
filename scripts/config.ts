/**
 * Where things are: settings from flags, else the environment, else the local
 * instance's run file. Secrets come from files or the environment only; no
 * flag takes one, and nothing here is ever logged as a whole.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** What set-up writes about the local instance (`.local/run.json`). */
export interface RunFile {
  odoo_url?: string;
  odoo_db?: string;
  postgres_url?: string;
  service_url?: string;
  sandbox?: { a_url?: string; b_inbox?: string; b_outbox?: string };
  odoo_api_key_file?: string;
  versions?: Record<string, string>;
  logins?: { login: string; password: string; role: string }[];
  pids?: Record<string, number>;
  /** Per endpoint code: what differs between machines (never a secret). */
  endpoints?: Record<string, Record<string, unknown>>;
}

/** `.local/secrets.json`; every value is a secret. */
interface SecretsFile {
  service_api_key?: string;
  service_bearer?: string;
  sandbox_bearer?: string;
  /** PEM, the present key first; two while the key is changed. */
  service_private_key?: string;
  endpoints?: Record<
    string,
    { inbound_bearer?: string; outbound_bearer?: string }
  >;
}

/** How to reach Odoo. `login` is needed by XML-RPC only. */
export interface OdooSettings {
  url: string;
  db: string;
  apiKey: string;
  protocol: "json2" | "xmlrpc";
  login?: string;
}

/** Flags of the command line; a flag wins over the environment. */
export interface ConfigFlags {
  odooUrl?: string;
  odooDb?: string;
}

/** Raised for settings that are missing or cannot be used. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

/** Everything a command needs to know about its surroundings. */
export interface Config {
  /** The project's folder. */
  root: string;
  /** The suite's version. */
  version: string;
  run: RunFile;
  runFile: string;
  /** Folder transports and the sandbox keep their files below this. */
  dataDir: string;
  /** Odoo's connection. @throws ConfigError naming what is missing. */
  odoo(): OdooSettings;
  /** Bearer tokens that a partner may present for an endpoint. */
  inboundBearers(endpoint: string): string[];
  /**
   * Bearer token that we present to an endpoint's partner. The sandbox's own
   * token is used only towards the sandbox's address.
   */
  outboundBearer(endpoint: string, sandbox: boolean): string | undefined;
  /** Address of the sandbox's Supplier A, where one runs. */
  sandboxUrl(): string | undefined;
  /** The sandbox partners' own credentials. */
  sandboxBearer(): string | undefined;
  serviceBearer(endpoint: string): string | undefined;
  /** PEM of the keys that open sealed credentials, the present one first. */
  servicePrivateKeys(): string | undefined;
  /** Token that `/metrics` asks for. */
  metricsBearer(): string | undefined;
  env: NodeJS.ProcessEnv;
}

const PROJECT = "healthcare-procurement-suite";

/** Walks up from this file to the package that it belongs to. */
function findRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const file = join(folder, "package.json");
    if (existsSync(file) && readJson<{ name?: string }>(file).name === PROJECT)
      return folder;
    const parent = dirname(folder);
    if (parent === folder)
      throw new ConfigError("The project's package.json was not found.");
    folder = parent;
  }
}

function readJson<T>(file: string): T {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as T;
  } catch (error) {
    // The message names the file, never its content: it may hold secrets.
    const why =
      error instanceof SyntaxError ? "is not valid JSON" : "cannot be read";
    throw new ConfigError(`${file} ${why}.`);
  }
}

/** A secret by environment variable, or by `NAME_FILE` (for containers). */
function envSecret(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const direct = env[name];
  if (direct) return direct.trim();
  const file = env[`${name}_FILE`];
  if (!file) return undefined;
  try {
    return readFileSync(file, "utf8").trim() || undefined;
  } catch {
    throw new ConfigError(`${name}_FILE names ${file}, which cannot be read.`);
  }
}

/** `SUPPLIER_A` → `HCP_ENDPOINT_SUPPLIER_A_INBOUND_BEARER`. */
function bearerVariable(
  endpoint: string,
  side: "INBOUND" | "OUTBOUND",
): string {
  const code = endpoint.toUpperCase().replace(/[^A-Z0-9]/g, "_");
  return `HCP_ENDPOINT_${code}_${side}_BEARER`;
}

/**
 * Reads the surroundings once.
 * @throws ConfigError when a file that is there cannot be read.
 */
export function loadConfig(
  flags: ConfigFlags = {},
  env: NodeJS.ProcessEnv = process.env,
): Config {
  const root = findRoot();
  const runFile = resolve(env.HCP_RUN_FILE ?? join(root, ".local", "run.json"));
  const local = dirname(runFile);
  const run = existsSync(runFile) ? readJson<RunFile>(runFile) : {};
  const secretsFile = resolve(
    env.HCP_SECRETS_FILE ?? join(local, "secrets.json"),
  );
  const secrets = existsSync(secretsFile)
    ? readJson<SecretsFile>(secretsFile)
    : {};
  const bearer = (code: string, side: "INBOUND" | "OUTBOUND") =>
    envSecret(env, bearerVariable(code, side)) ??
    secrets.endpoints?.[code]?.[
      side === "INBOUND" ? "inbound_bearer" : "outbound_bearer"
    ];
  const inbound = (code: string) =>
    bearer(code, "INBOUND") ??
    envSecret(env, "HCP_SERVICE_BEARER") ??
    secrets.service_bearer;
  const sandboxBearer = () =>
    envSecret(env, "HCP_SANDBOX_BEARER") ?? secrets.sandbox_bearer;
  return {
    root,
    version: readJson<{ version: string }>(join(root, "package.json")).version,
    run,
    runFile,
    env,
    dataDir: resolve(env.HCP_DATA_DIR ?? join(local, "data")),
    odoo: () => odooSettings(flags, env, run, local, secrets),
    inboundBearers: (code) =>
      [inbound(code)].filter((one) => one !== undefined),
    outboundBearer: (code, sandbox) =>
      bearer(code, "OUTBOUND") ?? (sandbox ? sandboxBearer() : undefined),
    sandboxUrl: () => env.HCP_SANDBOX_URL ?? run.sandbox?.a_url,
    sandboxBearer,
    serviceBearer: inbound,
    servicePrivateKeys: () =>
      envSecret(env, "HCP_SERVICE_PRIVATE_KEY") ?? secrets.service_private_key,
    metricsBearer: () => envSecret(env, "HCP_METRICS_BEARER"),
  };
}

function odooSettings(
  flags: ConfigFlags,
  env: NodeJS.ProcessEnv,
  run: RunFile,
  local: string,
  secrets: SecretsFile,
): OdooSettings {
  const url = flags.odooUrl ?? env.HCP_ODOO_URL ?? run.odoo_url;
  const db = flags.odooDb ?? env.HCP_ODOO_DB ?? run.odoo_db;
  const missing: string[] = [];
  if (!url) missing.push("address (HCP_ODOO_URL)");
  if (!db) missing.push("database (HCP_ODOO_DB)");
  const apiKey =
    envSecret(env, "HCP_ODOO_API_KEY") ??
    (run.odoo_api_key_file
      ? keyFromFile(local, run.odoo_api_key_file)
      : undefined) ??
    secrets.service_api_key;
  if (!apiKey) missing.push("API key (HCP_ODOO_API_KEY)");
  if (!url || !db || !apiKey) {
    throw new ConfigError(
      `Odoo's ${missing.join(", ")} ${missing.length > 1 ? "are" : "is"} not known: ` +
        "start the local instance with `npm start`, or set the variables named.",
    );
  }
  if (!/^https?:\/\//.test(url))
    throw new ConfigError(`Odoo's address ${url} is not an http(s) address.`);
  const protocol = env.HCP_ODOO_PROTOCOL ?? "json2";
  if (protocol !== "json2" && protocol !== "xmlrpc")
    throw new ConfigError("HCP_ODOO_PROTOCOL is json2 or xmlrpc.");
  return {
    url: url.replace(/\/+$/, ""),
    db,
    apiKey,
    protocol,
    login: env.HCP_ODOO_LOGIN ?? "hcp-service",
  };
}

function keyFromFile(local: string, file: string): string | undefined {
  const path = isAbsolute(file) ? file : join(local, file);
  if (!existsSync(path)) return undefined;
  return readFileSync(path, "utf8").trim() || undefined;
}

/** Port of an address, or undefined. */
export function portOf(url: string | undefined): number | undefined {
  if (!url) return undefined;
  const port = Number(new URL(url).port);
  return port > 0 ? port : undefined;
}
