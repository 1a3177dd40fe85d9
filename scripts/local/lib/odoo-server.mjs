/** Odoo: its configuration, its command line, and the running server. */
import { existsSync, readFileSync } from "node:fs";
import { get } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { run } from "./commands.mjs";
import { SetupError, lastLines } from "./errors.mjs";
import { writeFileAtomic } from "./files.mjs";
import { startProcess } from "./processes.mjs";

/**
 * Writes Odoo's configuration for one database, readable by its owner only.
 * @param {import("./instance.mjs").Instance} instance
 * @param {string} db
 * @param {object} [options]
 * @param {number} [options.workers] processes; 0 = threads in one process
 * @param {number} [options.httpPort]
 * @param {number} [options.geventPort] for the websocket, with workers
 * @param {number} [options.cronThreads]
 * @param {Record<string, string>} [options.settings] further lines
 * @returns {string} path of the file
 */
export function writeOdooConf(instance, db, options = {}) {
  const { ctx, secrets, odoo, postgresPort } = instance;
  const settings = {
    addons_path: addonsPath(ctx, odoo).join(","),
    data_dir: join(ctx.local, "odoo-data"),
    db_host: "127.0.0.1",
    db_port: postgresPort,
    db_user: "odoo",
    db_password: secrets.postgres_password,
    db_name: db,
    db_template: "template1",
    dbfilter: `^${db}$`,
    list_db: "False",
    admin_passwd: secrets.odoo_master_password,
    http_interface: "127.0.0.1",
    ...(options.httpPort ? { http_port: options.httpPort } : {}),
    ...(options.geventPort ? { gevent_port: options.geventPort } : {}),
    workers: options.workers ?? 0,
    proxy_mode: options.workers ? "True" : "False",
    max_cron_threads: options.cronThreads ?? 1,
    unaccent: "True",
    // No mail leaves a local instance: nobody listens on port 1.
    smtp_server: "127.0.0.1",
    smtp_port: 1,
    ...options.settings,
  };
  const lines = Object.entries(settings).map(([k, v]) => `${k} = ${v}`);
  const file = join(ctx.local, `odoo-${db}.conf`);
  writeFileAtomic(file, `[options]\n${lines.join("\n")}\n`, 0o600);
  return file;
}

/** Odoo adds its own `addons` folders by itself. */
function addonsPath(ctx, odoo) {
  return [join(ctx.root, "addons"), ...odoo.addons].filter(existsSync);
}

/**
 * Runs an Odoo command to its end.
 * @param {import("./instance.mjs").Instance} instance
 * @param {string} db
 * @param {string[]} args after the command, such as `["-i", "stock"]`
 * @param {object} [options]
 * @param {string} [options.command] `server` (default), `shell`, `i18n`, …
 * @param {string} [options.conf] configuration; default: written for `db`
 * @param {string} [options.script] of scripts/local/py, instead of the usual
 *   launcher
 * @param {string} [options.input] standard input
 * @param {Record<string, string>} [options.env]
 * @param {string} [options.logFile]
 * @param {(line: string) => void} [options.onLine]
 * @param {number[]} [options.expected] exit codes that are no error
 * @returns {Promise<{ code: number, stdout: string, output: string }>}
 */
export function runOdoo(instance, db, args, options = {}) {
  const { ctx, python } = instance;
  const { command = "server", conf, script, ...rest } = options;
  const file = conf ?? writeOdooConf(instance, db);
  return run(
    ctx,
    python,
    [launcher(ctx, script), command, "-c", file, "-d", db, ...args],
    { ...rest, env: { ...odooEnv(), ...rest.env } },
  );
}

/**
 * Runs a Python script of scripts/local/py inside `odoo shell`.
 * @param {import("./instance.mjs").Instance} instance
 * @param {string} db
 * @param {string} script file name
 * @param {Record<string, string>} env how the script is told what to do; may
 *   hold secrets, which are not logged
 * @returns {Promise<string>} what the script printed
 */
export async function runOdooScript(instance, db, script, env) {
  const path = join(instance.ctx.root, "scripts", "local", "py", script);
  const { stdout } = await runOdoo(
    instance,
    db,
    ["--no-http", "--log-level=warn"],
    { command: "shell", input: readFileSync(path, "utf8"), env },
  );
  return stdout;
}

function launcher(ctx, script = "odoo_launcher.py") {
  return join(ctx.root, "scripts", "local", "py", script);
}

function odooEnv() {
  return { PYTHONUNBUFFERED: "1" };
}

/**
 * Starts the server and waits until it answers.
 * @param {import("./instance.mjs").Instance} instance
 * @param {object} options
 * @param {string} options.db
 * @param {number} options.port
 * @param {string} [options.name] of process and log, default `odoo`
 * @param {number} [options.workers]
 * @param {number} [options.geventPort]
 * @param {number} [options.cronThreads]
 * @param {string[]} [options.args] further arguments
 * @param {Record<string, string>} [options.settings] of the configuration
 * @returns {Promise<import("./processes.mjs").Managed & { url: string }>}
 * @throws {SetupError} when it ends, or does not answer within two minutes
 */
export async function startOdoo(instance, options) {
  const { ctx, python } = instance;
  const { db, port, name = "odoo", args = [] } = options;
  const conf = writeOdooConf(instance, db, { ...options, httpPort: port });
  const server = await startProcess(ctx, {
    name,
    command: python,
    args: [launcher(ctx), "server", "-c", conf, "-d", db, ...args],
    env: odooEnv(),
  });
  const url = `http://127.0.0.1:${port}`;
  await waitFor(server, `${url}/web/health`, "Odoo");
  return Object.assign(server, { url });
}

/**
 * Waits until an address answers 2xx.
 * @param {import("./processes.mjs").Managed} server whose end ends the wait
 * @param {string} url
 * @param {string} what for the message
 * @param {number} [limit] milliseconds
 * @throws {SetupError}
 */
export async function waitFor(server, url, what, limit = 120_000) {
  for (let waited = 0; waited < limit; waited += 100) {
    if (!server.running) break;
    if ((await status(url)) === 2) return;
    await sleep(100);
  }
  const said = lastLines(readFileSync(server.logFile, "utf8"), 6);
  throw new SetupError(
    `${what} ${server.running ? "does not answer" : "ended at once"}:\n${said}\n`,
    `Its log is ${server.logFile}.`,
  );
}

/** @returns {Promise<number>} first digit of the HTTP status; 0: no answer */
function status(url) {
  return new Promise((resolve) => {
    const request = get(url, { timeout: 5000 }, (response) => {
      response.resume();
      resolve(Math.floor((response.statusCode ?? 0) / 100));
    });
    request.once("timeout", () => request.destroy());
    request.once("error", () => resolve(0));
  });
}
