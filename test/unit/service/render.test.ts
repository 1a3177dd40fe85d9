/** A message's bytes: codes, mapping, format, and what each may leave out. */
import { describe, expect, it } from "vitest";
import { CONNECTORS } from "../../../scripts/connectors/index.ts";
import type { ClaimedMessage } from "../../../scripts/odoo/exchange.ts";
import { renderMessage } from "../../../scripts/sync/render.ts";
import { purchaseOrder } from "../../kit/documents.ts";

const order = purchaseOrder("P1", {
  lines: [
    {
      line_number: "1",
      quantity: "2",
      unit: "XBX",
      item: { supplier_code: "S-1" },
      price: { amount: "5" },
    },
  ],
});

async function render(connectorId: string, values: Partial<ClaimedMessage>) {
  const connector = CONNECTORS.get(connectorId)!;
  const message = {
    uuid: "u",
    document_type: "purchase_order",
    number: "P1",
    document: order,
    control_number: 7,
    document_time: "2026-03-01T10:00:00Z",
    mapping: false,
    endpoint: { code: "E", connector: connectorId, settings: {}, test: false },
    ...values,
  } as unknown as ClaimedMessage;
  const settings = connector.sampleSettings;
  const result = await renderMessage(message, {
    connector,
    settings,
  } as unknown as Parameters<typeof renderMessage>[1]);
  if ("error" in result) return result;
  const { bytes, ...rest } = result.payload;
  return { text: Buffer.from(bytes).toString(), ...rest };
}

const mapping = (expression: string) => ({
  mapping: { id: 1, version: 1, expression },
});

describe("JSON", () => {
  it("carries a partner's own shape, named after our document", async () => {
    const result = await render("rest-json", {
      ...mapping('{ "po": number, "unit": lines[0].unit }'),
      code_tables: { unit: { XBX: "KART" } },
    });
    expect(result).toMatchObject({ filename: "purchase_order-P1-7.json" });
    expect(JSON.parse((result as { text: string }).text)).toEqual({
      po: "P1",
      unit: "KART",
    });
  });

  it("checks what says that it is a canonical document", async () => {
    const wrong = mapping('$ ~> |$|{"currency": 5}|');
    expect(await render("rest-json", wrong)).toMatchObject({
      error: "render_failed",
      message: expect.stringContaining("currency"),
    });
  });

  it("carries nothing but canonical documents without a mapping", async () => {
    expect(await render("rest-json", { document: { po: "P1" } })).toMatchObject(
      { error: "schema" },
    );
  });

  it("gives the same bytes for the same message", async () => {
    const same = mapping('{ "at": $document_time, "n": number }');
    const first = await render("rest-json", same);
    expect(await render("rest-json", same)).toEqual(first);
    expect(first).toMatchObject({
      text: expect.stringContaining("2026-03-01T10:00:00Z"),
    });
  });
});

describe("X12", () => {
  it("has the partner's units, and only canonical documents", async () => {
    const coded = await render("x12-folder", {
      code_tables: { unit: { XBX: "XCS" } },
    });
    expect(coded).toMatchObject({
      text: expect.stringMatching(/PO1\*1\*2\*CA\*5\*/),
    });
    expect(
      await render("x12-folder", mapping('{ "po": number }')),
    ).toMatchObject({ error: "render_failed" });
  });

  it("has a code without a standard name where the table writes x12:", async () => {
    const coded = await render("x12-folder", {
      code_tables: { unit: { XBX: "x12:CS" } },
    });
    expect(coded).toMatchObject({
      text: expect.stringMatching(/PO1\*1\*2\*CS\*5\*/),
    });
  });
});

describe("a mapping that breaks", () => {
  it("is an error of the mapping, with its place", async () => {
    expect(await render("rest-json", mapping("number +"))).toMatchObject({
      error: "mapping_failed",
      message: expect.stringMatching(/at character \d+/),
    });
  });
});
