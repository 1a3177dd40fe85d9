/** What test suites stand on: tools, a template database, a running demo. */
import { buildSuite } from "../lib/build.mjs";
import { ensureChromium } from "../lib/chromium.mjs";
import { DATABASE, PORTS, SUITE_MODULE } from "../lib/constants.mjs";
import { createDatabase, dropDatabase } from "../lib/database.mjs";
import { ensureDemoDatabase, odooModules } from "../lib/demo.mjs";
import { ensureTools, openInstance } from "../lib/instance.mjs";
import { startOdoo } from "../lib/odoo-server.mjs";
import { findPort } from "../lib/ports.mjs";
import { dropCluster } from "../lib/postgres.mjs";
import { writeRunFile } from "../lib/run-file.mjs";
import { hcpEnv, startSandbox, startService } from "../lib/services.mjs";
import { runStep } from "../lib/steps.mjs";
import { needs } from "./suites.mjs";

/** The suite without demo data, installed once; everything else is a copy. */
export const TEMPLATE = "hcp_template";

/**
 * @typedef {object} World
 * @property {import("../lib/context.mjs").Context} ctx
 * @property {string} python
 * @property {string} [chromium] path of the browser
 * @property {Set<number>} taken ports promised to somebody
 * @property {() => Promise<import("../lib/instance.mjs").Instance>} instance a
 *   running PostgreSQL with the template
 * @property {() => Promise<Record<string, string>>} demo starts Odoo with the
 *   demo, service and sandbox; environment variables that name them
 */

/**
 * @param {import("../lib/context.mjs").Context} ctx
 * @param {Set<string> | undefined} only suites that will run
 * @returns {Promise<World>}
 */
export async function prepare(ctx, only) {
  const tools = await ensureTools(ctx, { dev: true });
  const chromium = needs("browser", only)
    ? await ensureChromium(ctx)
    : undefined;
  await buildSuite(ctx);
  const taken = new Set();
  const instance = once(() => openTemplate(ctx, tools, taken));
  const demo = once(async () => startDemo(await instance(), taken));
  return { ctx, python: tools.python, chromium, taken, instance, demo };
}

/**
 * PostgreSQL and the tools alone: for runs that make their own databases.
 * @param {import("../lib/context.mjs").Context} ctx
 * @returns {Promise<World>}
 */
export async function openBareWorld(ctx) {
  const tools = await ensureTools(ctx, { dev: true });
  const chromium = await ensureChromium(ctx);
  await buildSuite(ctx);
  const taken = new Set();
  const instance = once(() => openCluster(ctx, tools, taken));
  return { ctx, python: tools.python, chromium, taken, instance };
}

async function openCluster(ctx, tools, taken) {
  await dropCluster(ctx);
  return openInstance(ctx, tools, {
    port: PORTS.postgres + 100,
    taken,
    durable: false,
  });
}

/** A new cluster each time: what an earlier run left must not help this one. */
async function openTemplate(ctx, tools, taken) {
  const instance = await openCluster(ctx, tools, taken);
  await runStep(ctx, {
    id: "template",
    title: "Odoo with the suite, installed from nothing",
    run: async (report) => {
      await dropDatabase(instance, TEMPLATE);
      await createDatabase(instance, TEMPLATE);
      await odooModules(instance, TEMPLATE, ["-i", SUITE_MODULE], report);
    },
  });
  return instance;
}

async function startDemo(instance, taken) {
  const { ctx } = instance;
  await ensureDemoDatabase(instance, { template: TEMPLATE });
  const port = (wanted) => findPort(wanted + 100, { taken });
  const ports = {
    odoo: await port(PORTS.odoo),
    service: await port(PORTS.service),
    sandbox: await port(PORTS.sandbox),
  };
  writeRunFile(instance, ports);
  await startOdoo(instance, { db: DATABASE, port: ports.odoo });
  await startSandbox(ctx, ports);
  await startService(ctx, ports);
  return hcpEnv(ctx);
}

/** Runs a function at the first call; later calls get the same promise. */
function once(make) {
  let made;
  return () => (made ??= make());
}
