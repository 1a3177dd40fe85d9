/** Mappings: exact, deterministic, and harmless whatever they say. */
import { describe, expect, it } from "vitest";
import { applyMapping, evaluate } from "../../../scripts/sync/mapping.ts";

const value = async (
  expression: string,
  input: unknown = {},
  documentTime?: string,
) => {
  const result = await evaluate(expression, input, { documentTime });
  return "value" in result ? result.value : result.error;
};

describe("a mapping", () => {
  it("makes one document out of another and leaves that one alone", async () => {
    const document = { number: "P1", lines: [{ unit: "XBX" }] };
    const before = structuredClone(document);
    expect(
      await applyMapping(
        '$ ~> |lines|{"unit": "BX"}| ~> |$|{"po": number}|',
        document,
      ),
    ).toEqual({ value: { number: "P1", po: "P1", lines: [{ unit: "BX" }] } });
    expect(document).toEqual(before);
  });

  it("gives plain lists", async () => {
    expect(
      await value("lines.{'n': n}", { lines: [{ n: 1 }, { n: 2 }] }),
    ).toEqual([{ n: 1 }, { n: 2 }]);
  });

  it("that gives no document, or several, is refused", async () => {
    for (const expression of ["missing", "[{}, {}]", "'text'", "7"])
      expect(await applyMapping(expression, {})).toEqual({
        error: "the mapping's result is not one document",
      });
  });

  it("calculates decimals exactly", async () => {
    expect(await value("$decimalMultiply('0.1', '3')")).toBe("0.3");
    expect(await value("$decimalAdd('0.1', 0.2)")).toBe("0.3");
    expect(await value("$decimalSubtract('1', '0.9')")).toBe("0.1");
    expect(await value("$decimalDivide('10', '3', 4)")).toBe("3.3333");
    expect(await value("$decimalRound('2.675', 2)")).toBe("2.68");
    expect(await value("$decimalMultiply(missing, '3')")).toBeNull();
    expect(await value("$decimalDivide('1', '0', 2)")).toContain(
      "not a number",
    );
    expect(await value("$decimalAdd('ten', '1')")).toContain("ten");
  });

  it("knows GTINs by their check digit", async () => {
    expect(await value("$gtin14('4006381333931')")).toBe("04006381333931");
    expect(await value("$gtin14('4006381333932')")).toBeNull();
    expect(await value("$gtin14('12')")).toBeNull();
  });

  it("says where it is wrong", async () => {
    expect(await value("{ 'a': ")).toMatch(/^mapping at character \d+: /);
    expect(await value("number + 'x'", { number: "P1" })).toMatch(
      /^mapping at character \d+: .*number/,
    );
    expect(await value(" ".repeat(200_001))).toContain("longer than");
  });
});

describe("the same result at every time", () => {
  it.each(["$now()", "$millis()", "$random()", "$shuffle([1,2])"])(
    "%s is refused",
    async (expression) => {
      expect(await value(expression)).toMatch(/is not available/);
    },
  );

  it("cannot be got round", async () => {
    for (const expression of [
      '$eval("$random()")',
      "($r := $random; $r())",
      "[1,2] ~> $shuffle",
      "lines.{ 'at': $now() }",
      "function($x){ $x ? $millis() : 0 }(true)",
    ])
      expect(await value(expression, { lines: [{}] })).toMatch(
        /is not available/,
      );
  });

  it("has the document's own time", async () => {
    const time = "2026-03-01T10:00:00Z";
    expect(await value("$document_time", {}, time)).toBe(time);
    expect(await value("$document_time")).toBeNull();
    // A time of day alone is completed with the document's day, not today.
    const seconds = "$fromMillis($toMillis('08:15', '[H01]:[m01]'))";
    expect(await value(seconds, {}, time)).toBe("2026-03-01T08:15:00.000Z");
  });
});

describe("a hostile expression", () => {
  it.each([
    ["recursion without end", "($f := function($x){ $f($x) + 1 }; $f(1))"],
    ["a loop without end", "($f := function($x){ $f($x + 1) }; $f(1))"],
    ["a huge range", "[1..9999999]"],
    ["a huge range, nested", "[1..90000].([1..90000])"],
    [
      "a text that doubles",
      "$reduce([1..60], function($t){ $t & $t }, 'xxxxxxxx')",
    ],
    ["padding", "$pad('', 2000000000)"],
    [
      "a pattern that backtracks",
      "$match($pad('a', 40, 'a') & '!', /^(a+)+$/)",
    ],
    ["deep nesting", "$reduce([1..100], function($a){ {'a': $a} }, {})"],
    ["a function as a result", "function($x){ $x }"],
    ["nested parentheses", `${"(".repeat(50_000)}1${")".repeat(50_000)}`],
  ])("%s ends in an error", async (_name, expression) => {
    expect(await value(expression)).toMatch(/^mapping/);
  });

  it("does not reach the process or other mappings", async () => {
    for (const expression of [
      "$string.constructor('return process')()",
      "__proto__.polluted",
      '$merge([{"__proto__": {"polluted": true}}])',
      '{} ~> |$|{"__proto__": {"polluted": true}}|',
      '$lookup($, "constructor")',
    ])
      expect(JSON.stringify(await value(expression)) ?? "").not.toMatch(
        /process|native code/,
      );
    expect(await value("polluted", {})).toBeNull();
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it("harms no neighbour", async () => {
    const bad = value("$match($pad('a', 40, 'a') & '!', /^(a+)+$/)");
    const good = await Promise.all(
      Array.from({ length: 20 }, (_, index) => value(`n + ${index}`, { n: 1 })),
    );
    expect(good).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    expect(await bad).toContain("longer than 4 seconds");
    expect(await value("1 + 1")).toBe(2);
  });
});
