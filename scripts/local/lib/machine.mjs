/** What the machine must offer before anything is installed. */
import { accessSync, constants, existsSync, statfsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

import { run } from "./commands.mjs";
import {
  DISK_FIRST_MB,
  DISK_LATER_MB,
  PYTHON_MAX,
  PYTHON_MIN,
} from "./constants.mjs";
import { SetupError, isLinux } from "./errors.mjs";

/**
 * Everything that can be checked without installing anything.
 * @param {import("./context.mjs").Context} ctx
 * @returns {Promise<{ python: string, pythonVersion: string }>}
 * @throws {SetupError}
 */
export async function checkMachine(ctx) {
  refuseExistingInstance(ctx.env);
  if (!isLinux()) {
    throw new SetupError(
      `A local installation needs Linux; this is ${process.platform}.`,
      "Use `docker compose up`, or an existing Odoo 19 (see README, “Install on an existing Odoo”).",
    );
  }
  checkFolder(ctx);
  const space = statfsSync(ctx.shared);
  checkDisk(
    (space.bavail * space.bsize) / 1024 ** 2,
    existsSync(join(ctx.local, "state", "database.json")),
  );
  return findPython(ctx);
}

/**
 * `HCP_ODOO_URL` means that an Odoo is there already.
 * @param {NodeJS.ProcessEnv} env
 * @throws {SetupError}
 */
export function refuseExistingInstance(env) {
  if (!env.HCP_ODOO_URL) return;
  throw new SetupError(
    `HCP_ODOO_URL names an Odoo that exists (${withoutUser(env.HCP_ODOO_URL)}), so nothing is installed.`,
    "Run `npx hcp package`, unpack dist/*.zip into that Odoo's addons path and install healthcare_procurement there, then `npx hcp sync serve` connects it; or unset HCP_ODOO_URL to have a local instance.",
  );
}

function withoutUser(url) {
  return url.replace(/\/\/[^/@]*@/, "//");
}

function checkFolder(ctx) {
  try {
    accessSync(ctx.root, constants.W_OK);
    accessSync(ctx.shared, constants.W_OK);
    accessSync(ctx.local, constants.W_OK);
  } catch (error) {
    throw new SetupError(
      `The folder ${error.path ?? ctx.root} cannot be written.`,
      "Give yourself the right to write there, or clone the project into a folder of your own.",
    );
  }
  if (/[,\n"]/.test(ctx.root)) {
    throw new SetupError(
      "The project's path has a comma, a quote or a line break in it, which Odoo's addons path cannot hold.",
      "Move the project to a folder without one (spaces are fine).",
    );
  }
}

/**
 * @param {number} freeMb free space in MB
 * @param {boolean} installed true when a database is there already
 * @throws {SetupError}
 */
export function checkDisk(freeMb, installed) {
  const wanted = installed ? DISK_LATER_MB : DISK_FIRST_MB;
  if (freeMb >= wanted) return;
  throw new SetupError(
    `Only ${Math.floor(freeMb)} MB are free on this disk; ${installed ? "running" : "the installation"} needs ${wanted} MB.`,
    "Free some space, or move the project to a larger disk, and start again.",
  );
}

/**
 * The first Python that Odoo 19 runs on. One that `HCP_PYTHON` names is taken
 * or refused, never replaced by another.
 * @param {import("./context.mjs").Context} ctx
 * @returns {Promise<{ python: string, pythonVersion: string }>} the real path
 *   of the interpreter, and its full version
 * @throws {SetupError}
 */
export async function findPython(ctx) {
  const named = ctx.env.HCP_PYTHON;
  const names = named
    ? [named]
    : ["python3", ...versions().map((minor) => `python3.${minor}`)];
  const seen = [];
  for (const name of names) {
    const found = await askPython(ctx, name);
    if (!found) continue;
    if (supported(found.version))
      return { python: found.path, pythonVersion: found.version };
    seen.push(`${name} is ${found.version}`);
  }
  throw noPython(named, seen);
}

/**
 * @param {string | undefined} named the value of HCP_PYTHON
 * @param {string[]} seen what was found and is not usable
 * @returns {SetupError}
 */
export function noPython(named, seen) {
  const range = `${PYTHON_MIN.join(".")} to ${PYTHON_MAX.join(".")}`;
  if (named) {
    return new SetupError(
      seen.length
        ? `HCP_PYTHON: ${seen[0]}; Odoo 19 needs Python ${range}.`
        : `HCP_PYTHON names ${named}, which is not a Python that runs.`,
      `Set HCP_PYTHON to a Python ${range}, or unset it.`,
    );
  }
  return new SetupError(
    `Odoo 19 needs Python ${range}; ${seen.length ? seen.join(", ") : "none was found"}.`,
    "Install one (on Debian: `apt-get install python3 python3-venv`), or set HCP_PYTHON to its path, and start again.",
  );
}

/** @param {string} version @returns {boolean} */
export function supported(version) {
  const [major, minor] = version.split(".").map(Number);
  return (
    major === PYTHON_MIN[0] && minor >= PYTHON_MIN[1] && minor <= PYTHON_MAX[1]
  );
}

function versions() {
  const all = [];
  for (let minor = PYTHON_MAX[1]; minor >= PYTHON_MIN[1]; minor -= 1)
    all.push(minor);
  return all;
}

async function askPython(ctx, name) {
  const code =
    "import platform,sys;print(platform.python_version());print(sys.executable)";
  try {
    // -S -E: neither site packages nor variables of the user change the answer.
    const { stdout } = await run(ctx, name, ["-E", "-S", "-c", code]);
    const [version, path] = stdout.trim().split("\n");
    return version && path ? { version, path } : undefined;
  } catch {
    return undefined;
  }
}
