/**
 * One at a time. The lock names its holder by pid and start time, so that the
 * lock of a killed holder is recognised and taken over.
 */
import { randomBytes } from "node:crypto";
import {
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

import { readJson } from "./files.mjs";
import { startTime } from "./processes.mjs";

/**
 * Tries once to take a lock.
 * @param {string} file
 * @returns {{ release: () => void } | { holder: { pid: number } }}
 */
export function tryLock(file) {
  mkdirSync(dirname(file), { recursive: true });
  const mine = `${file}.${randomBytes(6).toString("hex")}`;
  const self = { pid: process.pid, startTime: startTime(process.pid) };
  writeFileSync(mine, JSON.stringify(self), { mode: 0o600 });
  try {
    for (;;) {
      try {
        // A link is made whole or not at all, with its content.
        linkSync(mine, file);
        return { release: () => rmSync(file, { force: true }) };
      } catch (error) {
        if (error.code !== "EEXIST") throw error;
      }
      const holder = readJson(file);
      if (holder?.startTime && startTime(holder.pid) === holder.startTime)
        return { holder };
      takeAway(file, holder);
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Removes a dead holder's lock, and no other that has come in its place. */
function takeAway(file, dead) {
  const aside = `${file}.${randomBytes(6).toString("hex")}.dead`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if (error.code === "ENOENT") return;
    throw error;
  }
  const moved = readJson(aside);
  if (
    moved &&
    (moved.pid !== dead?.pid || moved.startTime !== dead?.startTime)
  ) {
    try {
      linkSync(aside, file);
    } catch {
      // Somebody else holds it by now, which is as good.
    }
  }
  rmSync(aside, { force: true });
}

/**
 * Waits for a lock, works, and gives it back.
 * @template T
 * @param {string} file
 * @param {() => Promise<T>} work
 * @param {(pid: number) => void} [onWait] called once when somebody holds it
 * @returns {Promise<T>}
 */
export async function withLock(file, work, onWait) {
  let said = false;
  for (;;) {
    const lock = tryLock(file);
    if ("release" in lock) {
      try {
        return await work();
      } finally {
        lock.release();
      }
    }
    if (!said) onWait?.(lock.holder.pid);
    said = true;
    await sleep(500);
  }
}
