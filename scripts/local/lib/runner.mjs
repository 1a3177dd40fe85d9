/**
 * PostgreSQL refuses to run as root. As root it runs in a user namespace
 * that maps us to an ordinary user (nothing changes owner); where that is
 * refused, as another user of the machine.
 */
import { readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import process from "node:process";

import { run } from "./commands.mjs";
import { SetupError } from "./errors.mjs";

/**
 * @typedef {object} Runner
 * @property {"direct" | "namespace" | "user"} kind
 * @property {number} [uid]
 * @property {number} [gid]
 */

const NAMESPACE = ["unshare", "--user", "--map-user=1000", "--map-group=1000"];

/**
 * @param {Runner} runner
 * @param {string[]} command
 * @returns {string[]} the command as the runner runs it
 */
export function wrap(runner, command) {
  return runner.kind === "namespace" ? [...NAMESPACE, ...command] : command;
}

/**
 * @param {import("./context.mjs").Context} ctx
 * @param {string} bin folder of PostgreSQL's programs
 * @returns {Promise<Runner>} the first that can run them and reach our data
 * @throws {SetupError} when root has no other user to become
 */
export async function chooseRunner(ctx, bin) {
  if (process.getuid?.() !== 0) return { kind: "direct" };
  for (const runner of runners(ctx))
    if (await works(ctx, runner, bin)) return runner;
  throw new SetupError(
    `PostgreSQL cannot run as root, and no other user can reach ${ctx.local}.`,
    "Run `npm start` as an ordinary user, or move the project to a folder that everybody can enter (below /opt or /srv, for example).",
  );
}

function runners(ctx) {
  const users = [
    userOf(ctx.env.SUDO_UID, ctx.env.SUDO_GID),
    ownerOf(ctx.root),
    userNamed("postgres"),
    userNamed("nobody"),
  ].filter((one) => one && one.uid !== 0);
  return [
    { kind: "namespace" },
    ...users.map((one) => ({ kind: "user", ...one })),
  ];
}

function userOf(uid, gid) {
  return uid && gid ? { uid: Number(uid), gid: Number(gid) } : undefined;
}

function ownerOf(folder) {
  const { uid, gid } = statSync(folder);
  return { uid, gid };
}

function userNamed(name) {
  const line = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((one) => one.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(":") ?? [];
  return userOf(uid, gid);
}

/**
 * The program must run, and the data's folder must be reachable. In the
 * namespace, files must also be ours to write; another user gets its own.
 */
async function works(ctx, runner, bin) {
  const check =
    runner.kind === "namespace"
      ? 'test -w "$1" && exec "$2" --version'
      : 'test -x "$1" && exec "$2" --version';
  const sh = ["sh", "-c", check, "sh", ctx.local, `${bin}/postgres`];
  const [command, ...args] = wrap(runner, sh);
  try {
    await run(ctx, command, args, {
      cwd: dirname("/"),
      uid: runner.uid,
      gid: runner.gid,
    });
    return true;
  } catch {
    return false;
  }
}
