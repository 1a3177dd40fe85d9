/** 832 ↔ `catalog`. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { Catalog } from "../../../scripts/canonical/generated/documents.ts";
import { x12 } from "../../../scripts/formats/x12/index.ts";
import { gtinArbitrary } from "./arbitraries.ts";

function parse(...lines: string[]) {
  const body = ["ST*832*0001", ...lines];
  const text = [
    "ISA*00*          *00*          *ZZ*SUPPLIER       *ZZ*HOSPITAL       *260131*0915*U*00401*000000501*0*P*>",
    "GS*SC*SUPPLIER*HOSPITAL*20260131*0915*501*X*004010",
    ...body,
    `SE*${body.length + 1}*0001`,
    "GE*1*501",
    "IEA*1*000000501",
  ]
    .map((segment) => `${segment}~\n`)
    .join("");
  const result = x12.parse(new TextEncoder().encode(text));
  return { ...result, catalog: result.documents[0] as Catalog };
}

/** One item with these segments in its loop. */
function item(...segments: string[]) {
  const result = parse(
    "BCT*PC*CAT-1********04",
    "LIN*1*VN*A-1",
    ...segments,
    "CTT*1",
  );
  return { ...result, line: result.catalog.lines?.[0] };
}

const codes = (result: { diagnostics: { code: string; level: string }[] }) =>
  result.diagnostics.map(({ level, code }) => `${level} ${code}`);

describe("the header", () => {
  it("says what the catalog is, whose, in which money and for how long", () => {
    const { catalog, diagnostics } = parse(
      "BCT*PC*CAT-1*V2*******05",
      "REF*CT*K-1",
      "REF*IA*TSUP",
      "CUR*SE*EUR",
      "DTM*007*20260201",
      "DTM*036*20261231",
      "N1*SE*NORTHGATE*UL*0614141000012",
      "LIN*1*VN*A-1",
      "CTP**NET*1.25*1*EA",
      "CTT*1",
    );
    expect(diagnostics).toEqual([]);
    expect(catalog).toEqual({
      document_type: "catalog",
      schema_version: "1.0",
      number: "CAT-1",
      issued_at: "2026-01-31",
      currency: "EUR",
      references: [
        { type: "contract", number: "K-1" },
        { type: "supplier_number", number: "TSUP" },
        { type: "catalog_version", number: "V2" },
      ],
      parties: {
        supplier: {
          name: "NORTHGATE",
          identifiers: [
            { scheme: "gln", value: "0614141000012" },
            { scheme: "buyer_assigned", value: "TSUP" },
          ],
        },
      },
      scope: "full",
      valid_from: "2026-02-01",
      valid_to: "2026-12-31",
      contract_reference: { number: "K-1" },
      lines: [
        {
          line_number: "1",
          item: { supplier_code: "A-1" },
          prices: [
            {
              amount: "1.25",
              unit: "EA",
              unit_as_sent: "EA",
              kind: "net",
              contract_number: "K-1",
            },
          ],
        },
      ],
    });
  });

  it("without a number is named after its envelope", () => {
    const result = parse("BCT*PC", "LIN*1*VN*A-1", "CTT*1");
    expect(result.catalog.number).toBe("000000501-501-0001");
    expect(codes(result)).toEqual(["warning x12_number_missing"]);
  });
});

describe("prices", () => {
  it("by kind, with dates and contract of their own", () => {
    const { line, diagnostics } = item(
      "CTP**LPR*10.00*1*BX",
      "CTP*BG*C01*9.00*1*BX",
      "DTM*007*20260201",
      "DTM*036*99991231",
      "G36*K-9",
    );
    expect(diagnostics).toEqual([]);
    expect(line?.prices).toMatchObject([
      { amount: "10.00", kind: "list", unit: "XBX" },
      {
        amount: "9.00",
        tier: "C01",
        price_class: "gpo",
        valid_from: "2026-02-01",
        contract_number: "K-9",
      },
    ]);
    expect(line?.prices?.[1]).not.toHaveProperty("valid_to");
  });

  it("as steps where they differ in the quantity alone", () => {
    const { line } = item(
      "CTP**NET*1.00*1*EA",
      "CTP**NET*0.75*1000*EA",
      "CTP**NET*0.50*5000*EA",
    );
    expect(line?.prices?.map((one) => one.min_quantity)).toEqual([
      undefined,
      "1000",
      "5000",
    ]);
  });

  it("per so many units where there is one, and that is said", () => {
    const result = item("CTP**NET*12.50*100*EA");
    expect(result.line?.prices?.[0]).toMatchObject({
      amount: "12.50",
      base_quantity: "100",
    });
    expect(codes(result)).toEqual(["warning x12_price_basis"]);
    const told = item("CTP**NET*12.50*500*EA****HP");
    expect(told.line?.prices?.[0]).toMatchObject({
      base_quantity: "100",
      min_quantity: "500",
    });
  });

  it("after a discount that stands beside them", () => {
    expect(item("CTP**NET*10*1*EA*DIS*.9").line?.prices?.[0]?.amount).toBe("9");
  });

  it("that cannot be read cost themselves alone, and that is said of the line", () => {
    const result = item("CTP**NET*1O.00*1*EA", "CTP**LPR*12.00*1*EA");
    expect(result.line?.prices).toHaveLength(1);
    expect(result.diagnostics).toMatchObject([
      {
        level: "error",
        code: "x12_invalid_number",
        scope: "line",
        line_number: "1",
        document: "CAT-1",
        path: "CTP[1]/03",
      },
    ]);
  });

  it("in a unit that X12 means otherwise: CS is a cassette", () => {
    expect(item("CTP**NET*1*1*CA").line?.prices?.[0]?.unit).toBe("XCS");
    const cassette = item("CTP**NET*1*1*CS");
    expect(cassette.line?.prices?.[0]?.unit).toBe("x12:CS");
    expect(codes(cassette)).toEqual(["warning x12_unit_unknown"]);
  });
});

describe("packaging", () => {
  it("of sublines, from the largest down, with a GTIN each", () => {
    const result = item(
      "CTP**NET*80*1*CA",
      "CTP**NET*1*1*EA",
      "SLN*1*1*I*1*CA****UK*30387698433527",
      "SLN*1*2*I*4*BX",
      "SLN*1*3*I*20*EA",
    );
    expect(result.line?.packaging).toBe("EA 20/XBX 4/XCS");
    expect(result.line?.gtins).toEqual([
      { unit: "XCS", unit_as_sent: "CA", gtin: "30387698433527" },
    ]);
    expect(codes(result), "the prices decide").toEqual([]);
  });

  it("of sublines that count in the largest pack, where prices show it", () => {
    const { line } = item(
      "CTP**NET*20*1*CA",
      "CTP**NET*1*1*EA",
      "SLN*1*1*I*1*CA",
      "SLN*1*2*I*4*BX",
      "SLN*1*3*I*20*EA",
    );
    expect(line?.packaging).toBe("EA 5/XBX 4/XCS");
  });

  it("is doubtful where nothing shows it", () => {
    const levels = ["SLN*1*1*I*1*CA", "SLN*1*2*I*4*BX", "SLN*1*3*I*20*EA"];
    expect(codes(item(...levels))).toEqual(["warning x12_packaging_read"]);
    const clear = item(levels[0]!, "SLN*1*2*I*4*BX", "SLN*1*3*I*10*EA");
    expect(clear.line?.packaging).toBe("EA 10/XBX 4/XCS");
    expect(codes(clear), "10 is no multiple of 4").toEqual([]);
  });

  it("from the smallest up", () => {
    const { line } = item(
      "SLN*1*1*I*1*EA",
      "SLN*1*2*I*10*BX",
      "SLN*1*3*I*25*CA",
    );
    expect(line?.packaging).toBe("EA 10/XBX 25/XCS");
  });

  it("of multi-pack configurations, in pieces", () => {
    const { line } = item(
      "CTP**NET*5*1*BX",
      "PKL*UK*30387698433527*BX*10",
      "PKL*VN*A-1C*CA*250",
    );
    expect(line?.packaging).toBe("EA 10/XBX 25/XCS");
    expect(line?.gtins).toMatchObject([{ unit: "XBX" }]);
  });

  it("of physical details of the unit that is sold", () => {
    expect(item("CTP**NET*5*1*BX", "PO4*12*1*EA").line?.packaging).toBe(
      "EA 12/XBX",
    );
    expect(item("CTP**NET*5*1*BX", "PO4*12*16*OZ").line?.packaging).toBe(
      "EA 12/XBX",
    );
    expect(item("CTP**NET*5*1*EA", "PO4*1*1*EA").line).not.toHaveProperty(
      "packaging",
    );
  });
});

it("an item without a number stays in its place, and that is said", () => {
  const result = parse(
    "BCT*PC*CAT-1",
    "LIN*1",
    "PID*F****A THING",
    "LIN*2*VN*A-2",
    "CTT*2",
  );
  expect(result.catalog.lines).toMatchObject([
    { line_number: "1", description: "A THING" },
    { line_number: "2", item: { supplier_code: "A-2" } },
  ]);
  expect(codes(result)).toEqual(["error x12_item_missing"]);
});

describe("written", () => {
  const options = { controlNumber: 1, documentTime: "2026-01-31T09:15:00Z" };
  const day = fc
    .date({
      min: new Date("2020-01-01"),
      max: new Date("2040-12-31"),
      noInvalidDate: true,
    })
    .map((date) => date.toISOString().slice(0, 10));
  const price = fc.record(
    {
      amount: fc.nat({ max: 999_999 }).map((n) => `${n}.25`),
      valid_from: day,
      valid_to: day,
      min_quantity: fc.constantFrom("10", "250"),
      base_quantity: fc.constantFrom("100", "1000"),
    },
    { requiredKeys: ["amount"] },
  );
  const catalogs = fc
    .array(
      fc.record(
        {
          description: fc.constantFrom("GLOVES", "DRAPE 17 X 11"),
          brand: fc.constantFrom("SAMPLE"),
          action: fc.constantFrom("add", "change", "delete"),
          lead_time_days: fc.nat({ max: 90 }),
          manufacturer: fc.constantFrom("MAKER"),
          gtin: gtinArbitrary,
          price,
        },
        { requiredKeys: ["price"] },
      ),
      { minLength: 1, maxLength: 4 },
    )
    .map((lines): Catalog => ({
      document_type: "catalog",
      schema_version: "1.0",
      number: "CAT-1",
      issued_at: "2026-01-31",
      currency: "USD",
      scope: "changes",
      lines: lines.map(({ gtin, price: own, ...rest }, index) => ({
        line_number: String(index + 1),
        item: { supplier_code: `A-${index}` },
        ...rest,
        packaging: "EA 10/XBX",
        ...(gtin === undefined
          ? {}
          : { gtins: [{ unit: "XBX", unit_as_sent: "BX", gtin }] }),
        prices: [
          {
            kind: "net",
            unit: "XBX",
            unit_as_sent: "BX",
            ...own,
          },
        ],
      })),
    }));

  it("comes back as it went, and the same bytes each time", () => {
    fc.assert(
      fc.property(catalogs, (catalog) => {
        const { payloads, diagnostics } = x12.generate([catalog], options);
        expect(diagnostics).toEqual([]);
        const bytes = payloads[0]?.bytes ?? new Uint8Array();
        expect(x12.generate([catalog], options).payloads[0]?.bytes).toEqual(
          bytes,
        );
        const { documents, diagnostics: found } = x12.parse(bytes);
        expect(found).toEqual([]);
        expect(documents).toEqual([catalog]);
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    [{ tier: "Gold" }, "prices[0].tier"],
    [{ kind: "cost_plus" as const, amount: undefined }, "prices[0]"],
    [{ base_quantity: "7" }, "prices[0].base_quantity"],
    [{ unit: "XYZ1" }, "prices[0].unit"],
  ])("refuses %j", (change, path) => {
    const changed = { amount: "1", unit: "EA", ...change };
    if (changed.amount === undefined) delete changed.amount;
    const catalog = {
      document_type: "catalog",
      schema_version: "1.0",
      number: "C",
      lines: [
        { line_number: "1", item: { supplier_code: "A" }, prices: [changed] },
      ],
    } as Catalog;
    const { payloads, diagnostics } = x12.generate([catalog], options);
    expect(payloads).toEqual([]);
    expect(diagnostics).toMatchObject([
      { level: "error", path: `lines[0].${path}` },
    ]);
  });
});
