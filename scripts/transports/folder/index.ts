/**
 * Transport `folder`: files in `<folder>/outbox` for the partner and in
 * `<folder>/inbox` from the partner. Both sides write under a temporary name
 * and rename, so a file with a final name is complete.
 */
import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import {
  link,
  lstat,
  open,
  readFile,
  readdir,
  rename,
  unlink,
} from "node:fs/promises";
import { join } from "node:path";
import {
  textSetting,
  type Payload,
  type ReceiveContext,
  type ReceivedFile,
  type SendContext,
  type SendOutcome,
  type Transport,
} from "../transport.ts";
import {
  PathRefused,
  checkFolder,
  isSafeName,
  isUnfinished,
  openBox,
} from "./paths.ts";
import { codeOf } from "./errors.ts";
import { probe } from "./probe.ts";

export const transport: Transport = {
  id: "folder",
  settings: {
    folder: {
      title: "Folder",
      description:
        "Below the integration service's data folder; it gets outbox, inbox, archive and rejected.",
      type: "string",
      minLength: 1,
      maxLength: 200,
    },
  },
  required: ["folder"],
  credentials: { outbound: [], inbound: [] },
  check: (settings) => checkFolder(String(settings.folder)),
  send,
  receive,
  probe,
};

async function send(
  payload: Payload,
  context: SendContext,
): Promise<SendOutcome> {
  const failed = (
    error: NonNullable<SendOutcome["error"]>,
    message: string,
  ): SendOutcome => ({
    outcome: "not_sent",
    acknowledged: false,
    error,
    message,
  });
  if (!isSafeName(payload.filename))
    return failed(
      "settings_invalid",
      `file name ${JSON.stringify(payload.filename)} is not a plain name`,
    );
  const folder = textSetting(context.settings, "folder") ?? "";
  try {
    const outbox = await openBox(context.dataDir, folder, "outbox");
    const written = await writeOnce(outbox, payload);
    return written
      ? { outcome: "delivered", acknowledged: false }
      : failed(
          "folder_collision",
          `${payload.filename} is in the outbox with other content`,
        );
  } catch (error) {
    return error instanceof PathRefused
      ? failed("settings_invalid", error.message)
      : failed("folder_unavailable", `${folder}/outbox: ${codeOf(error)}`);
  }
}

/**
 * Puts the file there under its final name in one step, durably. A file that
 * is there with the same bytes is the earlier attempt's.
 * @returns false when a file of that name has other bytes.
 */
async function writeOnce(outbox: string, payload: Payload): Promise<boolean> {
  const final = join(outbox, payload.filename);
  const temporary = join(outbox, `.${payload.filename}.${randomUUID()}.part`);
  try {
    const file = await open(temporary, "wx", 0o600);
    try {
      await file.writeFile(payload.bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    return await publish(temporary, final, payload.bytes);
  } finally {
    await unlink(temporary).catch(() => undefined);
    await syncFolder(outbox);
  }
}

async function publish(
  temporary: string,
  final: string,
  bytes: Uint8Array,
): Promise<boolean> {
  try {
    // Unlike a rename, a link never replaces what is there.
    await link(temporary, final);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return sameBytes(final, bytes);
    // A file system without hard links: look first, then rename.
    const there = await lstat(final).catch(() => undefined);
    if (there) return sameBytes(final, bytes);
    await rename(temporary, final);
    return true;
  }
}

async function sameBytes(path: string, bytes: Uint8Array): Promise<boolean> {
  return (await readFile(path)).equals(bytes);
}

/** Makes a rename durable; not every file system can, and then it need not. */
async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, "r");
    await folder.sync().finally(() => folder.close());
  } catch {
    // Nothing is lost: the next attempt finds out what is there.
  }
}

async function receive(context: ReceiveContext): Promise<ReceivedFile[]> {
  const folder = textSetting(context.settings, "folder") ?? "";
  const inbox = await openBox(context.dataDir, folder, "inbox");
  const names = (await readdir(inbox)).filter((name) => !isUnfinished(name));
  const files: ReceivedFile[] = [];
  for (const name of names.sort()) {
    const path = join(inbox, name);
    // A link could lead anywhere: regular files only.
    const about = await lstat(path).catch(() => undefined);
    if (!about?.isFile()) continue;
    files.push({
      filename: name,
      size: about.size,
      read: () => readFile(path),
      digest: () => digestOf(path),
      settle: (outcome) => settle(context.dataDir, folder, path, name, outcome),
    });
  }
  return files;
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path))
    hash.update(chunk as Buffer);
  return hash.digest("hex");
}

/** Moves a file out of the inbox; keeps one that has the name already. */
async function settle(
  dataDir: string,
  folder: string,
  path: string,
  name: string,
  outcome: "archive" | "rejected",
): Promise<void> {
  const box = await openBox(dataDir, folder, outcome);
  try {
    const digest = (await digestOf(path)).slice(0, 12);
    const taken = await lstat(join(box, name)).catch(() => undefined);
    await rename(path, join(box, taken ? `${digest}-${name}` : name));
  } catch (error) {
    // Another instance has moved it: it was stored under the same key.
    if (codeOf(error) !== "ENOENT") throw error;
  }
  await syncFolder(box);
}
