/**
 * Every test there is, on a bare machine. One installation of Odoo becomes a
 * template; Odoo's tests run on copies of it, TypeScript's beside them; then
 * HOOT's and the browser's against one server. What is installed lands in
 * `.local/`, what is tested in `.local/test/`, made anew each time.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

import { killCommands } from "../lib/commands.mjs";
import { createContext } from "../lib/context.mjs";
import { explain } from "../lib/errors.mjs";
import { tryLock } from "../lib/lock.mjs";
import { cleanLeftovers, stopAll } from "../lib/processes.mjs";
import { seconds } from "../lib/report.mjs";
import { prepare } from "./prepare.mjs";
import { LANES, SUITES } from "./suites.mjs";
import { createTally } from "./tally.mjs";

/** Runs to the end of the process; sets its exit code. */
export async function main(argv = process.argv.slice(2)) {
  const only = parse(argv);
  const ctx = createContext({ local: join(".local", "test") });
  const lock = tryLock(join(ctx.shared, "test.lock"));
  if ("holder" in lock) {
    console.error(
      `Another test run (process ${lock.holder.pid}) is at work in this folder; wait for it or stop it.`,
    );
    process.exitCode = 1;
    return;
  }
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(name, async () => {
      killCommands();
      await stopAll(ctx, { force: true });
      process.exit(1);
    });
  }
  const began = Date.now();
  const tally = createTally();
  try {
    await cleanLeftovers(ctx);
    rmSync(join(ctx.local, "data"), { recursive: true, force: true });
    const world = await prepare(ctx, only);
    await Promise.all(LANES.map((lane) => runLane(lane, only, world, tally)));
  } catch (error) {
    const told = explain("Test run", error, ctx.logFile);
    tally.add({
      suite: "set-up",
      passed: 0,
      failed: 1,
      milliseconds: Date.now() - began,
      details: told.message.split("\n"),
    });
  }
  await stopAll(ctx);
  lock.release();
  console.log(`\nTook ${seconds(Date.now() - began)}.`);
  if (!tally.print((text) => console.log(text))) process.exitCode = 1;
  // A handle that somebody left open must not keep a finished run alive.
  process.exit();
}

/** @returns {Set<string> | undefined} names of suites; undefined: all */
function parse(argv) {
  if (argv.length === 0) return undefined;
  const [flag, ...names] = argv;
  const known = new Set(Object.keys(SUITES));
  if (flag !== "--only" || !names.length || names.some((n) => !known.has(n))) {
    console.error(
      `Usage: npm test [-- --only SUITE…], with SUITE out of: ${[...known].join(", ")}`,
    );
    process.exit(1);
  }
  return new Set(names);
}

/** One suite after the other; a suite that breaks does not stop the next. */
async function runLane(lane, only, world, tally) {
  for (const name of lane) {
    if (only && !only.has(name)) continue;
    const suite = SUITES[name];
    const report = world.ctx.report.step(suite.title);
    const began = Date.now();
    try {
      for (const result of await suite.run(world))
        tally.add({ milliseconds: Date.now() - began, ...result });
      report.done();
    } catch (error) {
      report.failed();
      const told = explain(suite.title, error, world.ctx.logFile);
      tally.add({
        suite: name,
        passed: 0,
        failed: 1,
        milliseconds: Date.now() - began,
        details: told.message.split("\n"),
      });
    }
  }
}
