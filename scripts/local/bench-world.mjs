/**
 * The world of `npx hcp bench`: an Odoo with the suite and its demo, on a
 * database that is copied anew for each run, so that figures are comparable
 * and nothing is left in anybody's data.
 *
 * Spoken with over standard input and output, one JSON object per line.
 * Says `{"ready": …}` once; takes `{"id", "script", "env"}` (a file of
 * scripts/bench/odoo, run inside `odoo shell`) and `{"id", "service": true}`
 * or `false`; answers `{"id", "output"}` or `{"id", "error"}`. Ends, and stops
 * everything, when its input ends.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";

import { buildSuite } from "./lib/build.mjs";
import { killCommands } from "./lib/commands.mjs";
import { DATABASE, PORTS } from "./lib/constants.mjs";
import { createContext } from "./lib/context.mjs";
import { copyDatabase } from "./lib/database.mjs";
import { ensureDemoDatabase } from "./lib/demo.mjs";
import { ensureTools, openInstance } from "./lib/instance.mjs";
import { runOdoo, startOdoo } from "./lib/odoo-server.mjs";
import { findPort } from "./lib/ports.mjs";
import { cleanLeftovers, stopAll } from "./lib/processes.mjs";
import { createReporter } from "./lib/report.mjs";
import { runFile, writeRunFile } from "./lib/run-file.mjs";
import { hcpEnv, startService } from "./lib/services.mjs";

const BENCH = "hcp_bench";

const ctx = createContext({
  local: join(".local", "bench"),
  report: createReporter(process.stderr),
});

async function open() {
  await cleanLeftovers(ctx);
  const tools = await ensureTools(ctx);
  await buildSuite(ctx);
  const taken = new Set();
  const instance = await openInstance(ctx, tools, {
    port: PORTS.postgres + 200,
    taken,
  });
  await ensureDemoDatabase(instance);
  await copyDatabase(instance, DATABASE, BENCH);
  const port = (wanted) => findPort(wanted + 200, { taken });
  const ports = {
    odoo: await port(PORTS.odoo),
    service: await port(PORTS.service),
    sandbox: await port(PORTS.sandbox),
  };
  writeRunFile(instance, ports, { db: BENCH });
  // Scheduled work would measure itself into the figures.
  const odoo = await startOdoo(instance, {
    db: BENCH,
    port: ports.odoo,
    cronThreads: 0,
  });
  return { instance, ports, odoo };
}

let service;

async function answer({ instance, ports }, request) {
  if (request.service === true) {
    await startService(ctx, ports);
    service = ctx.processes.find((one) => one.name === "service");
    return "";
  }
  if (request.service === false) {
    await service?.stop();
    return "";
  }
  const file = join(ctx.root, "scripts", "bench", "odoo", request.script);
  const { stdout } = await runOdoo(
    instance,
    BENCH,
    ["--no-http", "--log-level=warn"],
    { command: "shell", input: readFileSync(file, "utf8"), env: request.env },
  );
  return stdout;
}

function say(value) {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

for (const name of ["SIGINT", "SIGTERM"]) {
  process.on(name, async () => {
    killCommands();
    await stopAll(ctx, { force: true });
    process.exit(1);
  });
}
try {
  const world = await open();
  say({
    ready: {
      env: hcpEnv(ctx),
      runFile: runFile(ctx),
      odoo: { pid: world.odoo.pid, log: world.odoo.logFile },
    },
  });
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    try {
      say({ id: request.id, output: await answer(world, request) });
    } catch (error) {
      say({ id: request.id, error: error.message });
    }
  }
} catch (error) {
  say({ failed: error.message });
  process.exitCode = 1;
} finally {
  await stopAll(ctx);
  process.exit();
}
