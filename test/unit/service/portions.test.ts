/** Large catalogs on their way to Odoo. */
import { describe, expect, it } from "vitest";
import type { Diagnostic } from "../../../scripts/canonical/types.ts";
import type { Envelope } from "../../../scripts/odoo/exchange.ts";
import { inChunks, toEnvelopes } from "../../../scripts/sync/inbound.ts";
import { MAX_REPEATED, PORTION_LINES } from "../../../scripts/sync/limits.ts";
import { portionsOf } from "../../../scripts/sync/portions.ts";
import { summaryOf } from "../../../scripts/sync/commands/read-file.ts";
import { formatOfBytes } from "../../../scripts/sync/reading.ts";

const COUNT = PORTION_LINES * 2 + 1;

function catalog(count: number) {
  return {
    document_type: "catalog",
    schema_version: "1.0",
    number: "PL-1",
    currency: "USD",
    lines: Array.from({ length: count }, (_, index) => ({
      line_number: String(index + 1),
      item: { supplier_code: `A-${index}` },
    })),
  };
}

const finding = (more: Partial<Diagnostic>): Diagnostic => ({
  level: "warning",
  code: "x",
  message: "x",
  ...more,
});

describe("a catalog", () => {
  it("of a portion's size stays as it is", () => {
    const document = catalog(PORTION_LINES);
    expect(portionsOf(document, [], "F")).toEqual([
      { document, diagnostics: [] },
    ]);
    const invoice = { ...catalog(COUNT), document_type: "invoice" };
    expect(portionsOf(invoice, [], "F")).toHaveLength(1);
  });

  it("beyond it goes in parts that make the whole", () => {
    const whole = catalog(COUNT);
    const parts = portionsOf(whole, [], "F").map(({ document }) => document);
    expect(parts.map(({ portion }) => portion)).toEqual([
      { number: 1, of: 3, feed: "F" },
      { number: 2, of: 3, feed: "F" },
      { number: 3, of: 3, feed: "F" },
    ]);
    expect(parts.flatMap(({ lines }) => lines)).toEqual(whole.lines);
    for (const part of parts)
      expect(part).toMatchObject({ number: "PL-1", currency: "USD" });
  });

  it("takes each finding along with its line", () => {
    const about = [
      finding({ code: "whole" }),
      finding({ code: "path", path: `lines[${PORTION_LINES + 1}].gtins[0]` }),
      finding({ code: "line", line_number: String(COUNT) }),
    ];
    const parts = portionsOf(catalog(COUNT), about, "F");
    expect(
      parts.map(({ diagnostics }) =>
        diagnostics.map(({ code, path }) => `${code} ${path ?? ""}`),
      ),
    ).toEqual([["whole "], ["path lines[1].gtins[0]"], ["line "]]);
  });
});

describe("a large sheet", () => {
  const sheet = (note: string) =>
    [
      "Item,UOM,Price,Note",
      ...Array.from({ length: COUNT }, (_, index) => [
        `A-${index}`,
        "EA",
        index === PORTION_LINES ? "free" : "1.50",
        note,
      ]).map((row) => row.join(",")),
      "",
    ].join("\n");
  const read = (text: string) =>
    toEnvelopes({
      bytes: new TextEncoder().encode(text),
      filename: "prices.csv",
      contentType: "",
      format: "csv",
    });

  it("becomes envelopes with one feed and their own findings", async () => {
    const envelopes = await read(sheet("x"));
    const again = await read(sheet("x"));
    const other = await read(sheet("y"));
    const feeds = (all: Envelope[]) =>
      all.map(({ document }) => (document?.portion as { feed: string }).feed);
    expect(new Set(feeds(envelopes)).size).toBe(1);
    expect(feeds(again)).toEqual(feeds(envelopes));
    expect(feeds(other)[0]).not.toBe(feeds(envelopes)[0]);
    expect(envelopes.map(({ position }) => position)).toEqual([0, 1, 2]);
    const errors = envelopes.map(({ diagnostics }) =>
      (diagnostics as Diagnostic[]).filter(({ level }) => level === "error"),
    );
    expect(errors.map((one) => one.length)).toEqual([0, 1, 0]);
    expect(errors[1]?.[0]).toMatchObject({ scope: "line", path: "Price" });
    expect(summaryOf(envelopes)).toMatchObject({
      documents: 1,
      lines: COUNT,
      errors: 1,
    });
  });

  it("goes with the first call alone, so that its bytes go once", async () => {
    const envelopes = await read(sheet("z".repeat(900)));
    const first = envelopes[0]!;
    expect(first.raw.length).toBeGreaterThan(MAX_REPEATED);
    const chunks = [...inChunks([...envelopes, ...envelopes])];
    expect(chunks.flat().filter(({ raw }) => raw !== "")).toHaveLength(1);
    expect(chunks[0]?.[0]?.raw).toBe(first.raw);
  });
});

it("a sheet is known by its name where its bytes say nothing", () => {
  const bytes = new TextEncoder().encode("Item,Price\n");
  expect(formatOfBytes(bytes, "x12", "prices.CSV")).toBe("csv");
  expect(formatOfBytes(bytes, "x12", "prices.txt")).toBe("x12");
  const json = new TextEncoder().encode("[]");
  expect(formatOfBytes(json, "x12", "prices.csv")).toBe("json");
});
