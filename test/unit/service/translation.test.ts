/** Code tables and mappings together: what an endpoint's configuration does. */
import { describe, expect, it } from "vitest";
import { toOurCodes, toPartnerCodes } from "../../../scripts/sync/codes.ts";
import { toEnvelopes } from "../../../scripts/sync/inbound.ts";
import {
  fromPartner,
  toPartner,
  type InboundRules,
} from "../../../scripts/sync/translation.ts";
import { invoice, purchaseOrder } from "../../kit/documents.ts";

const line = (values: object) => ({ line_number: "1", ...values });

describe("outbound codes", () => {
  it("are the partner's, wherever a unit stands", () => {
    const { document, diagnostics } = toPartnerCodes(
      purchaseOrder("P1", {
        lines: [
          line({ unit: "XBX", price: { amount: "1", unit: "XBX" } }),
          line({ unit: "EA" }),
        ],
      }),
      { unit: { XBX: "CT" } },
    );
    expect(document.lines).toEqual([
      line({ unit: "CT", price: { amount: "1", unit: "CT" } }),
      line({ unit: "EA" }),
    ]);
    expect(diagnostics).toEqual([]);
  });

  it("add the partner's number of a ship-to beside ours", () => {
    const ours = { scheme: "buyer_assigned", value: "NORTH" };
    const order = purchaseOrder("P1", {
      parties: { ship_to: { identifiers: [ours] } },
    });
    const { document } = toPartnerCodes(order, { ship_to: { NORTH: "00417" } });
    expect(document.parties).toEqual({
      ship_to: {
        identifiers: [ours, { scheme: "seller_assigned", value: "00417" }],
      },
    });
  });

  it("are accounts of all kinds, each from its own table", () => {
    const order = purchaseOrder("P1", {
      parties: {
        bill_to: { identifiers: [{ scheme: "account", value: "A1" }] },
      },
      lines: [line({ accounting: [{ account: "6000", cost_centre: "OR" }] })],
    });
    const { document } = toPartnerCodes(order, {
      account: { A1: "C-77", "6000": "wrong" },
      gl_account: { "6000": "4711" },
      cost_centre: { OR: "88" },
    });
    expect(document).toMatchObject({
      parties: {
        bill_to: { identifiers: [{ scheme: "account", value: "C-77" }] },
      },
      lines: [{ accounting: [{ account: "4711", cost_centre: "88" }] }],
    });
  });

  it("leave the document of the message alone", () => {
    const order = purchaseOrder("P1", { lines: [line({ unit: "XBX" })] });
    const before = structuredClone(order);
    toPartnerCodes(order, { unit: { XBX: "CT" } });
    expect(order).toEqual(before);
  });

  it("have no names of JavaScript's own", () => {
    const order = purchaseOrder("P1", {
      lines: [line({ unit: "constructor" })],
    });
    const { document } = toPartnerCodes(order, { unit: { XBX: "CT" } });
    expect(document.lines).toEqual([line({ unit: "constructor" })]);
  });
});

describe("inbound codes", () => {
  const bill = (values: object) => invoice("1", { lines: [line(values)] });

  it("become ours; the partner's own stays beside", () => {
    const { document } = toOurCodes(bill({ unit: "CT" }), {
      unit: { CT: "XBX" },
    });
    expect(document.lines).toEqual([line({ unit: "XBX", unit_as_sent: "CT" })]);
  });

  it("go by what was sent, not by what a format made of it", () => {
    const read = bill({ unit: "XCS", unit_as_sent: "CA" });
    const { document } = toOurCodes(read, { unit: { CA: "XBX" } });
    expect(document.lines).toEqual([line({ unit: "XBX", unit_as_sent: "CA" })]);
  });

  it("that are unknown stay, and are named", () => {
    const { document, diagnostics } = toOurCodes(bill({ unit: "KARTON" }), {
      unit: { CT: "XBX" },
    });
    expect(document.lines).toEqual([line({ unit: "KARTON" })]);
    expect(diagnostics).toEqual([
      expect.objectContaining({
        level: "warning",
        code: "code_unknown",
        path: "lines[0].unit",
        document: "1",
        message: expect.stringContaining('"KARTON"'),
      }),
    ]);
  });

  it("that are ours already are no news", () => {
    const { diagnostics } = toOurCodes(bill({ unit: "XBX" }), {
      unit: { CT: "XBX" },
    });
    expect(diagnostics).toEqual([]);
  });

  it("of carriers and reasons", () => {
    const tables = {
      carrier: { U1: "UPSN" },
      reason: { "17": "out_of_stock" },
    };
    expect(toOurCodes({ carrier: "U1" }, tables).document).toEqual({
      carrier: "UPSN",
    });
    const acknowledged = {
      lines: [line({ responses: [{ reason_code: "17" }] })],
    };
    expect(toOurCodes(acknowledged, tables).document).toEqual({
      lines: [line({ responses: [{ reason_code: "out_of_stock" }] })],
    });
    const text = { lines: [line({ backorder_reason: "Strike at the port" })] };
    expect(toOurCodes(text, tables).diagnostics).toEqual([]);
  });

  it("of ship-tos add our own code, and never replace a stated one", () => {
    const theirs = { scheme: "seller_assigned", value: "00417" };
    const tables = { ship_to: { "00417": "NORTH" } };
    const of = (identifiers: object[]) =>
      toOurCodes({ parties: { ship_to: { identifiers } } }, tables).document;
    expect(of([theirs])).toEqual({
      parties: {
        ship_to: {
          identifiers: [theirs, { scheme: "buyer_assigned", value: "NORTH" }],
        },
      },
    });
    const stated = [theirs, { scheme: "buyer_assigned", value: "SOUTH" }];
    expect(of(stated)).toEqual({
      parties: { ship_to: { identifiers: stated } },
    });
  });
});

describe("a new supplier with shapes and codes of its own", () => {
  const rules: InboundRules = {
    mappings: [
      {
        document_type: "invoice",
        version: 3,
        expression: `kind = "bill" ? {
          "document_type": "invoice", "schema_version": "1.0",
          "number": no, "order_reference": po,
          "lines": [rows.{
            "line_number": $string(pos), "quantity": $string(qty),
            "unit": uom, "line_amount": $decimalMultiply(qty, net)
          }]
        }`,
      },
      {
        document_type: "ship_notice",
        version: 1,
        expression: `kind = "parcel" ? { "document_type": "ship_notice",
          "schema_version": "1.0", "number": no, "carrier": by }`,
      },
    ],
    code_tables: { unit: { KART: "XBX" }, carrier: { U: "UPSN" } },
  };
  const read = async (value: unknown) =>
    toEnvelopes({
      bytes: new TextEncoder().encode(JSON.stringify(value)),
      filename: "f",
      contentType: "",
      format: "json",
      rules,
    });

  it("is read by configuration alone", async () => {
    const [bill, parcel] = await read([
      {
        kind: "bill",
        no: "R1",
        po: "P1",
        rows: [{ pos: 1, qty: 3, net: "0.10", uom: "KART" }],
      },
      { kind: "parcel", no: "S1", by: "U" },
    ]);
    expect(bill).toMatchObject({
      mapping_version: 3,
      diagnostics: [],
      document: {
        number: "R1",
        order_reference: "P1",
        lines: [
          {
            line_number: "1",
            quantity: "3",
            unit: "XBX",
            unit_as_sent: "KART",
            line_amount: "0.3",
          },
        ],
      },
    });
    expect(parcel).toMatchObject({
      mapping_version: 1,
      document: { document_type: "ship_notice", carrier: "UPSN" },
    });
  });

  it("gets its orders in its own words", async () => {
    const order = purchaseOrder("P1", {
      lines: [line({ unit: "XBX", quantity: "2" })],
    });
    const expression = `{ "order": number, "made": $document_time,
      "rows": [lines.{ "qty": $number(quantity), "uom": unit }] }`;
    const time = "2026-03-01T10:00:00Z";
    expect(
      await toPartner(order, { unit: { XBX: "KART" } }, expression, time),
    ).toEqual({
      value: { order: "P1", made: time, rows: [{ qty: 2, uom: "KART" }] },
    });
  });

  it("whose document no mapping takes is refused with its bytes kept", async () => {
    const [one] = await read({ kind: "poem", no: "X" });
    expect(one?.document).toBeNull();
    expect(one?.raw).not.toBe("");
    expect(one?.diagnostics).toEqual([
      expect.objectContaining({ level: "error", code: "mapping_unclear" }),
    ]);
  });

  it("whose document two mappings take is not guessed at", async () => {
    const greedy = {
      document_type: "credit_note",
      version: 1,
      expression: "$",
    };
    const result = await fromPartner(
      { kind: "bill" },
      { mappings: [...(rules.mappings ?? []), greedy] },
    );
    expect(result.document).toBeNull();
    expect(result.diagnostics[0]?.message).toContain("Several mappings");
  });

  it("whose mapping breaks is told which and where", async () => {
    const result = await fromPartner(
      { kind: "bill", no: "R1", rows: [{ qty: "many", net: "1" }] },
      rules,
    );
    expect(result.diagnostics[0]).toMatchObject({
      level: "error",
      code: "mapping_failed",
      message: expect.stringContaining("Mapping invoice version 3"),
    });
  });

  it("makes nothing of another type than its mapping says", async () => {
    const result = await fromPartner(invoice("1"), {
      mappings: [
        {
          document_type: "invoice",
          version: 1,
          expression: '$ ~> |$|{"document_type": "credit_note"}|',
        },
      ],
    });
    expect(result.document).toBeNull();
    expect(result.diagnostics[0]?.message).toContain('"invoice"');
  });

  it("has its documents checked after mapping and codes", async () => {
    const result = await fromPartner(
      { kind: "bill", no: "R1", po: 5, rows: [] },
      rules,
    );
    expect(result.document).toMatchObject({ number: "R1" });
    expect(result.diagnostics).toEqual([
      expect.objectContaining({ code: "schema", path: "order_reference" }),
    ]);
  });
});
