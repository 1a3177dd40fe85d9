/**
 * The two halves of an instance: the tools, which are shared and need no
 * server, and a cluster of its own that runs.
 */
import { withLock } from "./lock.mjs";
import { checkMachine } from "./machine.mjs";
import { ensureNodeModules } from "./npm.mjs";
import { ensureOdoo } from "./odoo-source.mjs";
import { findPort } from "./ports.mjs";
import { ensureCluster, ensurePostgres, startPostgres } from "./postgres.mjs";
import { ensurePython } from "./python.mjs";
import { ensureSecrets } from "./secrets.mjs";
import { join } from "node:path";

/**
 * @typedef {object} Tools
 * @property {import("./postgres.mjs").Postgres} postgres
 * @property {import("./odoo-source.mjs").OdooSource} odoo
 * @property {string} python interpreter with Odoo and the OCA addons
 * @property {string} pythonVersion
 */

/**
 * @typedef {object} Instance
 * @property {import("./context.mjs").Context} ctx
 * @property {import("./secrets.mjs").Secrets} secrets
 * @property {import("./odoo-source.mjs").OdooSource} odoo
 * @property {import("./postgres.mjs").Postgres} postgres
 * @property {string} python
 * @property {string} pythonVersion
 * @property {number} postgresPort
 */

/**
 * Installs whatever is missing of npm packages, PostgreSQL, Odoo and Python
 * packages into the shared folder. Two at a time wait for each other.
 * @param {import("./context.mjs").Context} ctx
 * @param {{ dev?: boolean }} [options] dev: with the tools for tests and lint
 * @returns {Promise<Tools>}
 * @throws {SetupError} with what to do
 */
export async function ensureTools(ctx, options = {}) {
  const machine = await checkMachine(ctx);
  const work = async () => {
    await ensureNodeModules(ctx);
    const postgres = await ensurePostgres(ctx);
    const odoo = await ensureOdoo(ctx);
    const python = await ensurePython(ctx, { machine, odoo, ...options });
    return { postgres, odoo, python, pythonVersion: machine.pythonVersion };
  };
  return withLock(join(ctx.shared, "setup.lock"), work, (pid) =>
    ctx.report.say(
      `Another set-up (process ${pid}) is at work here; waiting for it.`,
    ),
  );
}

/**
 * Starts the context's own cluster, made first if there is none.
 * @param {import("./context.mjs").Context} ctx
 * @param {Tools} tools
 * @param {object} options
 * @param {number} options.port wanted; the next free one is taken
 * @param {Set<number>} [options.taken] ports promised to others
 * @param {boolean} [options.durable] false for throw-away data
 * @param {Record<string, string>} [options.settings] of PostgreSQL
 * @returns {Promise<Instance>}
 */
export async function openInstance(ctx, tools, options) {
  const secrets = ensureSecrets(ctx);
  await ensureCluster(ctx, tools.postgres, secrets);
  const port = await findPort(options.port, { taken: options.taken });
  await startPostgres(ctx, tools.postgres, { ...options, port });
  return { ctx, secrets, ...tools, postgresPort: port };
}
