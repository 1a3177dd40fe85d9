/** `hcp info`: where things run and how they are. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { request } from "undici";
import type { Config, OdooSettings } from "../config.ts";
import { createOdooClient } from "../odoo/client.ts";
import { ExchangeApi } from "../odoo/exchange.ts";
import { configOf } from "./common.ts";

/** Milliseconds that a part gets to answer. */
const LIMIT = 5_000;

/** One part's health; `detail` says what is wrong, for people. */
interface Health {
  status: "ok" | "failing" | "not_configured";
  detail?: string;
}

interface Info {
  odoo_url: string | null;
  odoo_db: string | null;
  postgres_url?: string;
  service_url: string | null;
  versions: Record<string, string>;
  health: Record<"odoo" | "database" | "rpc" | "service" | "sandbox", Health>;
  logins?: { login: string; password: string; role: string }[];
}

export function infoCommand(): Command {
  return new Command("info")
    .description("where things run, versions, health, demo logins")
    .option("--json", "as JSON")
    .action(async (flags: { json?: boolean }, command: Command) => {
      const info = await gather(configOf(command));
      process.stdout.write(
        flags.json ? `${JSON.stringify(info, null, 2)}\n` : readable(info),
      );
    });
}

async function gather(config: Config): Promise<Info> {
  const { env, run } = config;
  const settings = settingsOf(config);
  const url = settings?.url ?? env.HCP_ODOO_URL ?? run.odoo_url ?? null;
  const serviceUrl = env.HCP_SERVICE_URL ?? run.service_url ?? null;
  // Facts of the local instance belong to no other.
  const local = url !== null && url === run.odoo_url?.replace(/\/+$/, "");
  const [odoo, rpc, service, sandbox] = await Promise.all([
    odooHealth(url),
    rpcHealth(settings),
    pageHealth(serviceUrl && `${serviceUrl}/health/ready`),
    pageHealth(config.sandboxUrl() && `${config.sandboxUrl()}/health`),
  ]);
  return {
    odoo_url: url,
    odoo_db: settings?.db ?? env.HCP_ODOO_DB ?? run.odoo_db ?? null,
    ...(local && run.postgres_url ? { postgres_url: run.postgres_url } : {}),
    service_url: serviceUrl,
    versions: {
      suite: suiteVersion(config),
      node: process.versions.node,
      ...(local ? run.versions : {}),
    },
    health: { ...odoo, rpc, service, sandbox },
    ...(local && run.logins ? { logins: run.logins } : {}),
  };
}

function settingsOf(config: Config): OdooSettings | undefined {
  try {
    return config.odoo();
  } catch {
    // Nothing is configured yet: that is an answer, too.
    return undefined;
  }
}

function suiteVersion(config: Config): string {
  const file = join(config.root, "package.json");
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string })
    .version;
}

const NOT_CONFIGURED: Health = { status: "not_configured" };

/** Odoo's own health page, which looks at the database server as well. */
async function odooHealth(
  url: string | null,
): Promise<{ odoo: Health; database: Health }> {
  if (!url) return { odoo: NOT_CONFIGURED, database: NOT_CONFIGURED };
  const odoo = await pageHealth(`${url}/web/health`);
  if (odoo.status !== "ok")
    return {
      odoo,
      database: { status: "failing", detail: "Odoo does not answer" },
    };
  const database = await pageHealth(`${url}/web/health?db_server_status=1`);
  return { odoo, database };
}

/** A call as the service makes it: address, database, key and rights. */
async function rpcHealth(settings: OdooSettings | undefined): Promise<Health> {
  if (!settings) return NOT_CONFIGURED;
  const client = createOdooClient(settings);
  try {
    const exchange = new ExchangeApi(client);
    await exchange.endpoints({ timeout: LIMIT });
    return { status: "ok" };
  } catch (error) {
    return failing(error);
  } finally {
    await client.close();
  }
}

async function pageHealth(address: string | null | undefined): Promise<Health> {
  if (!address) return NOT_CONFIGURED;
  try {
    const answer = await request(address, {
      signal: AbortSignal.timeout(LIMIT),
    });
    await answer.body.dump();
    return answer.statusCode === 200
      ? { status: "ok" }
      : { status: "failing", detail: `answered ${answer.statusCode}` };
  } catch (error) {
    return failing(error);
  }
}

function failing(error: unknown): Health {
  const { code, message } = error as { code?: unknown; message?: string };
  const detail = message || (typeof code === "string" ? code : "no answer");
  return { status: "failing", detail };
}

function readable(info: Info): string {
  const lines = [
    `Odoo      ${info.odoo_url ?? "not configured"}`,
    `database  ${info.odoo_db ?? "not configured"}`,
    ...(info.postgres_url ? [`postgres  ${info.postgres_url}`] : []),
    `service   ${info.service_url ?? "not configured"}`,
    "",
    ...Object.entries(info.health).map(
      ([part, { status, detail }]) =>
        `${part.padEnd(9)} ${status}${detail ? ` (${detail})` : ""}`,
    ),
    "",
    ...Object.entries(info.versions).map(
      ([name, version]) => `${name.padEnd(9)} ${version}`,
    ),
  ];
  if (info.logins?.length) {
    lines.push("", "Demo logins");
    for (const { role, login, password } of info.logins)
      lines.push(`${role.padEnd(17)} ${login.padEnd(14)} ${password}`);
  }
  return `${lines.join("\n")}\n`;
}
