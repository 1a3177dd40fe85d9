/** What JSON.parse lets pass and a document must not have. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { json } from "../../../scripts/formats/json/index.ts";
import { MAX_DEPTH, scanJson } from "../../../scripts/formats/json/scan.ts";

const codeOf = (text: string) => scanJson(text)?.code;

describe("a document's JSON", () => {
  it.each([
    ['{"a":1,"a":2}', "json_duplicate_name"],
    ['{"a":1,"\\u0061":2}', "json_duplicate_name"],
    ['[{"a":{"b":1,"c":2,"b":3}}]', "json_duplicate_name"],
    ['{"__proto__":1,"__proto__":2}', "json_duplicate_name"],
    ['{"n":1e400}', "json_number"],
    ['{"n":-1e400}', "json_number"],
    ['{"n":1e-400}', "json_number"],
    ['{"n":12345678901234567890}', "json_number"],
    ['{"n":0.1234567890123456789}', "json_number"],
    ["[".repeat(MAX_DEPTH + 1), "json_depth"],
    ['{"a":'.repeat(5_000_000 / 5), "json_depth"],
  ])("is not taken: %s", (text, code) => {
    expect(codeOf(text)).toBe(code);
  });

  it.each([
    '{"a":1,"b":{"a":1},"c":[{"a":1},{"a":1}]}',
    '{"a":"\\"b\\":1,{[","b":["a","a"]}',
    '{"a":0.1,"b":-12.50,"c":1e3,"d":0,"e":0.0,"f":9007199254740}',
    '{"a":"12345678901234567890","1":"x"}',
    "[".repeat(MAX_DEPTH) + "]".repeat(MAX_DEPTH),
    "",
    "nonsense",
    '"',
    '{"a',
    "]]}}",
    "-",
  ])("or is left to the parser: %s", (text) => {
    expect(codeOf(text)).toBeUndefined();
  });

  it("is left alone in every value that was written by JSON.stringify", () => {
    const value = fc.jsonValue({ maxDepth: 8 });
    fc.assert(
      fc.property(value, (one) => {
        const text = JSON.stringify(one);
        const code = codeOf(text);
        expect(code === undefined || code === "json_number").toBe(true);
      }),
    );
  });

  it("takes time in proportion, whatever it is", () => {
    const size = 2_000_000;
    for (const text of [
      `"${'\\"'.repeat(size)}`,
      '"'.repeat(size),
      `"${"a".repeat(size)}"`,
      `"${"\\".repeat(size)}`,
      `[${"1,".repeat(size)}1]`,
      "-".repeat(size),
    ])
      expect(codeOf(text)).toBeUndefined();
    expect(codeOf("1".repeat(size))).toBe("json_number");
  });

  it("says in which line", () => {
    const text = '{\n "number": "1",\n "number": "2"\n}';
    const { documents, diagnostics } = json.parse(Buffer.from(text));
    expect(documents).toEqual([]);
    expect(diagnostics).toMatchObject([
      { level: "error", code: "json_duplicate_name", line: 3 },
    ]);
    expect(diagnostics[0]?.message).toContain('"number" occurs twice');
  });
});
