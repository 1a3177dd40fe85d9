/** W3C Trace Context: https://www.w3.org/TR/trace-context/ */
import { describe, expect, it } from "vitest";
import {
  acceptTraceparent,
  newTraceparent,
  parseTraceparent,
} from "../../../scripts/sync/traceparent.ts";

const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
const span = "00f067aa0ba902b7";

describe("a traceparent", () => {
  it("is taken apart, later versions as well", () => {
    const parts = { traceId: trace, spanId: span };
    expect(parseTraceparent(`00-${trace}-${span}-01`)).toEqual({
      ...parts,
      flags: 1,
    });
    expect(parseTraceparent(`cc-${trace}-${span}-00-later`)).toEqual({
      ...parts,
      flags: 0,
    });
  });

  it("is handed on in version 00, with the sampled flag only", () => {
    const own = acceptTraceparent(` cc-${trace}-${span}-ff-later `);
    expect(own).toBe(`00-${trace}-${span}-01`);
  });

  it.each([
    undefined,
    "",
    `00-${"0".repeat(32)}-${span}-01`,
    `00-${trace}-${"0".repeat(16)}-01`,
    `00-${trace.toUpperCase()}-${span}-01`,
    `ff-${trace}-${span}-01`,
    `00-${trace}-${span}`,
  ])("that is invalid starts a new trace: %s", (header) => {
    expect(parseTraceparent(header)).toBeUndefined();
    const accepted = acceptTraceparent(header);
    expect(accepted).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(accepted).not.toContain(trace);
    expect(accepted).not.toBe(acceptTraceparent(header));
  });

  it("of a trace has a span of its own", () => {
    const one = newTraceparent(trace);
    expect(one).toMatch(new RegExp(`^00-${trace}-[0-9a-f]{16}-01$`));
    expect(newTraceparent(trace)).not.toBe(one);
    for (const invalid of ["", false, "0".repeat(32), "x"] as const)
      expect(newTraceparent(invalid)).toMatch(/^00-(?!0{32})[0-9a-f]{32}-/);
  });
});
