import { describe, expect, test } from "vitest";
import { atLeast, atMost } from "../../../scripts/bench/benchmark.ts";
import {
  median,
  percentiles,
  round,
} from "../../../scripts/bench/statistics.ts";

describe("percentiles by nearest rank", () => {
  test("of one to a hundred", () => {
    const values = Array.from({ length: 100 }, (_, place) => 100 - place);
    expect(percentiles(values)).toEqual({
      count: 100,
      p50: 50,
      p95: 95,
      p99: 99,
      max: 100,
    });
  });

  test("of a single value", () => {
    expect(percentiles([7])).toEqual({
      count: 1,
      p50: 7,
      p95: 7,
      p99: 7,
      max: 7,
    });
    expect(median([3, 1, 2])).toBe(2);
  });

  test("of nothing there are none", () => {
    expect(() => percentiles([])).toThrow(RangeError);
  });
});

test("figures keep three significant digits", () => {
  expect([round(1234.5), round(0.012345), round(16.66)]).toEqual([
    1230, 0.0123, 16.7,
  ]);
});

test("a goal is met at its limit", () => {
  expect(atLeast("x", 10, 10).met).toBe(true);
  expect(atLeast("x", 9.99, 10).met).toBe(false);
  expect(atMost("x", 2, 2).met).toBe(true);
  expect(atMost("x", 2.01, 2)).toEqual({
    what: "x",
    value: 2.01,
    goal: "<= 2",
    met: false,
  });
});
