/** `hcp convert` without a shell: outputs, findings and exit codes. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { runConvert } from "../../../scripts/cli/convert.ts";
import type { ConvertProfile } from "../../../scripts/formats/convert.ts";

const fixtures = join(import.meta.dirname, "..", "..", "fixtures", "x12");
const folder = mkdtempSync(join(tmpdir(), "convert "));
afterAll(() => rmSync(folder, { recursive: true }));

let out = "";
let err: Record<string, unknown>[] = [];
beforeEach(() => {
  out = "";
  err = [];
});

function run(
  from: string,
  to: string,
  files: string[],
  profile?: string,
  profiles: Record<string, ConvertProfile> = {},
): Promise<number> {
  return runConvert(
    { from, to, files, ...(profile === undefined ? {} : { profile }) },
    {
      stdout: (data) => {
        out += typeof data === "string" ? data : new TextDecoder().decode(data);
      },
      stderr: (text) => {
        expect(text.endsWith("\n")).toBe(true);
        err.push(JSON.parse(text) as Record<string, unknown>);
      },
      findProfile: (id) => Promise.resolve(profiles[id]),
      now: () => new Date("2026-03-01T12:00:00Z"),
    },
  );
}

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const order = join(fixtures, "850-order.edi");
const invoice = join(fixtures, "810-charges.edi");
const CANONICAL = {
  document_type: "purchase_order",
  schema_version: "1.0",
  number: "P1",
  lines: [
    {
      line_number: "1",
      item: { supplier_code: "A" },
      quantity: "1",
      unit: "EA",
    },
  ],
};

describe("exit code 0", () => {
  it("canonical is one array over all files", async () => {
    expect(await run("x12", "canonical", [order, invoice])).toBe(0);
    const documents = JSON.parse(out) as { document_type: string }[];
    expect(documents.map((item) => item.document_type)).toEqual([
      "purchase_order",
      "invoice",
      "credit_note",
    ]);
  });

  it("findings are lines with level, code, message, line and path", async () => {
    await run("x12", "canonical", [invoice]);
    expect(err).toContainEqual(
      expect.objectContaining({
        level: "info",
        code: "x12_negative_credit",
        message: expect.any(String) as string,
        line: 26,
        path: "ST[1]",
      }),
    );
  });

  it("canonical to X12 and back", async () => {
    const path = file("order.json", JSON.stringify([CANONICAL]));
    expect(await run("canonical", "x12", [path])).toBe(0);
    expect(out).toMatch(/^ISA\*.*\*P\*>~\nGS\*PO/);
    const x12 = file("order.edi", out);
    out = "";
    expect(await run("x12", "json", [x12])).toBe(0);
    expect(JSON.parse(out)).toMatchObject(CANONICAL);
  });

  it("json without a profile is canonical", async () => {
    const path = file("one.json", JSON.stringify(CANONICAL));
    expect(await run("json", "canonical", [path])).toBe(0);
    expect(JSON.parse(out)).toEqual([CANONICAL]);
  });

  it("json with a profile goes through its mapping", async () => {
    const path = file("partner.json", '{"po": "P1"}');
    const profile: ConvertProfile = {
      id: "partner",
      inbound: (value) =>
        Promise.resolve({ ...CANONICAL, number: (value as { po: string }).po }),
      outbound: ({ number }) => Promise.resolve({ po: number }),
    };
    const profiles = { partner: profile };
    expect(await run("json", "canonical", [path], "partner", profiles)).toBe(0);
    const canonical = file("mapped.json", out);
    out = "";
    expect(
      await run("canonical", "json", [canonical], "partner", profiles),
    ).toBe(0);
    expect(JSON.parse(out)).toEqual({ po: "P1" });
  });
});

describe("exit code 2", () => {
  it.each<[string, string, string, string]>([
    ["text that is no X12", "x12", "hello", "x12_not_found"],
    ["an empty file", "x12", "", "empty"],
    ["broken JSON", "canonical", '[\n{"a": 1,]', "json_syntax"],
    ["an empty list", "canonical", "[]", "empty"],
    [
      "a document that breaks its schema",
      "canonical",
      '{"number": 1}',
      "schema",
    ],
  ])("%s", async (name, from, content, code) => {
    const path = file(`${name}.txt`, content);
    expect(await run(from, "canonical", [path])).toBe(2);
    expect(JSON.parse(out)).toEqual([]);
    expect(err).toContainEqual(
      expect.objectContaining({ level: "error", code, file: path }),
    );
    expect(err.every((item) => "line" in item && "path" in item)).toBe(true);
  });

  it("a bad file among good ones keeps the good ones", async () => {
    const bad = file("bad.edi", "nothing");
    expect(await run("x12", "canonical", [bad, order])).toBe(2);
    expect(JSON.parse(out)).toHaveLength(1);
  });

  it("a document that the other format cannot carry", async () => {
    const lines = [{ line_number: "1", quantity: "1" }];
    const path = file("thin.json", JSON.stringify({ ...CANONICAL, lines }));
    expect(await run("canonical", "x12", [path])).toBe(2);
    expect(out).toBe("");
    expect(err).toContainEqual(
      expect.objectContaining({ code: "x12_missing", path: "lines[0].unit" }),
    );
  });

  it("a mapping that fails", async () => {
    const path = file("partner2.json", '{"po": "P1"}');
    const inbound = () => Promise.reject(new Error("no such field"));
    const profiles = { partner: { id: "partner", inbound } };
    expect(await run("json", "canonical", [path], "partner", profiles)).toBe(2);
    expect(err).toContainEqual(
      expect.objectContaining({ code: "mapping", document: "#1" }),
    );
  });
});

describe("exit code 1", () => {
  it.each<[string, string, string[], string | undefined]>([
    ["an unknown format", "edifax", [order], undefined],
    ["no file", "x12", [], undefined],
    ["a file that is not there", "x12", [join(folder, "none.edi")], undefined],
    ["an unknown profile", "json", [order], "nobody"],
  ])("%s", async (_name, from, files, profile) => {
    expect(await run(from, "canonical", files, profile)).toBe(1);
    expect(out).toBe("");
    expect(err).toMatchObject([{ level: "error", code: "usage" }]);
  });
});

it("the same input gives the same bytes", async () => {
  await run("x12", "x12", [order]);
  const first = out;
  out = "";
  await run("x12", "x12", [order]);
  expect(out).toBe(first);
  expect(first).toContain(readFileSync(order, "utf8").split("\n")[3]);
});
