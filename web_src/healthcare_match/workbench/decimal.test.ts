import { expect, test } from "vitest";

import { isSame, sign, toPosition, writeDecimal } from "./decimal";
import { toleranceScale } from "./tolerance_bar/tolerance_scale";

const group = (integer: string) =>
  integer.replace(/\B(?=(\d{3})+(?!\d))/g, ".");
const german = { decimalPoint: ",", group };

test("the sign of a decimal", () => {
  expect(sign("-0.001")).toBe(-1);
  expect(sign("0.000")).toBe(0);
  expect(sign("-0")).toBe(0);
  expect(sign("12")).toBe(1);
  expect(sign(null)).toBe(0);
  expect(sign("n/a")).toBe(0);
});

test("the same number may be written in two ways", () => {
  expect(isSame("5", "5.00")).toBe(true);
  expect(isSame("-0.0", "0")).toBe(true);
  expect(isSame("-5", "5")).toBe(false);
  expect(isSame("5.0001", "5")).toBe(false);
  expect(isSame(null, "0")).toBe(false);
});

test("no digit is lost, however many there are", () => {
  expect(writeDecimal("0.125", { ...german, minDigits: 2 })).toBe("0,125");
  expect(writeDecimal("12345678901234567890.10", german)).toBe(
    "12.345.678.901.234.567.890,1",
  );
});

test("zeros are filled up, signs are written, nonsense stays", () => {
  expect(writeDecimal("5", { ...german, minDigits: 2 })).toBe("5,00");
  expect(writeDecimal("5.000", german)).toBe("5");
  expect(writeDecimal("-1234.5", german)).toBe("−1.234,5");
  expect(writeDecimal("0.6", { ...german, sign: "always" })).toBe("+0,6");
  expect(writeDecimal("0", { ...german, sign: "always" })).toBe("0");
  expect(writeDecimal("twelve", german)).toBe("twelve");
});

test("positions are numbers or nothing", () => {
  expect(toPosition("2.5")).toBe(2.5);
  expect(toPosition(false)).toBeNull();
  expect(toPosition("x")).toBeNull();
});

test("the bar shows zero, the limits and the difference in order", () => {
  const scale = toleranceScale({
    difference: "0.60",
    limit_lower: "0.10",
    limit_upper: "0.10",
  });
  expect(scale).not.toBeNull();
  const { from, zero, to, at } = scale!;
  expect(from).toBeGreaterThan(0);
  expect(zero).toBeGreaterThan(from);
  expect(to).toBeGreaterThan(zero);
  expect(at).toBeGreaterThan(to);
  expect(at).toBeLessThan(100);
});

test("a difference inside its limits lies inside the range", () => {
  const { from, to, at } = toleranceScale({
    difference: "-0.05",
    limit_lower: "0.10",
    limit_upper: "0",
  })!;
  expect(at).toBeGreaterThan(from);
  expect(at).toBeLessThan(to);
});

test("a side without limit reaches the edge", () => {
  expect(
    toleranceScale({ difference: "1", limit_lower: null, limit_upper: false }),
  ).toMatchObject({ from: 0, to: 100 });
});

test("no difference, no bar", () => {
  for (const difference of ["0.00", null, false] as const) {
    expect(
      toleranceScale({ difference, limit_lower: "1", limit_upper: "1" }),
    ).toBeNull();
  }
});
