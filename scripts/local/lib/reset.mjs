/**
 * `npm run reset`: removes the instance (database, files, logs, secrets);
 * with `--all` also everything that was downloaded.
 */
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

import { createContext } from "./context.mjs";
import { explain } from "./errors.mjs";
import { tryLock } from "./lock.mjs";
import { dropCluster } from "./postgres.mjs";
import { cleanLeftovers } from "./processes.mjs";

/** What one instance consists of; downloads and builds stay. */
const INSTANCE = [
  "run.json",
  "secrets.json",
  "data",
  "odoo-data",
  "log",
  "postgres.unfinished",
  "state/database.json",
  "state/database-begun.json",
  "state/logins.json",
];

/** @param {string[]} args */
export async function main(args) {
  const ctx = createContext();
  const lock = tryLock(join(ctx.local, "start.lock"));
  if ("holder" in lock) {
    console.error(
      `It runs (process ${lock.holder.pid}). Stop it there with Ctrl-C first, then run npm run reset again.`,
    );
    process.exitCode = 1;
    return;
  }
  try {
    await cleanLeftovers(ctx);
    dropCluster(ctx);
    const names = args.includes("--all")
      ? readdirSync(ctx.local).filter((name) => name !== "start.lock")
      : [...INSTANCE, ...configurations(ctx)];
    for (const name of names)
      rmSync(join(ctx.local, name), { recursive: true, force: true });
    console.log(
      "The instance and its data are gone; npm start makes a new one.",
    );
  } catch (error) {
    console.error(explain("Reset", error, ctx.logFile).message);
    process.exitCode = 1;
  } finally {
    lock.release();
  }
}

function configurations(ctx) {
  return readdirSync(ctx.local).filter((name) => /^odoo-.*\.conf$/.test(name));
}
