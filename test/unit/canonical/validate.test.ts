/** Canonical schemas: what they take, what they refuse, and where. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import {
  DOCUMENT_TYPES,
  isCanonicalDocument,
  validateDocument,
} from "../../../scripts/canonical/validate.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const schemas = join(root, "scripts", "canonical", "schemas");

function document(change: Record<string, unknown> = {}) {
  return {
    document_type: "invoice",
    schema_version: "1.0",
    number: "INV-1",
    ...change,
  };
}

function paths(value: unknown): (string | undefined)[] {
  return validateDocument(value).map(({ path }) => path);
}

/** Documents that are about one thing. */
const WITHOUT_LINES = ["functional_acknowledgement", "supplier"];

describe("every document type", () => {
  it("has a schema, and every schema is one", () => {
    const files = readdirSync(schemas)
      .map((name) => name.replace(".schema.json", ""))
      .filter((name) => name !== "common")
      .sort();
    expect([...DOCUMENT_TYPES].sort()).toEqual(files);
  });

  it.each(DOCUMENT_TYPES)(
    "%s needs its type, version and number only",
    (type) => {
      expect(paths(document({ document_type: type }))).toEqual([]);
      expect(paths({ document_type: type })).toEqual([
        "schema_version",
        "number",
      ]);
      expect(paths(document({ document_type: type, surplus: 1 }))).toEqual([
        "surplus",
      ]);
      expect(paths(document({ document_type: type, number: "" }))).toEqual([
        "number",
      ]);
    },
  );

  it.each(DOCUMENT_TYPES.filter((type) => !WITHOUT_LINES.includes(type)))(
    "%s needs a number on each line only",
    (type) => {
      const lines = [{ line_number: "1" }];
      expect(paths(document({ document_type: type, lines }))).toEqual([]);
      expect(paths(document({ document_type: type, lines: [{}] }))).toEqual([
        "lines[0].line_number",
      ]);
      const extra = [{ line_number: "1", colour: "red" }];
      expect(paths(document({ document_type: type, lines: extra }))).toEqual([
        "lines[0].colour",
      ]);
    },
  );

  it("closes every object in every schema", () => {
    const open: string[] = [];
    const walk = (node: unknown, path: string) => {
      if (typeof node !== "object" || node === null) return;
      const record = node as Record<string, unknown>;
      if (
        record["type"] === "object" &&
        record["additionalProperties"] !== false
      ) {
        open.push(path);
      }
      for (const [key, value] of Object.entries(record))
        walk(value, `${path}/${key}`);
    };
    for (const name of readdirSync(schemas)) {
      walk(JSON.parse(readFileSync(join(schemas, name), "utf8")), name);
    }
    expect(open).toEqual([]);
  });
});

describe("values", () => {
  it.each(["0", "-1.50", "12.3456789", "100000000000000000000.01"])(
    "%s is a decimal",
    (payable) => {
      expect(paths(document({ totals: { payable } }))).toEqual([]);
    },
  );

  it.each([1.5, "1.", ".5", "01", "+1", "1e3", "1,5", "", "NaN", "١"])(
    "%s is no decimal",
    (payable) => {
      expect(paths(document({ totals: { payable } }))).toEqual([
        "totals.payable",
      ]);
    },
  );

  it.each([
    "2026-03-01",
    "2026-03-01T10:20:30Z",
    "2026-03-01T10:20:30.5+01:00",
  ])("%s is a moment", (value) => {
    expect(paths(document({ issued_at: value }))).toEqual([]);
  });

  it.each(["2026-02-30", "2026-03-01T10:20:30", "01.03.2026", "20260301"])(
    "%s is no moment",
    (value) => {
      expect(paths(document({ issued_at: value }))).toContain("issued_at");
    },
  );

  it("a GTIN has 14 digits", () => {
    const item = (gtin: string) =>
      document({ lines: [{ line_number: "1", item: { gtin } }] });
    expect(paths(item("10614141000019"))).toEqual([]);
    expect(paths(item("614141000012"))).toContain("lines[0].item.gtin");
  });

  it("identifiers have known schemes", () => {
    const supplier = { identifiers: [{ scheme: "fax", value: "1" }] };
    const [finding] = validateDocument(document({ parties: { supplier } }));
    expect(finding).toMatchObject({
      level: "error",
      code: "schema",
      path: "parties.supplier.identifiers[0].scheme",
      document: "INV-1",
    });
    expect(finding?.message).toContain("must be one of gln, duns");
  });

  it("only the remit-to has a bank account", () => {
    const party = { bank_account: { iban: "DE02120300000000202051" } };
    expect(paths(document({ parties: { remit_to: party } }))).toEqual([]);
    expect(paths(document({ parties: { supplier: party } }))).toEqual([
      "parties.supplier.bank_account",
    ]);
  });
});

describe("rubbish", () => {
  it.each([
    [null],
    [undefined],
    [42],
    ["text"],
    [[]],
    [{}],
    [{ document_type: "constructor" }],
    [{ document_type: "toString" }],
  ])("%j is refused", (value) => {
    expect(validateDocument(value)).not.toEqual([]);
    expect(isCanonicalDocument(value)).toBe(false);
  });

  it("is refused when nested too deep", () => {
    let nested: unknown = {};
    for (let depth = 0; depth < 5000; depth += 1) nested = { nested };
    expect(
      validateDocument(document({ parties: nested }))[0]?.message,
    ).toContain("deeper");
  });

  it("gives a bounded number of findings", () => {
    const lines = Array.from({ length: 500 }, () => ({}));
    expect(validateDocument(document({ lines })).length).toBeLessThanOrEqual(
      50,
    );
  });
});
