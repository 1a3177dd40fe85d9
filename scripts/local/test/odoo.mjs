/** The addons' own tests, in a real Odoo on a copy of the template. */
import { readFileSync, readdirSync, rmSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

import { copyDatabase, dropDatabase } from "../lib/database.mjs";
import { runOdoo, writeOdooConf } from "../lib/odoo-server.mjs";
import { findPort } from "../lib/ports.mjs";
import { odooLogDetails, ownLintFindings, readOdooLog } from "./odoo-log.mjs";
import { TEMPLATE } from "./prepare.mjs";

const TEST_PORT = 8269;

/**
 * Runs tests on a fresh copy of a database.
 * @param {import("./prepare.mjs").World} world
 * @param {object} options
 * @param {string} options.db name of the copy, also of the log
 * @param {string} [options.template]
 * @param {string} options.tags Odoo's `--test-tags`
 * @param {string[]} [options.args]
 * @returns {Promise<{ log: string, code: number }>}
 */
export async function runOdooTests(world, options) {
  const { db, template = TEMPLATE, tags, args = [] } = options;
  const instance = await world.instance();
  await copyDatabase(instance, template, db);
  const logFile = join(world.ctx.local, "log", `${db}.log`);
  rmSync(logFile, { force: true });
  const port = await findPort(TEST_PORT, { taken: world.taken });
  const conf = writeOdooConf(instance, db, { httpPort: port });
  const { code } = await runOdoo(
    instance,
    db,
    [...args, "--test-tags", tags, "--stop-after-init"],
    { conf, logFile, env: testEnv(world), expected: [0, 1, 255] },
  );
  await dropDatabase(instance, db);
  return { log: readFileSync(logFile, "utf8"), code };
}

/** Odoo looks for a browser, and its lint for tools, by name on the PATH. */
function testEnv({ ctx, python, chromium }) {
  const folders = [dirname(python), chromium && dirname(chromium)];
  return {
    PATH: [...folders.filter(Boolean), ctx.env.PATH].join(delimiter),
    HCP_CHROMIUM: chromium,
  };
}

/** Tests of all our addons that the template has. */
export async function odooTests(world) {
  const addons = readdirSync(join(world.ctx.root, "addons"))
    .filter((name) => /^healthcare_/.test(name))
    .filter((name) => name !== "healthcare_demo");
  const { log, code } = await runOdooTests(world, {
    db: "hcp_test",
    tags: addons.map((name) => `/${name}`).join(","),
  });
  const { passed, failed, hoot, details } = readOdooLog(log);
  const silent = code !== 0 && failed === 0;
  return [
    {
      suite: "odoo",
      passed,
      failed: silent ? 1 : failed,
      details: silent ? odooLogDetails(log, code) : details,
    },
    { suite: "hoot", passed: hoot, failed: 0 },
  ];
}

/** Odoo's `test_lint`: only what it finds in our addons counts. */
export async function odooLint(world) {
  const { log } = await runOdooTests(world, {
    db: "hcp_lint",
    tags: "/test_lint",
    args: ["-i", "test_lint"],
  });
  const { passed, failed } = readOdooLog(log);
  const findings = ownLintFindings(log);
  const ran = passed + failed;
  return [
    {
      suite: "odoo-lint",
      passed: findings.length || ran === 0 ? 0 : 1,
      failed: findings.length || ran === 0 ? 1 : 0,
      details: findings.slice(0, 30),
    },
  ];
}
