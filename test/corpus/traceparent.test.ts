/** The examples of W3C Trace Context, read in place. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import {
  acceptTraceparent,
  parseTraceparent,
} from "../../scripts/sync/traceparent.ts";

const corpus = process.env["HCP_CORPUS"] ?? join("..", "shared", "corpus");
const file = join(corpus, "http", "traceparent.json");

const { valid = [], invalid = [] } = existsSync(file)
  ? (JSON.parse(readFileSync(file, "utf8")) as {
      valid: string[];
      invalid: string[];
    })
  : {};

describe("traceparent", () => {
  it(`has examples in ${corpus}/http`, () => {
    expect(valid.length).toBeGreaterThan(0);
    expect(invalid.length).toBeGreaterThan(0);
  });

  it.each(valid)("is carried on: %s", (header) => {
    expect(acceptTraceparent(header)).toBe(`00${header.slice(2, 55)}`);
  });

  it.each(invalid)("is replaced, and fails nothing: %s", (header) => {
    expect(parseTraceparent(header)).toBeUndefined();
    const [, trace = ""] = acceptTraceparent(header).split("-");
    expect(trace).toMatch(/^[0-9a-f]{32}$/);
    expect(header).not.toContain(trace);
  });
});
