/** The poller: files of a partner into Odoo's inbox, whatever happens. */
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { MAX_FILE_BYTES } from "../../scripts/sync/limits.ts";
import { Poller } from "../../scripts/sync/poller.ts";
import {
  eventually,
  temporaryFolder,
  testConfig,
  testContext,
  type TestContext,
} from "../kit/context.ts";
import { invoice } from "../kit/documents.ts";
import { ExchangeServer } from "../kit/exchange-server.ts";

let odoo: ExchangeServer;
let test: TestContext;
let folder: ReturnType<typeof temporaryFolder>;
let stored: string[];
const box = (name: string) => join(folder.path, "supplier-b", name);
const drop = (name: string, content: string | Buffer) =>
  writeFileSync(join(box("inbox"), name), content);
const poller = () =>
  new Poller(test.context, [], (uuids) => void stored.push(...uuids));

beforeEach(async () => {
  odoo = new ExchangeServer();
  folder = temporaryFolder();
  stored = [];
  odoo.endpoints = [
    {
      code: "B",
      connector: "x12-folder",
      settings: { folder: "supplier-b" },
    },
  ];
  test = testContext(testConfig(await odoo.start(), folder.path));
  mkdirSync(box("inbox"), { recursive: true });
});
afterEach(async () => {
  await test.close();
  await odoo.stop();
  folder.remove();
});

it("stores a file, moves it to the archive and asks to process it", async () => {
  drop("a.json", JSON.stringify(invoice("I-1")));
  const summary = await poller().once();
  expect(summary).toMatchObject({ files: 1, accepted: 1 });
  expect(readdirSync(box("inbox"))).toEqual([]);
  expect(readdirSync(box("archive"))).toEqual(["a.json"]);
  expect(stored).toEqual([odoo.messages[0]?.uuid]);
  expect(odoo.messages[0]).toMatchObject({ number: "I-1", state: "queued" });
});

it("reads a file again after a crash between storing and moving it", async () => {
  const content = JSON.stringify(invoice("I-1"));
  drop("a.json", content);
  odoo.fault = (method) => (method === "ingest" ? "lose" : undefined);
  const first = poller();
  await first.once();
  // Odoo has it, but nobody heard: the file must still be there.
  expect(odoo.messages).toHaveLength(1);
  expect(readdirSync(box("inbox"))).toEqual(["a.json"]);
  odoo.fault = () => undefined;
  const summary = await poller().once();
  expect(summary).toMatchObject({ duplicate: 1, accepted: 0 });
  expect(odoo.messages).toHaveLength(1);
  expect(readdirSync(box("archive"))).toEqual(["a.json"]);
});

it.each([
  ["empty", ""],
  ["truncated", "ISA*00*          *00*      "],
  ["binary", Buffer.from([0, 1, 2, 255, 254])],
  ["a letter", "Dear hospital, your order will be late."],
])(
  "keeps an unreadable file (%s), rejected and with a reason",
  async (_n, content) => {
    drop("bad.edi", content as string | Buffer);
    drop("good.json", JSON.stringify(invoice("I-1")));
    const summary = await poller().once();
    expect(summary).toMatchObject({ files: 2, rejected: 1, accepted: 1 });
    expect(readdirSync(box("rejected"))).toEqual(["bad.edi"]);
    expect(readFileSync(join(box("rejected"), "bad.edi"))).toEqual(
      Buffer.from(content as string),
    );
    const rejected = odoo.messages.find((one) => one.state === "rejected");
    expect(rejected?.errors[0]?.message).toMatch(/\w/);
  },
);

it("does not read a file that is too large, but records it", async () => {
  drop("huge.edi", "");
  truncateSync(join(box("inbox"), "huge.edi"), MAX_FILE_BYTES + 1);
  await poller().once();
  expect(readdirSync(box("rejected"))).toEqual(["huge.edi"]);
  expect(odoo.messages[0]?.errors[0]).toMatchObject({ code: "oversized" });
  const args = odoo.calls.find((one) => one.method === "ingest")?.args;
  expect((args?.envelopes as { raw: string }[])[0]?.raw).toBe("");
});

it("leaves files alone while Odoo is down, and takes them afterwards", async () => {
  drop("a.json", JSON.stringify(invoice("I-1")));
  odoo.fault = (method) => (method === "ingest" ? "fail" : undefined);
  const running = poller();
  const served = running.serve();
  await eventually("failed", () => test.logged().includes("file_not_stored"));
  expect(readdirSync(box("inbox"))).toEqual(["a.json"]);
  odoo.fault = () => undefined;
  await eventually("stored", () => odoo.messages.length === 1, 20_000);
  await eventually("moved", () => readdirSync(box("inbox")).length === 0);
  running.stop();
  await served;
});

it("is not held up by one file that cannot be stored", async () => {
  drop("a.json", JSON.stringify(invoice("STUCK")));
  drop("b.json", JSON.stringify(invoice("I-2")));
  odoo.fault = (method, args) =>
    method === "ingest" && JSON.stringify(args).includes("STUCK")
      ? "fail"
      : undefined;
  await poller().once();
  expect(readdirSync(box("inbox"))).toEqual(["a.json"]);
  expect(odoo.messages.map((one) => one.number)).toEqual(["I-2"]);
});

it("says once what is wrong with an endpoint, and serves the others", async () => {
  odoo.endpoints.push({
    code: "C",
    connector: "x12-folder",
    settings: { folder: "../outside" },
  });
  drop("a.json", JSON.stringify(invoice("I-1")));
  const running = poller();
  await running.once();
  await running.once();
  expect(odoo.messages).toHaveLength(1);
  expect(test.logged().match(/endpoint_unusable/g)).toHaveLength(1);
});
