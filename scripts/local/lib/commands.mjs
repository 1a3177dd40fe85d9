/**
 * Runs a program to its end and keeps what it said in the log. No shell, so
 * that spaces and quotes in paths need no care. Secrets go by environment or
 * standard input, never by argument: arguments are logged.
 */
import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";

import { CommandError } from "./errors.mjs";
import { childEnv } from "./processes.mjs";

const running = new Set();

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd]
 * @property {Record<string, string | undefined>} [env] added to the context's
 * @property {string} [input] standard input
 * @property {number} [uid]
 * @property {number} [gid]
 * @property {string} [logFile] instead of the set-up log
 * @property {(line: string) => void} [onLine] each line of the output
 * @property {number[]} [expected] exit codes that are no error; default [0]
 */

/**
 * @param {import("./context.mjs").Context} ctx
 * @param {string} command
 * @param {string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<{ code: number, stdout: string, output: string }>} `output`
 *   is the end (64 KiB) of stdout and stderr together
 * @throws {CommandError} when it ends with another code, or cannot be started
 */
export function run(ctx, command, args, options = {}) {
  const log = openLog(options.logFile ?? ctx.logFile);
  log.write(`\n$ ${[command, ...args].join(" ")}\n`);
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd ?? ctx.root,
      env: childEnv(ctx, options.env),
      uid: options.uid,
      gid: options.gid,
      stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
      detached: true,
    });
    running.add(child);
    const chunks = [];
    let output = "";
    let rest = "";
    const take = (data) => {
      log.write(data);
      const text = data.toString("utf8");
      output = (output + text).slice(-65_536);
      if (!options.onLine) return;
      const lines = (rest + text).split(/\r?\n/);
      rest = lines.pop() ?? "";
      for (const line of lines) options.onLine(line);
    };
    child.stdout.on("data", (data) => {
      chunks.push(data);
      take(data);
    });
    child.stderr.on("data", take);
    const end = (code, why) => {
      // A program that cannot be started says so, and closes after that.
      if (!running.delete(child)) return;
      if (why) log.write(`${why}\n`);
      log.close();
      const stdout = Buffer.concat(chunks).toString("utf8");
      if (code !== null && (options.expected ?? [0]).includes(code))
        resolve({ code, stdout, output });
      else reject(new CommandError(command, code, output || why || ""));
    };
    child.once("error", (error) => end(null, error.message));
    child.once("close", (code, signal) =>
      end(code, signal && `killed by ${signal}`),
    );
    if (options.input !== undefined) {
      // A program that ends before it read everything says so by its exit code.
      child.stdin.on("error", () => undefined);
      child.stdin.end(options.input);
    }
  });
}

/** Written at once, so that the log is complete when the command has ended. */
function openLog(file) {
  mkdirSync(dirname(file), { recursive: true });
  const handle = openSync(file, "a", 0o600);
  return {
    write(data) {
      try {
        writeSync(handle, data);
      } catch {
        // A full disk stops the command itself, which then says so.
      }
    },
    close: () => closeSync(handle),
  };
}

/** Ends every command that still runs, with what it started. */
export function killCommands() {
  for (const child of running) {
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // It has just ended by itself.
    }
  }
}
