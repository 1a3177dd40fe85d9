/**
 * Long-running processes: started in groups of their own, written down, and
 * stopped in reverse order. Each carries the mark of its local folder in its
 * environment, so that what a killed start left behind is found for certain,
 * and nobody else's process ever is.
 */
import { spawn } from "node:child_process";
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

import { readJson, writeJson } from "./files.mjs";

const MARK = "HCP_INSTANCE";
const LOG_LIMIT = 20 * 1024 * 1024;

/**
 * @typedef {object} Managed a process that was started here
 * @property {string} name
 * @property {number} pid
 * @property {string} logFile
 * @property {NodeJS.Signals} stopSignal how it is asked to end
 * @property {boolean} running
 * @property {Promise<{ code: number | null, signal: string | null }>} exited
 * @property {(options?: { force?: boolean }) => Promise<void>} stop
 */

/**
 * @typedef {object} ProcessOptions
 * @property {string} name
 * @property {string} command
 * @property {string[]} args
 * @property {string} [cwd]
 * @property {Record<string, string | undefined>} [env]
 * @property {NodeJS.Signals} [stopSignal] how it is asked to end
 * @property {number} [stopTimeout] milliseconds until it is killed
 * @property {number} [uid]
 * @property {number} [gid]
 * @property {string} [logFile]
 */

/**
 * @param {import("./context.mjs").Context} ctx
 * @param {Record<string, string | undefined>} [extra]
 * @returns {NodeJS.ProcessEnv} the environment of everything we start
 */
export function childEnv(ctx, extra = {}) {
  return { ...ctx.env, ...extra, [MARK]: ctx.instanceId };
}

/**
 * Starts a process whose output goes to a log file.
 * @param {import("./context.mjs").Context} ctx
 * @param {ProcessOptions} options
 * @returns {Promise<Managed>} once it has been started and written down
 * @throws {Error} when the program cannot be started
 */
export async function startProcess(ctx, options) {
  const { name, stopSignal = "SIGTERM", stopTimeout = 20_000 } = options;
  const logFile = options.logFile ?? join(ctx.local, "log", `${name}.log`);
  const log = openLog(logFile);
  const child = spawn(options.command, options.args, {
    cwd: options.cwd ?? ctx.root,
    env: childEnv(ctx, options.env),
    uid: options.uid,
    gid: options.gid,
    stdio: ["ignore", log, log],
    detached: true,
  });
  closeSync(log);
  const managed = { name, pid: child.pid, logFile, stopSignal, running: true };
  managed.exited = new Promise((resolve) => {
    child.once("exit", (code, signal) => {
      managed.running = false;
      forget(ctx, managed);
      resolve({ code, signal });
    });
  });
  await new Promise((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", reject);
  });
  managed.stop = async ({ force = false } = {}) => {
    if (!managed.running) return;
    if (!force) {
      signal(managed.pid, stopSignal);
      await Promise.race([
        managed.exited,
        sleep(stopTimeout, null, { ref: false }),
      ]);
    }
    if (managed.running) signal(-managed.pid, "SIGKILL");
    await managed.exited;
  };
  ctx.processes.push(managed);
  writeRegistry(ctx);
  return managed;
}

/**
 * Stops all processes of a context, the last started first.
 * @param {import("./context.mjs").Context} ctx
 * @param {{ force?: boolean, onStop?: (name: string) => void }} [options] with
 *   `force` all are killed at once
 */
export async function stopAll(ctx, options = {}) {
  if (options.force) {
    await Promise.all(ctx.processes.map((one) => one.stop({ force: true })));
    return;
  }
  for (const one of [...ctx.processes].reverse()) {
    if (one.running) options.onStop?.(one.name);
    await one.stop();
  }
}

/**
 * Ends what an earlier, killed run of the same local folder left behind.
 * @param {import("./context.mjs").Context} ctx
 * @returns {Promise<number>} how many processes were ended
 */
export async function cleanLeftovers(ctx) {
  const registered = (readJson(registryFile(ctx)) ?? [])
    .filter((one) => one.startTime && startTime(one.pid) === one.startTime)
    .map((one) => ({ pid: one.pid, signal: one.stopSignal }));
  const known = new Set(registered.map((one) => one.pid));
  const own = new Set(ctx.processes.map((one) => one.pid));
  const marked = markedProcesses(ctx)
    .filter((pid) => !known.has(pid) && !own.has(pid) && pid !== process.pid)
    .map((pid) => ({ pid, signal: "SIGTERM" }));
  const found = [...registered, ...marked].map((one) => ({
    ...one,
    startTime: startTime(one.pid),
  }));
  for (const one of found) signal(one.pid, one.signal);
  const alive = () =>
    found.filter(
      (one) => one.startTime && startTime(one.pid) === one.startTime,
    );
  for (let waited = 0; alive().length && waited < 15_000; waited += 100)
    await sleep(100);
  for (const one of alive()) signal(one.pid, "SIGKILL");
  for (let waited = 0; alive().length && waited < 5000; waited += 100)
    await sleep(100);
  writeRegistry(ctx);
  return found.length;
}

/**
 * When a process started, in clock ticks since boot, with the boot's id: the
 * same number for another process of the same pid is impossible.
 * @param {number} pid
 * @returns {string | undefined} undefined when there is no such process, or
 *   it has ended and only waits to be reaped
 */
export function startTime(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the name in parentheses and may hold anything.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z" || fields[0] === "X") return undefined;
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return `${boot}:${fields[19]}`;
  } catch {
    return undefined;
  }
}

/** Pids of this machine whose environment carries the local folder's mark. */
function markedProcesses(ctx) {
  const wanted = `${MARK}=${ctx.instanceId}`;
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        const env = readFileSync(`/proc/${name}/environ`, "utf8");
        return env.split("\0").includes(wanted);
      } catch {
        return false;
      }
    })
    .map(Number);
}

function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch {
    // Already gone: that is what was wanted.
  }
}

function registryFile(ctx) {
  return join(ctx.local, "processes.json");
}

function writeRegistry(ctx) {
  const entries = ctx.processes
    .filter((one) => one.running)
    .map((one) => ({
      name: one.name,
      pid: one.pid,
      startTime: startTime(one.pid),
      stopSignal: one.stopSignal,
    }));
  if (entries.length) writeJson(registryFile(ctx), entries);
  else rmSync(registryFile(ctx), { force: true });
}

function forget(ctx, managed) {
  ctx.processes.splice(
    0,
    Infinity,
    ...ctx.processes.filter((one) => one !== managed),
  );
  writeRegistry(ctx);
}

/** Opens a log for appending; a very long one makes room first. */
function openLog(file) {
  mkdirSync(dirname(file), { recursive: true });
  try {
    if (statSync(file).size > LOG_LIMIT) renameSync(file, `${file}.1`);
  } catch {
    // There is none yet.
  }
  return openSync(file, "a", 0o600);
}
