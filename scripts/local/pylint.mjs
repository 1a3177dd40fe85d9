/** `npm run lint`, its Python half: ruff and pylint-odoo. */
import { spawnSync } from "node:child_process";
import process from "node:process";

import { createContext } from "./lib/context.mjs";
import { ensureTools } from "./lib/instance.mjs";
import { pythonCommands } from "./test/gates.mjs";

const ctx = createContext();
const { python } = await ensureTools(ctx, { dev: true });
const fix = process.argv.includes("--fix");
for (const [command, args] of pythonCommands(python, { fix })) {
  const { status } = spawnSync(command, args, {
    cwd: ctx.root,
    stdio: "inherit",
  });
  if (status !== 0) process.exitCode = 1;
}
