/** Names and places of the `folder` transport; nothing leaves the data folder. */
import { mkdir, realpath } from "node:fs/promises";
import { join, sep } from "node:path";

/** One path segment: no separators, no leading dot, nothing a shell minds. */
const SEGMENT = /^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$/;

/** Names of unfinished files: they are not looked at. */
const UNFINISHED = /(^\.|\.part$|\.filepart$|\.tmp$|~$)/i;

/** The sub-folders of an exchange folder. */
export type Box = "outbox" | "inbox" | "archive" | "rejected";

/** Raised for a name that leads out of the data folder, or could. */
export class PathRefused extends Error {
  override name = "PathRefused";
}

/** True for a name that may be written or read. */
export function isSafeName(name: string): boolean {
  return SEGMENT.test(name) && !UNFINISHED.test(name);
}

/** True for a file that its writer has not finished (or hides). */
export function isUnfinished(name: string): boolean {
  return UNFINISHED.test(name);
}

/** Why a folder setting is not usable, or undefined. */
export function checkFolder(folder: string): string | undefined {
  const fine = folder.split("/").every((part) => SEGMENT.test(part));
  return fine
    ? undefined
    : `folder: ${JSON.stringify(folder)} must be a plain relative path below the data folder`;
}

/**
 * The real path of a box, made when missing.
 * @throws PathRefused when it is not below the data folder, be it by `..` or
 * by a symbolic link.
 */
export async function openBox(
  dataDir: string,
  folder: string,
  box: Box,
): Promise<string> {
  const wrong = checkFolder(folder);
  if (wrong) throw new PathRefused(wrong);
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const base = await realpath(dataDir);
  const wanted = join(base, ...folder.split("/"), box);
  await mkdir(wanted, { recursive: true, mode: 0o700 });
  const real = await realpath(wanted);
  if (!real.startsWith(base + sep))
    throw new PathRefused(`folder: ${folder} leads out of the data folder`);
  return real;
}
