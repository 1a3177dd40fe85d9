import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  canonicalDecimal,
  hundredths,
  shiftDecimal,
  subtract,
} from "../../../scripts/formats/decimal.ts";

describe("canonicalDecimal", () => {
  it.each([
    ["1.000", "1.000"],
    [".5", "0.5"],
    ["-.50", "-0.50"],
    ["007", "7"],
    ["+3", "3"],
    ["12.", "12"],
    ["-0.00", "0.00"],
    ["0", "0"],
  ])("%s is %s", (text, expected) => {
    expect(canonicalDecimal(text)).toBe(expected);
  });

  it.each(["", ".", "-", "1e3", "1,5", "1 000", "0x1", "--1", "1".repeat(41)])(
    "%s is none",
    (text) => {
      expect(canonicalDecimal(text)).toBeUndefined();
    },
  );
});

it.each([
  ["36596", "365.96"],
  ["5", "0.05"],
  ["-100", "-1.00"],
  ["0", "0.00"],
  ["123456789012345678901", "1234567890123456789.01"],
])("%s cents are %s", (text, expected) => {
  expect(shiftDecimal(text, 2)).toBe(expected);
});

it("hundredths and back is exact", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), (cents) => {
      const amount = shiftDecimal(String(cents), 2);
      expect(BigInt(hundredths(amount) ?? "")).toBe(cents);
    }),
  );
  expect(hundredths("1.005")).toBeUndefined();
});

it("differences are exact", () => {
  expect(subtract("0.3", "0.1")).toBe("0.2");
  expect(subtract("100000000000000000000", "0.001")).toBe(
    "99999999999999999999.999",
  );
});
