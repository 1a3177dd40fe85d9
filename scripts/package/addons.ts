/** Installable archives of the addons, with their built screens. */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { zip, type ZipEntry } from "./zip.ts";

/** What never belongs into an archive. */
const LEFT_OUT = /^(__pycache__|\.[^/]*|.*\.py[co]|.*\.(orig|rej|swp)|.*~)$/;

/** An archive that was written. */
export interface Archive {
  name: string;
  sha256: string;
  files: number;
}

/**
 * Writes one archive per addon and `SHA256SUMS`. An archive unpacks to the
 * addon's folder, so all of them unpack into one addons path. The same
 * sources give the same bytes on every machine.
 *
 * @throws Error when an addon's screens were not built
 */
export function packageAddons(root: string, target: string): Archive[] {
  const addonsFolder = join(root, "addons");
  const addons = readdirSync(addonsFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .filter((name) => exists(join(addonsFolder, name, "__manifest__.py")))
    .sort();
  if (addons.length === 0) throw new Error(`no addon in ${addonsFolder}.`);
  for (const addon of addons) requireScreens(root, addon);
  mkdirSync(target, { recursive: true });
  const archives = addons.map((addon) => {
    const entries = filesBelow(join(addonsFolder, addon), addon);
    const bytes = zip(entries);
    const name = `${addon}-${versionOf(join(addonsFolder, addon))}.zip`;
    writeFileSync(join(target, name), bytes);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    return { name, sha256, files: entries.length };
  });
  const sums = archives.map(({ name, sha256 }) => `${sha256}  ${name}\n`);
  writeFileSync(join(target, "SHA256SUMS"), sums.join(""));
  return archives;
}

function exists(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch {
    return false;
  }
}

/** An addon with sources in `web_src/` must have been built. */
function requireScreens(root: string, addon: string): void {
  const has = (...path: string[]): boolean => {
    try {
      return readdirSync(join(root, ...path)).length > 0;
    } catch {
      return false;
    }
  };
  if (has("web_src", addon) && !has("addons", addon, "static", "src"))
    throw new Error(`the screens of ${addon} are not built: npm run build.`);
}

function filesBelow(folder: string, prefix: string): ZipEntry[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !LEFT_OUT.test(entry.name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      const inside = `${prefix}/${entry.name}`;
      if (entry.isDirectory()) return filesBelow(path, inside);
      if (!entry.isFile()) return [];
      return [{ path: inside, bytes: readFileSync(path) }];
    });
}

function versionOf(addon: string): string {
  const manifest = readFileSync(join(addon, "__manifest__.py"), "utf8");
  const version = /["']version["']\s*:\s*["']([\w.]+)["']/.exec(manifest)?.[1];
  if (!version) throw new Error(`${addon}: the manifest names no version.`);
  return version;
}
