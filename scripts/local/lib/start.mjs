/**
 * `npm start`: from a bare machine to a working hospital, and again in
 * seconds. Stays in the foreground; Ctrl-C stops everything in order, a
 * second Ctrl-C at once.
 */
import { join } from "node:path";
import process from "node:process";

import { buildSuite } from "./build.mjs";
import { killCommands } from "./commands.mjs";
import { DATABASE, PORTS } from "./constants.mjs";
import { createContext } from "./context.mjs";
import { databaseState, demoLogins, ensureDemoDatabase } from "./demo.mjs";
import { SetupError, explain } from "./errors.mjs";
import { readJson } from "./files.mjs";
import { ensureTools, openInstance } from "./instance.mjs";
import { tryLock } from "./lock.mjs";
import { startOdoo } from "./odoo-server.mjs";
import { findPort } from "./ports.mjs";
import { cleanLeftovers, stopAll } from "./processes.mjs";
import { seconds } from "./report.mjs";
import { clearPids, runFile, writeRunFile } from "./run-file.mjs";
import { startSandbox, startService } from "./services.mjs";
import { runStep } from "./steps.mjs";
import { warmAssets } from "./warm.mjs";

/** Runs to the end of the process; sets its exit code. */
export async function main() {
  const ctx = createContext();
  const lock = tryLock(join(ctx.local, "start.lock"));
  if ("holder" in lock) {
    const url = readJson(runFile(ctx))?.odoo_url;
    console.error(
      `It runs already${url ? ` at ${url}` : ""} (process ${lock.holder.pid}). Stop it there with Ctrl-C first, or just use it.`,
    );
    process.exitCode = 1;
    return;
  }
  const stopping = handleSignals(ctx, lock);
  const began = Date.now();
  try {
    await start(ctx, began);
    const dead = await Promise.race([firstEnd(ctx), stopping.asked]);
    if (dead && !stopping.now()) {
      throw new SetupError(
        `${dead.name} has ended by itself.`,
        `Its log is ${dead.logFile}; everything else is stopped now.`,
      );
    }
  } catch (error) {
    if (!stopping.now()) {
      const told = explain("Start", error, ctx.logFile);
      console.error(`\n${told.message}`);
      process.exitCode = 1;
    }
  }
  await stopping.stop();
}

/** Everything up to the printed address. */
async function start(ctx, began) {
  const left = await cleanLeftovers(ctx);
  if (left)
    ctx.report.say(
      `  Stopped ${left} process(es) that an earlier start left behind.`,
    );
  clearPids(ctx);
  const tools = await ensureTools(ctx);
  await buildSuite(ctx);
  const taken = new Set();
  const instance = await openInstance(ctx, tools, {
    port: await port(ctx, "PostgreSQL", PORTS.postgres, new Set()),
    taken,
  });
  await ensureDemoDatabase(instance);
  const ports = {
    odoo: await port(ctx, "Odoo", PORTS.odoo, taken),
    service: await port(ctx, "The integration service", PORTS.service, taken),
    sandbox: await port(ctx, "The sandbox", PORTS.sandbox, taken),
  };
  writeRunFile(instance, ports);
  await serve(ctx, instance, ports);
  writeRunFile(instance, ports);
  printWelcome(ctx, instance, began);
}

async function port(ctx, what, wanted, taken) {
  const found = await findPort(wanted, { taken });
  if (found !== wanted)
    ctx.report.say(`  Port ${wanted} is in use; ${what} takes ${found}.`);
  return found;
}

/** The partners need no Odoo; the service does. */
async function serve(ctx, instance, ports) {
  await runStep(ctx, {
    id: "odoo-server",
    title: "Odoo and the sandbox partners",
    run: async () => {
      const odoo = { db: DATABASE, port: ports.odoo };
      await Promise.all([startOdoo(instance, odoo), startSandbox(ctx, ports)]);
    },
  });
  await runStep(ctx, {
    id: "service-server",
    title: "Integration service",
    run: () => startService(ctx, ports),
  });
  // Odoo keeps its bundles until its modules are updated.
  await runStep(ctx, {
    id: "warm",
    title: "First screens loaded once",
    digest: databaseState(ctx),
    run: () => warm(ctx, `http://127.0.0.1:${ports.odoo}`, instance),
  });
}

/** A changed password is the user's right, and no reason not to start. */
async function warm(ctx, url, instance) {
  const user = demoLogins(ctx, instance.secrets).find(
    (one) => one.role === "clerk",
  ) ?? { login: "admin", password: instance.secrets.admin_password };
  try {
    await warmAssets(url, user);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    ctx.report.say(`  ${error.message}`);
  }
}

function printWelcome(ctx, instance, began) {
  const run = readJson(runFile(ctx));
  const width = Math.max(...run.logins.map((one) => one.login.length), 5);
  const lines = run.logins.map(
    (one) =>
      `    ${one.login.padEnd(width)}  ${one.password}  (${one.role.replaceAll("_", " ")})`,
  );
  ctx.report.say(
    [
      "",
      `  Ready after ${seconds(Date.now() - began)}.`,
      "",
      `  Open  ${run.odoo_url}`,
      "",
      "  Log in as",
      ...lines,
      `    ${"admin".padEnd(width)}  ${instance.secrets.admin_password}  (Odoo's own administrator)`,
      "",
      `  Integration service ${run.service_url}, logs in ${join(ctx.local, "log")}`,
      "  Ctrl-C stops all of it; the data are kept.",
      "",
    ].join("\n"),
  );
}

/** The first process that ends by itself. */
function firstEnd(ctx) {
  return Promise.race(
    ctx.processes.map(async (one) => {
      await one.exited;
      return one;
    }),
  );
}

/**
 * First signal: stop in order. Second: kill. Either way nothing of ours is
 * left behind.
 */
function handleSignals(ctx, lock) {
  let asked = false;
  let stopped;
  let ask;
  const promise = new Promise((resolve) => {
    ask = resolve;
  });
  const stop = () => {
    stopped ??= (async () => {
      killCommands();
      await stopAll(ctx, {
        onStop: (name) => ctx.report.say(`  Stopping ${name}`),
      });
      clearPids(ctx);
      lock.release();
    })();
    return stopped;
  };
  const onSignal = async () => {
    if (asked) {
      killCommands();
      await stopAll(ctx, { force: true });
      return;
    }
    asked = true;
    ctx.report.say("");
    await stop();
    ask(undefined);
    // A set-up that was interrupted may still wait for something.
    process.exit(process.exitCode ?? 0);
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"])
    process.on(name, onSignal);
  return { asked: promise, now: () => asked, stop };
}
