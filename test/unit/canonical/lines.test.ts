/** Documents of which single lines break the schema. */
import { describe, expect, it } from "vitest";

import { checkDocument } from "../../../scripts/canonical/lines.ts";
import { validateDocument } from "../../../scripts/canonical/validate.ts";
import { toEnvelopes } from "../../../scripts/sync/inbound.ts";
import { PORTION_LINES } from "../../../scripts/sync/limits.ts";
import { purchaseOrder } from "../../kit/documents.ts";

const good = (number: string) => ({
  line_number: number,
  item: { supplier_code: `S-${number}` },
  prices: [{ amount: "1.50", unit: "EA" }],
});

function catalog(lines: unknown[], changes: object = {}) {
  return {
    document_type: "catalog",
    schema_version: "1.0",
    number: "LIST-7",
    lines,
    ...changes,
  };
}

/** What comes of one broken line beside a good one. */
function broken(line: unknown) {
  const { document, diagnostics } = checkDocument(
    catalog([good("1"), line, good("3")]),
  );
  expect(validateDocument(document)).toEqual([]);
  const [finding, ...others] = diagnostics;
  expect(others).toEqual([]);
  expect(finding).toMatchObject({
    level: "error",
    code: "schema",
    scope: "line",
    document: "LIST-7",
  });
  const lines = document.lines as { line_number: string }[];
  expect(lines[0]).toEqual(good("1"));
  expect(lines[2]).toEqual(good("3"));
  expect(finding?.line_number).toBe(lines[1]?.line_number);
  return { line: lines[1], finding };
}

describe("a catalog with a broken line", () => {
  it("keeps the others, and of the line what can be read", () => {
    const { line, finding } = broken({
      ...good("2"),
      prices: [{ amount: "1,50", unit: "EA" }],
    });
    expect(line).toEqual({ ...good("2"), prices: [{ unit: "EA" }] });
    expect(finding?.path).toBe("lines[1].prices[0].amount");
    expect(finding?.message).toMatch(
      /^line 2: prices\[0\]\.amount: .*decimal.*send it again, alone/,
    );
  });

  it.each<[string, unknown, unknown, string]>([
    ["no object", "A;B", { line_number: "#2" }, "lines[1]"],
    [
      "a number of a line",
      { ...good("2"), line_number: 2 },
      good("2"),
      "lines[1].line_number",
    ],
    [
      "no number",
      { ...good("2"), line_number: undefined },
      { ...good("2"), line_number: "#2" },
      "lines[1].line_number",
    ],
    [
      "the number of another",
      { ...good("1"), colour: "red" },
      { ...good("1"), line_number: "#2" },
      "lines[1].colour",
    ],
    [
      "a field that is not known",
      { ...good("2"), "a.b[0]": 1 },
      { line_number: "2" },
      "lines[1].a.b[0]",
    ],
    [
      "a part that lacks something",
      { ...good("2"), contract_reference: { tier: "" } },
      good("2"),
      "lines[1].contract_reference.tier",
    ],
    [
      "no item at all",
      { ...good("2"), item: null },
      { line_number: "2", prices: good("2").prices },
      "lines[1].item",
    ],
  ])("that has %s", (_name, line, left, path) => {
    const found = broken(line);
    expect(found.line).toMatchObject(left as object);
    expect(found.finding?.path).toBe(path);
  });

  it("says how much else is wrong with the line", () => {
    const { finding } = broken({ ...good("2"), unit: 5, description: 6 });
    expect(finding?.message).toContain("(and 1 more)");
  });
});

describe("what stays strict", () => {
  const bad = { ...good("2"), unit: 5 };

  it("is a header that is wrong", () => {
    const document = catalog([good("1"), bad], { scope: "some" });
    const { document: same, diagnostics } = checkDocument(document);
    expect(same).toBe(document);
    expect(diagnostics.map(({ scope }) => scope)).not.toContain("line");
  });

  it("is a document without a good line", () => {
    const document = catalog([bad, bad]);
    expect(checkDocument(document)).toEqual({
      document,
      diagnostics: validateDocument(document),
    });
  });

  it("are lines that are no list", () => {
    const document = catalog([], { lines: { first: bad } });
    expect(checkDocument(document).diagnostics).toEqual(
      validateDocument(document),
    );
  });

  it("is a document whose lines belong together", () => {
    const order = purchaseOrder("P1");
    (order.lines as { unit: unknown }[])[0]!.unit = 5;
    const { diagnostics } = checkDocument(order);
    expect(diagnostics).toHaveLength(1);
    expect(diagnostics[0]?.scope).toBeUndefined();
  });
});

describe("a contract with a broken line", () => {
  it("keeps the others", () => {
    const { document, diagnostics } = checkDocument({
      document_type: "contract",
      schema_version: "1.0",
      number: "C-1",
      lines: [good("1"), { ...good("2"), valid_to: "soon" }],
    });
    expect(document.lines).toEqual([good("1"), good("2")]);
    expect(diagnostics).toMatchObject([
      { scope: "line", line_number: "2", path: "lines[1].valid_to" },
    ]);
  });
});

describe("a price list as JSON", () => {
  it("brings its broken lines with the portion that they are in", async () => {
    const lines: unknown[] = Array.from({ length: PORTION_LINES + 3 }, (_, n) =>
      good(String(n + 1)),
    );
    lines[1] = { ...good("2"), unit: 5 };
    lines[PORTION_LINES + 1] = { ...good(String(PORTION_LINES + 2)), unit: 5 };
    const envelopes = await toEnvelopes({
      bytes: Buffer.from(JSON.stringify(catalog(lines))),
      filename: "list.json",
      contentType: "application/json",
      format: "json",
    });
    expect(envelopes).toHaveLength(2);
    for (const envelope of envelopes) {
      expect(validateDocument(envelope.document)).toEqual([]);
      expect(envelope.diagnostics).toMatchObject([
        { scope: "line", path: "lines[1].unit" },
      ]);
    }
    expect(
      envelopes.map(
        ({ diagnostics }) =>
          (diagnostics as { line_number?: string }[])[0]?.line_number,
      ),
    ).toEqual(["2", String(PORTION_LINES + 2)]);
  });
});
