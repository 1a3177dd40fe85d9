/** Builds what is not in git: the screens and the command line. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

import { run } from "./commands.mjs";
import { digest, digestFolder } from "./files.mjs";
import { runStep } from "./steps.mjs";

/**
 * Screens from web_src/ into the addons, and the bundle of `hcp`; kept while
 * nothing that goes in has changed.
 * @param {import("./context.mjs").Context} ctx
 */
export async function buildSuite(ctx) {
  const source = (name) => name !== "node_modules" && name !== ".local";
  await runStep(ctx, {
    id: "build",
    title: "Screens and command line",
    folder: ctx.shared,
    digest: digest(
      ctx.root,
      digestFolder(join(ctx.root, "web_src"), source),
      digestFolder(join(ctx.root, "scripts"), source),
      process.version,
    ),
    results: builtFiles(ctx),
    run: async () => {
      await run(ctx, process.execPath, [
        join(ctx.root, "scripts", "build", "web.mjs"),
      ]);
      await run(ctx, process.execPath, [
        join(ctx.root, "scripts", "hcp.mjs"),
        "--build-only",
      ]);
    },
  });
}

/** What a build leaves: the bundle, and a folder per addon with screens. */
function builtFiles(ctx) {
  const addons = readdirSync(join(ctx.root, "web_src")).filter((name) =>
    existsSync(join(ctx.root, "addons", name, "__manifest__.py")),
  );
  return [
    join(ctx.root, "build", "hcp", "cli.mjs"),
    ...addons.map((name) => join(ctx.root, "addons", name, "static", "src")),
  ];
}
