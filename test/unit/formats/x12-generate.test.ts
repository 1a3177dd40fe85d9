/** Writing X12: round trips, determinism, and what is refused. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import fc from "fast-check";
import { X12Parser } from "node-x12";
import { describe, expect, it } from "vitest";

import type {
  CanonicalDocument,
  FunctionalAcknowledgement,
  Invoice,
  PurchaseOrder,
} from "../../../scripts/canonical/types.ts";
import { validateDocument } from "../../../scripts/canonical/validate.ts";
import type { GenerateOptions } from "../../../scripts/formats/format.ts";
import { generateX12 } from "../../../scripts/formats/x12/generate/index.ts";
import { parseX12 } from "../../../scripts/formats/x12/parse/index.ts";
import {
  invoices,
  orderAcknowledgements,
  purchaseOrders,
  shipNotices,
} from "./arbitraries.ts";

const OPTIONS: GenerateOptions = {
  controlNumber: 42,
  documentTime: "2026-03-01T12:34:56Z",
  x12: {
    sender: { qualifier: "ZZ", id: "STMARY" },
    receiver: { qualifier: "07", id: "0614141000012" },
  },
};

function write(...documents: CanonicalDocument[]): string {
  const { payloads, diagnostics } = generateX12(documents, OPTIONS);
  expect(diagnostics.filter(({ level }) => level === "error")).toEqual([]);
  expect(payloads).toHaveLength(1);
  return new TextDecoder().decode(payloads[0]?.bytes);
}

function read(text: string) {
  return parseX12(new TextEncoder().encode(text));
}

const ORDER: PurchaseOrder = {
  document_type: "purchase_order",
  schema_version: "1.0",
  number: "P00042",
  issued_at: "2026-03-01",
  currency: "USD",
  lines: [
    {
      line_number: "1",
      item: { buyer_code: "GLV-100", supplier_code: "NG-5510" },
      description: "Gloves",
      quantity: "100",
      unit: "XCS",
      price: { amount: "41.50" },
    },
  ],
};

describe("round trips", () => {
  it.each([
    ["purchase_order", purchaseOrders],
    ["order_acknowledgement", orderAcknowledgements],
    ["ship_notice", shipNotices],
    ["invoice", invoices],
  ] as const)("%s comes back as it went", (_type, arbitrary) => {
    fc.assert(
      fc.property(arbitrary as fc.Arbitrary<CanonicalDocument>, (document) => {
        expect(validateDocument(document)).toEqual([]);
        const back = read(write(document));
        expect(
          back.diagnostics.filter(({ code }) => code !== "x12_unit_unknown"),
        ).toEqual([]);
        expect(back.documents).toEqual([document]);
      }),
      { numRuns: 60 },
    );
  });

  it("own samples survive being read, written and read", () => {
    const folder = join(import.meta.dirname, "..", "..", "fixtures", "x12");
    for (const name of ["850-order.edi"]) {
      const first = parseX12(new Uint8Array(readFileSync(join(folder, name))));
      const second = read(write(...first.documents));
      expect(second.documents).toEqual(first.documents);
    }
  });

  it("packages come back below their orders", () => {
    const folder = join(import.meta.dirname, "..", "..", "fixtures", "x12");
    const first = parseX12(
      new Uint8Array(readFileSync(join(folder, "856-lots.edi"))),
    );
    const [before] = first.documents;
    const second = read(write(...first.documents));
    const [after] = second.documents;
    if (before?.document_type !== "ship_notice") throw new Error("no notice");
    if (after?.document_type !== "ship_notice") throw new Error("no notice");
    expect(second.diagnostics).toEqual([]);
    expect(after.packages?.map(({ sscc }) => sscc)).toEqual(
      before.packages?.map(({ sscc }) => sscc),
    );
    expect(after.packages?.[1]?.contents?.[0]).toEqual(
      before.packages?.[1]?.contents?.[0],
    );
  });

  it("a functional acknowledgement", () => {
    const answer: FunctionalAcknowledgement = {
      document_type: "functional_acknowledgement",
      schema_version: "1.0",
      number: "1",
      status: "partial",
      acknowledges: {
        functional_identifier: "IN",
        group_control_number: "501",
        transactions: [
          {
            transaction_set: "810",
            control_number: "0001",
            status: "accepted",
          },
          {
            transaction_set: "810",
            control_number: "0002",
            status: "rejected",
            errors: [{ code: "4" }],
          },
        ],
      },
    };
    const text = write(answer);
    expect(text).toContain("AK1*IN*501~\nAK2*810*0001~\nAK5*A~\n");
    expect(text).toContain("AK2*810*0002~\nAK5*R*4~\nAK9*P*2*2*1~\n");
    expect(read(text).documents).toMatchObject([
      { status: "partial", acknowledges: { group_control_number: "501" } },
    ]);
  });
});

describe("the envelope", () => {
  const text = write(ORDER);

  it("is as the standard has it", () => {
    expect(text.split("\n")).toEqual([
      "ISA*00*          *00*          *ZZ*STMARY         *07*0614141000012  *260301*1234*U*00401*000000042*0*P*>~",
      "GS*PO*STMARY*0614141000012*20260301*1234*42*X*004010~",
      "ST*850*0001~",
      "BEG*00*SA*P00042**20260301~",
      "CUR*BY*USD~",
      "PO1*1*100*CA*41.50**BP*GLV-100*VN*NG-5510~",
      "PID*F****Gloves~",
      "CTT*1~",
      "SE*7*0001~",
      "GE*1*42~",
      "IEA*1*000000042~",
      "",
    ]);
  });

  it("satisfies a strict parser of others", () => {
    fc.assert(
      fc.property(
        fc.oneof(purchaseOrders, invoices, shipNotices, orderAcknowledgements),
        (document) => {
          const interchange = new X12Parser(true).parse(write(document));
          expect(interchange).toHaveProperty("functionalGroups.length", 1);
        },
      ),
      { numRuns: 20 },
    );
  });

  it("has one group per kind of set, with numbers that count on", () => {
    const [invoice] = fc.sample(invoices, { numRuns: 1, seed: 7 });
    if (invoice === undefined) throw new Error("no sample");
    const mixed = write(ORDER, invoice, { ...ORDER, number: "P00043" });
    expect(
      mixed.match(/^(GS|ST|GE|IEA)\*[^~]*/gm)?.map((s) => s.slice(0, 9)),
    ).toEqual([
      "GS*PO*STM",
      "ST*850*00",
      "ST*850*00",
      "GE*2*42",
      "GS*IN*STM",
      "ST*810*00",
      "GE*1*43",
      "IEA*2*000",
    ]);
    expect(read(mixed).documents).toHaveLength(3);
  });

  it("gives the same bytes for the same input", () => {
    fc.assert(
      fc.property(fc.oneof(purchaseOrders, invoices), (document) => {
        expect(generateX12([document], OPTIONS)).toEqual(
          generateX12([structuredClone(document)], OPTIONS),
        );
      }),
      { numRuns: 20 },
    );
  });
});

describe("strictness", () => {
  const line = ORDER.lines?.[0];
  if (line === undefined) throw new Error("the order has a line");

  function refusals(document: CanonicalDocument, options = OPTIONS) {
    const { payloads, diagnostics } = generateX12([document], options);
    expect(payloads).toEqual([]);
    return diagnostics
      .filter(({ level }) => level === "error")
      .map(({ code, path }) => `${code} ${path}`);
  }

  it.each<[string, Partial<PurchaseOrder>, string]>([
    ["no lines", { lines: [] }, "x12_missing lines"],
    [
      "a unit without a code",
      { lines: [{ ...line, unit: "XXX" }] },
      "x12_unit_unmapped lines[0].unit",
    ],
    [
      "no quantity",
      { lines: [{ ...line, quantity: undefined }] },
      "x12_missing lines[0].quantity",
    ],
    [
      "a price basis without a code",
      { lines: [{ ...line, price: { amount: "1", base_quantity: "7" } }] },
      "x12_price_basis lines[0].price.base_quantity",
    ],
    [
      "a number that is too long",
      { number: "P".repeat(23) },
      "x12_too_long number",
    ],
    ["a delimiter in the number", { number: "P*1" }, "x12_character number"],
    [
      "an item code with a delimiter",
      { lines: [{ ...line, item: { supplier_code: "A~B" } }] },
      "x12_character lines[0].item",
    ],
    [
      "a document that breaks its schema",
      { currency: "dollars" },
      "schema currency",
    ],
  ])("refuses %s", (_name, change, expected) => {
    expect(refusals({ ...ORDER, ...change })).toContain(expected);
  });

  it("refuses fractions of a hundredth in a total", () => {
    const invoice: Invoice = {
      document_type: "invoice",
      schema_version: "1.0",
      number: "1",
      totals: { payable: "1.005" },
    };
    expect(refusals(invoice)).toContain("x12_amount totals.payable");
  });

  it("refuses to acknowledge an acknowledgement", () => {
    const answer: FunctionalAcknowledgement = {
      document_type: "functional_acknowledgement",
      schema_version: "1.0",
      number: "1",
      status: "accepted",
      acknowledges: { functional_identifier: "FA", group_control_number: "1" },
    };
    expect(refusals(answer)).toContain("x12_acknowledges_itself acknowledges");
  });

  it("refuses settings that do not fit", () => {
    const bad = { ...OPTIONS, controlNumber: 1e9 };
    expect(refusals(ORDER, bad)).toEqual(["x12_settings controlNumber"]);
    const long = { qualifier: "ZZ", id: "A".repeat(16) };
    expect(refusals(ORDER, { ...OPTIONS, x12: { sender: long } })).toEqual([
      "x12_settings x12.sender",
    ]);
    const { issued_at: _date, ...undated } = ORDER;
    expect(refusals(undated, {})).toEqual(["x12_settings documentTime"]);
  });

  it("replaces what text cannot carry, and says so", () => {
    const document = {
      ...ORDER,
      lines: [{ ...line, description: "Gants ~ taille É\n™" }],
    };
    const { payloads, diagnostics } = generateX12([document], OPTIONS);
    const text = new TextDecoder().decode(payloads[0]?.bytes);
    expect(text).toMatch(/PID\*F\*{4}Gants {3}taille E TM~/);
    expect(diagnostics).toMatchObject([
      {
        level: "warning",
        code: "x12_text_changed",
        path: "lines[0].description",
      },
    ]);
  });

  it("leaves out the name of a state rather than cutting it", () => {
    const party = (state: string) => ({
      ship_to: { name: "MAIN", address: { city: "BERLIN", state } },
    });
    expect(write({ ...ORDER, parties: party("OH") })).toContain(
      "N4*BERLIN*OH~",
    );
    expect(write({ ...ORDER, parties: party("Ohio") })).toContain("N4*BERLIN~");
  });

  it("writes a delivery term without a payment term", () => {
    const text = write({ ...ORDER, freight_terms: { incoterm: "DAP" } });
    expect(text).toContain("FOB*DF***01*DAP~");
    expect(read(text).documents).toMatchObject([
      { freight_terms: { incoterm: "DAP" } },
    ]);
  });

  it("says as a note what X12 has no code for", () => {
    const document: PurchaseOrder = {
      ...ORDER,
      order_kind: "bill_only",
      case_reference: "C-7",
    };
    const text = write(document);
    expect(write({ ...ORDER, substitution_allowed: false })).toContain(
      "N9*L1*NOTES~\nMSG*NO SUBSTITUTES~",
    );
    expect(text).toContain("MSG*ORDER KIND: BILL ONLY~\nMSG*CASE: C-7~");
  });
});
