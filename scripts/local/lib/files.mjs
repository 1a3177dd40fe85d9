/** Files that are either whole or not there. */
import { createHash, randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";

/**
 * Writes beside the final name, then renames: a reader, or the next start
 * after a kill, sees the old file or the new one, never half of it.
 * @param {string} file
 * @param {string} text
 * @param {number} [mode] permissions, 0644 by default
 */
export function writeFileAtomic(file, text, mode = 0o644) {
  mkdirSync(dirname(file), { recursive: true });
  const unfinished = `${file}.${randomBytes(6).toString("hex")}.tmp`;
  const handle = openSync(unfinished, "wx", mode);
  try {
    writeSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(unfinished, file);
}

/**
 * @param {string} file
 * @returns {any} the parsed content; undefined when missing or not JSON
 */
export function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

/**
 * @param {string} file
 * @param {unknown} value
 * @param {number} [mode]
 */
export function writeJson(file, value, mode) {
  writeFileAtomic(file, `${JSON.stringify(value, null, 2)}\n`, mode);
}

/**
 * @param {...(string | Buffer)} parts
 * @returns {string} SHA-256 in hex, each part kept apart from the next
 */
export function digest(...parts) {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part).update("\0");
  return hash.digest("hex");
}

/**
 * Digest over names and contents of all files below a folder.
 * @param {string} folder
 * @param {(name: string) => boolean} [wanted] by file or folder name
 * @returns {string}
 */
export function digestFolder(folder, wanted = () => true) {
  const hash = createHash("sha256");
  for (const file of filesBelow(folder, wanted)) {
    hash.update(relative(folder, file)).update("\0");
    hash.update(readFileSync(file)).update("\0");
  }
  return hash.digest("hex");
}

/** Sorted, so that the digest does not depend on the file system's order. */
function filesBelow(folder, wanted) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => wanted(entry.name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return filesBelow(path, wanted);
      return entry.isFile() ? [path] : [];
    });
}

/**
 * Makes a folder's content in one piece: `fill` works in a fresh temporary
 * folder beside it, which takes the final name only when `fill` returned.
 * What an earlier, killed attempt left is removed first.
 * @param {string} target the final folder; replaced when it exists
 * @param {(temporary: string) => void | Promise<void>} fill
 */
export async function makeFolder(target, fill) {
  const temporary = `${target}.unfinished`;
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary, { recursive: true });
  await fill(temporary);
  rmSync(target, { recursive: true, force: true });
  renameSync(temporary, target);
}
