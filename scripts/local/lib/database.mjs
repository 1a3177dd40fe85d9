/**
 * Databases and what belongs to them: Odoo keeps files beside a database, in
 * `filestore/<name>`, and PostgreSQL's copy does not take them along.
 */
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { run } from "./commands.mjs";
import { postgresUrl } from "./postgres.mjs";

/**
 * @param {import("./instance.mjs").Instance} instance
 * @param {string} name
 * @returns {Promise<boolean>}
 */
export function databaseExists(instance, name) {
  return administer(instance, { action: "exists", name });
}

/**
 * Makes an empty database (with the extensions of the cluster's template).
 * @param {import("./instance.mjs").Instance} instance
 * @param {string} name
 */
export async function createDatabase(instance, name) {
  await administer(instance, { action: "create", name });
}

/**
 * Copies a database with its files: hard links, for Odoo writes a file once
 * and never changes it. An existing target is replaced; sessions on both end.
 * @param {import("./instance.mjs").Instance} instance
 * @param {string} template
 * @param {string} name
 */
export async function copyDatabase(instance, template, name) {
  await administer(instance, { action: "copy", template, name });
  const from = filestore(instance, template);
  const to = filestore(instance, name);
  rmSync(to, { recursive: true, force: true });
  if (!existsSync(from)) return;
  mkdirSync(join(to, ".."), { recursive: true });
  await run(instance.ctx, "cp", ["-al", from, to]);
}

/**
 * Drops a database and its files, if they are there.
 * @param {import("./instance.mjs").Instance} instance
 * @param {string} name
 */
export async function dropDatabase(instance, name) {
  await administer(instance, { action: "drop", name });
  rmSync(filestore(instance, name), { recursive: true, force: true });
}

/**
 * @param {import("./instance.mjs").Instance} instance
 * @param {string} name
 * @returns {string} the folder of a database's files
 */
export function filestore(instance, name) {
  return join(instance.ctx.local, "odoo-data", "filestore", name);
}

async function administer(instance, request) {
  const { ctx, python, secrets, postgresPort } = instance;
  const script = join(ctx.root, "scripts", "local", "py", "database.py");
  // By standard input: the address holds the password.
  const dsn = postgresUrl(postgresPort, secrets, "postgres");
  const { stdout } = await run(ctx, python, [script], {
    input: JSON.stringify({ dsn, ...request }),
  });
  return JSON.parse(stdout);
}
