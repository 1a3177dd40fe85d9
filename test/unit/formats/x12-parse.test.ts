/** Reading X12 from the project's own samples: what each segment becomes. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { parseX12 } from "../../../scripts/formats/x12/parse/index.ts";

const folder = join(import.meta.dirname, "..", "..", "fixtures", "x12");

function read(name: string) {
  const result = parseX12(new Uint8Array(readFileSync(join(folder, name))));
  const errors = result.diagnostics.filter(({ level }) => level === "error");
  expect(errors).toEqual([]);
  return result;
}

describe("855", () => {
  const { documents, diagnostics } = read("855-lines.edi");
  const [answer, refusal] = documents;
  const lines =
    answer?.document_type === "order_acknowledgement"
      ? (answer.lines ?? [])
      : [];

  it("names the order and the supplier's order", () => {
    expect(answer).toMatchObject({
      document_type: "order_acknowledgement",
      order_reference: "P00042",
      supplier_order_number: "SO-88120",
      issued_at: "2026-03-02",
      currency: "USD",
      test: true,
      references: [{ type: "contract", number: "GPO-7781" }],
      parties: {
        ship_to: {
          identifiers: [{ scheme: "gln", value: "0614141000012" }],
        },
        supplier: {
          identifiers: [{ scheme: "buyer_assigned", value: "NORTHGATE" }],
        },
      },
    });
  });

  it("gives each acknowledgement of an order a number of its own", () => {
    expect(documents.map(({ number }) => number)).toEqual([
      "P00042/501-0001",
      "P00043/501-0002",
    ]);
  });

  it("keeps several answers to one line apart", () => {
    expect(lines[0]).toMatchObject({
      line_number: "1",
      order_line_number: "1",
      quantity: "100",
      unit: "XCS",
      unit_as_sent: "CA",
      item: {
        buyer_code: "GLV-100",
        supplier_code: "NG-5510",
        gtin: "10614141000019",
      },
      responses: [
        {
          status: "accepted",
          quantity: "88",
          unit: "XCS",
          promised_delivery_date: "2026-03-05",
          reason_code: "IA",
        },
        {
          status: "backordered",
          quantity: "10",
          promised_delivery_date: "2026-03-20",
        },
        { status: "rejected", quantity: "2", reason_code: "IR" },
      ],
    });
  });

  it("takes a changed price from PO104", () => {
    expect(lines[1]?.responses).toEqual([
      {
        status: "accepted_with_change",
        quantity: "20",
        unit: "XBX",
        price: { amount: "12.75" },
        promised_ship_date: "2026-03-04",
        reason_code: "IP",
      },
    ]);
  });

  it("names the substitute", () => {
    expect(lines[2]?.responses?.[0]).toMatchObject({
      status: "substituted",
      substitute: { supplier_code: "NG-7001", gtin: "00614141000036" },
      promised_delivery_date: "2026-03-10",
    });
  });

  it("tells what BP leaves on backorder", () => {
    expect(lines[3]?.responses).toEqual([
      {
        status: "accepted",
        quantity: "30",
        unit: "EA",
        promised_ship_date: "2026-03-03",
        reason_code: "BP",
      },
      { status: "backordered", quantity: "20", unit: "EA", reason_code: "BP" },
    ]);
  });

  it.each([
    [4, "on_hold", "IW"],
    [5, "rejected", "R1"],
    [6, "on_hold", "Q9"],
  ])("line %i is %s for %s", (index, status, reason) => {
    expect(lines[index]?.responses).toMatchObject([
      { status, reason_code: reason },
    ]);
  });

  it("says which status it does not know", () => {
    expect(diagnostics).toContainEqual(
      expect.objectContaining({
        level: "warning",
        code: "x12_status_unknown",
        path: "ACK[9]/01",
        line: 26,
        document: "P00042",
      }),
    );
  });

  it("reads an answer to the order as a whole", () => {
    expect(refusal).toMatchObject({
      order_reference: "P00043",
      status: "rejected",
    });
  });
});

describe("856", () => {
  const { documents, diagnostics } = read("856-lots.edi");
  const [notice] = documents;
  if (notice?.document_type !== "ship_notice") throw new Error("no notice");

  it("adds up", () => {
    expect(diagnostics).toEqual([]);
  });

  it("reads the shipment", () => {
    expect(notice).toMatchObject({
      number: "SHP-7001",
      shipment_number: "SHP-7001",
      order_reference: "P00042",
      carrier: "UPSN",
      tracking_number: "1Z999AA10123456784",
      bill_of_lading: "BOL-100",
      shipped_at: "2026-03-05T16:15:00-04:00",
      expected_at: "2026-03-07",
    });
  });

  it("reads lots wherever they stand", () => {
    expect(notice.lines?.map(({ lots }) => lots)).toEqual([
      [{ number: "LOT-A1", expires_on: "2027-12-31", quantity: "40" }],
      [
        { number: "S-77", expires_on: "2028-11-30" },
        { number: "S-78", expires_on: "2029-01-31" },
      ],
      [
        {
          number: "IMP-1",
          expires_on: "2030-06-30",
          quantity: "1",
          serials: ["SN0001"],
        },
        {
          number: "IMP-2",
          expires_on: "2030-07-31",
          quantity: "1",
          serials: ["SN0002"],
        },
      ],
    ]);
  });

  it("tells what is still owed", () => {
    expect(notice.lines?.[0]).toMatchObject({
      backordered_quantity: "60",
      backorder_reason: "BP",
    });
  });

  it("reads packages on their pallet", () => {
    expect(notice.packages).toMatchObject([
      {
        sscc: "106141411234567897",
      },
      {
        sscc: "106141411234567903",
        parent_sscc: "106141411234567897",
        contents: [
          { line_number: "1", quantity: "40" },
          { line_number: "2", quantity: "20" },
        ],
      },
      {
        sscc: "106141411234567910",
        parent_sscc: "106141411234567897",
        contents: [{ line_number: "3", quantity: "2" }],
      },
    ]);
  });
});

describe("810", () => {
  const { documents, diagnostics } = read("810-charges.edi");
  const [invoice, credit] = documents;
  if (invoice?.document_type !== "invoice") throw new Error("no invoice");

  it("reads total, terms, taxes and charges", () => {
    expect(invoice).toMatchObject({
      number: "INV-9001",
      order_reference: "P00042",
      despatch_reference: "SHP-7001",
      totals: { payable: "2534.50" },
      payment_terms: {
        code: "01",
        discount_percent: "2",
        discount_days: 10,
        net_days: 30,
      },
      freight_terms: { payment: "prepay_and_add" },
      taxes: [{ amount: "12.50", rate: "5", jurisdiction: "OH" }],
      allowances_charges: [
        {
          indicator: "charge",
          kind: "freight",
          code: "D240",
          code_list: "x12_1300",
          amount: "25.00",
        },
        { indicator: "charge", kind: "fuel_surcharge", percent: "1.5" },
      ],
      parties: {
        supplier: {
          identifiers: [{ scheme: "buyer_assigned", value: "NORTHGATE" }],
        },
      },
    });
    expect(invoice.references).toContainEqual({ type: "release", number: "7" });
  });

  it("reads price bases, line allowances and a quantity in IT3", () => {
    expect(invoice.lines).toMatchObject([
      { quantity: "40", unit: "XCS", order_line_number: "1" },
      {
        quantity: "200",
        price: { amount: "127.50", base_quantity: "100" },
        allowances_charges: [{ indicator: "allowance", amount: "5.00" }],
      },
      { quantity: "2", quantity_as_sent: "2", unit: "EA" },
    ]);
  });

  it("turns a negative credit positive and says so", () => {
    expect(credit).toMatchObject({
      document_type: "credit_note",
      number: "CM-9002",
      original_invoice_reference: "INV-9001",
      rma_number: "RMA-12",
      totals: { payable: "83.00" },
      lines: [{ quantity: "2", quantity_as_sent: "-2" }],
    });
    expect(diagnostics.map(({ code }) => code)).toContain(
      "x12_negative_credit",
    );
  });
});

describe("850", () => {
  it("reads urgency, schedules and the dock", () => {
    const [order] = read("850-order.edi").documents;
    expect(order).toMatchObject({
      number: "P00042",
      urgency: "emergency",
      backorder_policy: "fill_or_kill",
      freight_terms: { payment: "prepay_and_add" },
      deliver_to: { person: "DOCK 3", phone: "6145550100" },
      lines: [
        {
          schedules: [
            { quantity: "60", requested_date: "2026-03-05" },
            { quantity: "40", requested_date: "2026-03-12" },
          ],
        },
        { schedules: [{ quantity: "20", requested_date: "2026-03-05" }] },
      ],
    });
  });
});
