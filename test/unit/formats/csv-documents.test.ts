/** Sheets as suppliers, buying groups and clerks make them → documents. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type {
  Catalog,
  Contract,
  Supplier,
} from "../../../scripts/canonical/generated/documents.ts";
import { csv } from "../../../scripts/formats/csv/index.ts";
import type { CsvSettings } from "../../../scripts/formats/format.ts";
import { gtinArbitrary } from "./arbitraries.ts";

const encode = (text: string) => new TextEncoder().encode(text);

function read(text: string | Uint8Array, settings: CsvSettings = {}) {
  const bytes = typeof text === "string" ? encode(text) : text;
  return csv.parse(bytes, { csv: settings, filename: "sheet.csv" });
}

function catalogOf(text: string | Uint8Array, settings?: CsvSettings) {
  const { documents, diagnostics } = read(text, settings);
  return { catalog: documents[0] as Catalog, documents, diagnostics };
}

const brief = (result: ReturnType<typeof read>) =>
  result.diagnostics
    .filter(({ level }) => level !== "info")
    .map(({ level, code, line, path }) => `${level} ${code} ${line} ${path}`);

describe("a price file of which too much is wrong", () => {
  const rows = (count: number) =>
    `Vendor Item #,UOM,Unit Price\nA-0,EA,1\n${Array.from(
      { length: count },
      (_, n) => `A-${n + 1},EA,x\n`,
    ).join("")}`;

  it("tells every line that is broken, past all warnings", () => {
    const found = read(rows(25_000)).diagnostics;
    expect(found.filter(({ level }) => level === "error")).toHaveLength(25_000);
    expect(found.every(({ scope }) => scope === "line")).toBe(true);
  });

  it("is refused where not all of them can be told", () => {
    expect(read(rows(100_001)).diagnostics.at(-1)).toEqual({
      level: "error",
      code: "csv_more_findings",
      message: "1 further findings were left out",
    });
  });
});

describe("a price file", () => {
  const text = [
    "Acme Medical Supply;;;;;;",
    "Effective Date: 01.02.2026;;;;;;",
    "Price list number;PL-7;;;;;",
    "",
    "Vendor Item #;Mfr Part No;Description;UOM;Qty per UOM;Unit Price;UPC/GTIN",
    'A-1;M-1;"Glove; nitrile";BX;100;12,50;10614141000415',
    "A-1;M-1;Glove;CS;1000;118,00;",
    "A-2;M-2;Drape;EA;1;0,125;50387698433528",
    ";;;;;;",
    "A-3;M-3;Towel;RL;;on request;",
    "End of list;;;;;;",
    "",
  ].join("\r\n");

  it("has its header where the titles end, and titles of its own", () => {
    const { catalog } = catalogOf(text);
    expect(catalog).toMatchObject({
      document_type: "catalog",
      number: "PL-7",
      valid_from: "2026-02-01",
    });
  });

  it("has one line per item with a price per unit", () => {
    const [first, second] = catalogOf(text).catalog.lines ?? [];
    expect(first).toMatchObject({
      line_number: "6",
      item: {
        supplier_code: "A-1",
        manufacturer_code: "M-1",
        gtin: "10614141000415",
      },
      description: "Glove; nitrile",
      packaging: "EA 100/XBX 10/XCS",
      gtins: [{ unit: "XBX", unit_as_sent: "BX", gtin: "10614141000415" }],
      prices: [
        { amount: "12.50", unit: "XBX", unit_as_sent: "BX" },
        { amount: "118.00", unit: "XCS", unit_as_sent: "CS" },
      ],
    });
    expect(second?.prices).toEqual([
      { amount: "0.125", unit: "EA", unit_as_sent: "EA" },
    ]);
  });

  it("says what is wrong of a line, by line and column, and keeps the line", () => {
    const result = read(text);
    expect(brief(result)).toEqual([
      "warning gtin_check_digit 8 UPC/GTIN",
      "error csv_invalid_number 10 Unit Price",
    ]);
    const [, , third] = (result.documents[0] as Catalog).lines ?? [];
    expect(third).toMatchObject({ line_number: "10", description: "Towel" });
    expect(third).not.toHaveProperty("prices");
    for (const one of result.diagnostics.filter(
      ({ level }) => level === "error",
    ))
      expect(one).toMatchObject({ scope: "line", line_number: "10" });
  });

  it("is the same whatever the encoding", () => {
    const umlaut = text.replace("Towel", "Tücher");
    const { catalog } = catalogOf(umlaut);
    const utf16 = new Uint8Array(Buffer.from(`\uFEFF${umlaut}`, "utf16le"));
    const latin1 = new Uint8Array(Buffer.from(umlaut, "latin1"));
    const marked = encode(`\uFEFF${umlaut}`);
    for (const bytes of [utf16, latin1, marked])
      expect(catalogOf(bytes).catalog).toEqual(catalog);
  });

  it("is the same whatever the delimiter, the order and the case", () => {
    const rows = [
      ["ITEM NO", "price", "Uom", "description"],
      ["A-1", "1.50", "ea", "x"],
    ];
    const expected = catalogOf(rows.map((row) => row.join(",")).join("\n"));
    for (const delimiter of [";", "\t", "|"]) {
      const { catalog } = catalogOf(
        rows.map((row) => [...row].reverse().join(delimiter)).join("\n"),
      );
      expect(catalog.lines).toEqual(expected.catalog.lines);
    }
  });

  it("does not guess a number that nothing tells", () => {
    const result = read('Item,Price,UOM\nA,"1,234",EA\n');
    expect(brief(result)).toEqual(["error csv_ambiguous_number 2 Price"]);
    const { catalog } = catalogOf('Item,Price,UOM\nA,"1,234",EA\n', {
      decimal_mark: ".",
    });
    expect(catalog.lines?.[0]?.prices?.[0]?.amount).toBe("1234");
  });

  it("reads prices by unit, tier and quantity that stand in the headings", () => {
    const { catalog } = catalogOf(
      [
        "Item,Each,,Box,,,,",
        ",Price,GTIN,Price,Tier 1 Price,Qty 1,Price 1,Qty 2,Price 2",
        "A-1,1.00,10614141000415,9.00,8.50,10,0.95,50,0.90",
      ].join("\n"),
    );
    const prices = catalog.lines?.[0]?.prices;
    expect(prices).toContainEqual({ amount: "1.00", unit: "EA" });
    expect(prices).toContainEqual({ amount: "9.00", unit: "XBX" });
    expect(prices).toContainEqual(expect.objectContaining({ tier: "1" }));
    expect(catalog.lines?.[0]?.gtins).toEqual([
      { unit: "EA", gtin: "10614141000415" },
    ]);
  });

  it("keeps two prices for the very same case apart, and says so", () => {
    const result = read("Item,UOM,Price\nA,EA,1.00\nB,EA,2.00\nA,EA,1.10\n");
    const { lines } = result.documents[0] as Catalog;
    expect(lines?.map(({ line_number }) => line_number)).toEqual([
      "2",
      "3",
      "4",
    ]);
    expect(brief(result)).toEqual(["warning csv_duplicate_item 4 "]);
  });

  it("of several suppliers becomes a catalog for each", () => {
    const { documents } = read(
      "Vendor Name,Item Number,UOM,Price\nNorth,A,EA,1.00\nSouth,B,EA,2.00\n",
    );
    expect(
      documents.map((one) => (one as Catalog).parties?.supplier?.name),
    ).toEqual(["North", "South"]);
    expect(new Set(documents.map(({ number }) => number)).size).toBe(2);
  });

  it("does not lose the digits that a spreadsheet did", () => {
    const result = read("Item,UPC,UOM,Price\n1.23E+12,5.03877E+13,EA,1.00\n");
    expect(brief(result)).toEqual([
      "error csv_rounded_code 2 Item",
      "error csv_rounded_code 2 UPC",
      "error csv_item_missing 2 ",
    ]);
  });
});

describe("a contract sheet", () => {
  const text = [
    "Contract Number,GPO,Contract Type,Contract Start Date,Contract End Date,Price Date,Tier,Mfr Part Number,UOM,Price,Facility",
    "C-1,Unity,GPO,2026-01-01,2027-12-31,Order date,1,M-1,BX,10.00,H1",
    "C-1,Unity,GPO,2026-01-01,2027-12-31,Order date,2,M-1,BX,9.00,H2",
    "C-2,Unity,Local,2026-01-01,2026-12-31,Invoice,1,M-9,EA,1.00,H1",
  ].join("\n");

  it("becomes a contract per number, with its tiers and roster", () => {
    const [first, second] = read(text).documents as Contract[];
    expect(first).toMatchObject({
      document_type: "contract",
      number: "C-1",
      kind: "gpo",
      owner: "Unity",
      price_date_basis: "order",
      valid_from: "2026-01-01",
      valid_to: "2027-12-31",
      tiers: [{ code: "1" }, { code: "2" }],
      facilities: [
        { code: "H1", tier: "1" },
        { code: "H2", tier: "2" },
      ],
      lines: [
        {
          item: { manufacturer_code: "M-1" },
          prices: [
            { amount: "10.00", unit: "XBX", tier: "1" },
            { amount: "9.00", unit: "XBX", tier: "2" },
          ],
        },
      ],
    });
    expect(second).toMatchObject({
      number: "C-2",
      kind: "local",
      price_date_basis: "invoice",
      facilities: ["H1"],
    });
  });

  it("needs a number, and is named after its file without one", () => {
    const result = read("Tier,Mfr Part,Price,Markup %\n1,M-1,10.00,\n", {
      document_type: "contract",
    });
    expect(result.documents[0]?.number).toMatch(/^sheet-[0-9a-f]{8}$/);
    expect(brief(result)).toEqual(["warning csv_number_missing 1 "]);
  });
});

describe("a supplier list", () => {
  const text = [
    "Vendor No|Vendor Name|Tax ID|DUNS|Address 1|City|Zip|Country|Terms|Email|Insurance Expiry|ISO 13485 Certificate Number",
    "V-1|North Ltd|12-3456789|123-456-789|1 Main|Town|12345|US|2% 10 Net 30|a@b.example|2026-12-31|Q-1",
    "V-2|South Ltd||||||||||",
    "V-2|South Ltd||||||||c@d.example||",
    "V-3||||||||||31/31/2026|",
  ].join("\n");

  it("becomes a document for each", () => {
    const [first, second] = read(text).documents as Supplier[];
    expect(first).toEqual({
      document_type: "supplier",
      schema_version: "1.0",
      number: "V-1",
      legal_name: "North Ltd",
      identifiers: [
        { scheme: "duns", value: "123456789" },
        { scheme: "tax_id", value: "12-3456789" },
        { scheme: "email", value: "a@b.example" },
      ],
      addresses: [
        { street: "1 Main", city: "Town", postal_code: "12345", country: "US" },
      ],
      payment_terms: {
        code: "2% 10 Net 30",
        discount_percent: "2",
        discount_days: 10,
        net_days: 30,
      },
      qualifications: [
        { kind: "insurance", valid_to: "2026-12-31" },
        { kind: "iso_13485", number: "Q-1" },
      ],
    });
    expect(second?.identifiers).toEqual([
      { scheme: "email", value: "c@d.example" },
    ]);
  });

  it("costs a supplier whose data are wrong, and no other", () => {
    const errors = read(text).diagnostics.filter(
      ({ level }) => level === "error",
    );
    expect(errors).toMatchObject([
      { code: "csv_invalid_date", line: 5, document: "V-3" },
    ]);
    expect(errors[0]).not.toHaveProperty("scope");
  });
});

describe("what is no sheet", () => {
  it.each([
    ["", "empty"],
    ["PK\u0003\u0004 a workbook", "csv_workbook"],
    ["just some words\nand more", "csv_no_header"],
    ["Item,Price\n", "csv_no_rows"],
    ["Name,Name of the dog\nx,y\n", "csv_no_header"],
    ["\u0000\u0001\u0002", "binary"],
  ])("%j is %s", (text, code) => {
    const result = read(text);
    expect(result.documents).toEqual([]);
    expect(result.diagnostics).toContainEqual(
      expect.objectContaining({ level: "error", code }),
    );
  });

  it("never throws, whatever it is", () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom(...Array.from('Item,Price;"\n1.5EA\t|=-')),
        }),
        (text) => {
          const result = read(`Item,UOM,Price\n${text}`);
          expect(read(`Item,UOM,Price\n${text}`)).toEqual(result);
        },
      ),
    );
  });
});

describe("written", () => {
  it("a cell that a spreadsheet would run is text, and comes back", () => {
    const supplier: Supplier = {
      document_type: "supplier",
      schema_version: "1.0",
      number: "=cmd|' /C calc'!A0",
      legal_name: "@SUM(1+1)*2",
      phone: "+1 555 0100",
      website: "-2+3",
    };
    const { payloads } = csv.generate([supplier]);
    const text = new TextDecoder().decode(payloads[0]?.bytes);
    for (const cell of text.split(/[,\r\n]+/))
      expect(cell).not.toMatch(/^"?[=+@-]/);
    expect(read(text).documents).toEqual([supplier]);
  });

  it("refuses what has no sheet, and names what it leaves out", () => {
    const invoice = {
      document_type: "invoice" as const,
      schema_version: "1.0" as const,
      number: "1",
    };
    expect(csv.generate([invoice])).toMatchObject({
      payloads: [],
      diagnostics: [{ level: "error", code: "csv_unsupported_document" }],
    });
    const catalog: Catalog = {
      ...invoice,
      document_type: "catalog",
      notes: "x",
    };
    expect(csv.generate([{ ...catalog, lines: [] }]).diagnostics).toMatchObject(
      [{ level: "warning", code: "csv_not_carried", path: "notes" }],
    );
  });

  const decimal = fc
    .tuple(fc.nat({ max: 99_999 }), fc.nat({ max: 99 }))
    .map(([whole, cents]) => `${whole}.${String(cents).padStart(2, "0")}`);
  const day = fc
    .date({
      min: new Date("2020-01-01"),
      max: new Date("2030-12-31"),
      noInvalidDate: true,
    })
    .map((date) => date.toISOString().slice(0, 10));
  const word = fc
    .string({
      unit: fc.constantFrom(...Array.from("abcXYZ \"',;=+-@é")),
      maxLength: 12,
    })
    .map((text) => `d${text}`.trim().replaceAll(/\s+/g, " "));
  const price = fc.record(
    {
      amount: decimal,
      min_quantity: fc.constantFrom("10", "50", "100"),
      tier: fc.constantFrom("C01", "C02"),
      valid_from: day,
      valid_to: day,
      contract_number: fc.constantFrom("K-1", "K-2"),
    },
    { requiredKeys: ["amount"] },
  );
  const line = fc.record(
    {
      description: word,
      brand: word,
      packaging: fc.constantFrom("EA 10/XBX", "EA 10/XBX 25/XCS"),
      gtin: gtinArbitrary,
      prices: fc.uniqueArray(price, {
        minLength: 1,
        maxLength: 4,
        selector: (one) =>
          [
            one.min_quantity,
            one.tier,
            one.valid_from,
            one.contract_number,
          ].join(),
      }),
    },
    { requiredKeys: ["prices"] },
  );
  const catalogs = fc
    .array(line, { minLength: 1, maxLength: 5 })
    .map((lines): Catalog => ({
      document_type: "catalog",
      schema_version: "1.0",
      number: "PL-1",
      lines: lines.map(({ gtin, prices, ...rest }, index) => ({
        line_number: String(index + 1),
        item: {
          supplier_code: `A-${index}`,
          ...(gtin === undefined ? {} : { gtin }),
        },
        unit: "XBX",
        unit_as_sent: "XBX",
        ...rest,
        ...(gtin === undefined
          ? {}
          : { gtins: [{ unit: "XBX", unit_as_sent: "XBX", gtin }] }),
        prices: prices.map((one) => ({
          unit: "XBX",
          unit_as_sent: "XBX",
          ...one,
        })),
      })),
    }));

  it("a catalog comes back as it went", () => {
    fc.assert(
      fc.property(
        catalogs,
        fc.constantFrom(
          { delimiter: ",", decimal_mark: "." as const },
          { delimiter: ";", decimal_mark: "," as const },
          { delimiter: "\t", decimal_mark: "." as const },
        ),
        (catalog, settings) => {
          const { payloads, diagnostics } = csv.generate([catalog], {
            csv: settings,
          });
          expect(diagnostics).toEqual([]);
          const bytes = payloads[0]?.bytes ?? new Uint8Array();
          expect(
            csv.generate([catalog], { csv: settings }).payloads[0]?.bytes,
          ).toEqual(bytes);
          expect(csv.parse(bytes)).toEqual({
            documents: [catalog],
            diagnostics: [],
          });
        },
      ),
      { numRuns: 60 },
    );
  });
});
