/**
 * A real Odoo with the demo, its service and its sandbox, as `npm test` (or
 * `npm start`) has started them; HCP_RUN_FILE says where.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { request } from "undici";
import { loadConfig, type Config } from "../../scripts/config.ts";
import {
  createOdooClient,
  type OdooClient,
} from "../../scripts/odoo/client.ts";

/** Connections to what is running. */
export class Live {
  readonly config: Config = loadConfig();
  private readonly clients: OdooClient[] = [];

  /** A person of a role, over XML-RPC with the demo's password. */
  as(role: string): OdooClient {
    const { login, password } = this.loginOf(role);
    const { url, db } = this.config.odoo();
    const client = createOdooClient({
      url,
      db,
      protocol: "xmlrpc",
      login,
      apiKey: password,
    });
    this.clients.push(client);
    return client;
  }

  loginOf(role: string): { login: string; password: string } {
    const found = this.config.run.logins?.find((one) => one.role === role);
    if (!found) throw new Error(`the run file has no login of a ${role}`);
    return found;
  }

  /** A request to the running service or sandbox. */
  async http(
    part: "service" | "sandbox",
    method: "GET" | "POST",
    path: string,
    options: { body?: string; headers?: Record<string, string> } = {},
  ): Promise<{ status: number; body: Record<string, unknown> }> {
    const base =
      part === "service"
        ? this.config.run.service_url
        : this.config.sandboxUrl();
    const bearer =
      part === "service"
        ? this.config.serviceBearer("SUPPLIER_A")
        : this.config.sandboxBearer();
    const answer = await request(`${base}${path}`, {
      method,
      headers: { authorization: `Bearer ${bearer}`, ...options.headers },
      ...(options.body === undefined ? {} : { body: options.body }),
    });
    return {
      status: answer.statusCode,
      body: (await answer.body.json()) as Record<string, unknown>,
    };
  }

  async close(): Promise<void> {
    for (const client of this.clients) await client.close();
  }
}

/** What a run of `hcp` gave. */
export interface HcpResult {
  code: number | null;
  stdout: string;
  stderr: string;
  lines: Record<string, unknown>[];
}

/** Runs `hcp` as a process of its own, as people do. */
export async function hcp(
  root: string,
  args: string[],
  env: Record<string, string | undefined> = {},
  cwd: string = root,
): Promise<HcpResult> {
  const child = startHcp(root, args, env, cwd);
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => {
    child.on("close", resolve);
  });
  return { code, stdout, stderr, lines: jsonLines(stdout) };
}

/** The lines that are JSON objects of their own. */
function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .split("\n")
    .filter((line) => /^\{.*\}$/.test(line))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Starts `hcp` and leaves it running. */
export function startHcp(
  root: string,
  args: string[],
  env: Record<string, string | undefined> = {},
  cwd: string = root,
): ChildProcess {
  const script = join(root, "scripts", "hcp.mjs");
  return spawn(process.execPath, [script, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
}
