/**
 * Puts `hcp` where `npx hcp` looks. npm does not link a package's own `bin`
 * into its own node_modules, so without this `npx hcp` would ask a registry.
 */
import { chmodSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const bin = join(root, "node_modules", ".bin");
mkdirSync(bin, { recursive: true });
chmodSync(join(root, "scripts", "hcp.mjs"), 0o755);
rmSync(join(bin, "hcp"), { force: true });
symlinkSync("../../scripts/hcp.mjs", join(bin, "hcp"));
