/** `hcp package`: installable archives of the addons and their checksums. */
import { spawnSync } from "node:child_process";
import { join, relative, resolve } from "node:path";
import { Command } from "commander";
import { packageAddons } from "../package/addons.ts";
import { configOf } from "./common.ts";

export function packageCommand(): Command {
  return new Command("package")
    .description(
      "zip installable addons with built assets, and a checksum file",
    )
    .option("--output <folder>", "where to (default: dist)")
    .option("--no-build", "take the screens as they were built last")
    .action((flags: { output?: string; build: boolean }, command: Command) => {
      const { root } = configOf(command);
      if (flags.build) buildScreens(root);
      const target = resolve(flags.output ?? join(root, "dist"));
      for (const { name, sha256, files } of packageAddons(root, target))
        console.log(
          `${relative(process.cwd(), join(target, name))}  ${files} files  ${sha256}`,
        );
    });
}

/** @throws Error when the screens cannot be built */
function buildScreens(root: string): void {
  const script = join(root, "scripts", "build", "web.mjs");
  const { status } = spawnSync(process.execPath, [script], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status !== 0) throw new Error("the screens could not be built.");
}
