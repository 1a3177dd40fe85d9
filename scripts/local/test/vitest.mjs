/** Runs a project of vitest.config.ts and reads its own report. */
import { rmSync } from "node:fs";
import { join, relative } from "node:path";
import process from "node:process";

import { run } from "../lib/commands.mjs";
import { readJson } from "../lib/files.mjs";

/**
 * @param {import("./prepare.mjs").World} world
 * @param {string} project
 * @param {Record<string, string>} [env]
 * @returns {Promise<Omit<import("./tally.mjs").SuiteResult, "milliseconds">[]>}
 */
export async function vitest(world, project, env = {}) {
  const { ctx } = world;
  const report = join(ctx.local, "log", `vitest-${project}.json`);
  rmSync(report, { force: true });
  const { output } = await run(
    ctx,
    process.execPath,
    [
      join(ctx.root, "node_modules", "vitest", "vitest.mjs"),
      "run",
      "--project",
      project,
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${report}`,
    ],
    {
      env: {
        ...(world.chromium ? { HCP_CHROMIUM: world.chromium } : {}),
        ...env,
      },
      logFile: join(ctx.local, "log", `vitest-${project}.log`),
      expected: [0, 1],
    },
  );
  const said = readJson(report);
  if (!said) {
    const details = output.split("\n").slice(-15);
    return [{ suite: project, passed: 0, failed: 1, details }];
  }
  return [{ suite: project, ...count(said, ctx.root) }];
}

/** A skipped test and a file that did not load count as failed. */
function count(said, root) {
  const details = [];
  let passed = 0;
  for (const file of said.testResults) {
    const name = relative(root, file.name);
    const tests = file.assertionResults;
    passed += tests.filter((one) => one.status === "passed").length;
    for (const one of tests.filter((test) => test.status !== "passed")) {
      const why = one.failureMessages?.[0]?.split("\n")[0] ?? one.status;
      details.push(`${name}: ${one.fullName}: ${why}`.slice(0, 400));
    }
    if (file.status !== "passed" && tests.every((t) => t.status === "passed"))
      details.push(`${name}: ${file.message.split("\n")[0] || file.status}`);
  }
  if (!said.success && details.length === 0) details.push("see its log");
  return { passed, failed: details.length, details };
}
