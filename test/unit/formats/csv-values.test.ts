/** What cells mean, and when that cannot be told. */
import { describe, expect, it } from "vitest";

import { fieldOfName } from "../../../scripts/formats/csv/names.ts";
import { readPackaging, readUnit } from "../../../scripts/formats/csv/units.ts";
import {
  cleanCell,
  decimalMarkOf,
  readDate,
  readNumber,
} from "../../../scripts/formats/csv/values.ts";

const number = (text: string, mark?: "." | ",") => {
  const reading = readNumber(text, mark);
  return "value" in reading ? reading.value : reading.problem.code;
};
const date = (text: string, order?: "DMY" | "MDY") => {
  const reading = readDate(text, order);
  return "value" in reading ? reading.value : reading.problem.code;
};

describe("numbers", () => {
  it.each([
    ["12.50", "12.50"],
    ["12,50", "12.50"],
    [".99", "0.99"],
    ["0,125", "0.125"],
    ["1,234.50", "1234.50"],
    ["1.234,50", "1234.50"],
    ["1 234,50", "1234.50"],
    ["1'234.50", "1234.50"],
    ["1,234,567", "1234567"],
    ["$ 4.25", "4.25"],
    ["€4,25", "4.25"],
    ["4.25 USD", "4.25"],
    ["(4.25)", "-4.25"],
    ["4.25-", "-4.25"],
    ["-4.25", "-4.25"],
    ["5%", "5"],
    ["12", "12"],
  ])("%s is %s whatever the file", (text, value) => {
    expect(number(text)).toBe(value);
    expect(number(text, ",")).toBe(value);
    expect(number(text, ".")).toBe(value);
  });

  it("with one mark and three digits needs the file's own", () => {
    expect(number("1,234")).toBe("csv_ambiguous_number");
    expect(number("1.234")).toBe("csv_ambiguous_number");
    expect(number("1,234", ".")).toBe("1234");
    expect(number("1,234", ",")).toBe("1.234");
    expect(number("1.234", ",")).toBe("1234");
    expect(decimalMarkOf("1,234")).toBe("?");
    expect(decimalMarkOf("0,234")).toBe(",");
    expect(decimalMarkOf("1234")).toBeUndefined();
  });

  it.each([
    "12.5O",
    "1.23E+05",
    "12,34,5",
    "call us",
    "1,2345.6",
    "--5",
    "1..2",
  ])("%s is none", (text) => expect(number(text)).toBe("csv_invalid_number"));
});

describe("dates", () => {
  it.each([
    ["2026-01-31", "2026-01-31"],
    ["2026-01-31T10:00:00", "2026-01-31"],
    ["20260131", "2026-01-31"],
    ["31.01.2026", "2026-01-31"],
    ["31/1/2026", "2026-01-31"],
    ["1/31/2026", "2026-01-31"],
    ["1/31/26", "2026-01-31"],
    ["31-Jan-2026", "2026-01-31"],
    ["January 31, 2026", "2026-01-31"],
    ["46053", "2026-01-31"],
    ["2/2/2026", "2026-02-02"],
  ])("%s is %s", (text, value) => expect(date(text)).toBe(value));

  it("with two small numbers need the file's order", () => {
    expect(date("03/04/2026")).toBe("csv_ambiguous_date");
    expect(date("03/04/2026", "DMY")).toBe("2026-04-03");
    expect(date("03/04/2026", "MDY")).toBe("2026-03-04");
    expect(date("03.04.2026"), "points: day first").toBe("2026-04-03");
  });

  it.each(["31/31/2026", "2026-02-30", "soon", "13.13.2026"])(
    "%s is none",
    (text) => expect(date(text)).toBe("csv_invalid_date"),
  );
});

it("takes off what spreadsheets put round a cell", () => {
  expect(cleanCell('="00123"')).toBe("00123");
  expect(cleanCell("'00123")).toBe("00123");
  expect(cleanCell("'=1+1")).toBe("=1+1");
  expect(cleanCell("\u00a0x\u200b ")).toBe("x");
  expect(cleanCell("'quoted'")).toBe("'quoted'");
});

it.each([
  ["CS", "XCS"],
  ["ca", "XCS"],
  ["Box", "XBX"],
  ["each", "EA"],
  ["EA.", "EA"],
  ["DZ", "DZN"],
  ["XBX", "XBX"],
  ["Stück", "H87"],
])("unit %s is %s", (text, unit) => {
  expect(readUnit(text)).toEqual({ unit, known: true });
});

it.each([
  ["EA 10/BX 25/CS", "EA 10/XBX 25/XCS"],
  ["EA 10/XBX 25/XCS", "EA 10/XBX 25/XCS"],
  ["10/BX", "EA 10/XBX"],
  ["10 EA/BX, 25 BX/CS", "EA 10/XBX 25/XCS"],
  ["100 per case", "EA 100/XCS"],
  ["10 BX/CS; 5 EA/BX", undefined],
  ["about ten", undefined],
])("packaging %s is %s", (text, packaging) => {
  expect(readPackaging(text)).toBe(packaging);
});

it.each([
  ["Item #", "supplier_code"],
  ["Vendor Catalog No.", "supplier_code"],
  ["MFG PART NUMBER", "manufacturer_code"],
  ["Mfr Cat #", "manufacturer_code"],
  ["ManufacturerItemCode", "manufacturer_code"],
  ["Your Item Number", undefined],
  ["Customer Item No", "buyer_code"],
  ["U/M", "unit"],
  ["Unit of Measure", "unit"],
  ["Unit Price", "price"],
  ["Price Unit", "unit"],
  ["Price (USD)", "price"],
  ["Cost", "price"],
  ["Preis", "price"],
  ["Eff. Date", "valid_from"],
  ["Price Expiration Date", "valid_to"],
  ["GPO Contract #", "buying_group_number"],
  ["Contract No", "contract_number"],
  ["QTY PER UOM", "pack_quantity"],
  ["UPC/GTIN", "gtin"],
  ["Federal Tax ID (EIN)", "tax_id"],
  ["Remit Address", "street"],
  ["constructor", undefined],
  ["", undefined],
])("a column %j is %s", (name, field) => {
  expect(fieldOfName(name)).toBe(field);
});
