/** Whatever comes in: documents or diagnostics, never an exception. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { validateDocument } from "../../../scripts/canonical/validate.ts";
import { FORMATS } from "../../../scripts/formats/index.ts";

const folder = join(import.meta.dirname, "..", "..", "fixtures", "x12");
const samples = readdirSync(folder)
  .filter((name) => name.endsWith(".edi"))
  .sort()
  .map((name) => readFileSync(join(folder, name), "latin1"));

/** Edits that damage a file in the ways transport and hands do. */
const mutation = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  kind: fc.constantFrom("delete", "insert", "replace", "repeat", "cut", "swap"),
  length: fc.integer({ min: 1, max: 60 }),
  text: fc.oneof(
    fc.constantFrom(
      "~",
      "*",
      "\n",
      "ISA*",
      "ST*850*",
      "SE*",
      "HL*1*1*I~",
      ">",
      "\u0000",
    ),
    fc.constantFrom("constructor", "__proto__", "9".repeat(60), "-", ".", "é"),
    fc.string({ maxLength: 8 }),
  ),
});

function damage(
  text: string,
  {
    at,
    kind,
    length,
    text: piece,
  }: typeof mutation extends fc.Arbitrary<infer T> ? T : never,
): string {
  const from = Math.floor(at * text.length);
  const to = Math.min(text.length, from + length);
  const [head, middle, tail] = [
    text.slice(0, from),
    text.slice(from, to),
    text.slice(to),
  ];
  switch (kind) {
    case "delete":
      return head + tail;
    case "insert":
      return head + piece + middle + tail;
    case "replace":
      return head + piece + tail;
    case "repeat":
      return head + middle + middle + tail;
    case "cut":
      return head;
    default:
      return tail + middle + head;
  }
}

function check(bytes: Uint8Array): void {
  for (const format of FORMATS.values()) {
    const { documents, diagnostics } = format.parse(bytes);
    expect(documents.length + diagnostics.length).toBeGreaterThan(0);
    for (const document of documents) {
      expect(validateDocument(document)).toEqual([]);
    }
    if (documents.length === 0) {
      expect(diagnostics.some(({ level }) => level === "error")).toBe(true);
    }
    for (const { code, message } of diagnostics) {
      expect(code).toMatch(/^[a-z0-9_]+$/);
      expect(message.length).toBeLessThan(2_500);
    }
  }
}

describe("parsers", () => {
  it("survive damaged files", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...samples),
        fc.array(mutation, { minLength: 1, maxLength: 6 }),
        (sample, mutations) => {
          const text = mutations.reduce(damage, sample);
          check(Uint8Array.from(text, (char) => char.charCodeAt(0) & 0xff));
        },
      ),
      { numRuns: 600 },
    );
  });

  it("survive any bytes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), check), {
      numRuns: 300,
    });
  });

  it("survive any text behind an interchange header", () => {
    const header = samples[0]?.split("\n").slice(0, 2).join("\n") ?? "";
    const segment = fc
      .array(
        fc.oneof(
          fc.constantFrom("ST", "PO1", "HL", "850", "856", "I", "1", ""),
          fc.string({ maxLength: 6 }),
        ),
      )
      .map((elements) => elements.join("*"));
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 30 }), (segments) => {
        check(new TextEncoder().encode(`${header}${segments.join("~")}~`));
      }),
      { numRuns: 300 },
    );
  });

  it("do not slow down on long files without line breaks or delimiters", () => {
    const header = samples[0]?.slice(0, 106) ?? "";
    check(new TextEncoder().encode(header + "A".repeat(2_000_000)));
    check(new TextEncoder().encode(header + "\n ".repeat(500_000)));
    check(new TextEncoder().encode(header + "A*".repeat(500_000)));
  });
});
