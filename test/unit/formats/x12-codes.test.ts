/** Code tables: the traps, and that each way back leads to the start. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, it } from "vitest";

import {
  statusFromX12,
  statusToX12,
} from "../../../scripts/formats/x12/codes/responses.ts";
import {
  unitFromX12,
  unitToX12,
} from "../../../scripts/formats/x12/codes/units.ts";

const LETTERS =
  "A B C D E F G H I J K L M N O P Q R S T U V W X Y Z 1 2 3 4 5 6 7 8 9".split(
    " ",
  );

it("every unit comes back as the code it was", () => {
  for (const first of LETTERS) {
    for (const second of LETTERS) {
      const code = first + second;
      expect(unitToX12(unitFromX12(code).unit)).toBe(code);
    }
  }
});

it.each([
  ["CA", "XCS"],
  ["CS", "x12:CS"],
  ["BX", "XBX"],
  ["CT", "XCT"],
  ["PK", "XPK"],
  ["BO", "XBO"],
  ["VI", "XVI"],
  ["PL", "XPX"],
  ["PA", "XPL"],
  ["TR", "x12:TR"],
  ["DZ", "DZN"],
  ["ST", "SET"],
])("%s is %s", (code, unit) => {
  expect(unitFromX12(code).unit).toBe(unit);
});

it("every unit that Odoo starts with can be ordered by X12", () => {
  const data = join(
    import.meta.dirname,
    ...["..", "..", "..", "addons", "healthcare_base", "data"],
    "uom_data.xml",
  );
  const text = readFileSync(data, "utf8");
  const codes = [...text.matchAll(/name="unit_code">([^<]+)</g)].map(
    ([, code = ""]) => code,
  );
  expect(codes.length).toBeGreaterThan(5);
  expect(codes.filter((code) => unitToX12(code) === undefined)).toEqual([]);
});

it("a reason code is written where it fits its status, else the status's own", () => {
  expect(statusToX12("rejected", "R2")).toBe("R2");
  expect(statusToX12("accepted", "R2")).toBe("IA");
  expect(statusToX12("backordered", undefined)).toBe("IB");
  expect(statusFromX12("toString")).toBeUndefined();
});
