/**
 * `npm run test:upstream`: Odoo's own suites of `purchase`, `purchase_stock`
 * and `stock`, first on Odoo with the OCA addons, then with our suite
 * installed as well. The counts must be the same, and no other test may fail.
 */
import { join } from "node:path";
import process from "node:process";

import { killCommands } from "./lib/commands.mjs";
import { createContext } from "./lib/context.mjs";
import { copyDatabase, createDatabase, dropDatabase } from "./lib/database.mjs";
import { odooModules } from "./lib/demo.mjs";
import { SUITE_MODULE } from "./lib/constants.mjs";
import { stopAll } from "./lib/processes.mjs";
import { runOdooScript } from "./lib/odoo-server.mjs";
import { readOdooLog } from "./test/odoo-log.mjs";
import { runOdooTests } from "./test/odoo.mjs";
import { openBareWorld } from "./test/prepare.mjs";

const MODULES = ["purchase", "purchase_stock", "stock"];
const BASELINE = [
  "purchase_stock",
  "product_expiry",
  "purchase_request",
  "base_tier_validation",
  "purchase_tier_validation",
  "purchase_request_tier_validation",
];

const ctx = createContext({ local: join(".local", "upstream") });
for (const name of ["SIGINT", "SIGTERM"]) {
  process.on(name, async () => {
    killCommands();
    await stopAll(ctx, { force: true });
    process.exit(1);
  });
}
try {
  const world = await openBareWorld(ctx);
  const instance = await world.instance();
  const without = "upstream_without";
  const withSuite = "upstream_with";
  await dropDatabase(instance, without);
  await createDatabase(instance, without);
  await odooModules(instance, without, ["-i", BASELINE.join(",")]);
  await copyDatabase(instance, without, withSuite);
  await odooModules(instance, withSuite, ["-i", SUITE_MODULE]);
  // The payment gate is a control with a date; Odoo's suites know nothing of it.
  await runOdooScript(instance, withSuite, "gate_off.py", {});
  const results = [];
  for (const template of [without, withSuite])
    results.push(await runAll(world, template));
  process.exitCode = compare(...results) ? 0 : 1;
} finally {
  await stopAll(ctx);
}

/** One run per module, so that the counts stand by module. */
async function runAll(world, template) {
  const results = {};
  for (const module of MODULES) {
    const { log } = await runOdooTests(world, {
      db: `${template}_${module}`,
      template,
      tags: `/${module}`,
      script: "odoo_all_tests.py",
    });
    results[module] = readOdooLog(log);
    console.log(`${template} ${module}: ${say(results[module])}`);
  }
  return results;
}

/** @returns {boolean} whether the counts agree and no other test failed */
function compare(without, withSuite) {
  let same = true;
  for (const module of MODULES) {
    const [before, after] = [without[module], withSuite[module]];
    const fresh = after.details.filter((one) => !before.details.includes(one));
    const equal =
      before.passed === after.passed &&
      before.failed === after.failed &&
      before.passed > 0 &&
      fresh.length === 0;
    same &&= equal;
    console.log(
      `${equal ? "equal" : "DIFFERENT"}  ${module}: without ${say(before)}; with ${say(after)}`,
    );
    for (const detail of fresh)
      console.log(`    only with the suite: ${detail}`);
  }
  return same;
}

function say({ passed, failed, skipped }) {
  return `${passed} passed, ${failed - skipped} failed, ${skipped} skipped`;
}
