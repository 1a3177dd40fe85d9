/** The addons' own tests, in a real Odoo on a copy of the template. */
import { readFileSync, readdirSync, rmSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

import { run } from "../lib/commands.mjs";
import { copyDatabase, dropDatabase } from "../lib/database.mjs";
import { runOdoo, writeOdooConf } from "../lib/odoo-server.mjs";
import { findPort } from "../lib/ports.mjs";
import { odooLogDetails, ownLintFindings, readOdooLog } from "./odoo-log.mjs";
import { TEMPLATE } from "./prepare.mjs";

const TEST_PORT = 8269;

/** The checks of `test_lint`'s TestPyLint, its own among them. */
const PYLINT_CHECKS = [
  "used-before-assignment",
  "undefined-variable",
  "eval-used",
  "unreachable",
  "function-redefined",
  "sql-injection",
  "missing-gettext",
  "gettext-variable",
  "gettext-placeholders",
  "gettext-repr",
  "raise-unlink-override",
];

/** @param {import("../lib/context.mjs").Context} ctx @returns {string[]} */
function ownAddons(ctx) {
  return readdirSync(join(ctx.root, "addons")).filter((name) =>
    name.startsWith("healthcare_"),
  );
}

/**
 * Runs tests on a fresh copy of a database.
 * @param {import("./prepare.mjs").World} world
 * @param {object} options
 * @param {string} options.db name of the copy, also of the log
 * @param {string} [options.template]
 * @param {string} options.tags Odoo's `--test-tags`
 * @param {string[]} [options.args]
 * @param {string} [options.script] see `runOdoo`
 * @returns {Promise<{ log: string, code: number }>}
 */
export async function runOdooTests(world, options) {
  const { db, template = TEMPLATE, tags, args = [], script } = options;
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
    { conf, script, logFile, env: testEnv(world), expected: [0, 1, 255] },
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
  const addons = ownAddons(world.ctx).filter(
    (name) => name !== "healthcare_demo",
  );
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

/**
 * Odoo's `test_lint`: only what it finds in our addons counts. Its pylint test
 * takes many minutes for all of Odoo, so it runs apart, over our addons alone.
 */
export async function odooLint(world) {
  const { log } = await runOdooTests(world, {
    db: "hcp_lint",
    tags: "/test_lint,-/test_lint:TestPyLint",
    args: ["-i", "test_lint"],
  });
  const { passed, failed } = readOdooLog(log);
  const findings = ownLintFindings(log);
  const clean = findings.length === 0 && passed + failed > 0;
  return [
    {
      suite: "odoo-lint",
      passed: clean ? 1 : 0,
      failed: clean ? 0 : 1,
      details: findings.slice(0, 30),
    },
    await odooPylint(world),
  ];
}

/** What `test_lint`'s TestPyLint runs, with its checkers, over our addons. */
async function odooPylint({ ctx, python, instance }) {
  const { odoo } = await instance();
  const checkers = join(odoo.path, "odoo", "addons", "test_lint", "tests");
  const addons = join(ctx.root, "addons");
  const { code, output } = await run(
    ctx,
    python,
    [
      "-m",
      "pylint",
      "--rcfile=/dev/null",
      "--disable=all,useless-option-value,unknown-option-value",
      `--enable=${PYLINT_CHECKS.join(",")}`,
      "--reports=n",
      "--score=n",
      "--load-plugins=_pylint_path_setup,pylint.extensions.bad_builtin,_odoo_checker_sql_injection,_odoo_checker_gettext,_odoo_checker_unlink_override",
      "--bad-functions=input",
      ...ownAddons(ctx).map((name) => join(addons, name)),
    ],
    {
      env: {
        PYTHONPATH: [checkers, odoo.path].join(delimiter),
        ADDONS_PATH: [addons, ...odoo.addons].join(delimiter),
      },
      logFile: join(ctx.local, "log", "gates.log"),
      expected: Array.from({ length: 33 }, (_, code) => code),
    },
  );
  return {
    suite: "odoo-pylint",
    passed: code === 0 ? 1 : 0,
    failed: code === 0 ? 0 : 1,
    details: code === 0 ? [] : output.split("\n").filter(Boolean).slice(-30),
  };
}
