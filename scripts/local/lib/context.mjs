/**
 * What everything in this folder works on.
 *
 * Terms: the *shared* folder holds what is downloaded or built once (Odoo,
 * Python packages, PostgreSQL); the *local* folder holds one instance (its
 * database, files, logs, secrets). They are the same folder, `.local`, for
 * `npm start`; tests give a local folder of their own.
 */
import { mkdirSync, realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

import { digest } from "./files.mjs";
import { createReporter } from "./report.mjs";

/** The project's folder. */
export const ROOT = resolve(
  dirname(fileURLToPath(import.meta.url)),
  "..",
  "..",
  "..",
);

/**
 * @typedef {object} Context
 * @property {string} root the project's folder
 * @property {string} shared downloads and builds
 * @property {string} local one instance's data
 * @property {string} logFile what every command said
 * @property {string} instanceId marks the processes of this local folder
 * @property {NodeJS.ProcessEnv} env
 * @property {import("./report.mjs").Reporter} report where progress goes
 * @property {import("./processes.mjs").Managed[]} processes started here
 */

/**
 * @param {object} [options]
 * @param {string} [options.local] data folder, relative to the project's
 * @param {string} [options.shared] downloads, relative to the project's
 * @param {NodeJS.ProcessEnv} [options.env]
 * @param {import("./report.mjs").Reporter} [options.report]
 * @returns {Context}
 */
export function createContext(options = {}) {
  const shared = resolve(ROOT, options.shared ?? ".local");
  const local = resolve(ROOT, options.local ?? options.shared ?? ".local");
  for (const folder of [shared, local, join(local, "log")])
    mkdirSync(folder, { recursive: true, mode: 0o755 });
  return {
    root: ROOT,
    shared,
    local,
    logFile: join(local, "log", "setup.log"),
    instanceId: digest(realpathSync(local)).slice(0, 24),
    env: options.env ?? process.env,
    report: options.report ?? createReporter(),
    processes: [],
  };
}
