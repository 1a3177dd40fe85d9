/** `.local/run.json`: where everything runs, for `hcp` and for tests. */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

import { DATABASE } from "./constants.mjs";
import { demoLogins } from "./demo.mjs";
import { readJson, writeJson } from "./files.mjs";
import { postgresUrl } from "./postgres.mjs";

/** @param {import("./context.mjs").Context} ctx @returns {string} */
export function runFile(ctx) {
  return join(ctx.local, "run.json");
}

/**
 * Writes the run file, readable by its owner only (it holds demo passwords).
 * @param {import("./instance.mjs").Instance} instance
 * @param {{ odoo: number, service: number, sandbox: number }} ports
 * @param {object} [options]
 * @param {string} [options.db]
 * @returns {string} its path
 */
export function writeRunFile(instance, ports, { db = DATABASE } = {}) {
  const { ctx, secrets } = instance;
  const sandboxUrl = `http://127.0.0.1:${ports.sandbox}`;
  const suite = JSON.parse(
    readFileSync(join(ctx.root, "package.json"), "utf8"),
  );
  writeJson(
    runFile(ctx),
    {
      odoo_url: `http://127.0.0.1:${ports.odoo}`,
      odoo_db: db,
      postgres_url: postgresUrl(instance.postgresPort, secrets, db),
      service_url: `http://127.0.0.1:${ports.service}`,
      sandbox: {
        a_url: sandboxUrl,
        // Named as supplier B sees them: its inbox is our outbox.
        b_inbox: join(ctx.local, "data", "supplier-b", "outbox"),
        b_outbox: join(ctx.local, "data", "supplier-b", "inbox"),
      },
      endpoints: { SUPPLIER_A: { base_url: sandboxUrl } },
      versions: {
        suite: suite.version,
        odoo: instance.odoo.version,
        postgres: instance.postgres.version,
        python: instance.pythonVersion,
        node: process.versions.node,
      },
      logins: demoLogins(ctx, secrets),
      pids: {
        start: process.pid,
        ...Object.fromEntries(ctx.processes.map((one) => [one.name, one.pid])),
      },
    },
    0o600,
  );
  return runFile(ctx);
}

/**
 * Takes away the process ids; the rest stays, so that commands can say that
 * the instance is there but not running.
 * @param {import("./context.mjs").Context} ctx
 */
export function clearPids(ctx) {
  const run = readJson(runFile(ctx));
  if (run) writeJson(runFile(ctx), { ...run, pids: {} }, 0o600);
  else rmSync(runFile(ctx), { force: true });
}
