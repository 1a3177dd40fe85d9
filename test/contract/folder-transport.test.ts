/** Transport `folder` on a real file system. */
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { transport } from "../../scripts/transports/folder/index.ts";
import type { SendContext } from "../../scripts/transports/transport.ts";
import { temporaryFolder } from "../kit/context.ts";

const BYTES = new TextEncoder().encode("ISA*00~");
let dataDir: string;
let remove: () => void;

beforeEach(() => {
  ({ path: dataDir, remove } = temporaryFolder());
});
afterEach(() => remove());

const context = (folder = "supplier-b"): SendContext => ({
  settings: { folder },
  idempotencyKey: "key-1",
  traceparent: "",
  bearer: undefined,
  dataDir,
  signal: new AbortController().signal,
});
const payload = (filename: string, bytes: Uint8Array = BYTES) => ({
  bytes,
  filename,
  contentType: "application/edi-x12",
});
const receive = (folder = "supplier-b") =>
  transport.receive?.({ settings: { folder }, dataDir }) ?? Promise.resolve([]);

it("writes the bytes under the final name and leaves nothing else", async () => {
  const outcome = await transport.send(payload("850-1.edi"), context());
  expect(outcome).toEqual({ outcome: "delivered", acknowledged: false });
  const outbox = join(dataDir, "supplier-b", "outbox");
  expect(readdirSync(outbox)).toEqual(["850-1.edi"]);
  expect(readFileSync(join(outbox, "850-1.edi"), "utf8")).toBe("ISA*00~");
});

it("takes the same file again as delivered, another one as a collision", async () => {
  await transport.send(payload("850-1.edi"), context());
  const again = await transport.send(payload("850-1.edi"), context());
  expect(again.outcome).toBe("delivered");
  const other = await transport.send(
    payload("850-1.edi", new Uint8Array([1])),
    context(),
  );
  expect(other).toMatchObject({
    outcome: "not_sent",
    error: "folder_collision",
  });
  const path = join(dataDir, "supplier-b", "outbox", "850-1.edi");
  expect(readFileSync(path, "utf8")).toBe("ISA*00~");
});

it.each(["../x", "..", ".hidden", "a/b", "a\\b", "", "x.part", "a\u0000b"])(
  "refuses the file name %j",
  async (name) => {
    const outcome = await transport.send(payload(name), context());
    expect(outcome).toMatchObject({
      outcome: "not_sent",
      error: "settings_invalid",
    });
  },
);

it.each(["..", "../other", "/etc", "a/../../b", "a//b", ".ssh", ""])(
  "refuses the folder %j",
  async (folder) => {
    expect(transport.check?.({ folder })).toMatch(/^folder: /);
    const outcome = await transport.send(payload("a.edi"), context(folder));
    expect(outcome).toMatchObject({
      outcome: "not_sent",
      error: "settings_invalid",
    });
  },
);

it("does not follow a link out of the data folder", async () => {
  const outside = temporaryFolder();
  mkdirSync(join(outside.path, "outbox"));
  symlinkSync(outside.path, join(dataDir, "supplier-b"));
  const outcome = await transport.send(payload("a.edi"), context());
  expect(outcome).toMatchObject({
    outcome: "not_sent",
    error: "settings_invalid",
  });
  expect(readdirSync(join(outside.path, "outbox"))).toEqual([]);
  outside.remove();
});

it("says that the folder cannot be written", async () => {
  writeFileSync(join(dataDir, "supplier-b"), "a file, not a folder");
  const outcome = await transport.send(payload("a.edi"), context());
  expect(outcome).toMatchObject({
    outcome: "not_sent",
    error: "folder_unavailable",
  });
});

it("lists complete, regular files only, by name", async () => {
  await receive();
  const inbox = join(dataDir, "supplier-b", "inbox");
  for (const name of ["b.edi", "a.edi", "c.edi.part", ".d.edi", "e.tmp"])
    writeFileSync(join(inbox, name), name);
  symlinkSync("/etc/passwd", join(inbox, "f.edi"));
  mkdirSync(join(inbox, "g.edi"));
  const files = await receive();
  expect(files.map((file) => file.filename)).toEqual(["a.edi", "b.edi"]);
  expect(Buffer.from((await files[0]?.read()) ?? []).toString()).toBe("a.edi");
});

it("moves a settled file and keeps an older one of the same name", async () => {
  await receive();
  const folder = join(dataDir, "supplier-b");
  for (const content of ["one", "two"]) {
    writeFileSync(join(folder, "inbox", "a.edi"), content);
    const [file] = await receive();
    await file?.settle("archive");
  }
  expect(existsSync(join(folder, "inbox", "a.edi"))).toBe(false);
  const kept = readdirSync(join(folder, "archive")).map((name) =>
    readFileSync(join(folder, "archive", name), "utf8"),
  );
  expect(kept.sort()).toEqual(["one", "two"]);
});

it("does not mind that another instance settled the file first", async () => {
  await receive();
  writeFileSync(join(dataDir, "supplier-b", "inbox", "a.edi"), "x");
  const [mine] = await receive();
  const [theirs] = await receive();
  await theirs?.settle("archive");
  await mine?.settle("archive");
  expect(readdirSync(join(dataDir, "supplier-b", "archive"))).toEqual([
    "a.edi",
  ]);
});
