/** From bytes to envelopes, without any server. */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  inChunks,
  oversizedEnvelope,
  toEnvelopes,
} from "../../../scripts/sync/inbound.ts";
import { MAX_CHUNK } from "../../../scripts/sync/limits.ts";
import { formatOfBytes } from "../../../scripts/sync/reading.ts";
import { invoice } from "../../kit/documents.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const envelopes = (text: string, format = "json") =>
  toEnvelopes({
    bytes: bytes(text),
    filename: "f",
    contentType: "",
    format,
  });

describe("envelopes", () => {
  it("keep the bytes as they came, each with its position", async () => {
    const text = JSON.stringify([invoice("1"), invoice("2")], null, 7);
    const found = await envelopes(text);
    const digest = createHash("sha256").update(text).digest("hex");
    expect(found.map((one) => one.position)).toEqual([0, 1]);
    const [first, second] = found;
    expect(Buffer.from(first?.raw ?? "", "base64").toString()).toBe(text);
    expect(second?.raw, "the file's bytes come once").toBe("");
    for (const one of found) {
      expect(one.raw_sha256).toBe(digest);
      expect(one.diagnostics).toEqual([]);
    }
  });

  it("carry a file's bytes once in each call, however many documents", async () => {
    const many = Array.from({ length: MAX_CHUNK * 2 + 1 }, (_, n) =>
      invoice(String(n)),
    );
    const found = await envelopes(JSON.stringify(many));
    const chunks = [...inChunks(found)];
    expect(chunks.map((one) => one.length)).toEqual([MAX_CHUNK, MAX_CHUNK, 1]);
    for (const chunk of chunks) {
      const withBytes = chunk.filter((one) => one.raw !== "");
      expect(withBytes).toEqual([{ ...chunk[0], raw: found[0]?.raw }]);
    }
    const positions = chunks.flat().map((one) => one.position);
    expect(positions).toEqual(found.map((one) => one.position));
  });

  it("name the checksum alone of a file that is too large", () => {
    const one = oversizedEnvelope("big.edi", 11, "abc", 10, "in inbox/");
    expect(one).toMatchObject({
      document: null,
      raw: "",
      raw_sha256: "",
      idempotency_key: "oversized:abc",
      diagnostics: [{ level: "error", code: "oversized" }],
    });
    expect([...inChunks([one])]).toEqual([[one]]);
  });

  it("say so where the encoding had to be guessed, and take no effect", async () => {
    const text = JSON.stringify([invoice("1")]);
    const latin1 = Buffer.from(
      text.replace(/"number":"1"/, '"number":"R\u00e9-1"'),
      "latin1",
    );
    const [found] = await toEnvelopes({
      bytes: latin1,
      filename: "f",
      contentType: "",
      format: "json",
    });
    expect(Buffer.from(found?.raw ?? "", "base64")).toEqual(latin1);
    expect(found?.diagnostics).toContainEqual(
      expect.objectContaining({ level: "error", code: "encoding" }),
    );
  });

  it("are made for what could not be read, beside what could", async () => {
    const found = await envelopes(JSON.stringify([invoice("1"), "poem", 7]));
    expect(found.map((one) => one.document?.number ?? null)).toEqual([
      "1",
      null,
      null,
    ]);
    expect(found.map((one) => one.position)).toEqual([0, 1, 2]);
    expect(found[1]?.diagnostics).toMatchObject([{ document: "#2" }]);
  });

  it.each(["", "[]", "{", "null", "ISA*", "\u0000\u0001"])(
    "are never missing: %j",
    async (text) => {
      const found = await envelopes(text);
      expect(found).toHaveLength(1);
      expect(found[0]?.document).toBeNull();
      const levels = found[0]?.diagnostics.map(
        (one) => (one as { level: string }).level,
      );
      expect(levels).toContain("error");
    },
  );

  it("carry what the schema says about a document that breaks it", async () => {
    const [one] = await envelopes(
      JSON.stringify(invoice("1", { currency: 5 })),
    );
    expect(one?.document?.number).toBe("1");
    expect(one?.diagnostics).toMatchObject([
      { code: "schema", path: "currency" },
    ]);
  });

  it("go in portions, in order and complete", async () => {
    const [unreadable] = await envelopes("{}");
    const many = Array.from({ length: MAX_CHUNK * 2 + 1 }, (_, index) => ({
      ...unreadable!,
      position: index,
    }));
    const chunks = [...inChunks(many)];
    expect(chunks.map((chunk) => chunk.length)).toEqual([
      MAX_CHUNK,
      MAX_CHUNK,
      1,
    ]);
    const bare = (all: typeof many) => all.map((one) => ({ ...one, raw: "" }));
    expect(bare(chunks.flat())).toEqual(bare(many));
  });
});

describe("the format of bytes", () => {
  it.each([
    ['  {"a":1}', "x12", "json"],
    ["\uFEFF[1]", "x12", "json"],
    ["ISA*00*", "json", "x12"],
    ["\uFEFF\r\n ISA|00|", "json", "x12"],
    ["ISABELLA", "json", "json"],
    ["UNB+UNOA", "x12", "x12"],
  ])("%j where %s is expected is %s", (text, expected, format) => {
    expect(formatOfBytes(bytes(text), expected)).toBe(format);
  });
});
