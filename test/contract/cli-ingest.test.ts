/** `hcp ingest` as a process, against an Odoo that is a server of ours. */
import { createHash } from "node:crypto";
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { MAX_FILE_BYTES } from "../../scripts/sync/limits.ts";
import { temporaryFolder } from "../kit/context.ts";
import { invoice } from "../kit/documents.ts";
import { ExchangeServer } from "../kit/exchange-server.ts";
import { hcp } from "../kit/live.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
let odoo: ExchangeServer;
let folder: ReturnType<typeof temporaryFolder>;
let env: Record<string, string>;

beforeEach(async () => {
  odoo = new ExchangeServer();
  odoo.endpoints = [{ code: "A", connector: "rest-json", settings: {} }];
  folder = temporaryFolder();
  env = {
    HCP_ODOO_URL: await odoo.start(),
    HCP_ODOO_DB: "test",
    HCP_ODOO_API_KEY: "key",
    HCP_RUN_FILE: join(folder.path, "none.json"),
  };
});
afterEach(async () => {
  await odoo.stop();
  folder.remove();
});

const file = (name: string, content = "") => {
  const path = join(folder.path, name);
  writeFileSync(path, content);
  return path;
};

it("records a file that is too large, without reading it", async () => {
  const path = file("huge.json");
  truncateSync(path, MAX_FILE_BYTES + 1);
  const digest = createHash("sha256").update(readFileSync(path)).digest("hex");
  const result = await hcp(root, ["ingest", "--endpoint", "A", path], env);
  expect(result.stderr).toBe("");
  expect(result.code).toBe(2);
  expect(result.lines).toEqual([
    expect.objectContaining({ status: "rejected" }),
  ]);
  const [message] = odoo.messages;
  expect(message).toMatchObject({
    idempotency_key: `oversized:${digest}#0`,
    errors: [{ code: "oversized" }],
  });
  const sent = odoo.calls.find((one) => one.method === "ingest")?.args;
  expect(JSON.stringify(sent).length).toBeLessThan(2000);
  // The file itself stays where it is, as the message says.
  expect(message?.errors[0]?.message).toContain("stays where it is");
  expect(readFileSync(path).length).toBe(MAX_FILE_BYTES + 1);
});

it("sends a file of several documents once", async () => {
  const path = file("two.json", JSON.stringify([invoice("1"), invoice("2")]));
  const result = await hcp(root, ["ingest", "--endpoint", "A", path], env);
  expect(result.code).toBe(0);
  expect(result.lines.map((one) => one.number)).toEqual(["1", "2"]);
  const sent = odoo.calls.find((one) => one.method === "ingest")?.args;
  const raws = (sent?.envelopes as { raw: string }[]).map((one) => one.raw);
  expect(raws.map((raw) => raw !== "")).toEqual([true, false]);
});
