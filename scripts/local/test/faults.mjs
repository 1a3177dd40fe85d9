/**
 * The crash tests' own instance: a cluster that survives SIGKILL as one in
 * production does, with a template of the suite; the tests start, kill and
 * stop what runs on it.
 */
import { SUITE_MODULE } from "../lib/constants.mjs";
import { createDatabase, dropDatabase } from "../lib/database.mjs";
import { addonsDigest, odooModules } from "../lib/demo.mjs";
import { ensureTools, openInstance } from "../lib/instance.mjs";
import { stopAll } from "../lib/processes.mjs";
import { runStep } from "../lib/steps.mjs";
import { TEMPLATE } from "./prepare.mjs";
import { vitest } from "./vitest.mjs";

/**
 * The suite of `npm test`: in the test run's cluster, when nothing else needs
 * it any more, for it is killed again and again.
 * @param {import("./prepare.mjs").World} world
 */
export async function faults(world) {
  await world.instance();
  await stopAll(world.ctx);
  return vitest(world, "faults", { HCP_FAULTS_LOCAL: world.ctx.local });
}

/**
 * Makes a cluster with the template alone, kept between runs; nothing runs
 * afterwards.
 * @param {import("../lib/context.mjs").Context} ctx
 */
export async function prepareFaults(ctx) {
  const tools = await ensureTools(ctx);
  await runStep(ctx, {
    id: "template",
    title: "Odoo with the suite, for the crash tests",
    digest: addonsDigest(ctx),
    run: async (report) => {
      const instance = await openInstance(ctx, tools, { port: 5700 });
      await dropDatabase(instance, TEMPLATE);
      await createDatabase(instance, TEMPLATE);
      await odooModules(instance, TEMPLATE, ["-i", SUITE_MODULE], report);
      await stopAll(ctx);
    },
  });
}
