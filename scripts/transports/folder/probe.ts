/** Test of an exchange folder: it is there, can be written, and has room. */
import { open, readdir, statfs, unlink } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import {
  textSetting,
  type ProbeContext,
  type ProbeFinding,
} from "../transport.ts";
import { codeOf } from "./errors.ts";
import { openBox, PathRefused, type Box } from "./paths.ts";

/** Room in bytes below which an exchange will soon stand still. */
const MIN_FREE = 100 * 1024 * 1024;

/** Every box of the folder, and the room that is left. */
export async function probe(context: ProbeContext): Promise<ProbeFinding[]> {
  const folder = textSetting(context.settings, "folder") ?? "";
  const findings: ProbeFinding[] = [];
  for (const box of ["outbox", "inbox", "archive"] as const)
    findings.push(await probeBox(context.dataDir, folder, box));
  if (findings.every((one) => one.passed))
    findings.push(await probeRoom(context.dataDir, folder));
  return findings;
}

/** Writes a file under a name that nobody looks at, and removes it. */
async function probeBox(
  dataDir: string,
  folder: string,
  box: Box,
): Promise<ProbeFinding> {
  const name = box;
  const place = `${folder}/${box}`;
  try {
    const path = await openBox(dataDir, folder, box);
    const file = join(path, `.probe.${randomUUID()}.part`);
    try {
      const handle = await open(file, "wx", 0o600);
      await handle.sync().finally(() => handle.close());
    } finally {
      await unlink(file).catch(() => undefined);
    }
    const files = (await readdir(path)).filter((one) => !one.startsWith("."));
    return {
      name,
      passed: true,
      detail: `${place} can be written; ${files.length} files are in it`,
    };
  } catch (error) {
    const detail =
      error instanceof PathRefused
        ? error.message
        : `${place}: ${codeOf(error)}`;
    return { name, passed: false, detail };
  }
}

async function probeRoom(
  dataDir: string,
  folder: string,
): Promise<ProbeFinding> {
  try {
    const path = await openBox(dataDir, folder, "outbox");
    const { bavail, bsize } = await statfs(path);
    const free = bavail * bsize;
    return {
      name: "room",
      passed: free >= MIN_FREE,
      detail: `${Math.floor(free / 1024 / 1024)} MiB free`,
    };
  } catch (error) {
    return { name: "room", passed: false, detail: codeOf(error) };
  }
}
