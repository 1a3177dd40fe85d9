/** The database of `npm start`: the suite with its demo hospital. */
import { existsSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { DATABASE, DEMO_MODULE, ROLES } from "./constants.mjs";
import {
  copyDatabase,
  createDatabase,
  databaseExists,
  dropDatabase,
} from "./database.mjs";
import { CommandError, SetupError } from "./errors.mjs";
import { digest, digestFolder, readJson, writeJson } from "./files.mjs";
import { runOdoo, runOdooScript } from "./odoo-server.mjs";
import { publicKey, saveSecrets } from "./secrets.mjs";
import { markerFile, runStep } from "./steps.mjs";

const KEY_DAYS = 365;
const RENEW_DAYS = 30;
const DAY = 24 * 3600 * 1000;

/**
 * Makes the demo database, or brings an existing one up to the addons' state.
 * One that was begun and not finished is made anew; a finished one is never
 * dropped here.
 * @param {import("./instance.mjs").Instance} instance
 * @param {object} [options]
 * @param {string} [options.template] a database that has the suite already, to
 *   start from instead of an empty one
 * @returns {Promise<{ created: boolean }>}
 */
export async function ensureDemoDatabase(instance, { template } = {}) {
  const { ctx } = instance;
  const addons = addonsDigest(ctx);
  const begun = markerFile(ctx.local, "database-begun");
  const marker = markerFile(ctx.local, "database");
  const exists = await databaseExists(instance, DATABASE);
  if (!exists || existsSync(begun)) {
    await runStep(ctx, {
      id: "database-install",
      title: "Database with the suite and its demo hospital",
      run: async (report) => {
        writeJson(begun, { begun: new Date().toISOString() });
        rmSync(marker, { force: true });
        await dropDatabase(instance, DATABASE);
        if (template) await copyDatabase(instance, template, DATABASE);
        else await createDatabase(instance, DATABASE);
        await odooModules(instance, DATABASE, ["-i", DEMO_MODULE], report);
        await prepare(instance);
        writeMarker(instance, marker, addons);
        rmSync(begun, { force: true });
      },
    });
    return { created: true };
  }
  if (readJson(marker)?.digest !== addons) {
    await runStep(ctx, {
      id: "database-update",
      title: "Database brought up to the changed addons",
      run: async (report) => {
        // By name, for an update does not install what has become a dependency.
        const args = ["-i", ourAddons(ctx).join(","), "-u", "healthcare_base"];
        await odooModules(instance, DATABASE, args, report);
        await prepare(instance);
        writeMarker(instance, marker, addons);
      },
    });
  } else if (keyEndsSoon(instance.secrets)) {
    await runStep(ctx, {
      id: "database-key",
      title: "New API key for the integration service",
      run: () => prepare(instance),
    });
  } else if (readJson(marker)?.serviceKey !== serviceKey(instance)) {
    await runStep(ctx, {
      id: "database-service-key",
      title: "Public key of the integration service",
      run: async () => {
        await prepare(instance);
        writeMarker(instance, marker, addons);
      },
    });
  }
  return { created: false };
}

/**
 * Installs or updates modules; a traceback or a module that Odoo did not load
 * is an error, though Odoo's exit code may say otherwise.
 * @param {import("./instance.mjs").Instance} instance
 * @param {string} db
 * @param {string[]} args such as `["-i", "healthcare_demo"]`
 * @param {import("./report.mjs").StepReport} [report]
 */
export async function odooModules(instance, db, args, report) {
  let count = 0;
  let broken;
  const onLine = (line) => {
    const module = /Loading module (\S+) \((\d+)\/(\d+)\)/.exec(line);
    if (module) {
      count += 1;
      report?.note(`${module[1]}, ${module[2]} of ${module[3]} modules`);
    }
    broken ??=
      /(invalid module names?, ignored: .*|Some modules are not loaded.*|Failed to load registry)/.exec(
        line,
      )?.[0];
  };
  const all = [...args, "--stop-after-init", "--no-http"];
  try {
    // Commits need not wait for the disk: what is lost is done again.
    const env = { PGOPTIONS: "-c synchronous_commit=off" };
    await runOdoo(instance, db, all, { onLine, env });
  } catch (error) {
    throw error instanceof CommandError
      ? odooFailed(error, instance.ctx)
      : error;
  }
  if (broken) {
    throw new SetupError(
      `Odoo did not load all addons: ${broken}.`,
      `The reason is in ${instance.ctx.logFile}; it is a fault of the addons in this checkout.`,
    );
  }
  return count;
}

/** The line that says why, out of a long log. */
function odooFailed(error, ctx) {
  const reasons = error.output
    .split("\n")
    .filter((line) => /^[\w.]*(Error|Exception|Warning)\b.*:/.test(line));
  if (!reasons.length) return error;
  return new SetupError(
    `Odoo could not install the suite: ${reasons.at(-1).slice(0, 400)}.`,
    `The whole story is in ${ctx.logFile}.`,
  );
}

/**
 * @param {import("./context.mjs").Context} ctx
 * @returns {string} changes whenever the database is made or updated
 */
export function databaseState(ctx) {
  return digest(JSON.stringify(readJson(markerFile(ctx.local, "database"))));
}

/** @returns {string[]} names of the addons in this checkout */
function ourAddons(ctx) {
  return readdirSync(join(ctx.root, "addons")).filter((name) =>
    existsSync(join(ctx.root, "addons", name, "__manifest__.py")),
  );
}

/** Everything in the addons that a module update would take in. */
export function addonsDigest(ctx) {
  const names = (name) =>
    !["__pycache__", "tests", "readme", "i18n"].includes(name);
  return digest(digestFolder(join(ctx.root, "addons"), names), DEMO_MODULE);
}

function keyEndsSoon(secrets) {
  if (!secrets.service_api_key) return false;
  const end = Date.parse(secrets.service_api_key_expires ?? "");
  return !(end > Date.now() + RENEW_DAYS * DAY);
}

/** @returns {string} which key Odoo is to seal with */
function serviceKey(instance) {
  return digest(publicKey(instance.secrets.service_private_key));
}

function writeMarker(instance, marker, addons) {
  const key = serviceKey(instance);
  writeJson(marker, { digest: addons, made: Date.now(), serviceKey: key });
}

/** Passwords, service user, its API key, the service's public key: see py/prepare.py. */
async function prepare(instance) {
  const { ctx, secrets } = instance;
  const keyFile = join(ctx.local, "service-api-key.new");
  const expires = new Date(Date.now() + KEY_DAYS * DAY)
    .toISOString()
    .slice(0, 10);
  const said = await runOdooScript(instance, DATABASE, "prepare.py", {
    HCP_ADMIN_PASSWORD: secrets.admin_password,
    HCP_DEMO_PASSWORDS: JSON.stringify(secrets.demo_passwords),
    HCP_KEY_FILE: keyFile,
    HCP_KEY_EXPIRES: expires,
    HCP_SERVICE_PUBLIC_KEY: publicKey(secrets.service_private_key),
  });
  if (existsSync(keyFile)) {
    secrets.service_api_key = readFileSync(keyFile, "utf8").trim();
    secrets.service_api_key_expires = expires;
    saveSecrets(ctx, secrets);
    rmSync(keyFile);
  }
  const { logins } = JSON.parse(said.trim().split("\n").at(-1));
  writeJson(loginsFile(ctx), logins);
}

function loginsFile(ctx) {
  return join(ctx.local, "state", "logins.json");
}

/**
 * @param {import("./context.mjs").Context} ctx
 * @param {import("./secrets.mjs").Secrets} secrets
 * @returns {{ login: string, password: string, role: string }[]} in the order
 *   of the roles
 */
export function demoLogins(ctx, secrets) {
  const logins = readJson(loginsFile(ctx)) ?? [];
  return logins
    .map(({ login, role }) => ({
      login,
      password: secrets.demo_passwords[role],
      role,
    }))
    .sort((a, b) => ROLES.indexOf(a.role) - ROLES.indexOf(b.role));
}
