/** The samples of a mapping version, as the command runs them. */
import { describe, expect, it } from "vitest";
import { runSample } from "../../../scripts/sync/commands/mapping-test.ts";
import { differences } from "../../../scripts/sync/differences.ts";

const outbound = {
  document_type: "purchase_order",
  direction: "outbound" as const,
  version: 2,
  expression: '{ "po": number, "unit": lines[0].unit, "at": $document_time }',
  code_tables: { unit: { XBX: "KART" } },
};
const sample = (values: object) => ({
  id: 7,
  digest: "d",
  input: { number: "P1", lines: [{ unit: "XBX" }] },
  expected: { po: "P1", unit: "KART", at: "2026-01-01T00:00:00Z" },
  document_time: "2026-01-01T00:00:00Z",
  ...values,
});

describe("a sample", () => {
  it("passes when the result is the expected one, codes included", async () => {
    expect(await runSample(outbound, sample({}))).toEqual({
      id: 7,
      digest: "d",
      passed: true,
      actual: { po: "P1", unit: "KART", at: "2026-01-01T00:00:00Z" },
      differences: [],
    });
  });

  it("says where the result is another", async () => {
    const expected = { po: "P2", unit: "KART", colour: "red" };
    const result = await runSample(outbound, sample({ expected }));
    expect(result.passed).toBe(false);
    expect(result.differences).toEqual([
      'po: expected "P2", the result is "P1"',
      'colour: "red" is missing',
      'at: "2026-01-01T00:00:00Z" is not expected',
    ]);
  });

  it("without an expectation shows its result and does not pass", async () => {
    const result = await runSample(outbound, sample({ expected: false }));
    expect(result).toMatchObject({ passed: false, actual: { po: "P1" } });
    expect(result.differences[0]).toContain("nothing is expected yet");
  });

  it("whose mapping breaks says so", async () => {
    const broken = { ...outbound, expression: "number +" };
    const result = await runSample(broken, sample({}));
    expect(result).toMatchObject({ passed: false, actual: false });
    expect(result.differences[0]).toMatch(/^mapping at character/);
  });

  it("of what comes in is checked against the schema as well", async () => {
    const inbound = {
      document_type: "invoice",
      direction: "inbound" as const,
      version: 1,
      expression:
        '{ "document_type": "invoice", "schema_version": "1.0", "number": no }',
      code_tables: {},
    };
    const wrong = {
      document_type: "invoice",
      schema_version: "1.0",
      number: 5,
    };
    const result = await runSample(
      inbound,
      sample({ input: { no: 5 }, expected: wrong }),
    );
    expect(result.passed).toBe(false);
    expect(result.differences[0]).toContain("number");
    const right = { ...wrong, number: "5" };
    expect(
      await runSample(inbound, sample({ input: { no: "5" }, expected: right })),
    ).toMatchObject({ passed: true });
  });
});

describe("differences", () => {
  it.each([
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, []],
    [
      [1, 2],
      [2, 1],
      ["[0]: expected 1, the result is 2", "[1]: expected 2, the result is 1"],
    ],
    [[1], [], ["[0]: 1 is missing"]],
    [{}, [], ["the document: expected {}, the result is []"]],
    [{ a: "1" }, { a: 1 }, ['a: expected "1", the result is 1']],
    [{ a: null }, {}, ["a: null is missing"]],
    [{}, { constructor: 1 }, ["constructor: 1 is not expected"]],
  ])("of %j and %j", (expected, actual, found) => {
    expect(differences(expected, actual)).toEqual(found);
  });

  it("are bounded", () => {
    const many = Array.from({ length: 500 }, (_, index) => index);
    expect(differences(many, []).at(-1)).toBe("and 450 more");
  });
});
