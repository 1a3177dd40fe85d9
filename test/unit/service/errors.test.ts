/** The table of errors and its document say the same, in both directions. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  ERRORS,
  ODOO_ERRORS,
  errorsMarkdown,
  type ErrorEntry,
} from "../../../scripts/sync/errors.ts";

const document = readFileSync(
  new URL("../../../docs/errors.md", import.meta.url),
  "utf8",
);
const rows = document
  .split("\n")
  .filter((line) => line.startsWith("| `"))
  .map((line) => line.split("|").map((cell) => cell.trim()));
const entries = Object.entries<ErrorEntry>({ ...ERRORS, ...ODOO_ERRORS });

describe("docs/errors.md", () => {
  it("explains every code, and no other", () => {
    const explained = rows.map((row) => row[1]?.replaceAll("`", ""));
    expect(explained).toEqual(entries.map(([code]) => code));
  });

  it("is what `hcp errors` prints", () => {
    expect(document).toBe(errorsMarkdown());
  });
});

describe("an error", () => {
  it.each(entries)("%s says what it means and what to do", (code, entry) => {
    expect(code).toMatch(/^[a-z][a-z_]+$/);
    for (const sentence of [entry.title, entry.hint])
      expect(sentence).toMatch(/^[A-Z].*\.$/);
  });

  it("of data or a refusal is never retried by itself", () => {
    const wrong = entries.filter(
      ([, one]) =>
        one.retryable && (one.kind === "data" || one.kind === "rejected"),
    );
    expect(wrong).toEqual([]);
  });

  it("that the ingress answers has an error status", () => {
    for (const [, { status }] of entries)
      if (status !== undefined) expect(status).toBeGreaterThanOrEqual(400);
  });
});
