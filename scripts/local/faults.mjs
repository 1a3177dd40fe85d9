/**
 * `npm run test:faults`: the crash tests at full size, with an instance of
 * their own. Writes `.local/faults/report.json`. Sizes by environment:
 * HCP_FAULTS_DOCUMENTS (10 000), HCP_FAULTS_SERVICES (4), HCP_FAULTS_SEED.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

import { killCommands, run } from "./lib/commands.mjs";
import { createContext } from "./lib/context.mjs";
import { readJson } from "./lib/files.mjs";
import { tryLock } from "./lib/lock.mjs";
import { cleanLeftovers } from "./lib/processes.mjs";
import { prepareFaults } from "./test/faults.mjs";

const ctx = createContext({ local: join(".local", "faults") });
const lock = tryLock(join(ctx.local, "faults.lock"));
if ("holder" in lock) {
  console.error(
    `Another run (process ${lock.holder.pid}) is at work in ${ctx.local}.`,
  );
  process.exit(1);
}
for (const name of ["SIGINT", "SIGTERM"]) {
  process.on(name, async () => {
    killCommands();
    await cleanLeftovers(ctx);
    process.exit(1);
  });
}
await cleanLeftovers(ctx);
await prepareFaults(ctx);
const report = join(ctx.local, "report.json");
rmSync(report, { force: true });
const { code } = await run(
  ctx,
  process.execPath,
  [
    join(ctx.root, "node_modules", "vitest", "vitest.mjs"),
    ...["run", "--project", "faults", "-t", "random kills"],
  ],
  {
    env: {
      HCP_FAULTS_LOCAL: ctx.local,
      HCP_FAULTS_DOCUMENTS: process.env.HCP_FAULTS_DOCUMENTS ?? "10000",
      HCP_FAULTS_SERVICES: process.env.HCP_FAULTS_SERVICES ?? "4",
      HCP_FAULTS_REPORT: report,
    },
    logFile: join(ctx.local, "log", "faults.log"),
    onLine: (line) => console.log(line),
    expected: [0, 1],
  },
);
await cleanLeftovers(ctx);
lock.release();
console.log(JSON.stringify(readJson(report) ?? {}, null, 2));
process.exit(code);
