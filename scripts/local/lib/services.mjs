/** The integration service and the sandbox partners, as processes. */
import { join } from "node:path";
import process from "node:process";

import { waitFor } from "./odoo-server.mjs";
import { startProcess } from "./processes.mjs";
import { runFile } from "./run-file.mjs";

/**
 * Starts a command of `hcp` for this instance.
 * @param {import("./context.mjs").Context} ctx
 * @param {string} name of process and log
 * @param {string[]} args such as `["sync", "serve"]`
 * @returns {Promise<import("./processes.mjs").Managed>}
 */
export function startHcp(ctx, name, args) {
  return startProcess(ctx, {
    name,
    command: process.execPath,
    args: [join(ctx.root, "scripts", "hcp.mjs"), ...args],
    env: hcpEnv(ctx),
  });
}

/**
 * @param {import("./context.mjs").Context} ctx
 * @returns {Record<string, string | undefined>} how `hcp` finds this instance
 */
export function hcpEnv(ctx) {
  return {
    HCP_RUN_FILE: runFile(ctx),
    HCP_SECRETS_FILE: join(ctx.local, "secrets.json"),
    HCP_DATA_DIR: join(ctx.local, "data"),
  };
}

/**
 * @param {import("./context.mjs").Context} ctx
 * @param {{ service: number }} ports
 */
export async function startService(ctx, ports) {
  const server = await startHcp(ctx, "service", ["sync", "serve"]);
  const url = `http://127.0.0.1:${ports.service}/health/live`;
  await waitFor(server, url, "The integration service", 60_000);
}

/**
 * @param {import("./context.mjs").Context} ctx
 * @param {{ sandbox: number }} ports
 */
export async function startSandbox(ctx, ports) {
  const server = await startHcp(ctx, "sandbox", ["sandbox"]);
  const url = `http://127.0.0.1:${ports.sandbox}/health`;
  await waitFor(server, url, "The sandbox", 60_000);
}
