/**
 * A new supplier with shapes and codes of its own, connected by people with
 * their rights alone: no code, no restart. And what may not leave does not, in
 * the very bytes that partners get.
 */
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OdooClient } from "../../scripts/odoo/client.ts";
import { eventually, temporaryFolder } from "../kit/context.ts";
import { activate, approve } from "../kit/endpoint.ts";
import { HttpPartner, reply } from "../kit/http-partner.ts";
import { Live, hcp } from "../kit/live.ts";
import { approveSuppliers } from "../kit/supplier.ts";

type Row = Record<string, unknown>;

const LIMIT = 60_000;
const ENDPOINT = "healthcare.exchange.endpoint";
const MAPPING = "healthcare.exchange.mapping";

const live = new Live();
const { root } = live.config;
const stamp = randomUUID().slice(0, 8);
/** What an order says that no supplier needs. */
const SECRET = `MRN-4711-${stamp}`;

let clerk: OdooClient;
let administrator: OdooClient;

beforeAll(() => {
  clerk = live.as("clerk");
  administrator = live.as("administrator");
});
afterAll(() => live.close());

const read = (
  model: string,
  domain: unknown[],
  fields: string[],
  client = administrator,
): Promise<Row[]> =>
  client.call<Row[]>(model, "search_read", { domain, fields, order: "id" });

async function create(model: string, values: Row): Promise<number> {
  const [id = 0] = await administrator.call<number[]>(model, "create", {
    vals_list: [values],
  });
  return id;
}

const act = (model: string, id: number, method: string, args: Row = {}) =>
  administrator.call<unknown>(model, method, { ids: [id], ...args });

async function makeSupplier(name: string): Promise<number> {
  const id = await create("res.partner", {
    name: `${name} ${stamp}`,
    is_company: true,
    supplier_rank: 1,
  });
  await approveSuppliers(live, [id]);
  return id;
}

/** Something that is bought by the piece, and its code. */
async function findItem(): Promise<{ id: number; code: string }> {
  const [item] = await read(
    "product.product",
    [
      ["uom_id.unit_code", "=", "EA"],
      ["default_code", "!=", false],
      ["purchase_ok", "=", true],
      ["type", "=", "consu"],
    ],
    ["default_code"],
  );
  return { id: Number(item?.id), code: String(item?.default_code) };
}

/** An endpoint of the supplier, as a draft. */
function makeEndpoint(
  code: string,
  partner: number,
  values: Row,
  documents: [string, string][],
): Promise<number> {
  return create(ENDPOINT, {
    code,
    name: `Governed ${code}`,
    partner_id: partner,
    test: true,
    document_ids: documents.map(([document_type, direction]) => [
      0,
      0,
      { document_type, direction, contingency: "queue" },
    ]),
    ...values,
  });
}

/** From draft to production: samples, certification, a second person. */
async function promote(id: number): Promise<void> {
  const evidence = async () =>
    (await read(MAPPING, [["id", "=", id]], ["evidence"]))[0]?.evidence;
  await act(MAPPING, id, "action_start_test");
  await act(MAPPING, id, "action_run_samples");
  await eventually(
    "the samples were run",
    async () => (await evidence()) !== "stale",
    LIMIT,
  );
  const samples = await read(
    "healthcare.exchange.mapping.sample",
    [["mapping_id", "=", id]],
    ["difference"],
  );
  expect(await evidence(), JSON.stringify(samples)).toBe("passed");
  await act(MAPPING, id, "action_certify");
  await act(MAPPING, id, "action_promote", { reason: "first version" });
  await approve(live, MAPPING, id);
}

/** Confirms an order that says more than its supplier needs. */
async function confirmOrder(partner: number, item: number): Promise<string> {
  const facilities = await read(
    "healthcare.facility",
    [["warehouse_id", "!=", false]],
    ["id"],
  );
  const [id] = await clerk.call<number[]>("purchase.order", "create", {
    vals_list: [
      {
        partner_id: partner,
        facility_id: facilities[0]?.id,
        note: `<p>For patient ${SECRET}</p>`,
        order_line: [
          [0, 0, { product_id: item, product_qty: 20, price_unit: 5 }],
        ],
      },
    ],
  });
  await clerk.call("purchase.order", "button_confirm", { ids: [id] });
  const [order] = await read("purchase.order", [["id", "=", id]], ["name"]);
  return String(order?.name);
}

async function withheldFrom(number: string): Promise<string> {
  const [message] = await read(
    "healthcare.exchange.message",
    [
      ["number", "=", number],
      ["direction", "=", "outbound"],
    ],
    ["withheld", "document_text"],
  );
  expect(message?.document_text).not.toContain(SECRET);
  return String(message?.withheld);
}

describe("a supplier with JSON of its own", () => {
  const code = `GJ-${stamp.toUpperCase()}`;
  const partner = new HttpPartner();
  const folder = temporaryFolder();
  let supplier: number;
  let item: { id: number; code: string };
  let endpoint = 0;
  let order: string;

  const OUT = `{ "bestellung": number, "zeit": $document_time,
    "zeilen": [lines.{ "pos": $number(line_number), "menge": quantity, "einheit": unit,
      "artikel": item.buyer_code, "netto": $decimalMultiply(quantity, price.amount) }] }`;
  const IN = `art = "rechnung" ? { "document_type": "invoice", "schema_version": "1.0",
    "number": nr, "order_reference": auftrag, "currency": "USD", "test": true,
    "lines": [zeilen.{ "line_number": $string(pos), "order_line_number": $string(pos),
      "item": { "buyer_code": artikel }, "quantity": menge, "unit": einheit,
      "price": { "amount": preis }, "line_amount": $decimalMultiply(menge, preis) }] }`;

  beforeAll(async () => {
    const url = await partner.start();
    partner.answer = reply(202);
    [supplier, item] = await Promise.all([makeSupplier("Eigen"), findItem()]);
    endpoint = await makeEndpoint(
      code,
      supplier,
      { connector: "rest-json", settings: { base_url: url } },
      [
        ["purchase_order", "outbound"],
        ["invoice", "inbound"],
      ],
    );
  });
  afterAll(async () => {
    if (endpoint) await act(ENDPOINT, endpoint, "action_suspend");
    await partner.stop();
    folder.remove();
  });

  it("is connected by an administrator and a second person", async () => {
    await create("healthcare.exchange.code", {
      endpoint_id: endpoint,
      table: "unit",
      code: "EA",
      partner_code: "STK",
    });
    const outbound = await create(MAPPING, {
      endpoint_id: endpoint,
      document_type: "purchase_order",
      direction: "outbound",
      expression: OUT,
      sample_ids: [
        [
          0,
          0,
          {
            name: "one line",
            input_text: JSON.stringify({
              number: "P1",
              lines: [
                {
                  line_number: "1",
                  quantity: "3",
                  unit: "EA",
                  item: { buyer_code: "A" },
                  price: { amount: "0.10" },
                },
              ],
            }),
            expected_text: JSON.stringify({
              bestellung: "P1",
              zeit: "2026-01-01T00:00:00Z",
              zeilen: [
                {
                  pos: 1,
                  menge: "3",
                  einheit: "STK",
                  artikel: "A",
                  netto: "0.3",
                },
              ],
            }),
          },
        ],
      ],
    });
    const inbound = await create(MAPPING, {
      endpoint_id: endpoint,
      document_type: "invoice",
      direction: "inbound",
      expression: IN,
      sample_ids: [
        [
          0,
          0,
          {
            name: "no lines",
            input_text: JSON.stringify({
              art: "rechnung",
              nr: "R",
              auftrag: "P",
            }),
            expected_text: JSON.stringify({
              document_type: "invoice",
              schema_version: "1.0",
              number: "R",
              order_reference: "P",
              currency: "USD",
              test: true,
              lines: [],
            }),
          },
        ],
      ],
    });
    await promote(outbound);
    await promote(inbound);
    await activate(live, endpoint, code);
  });

  it("gets an order in its own words and nothing that is not for it", async () => {
    const before = partner.requests.length;
    order = await confirmOrder(supplier, item.id);
    await eventually(
      "the order is there",
      async () => partner.requests.length > before,
      LIMIT,
    );
    const bytes = partner.requests.at(-1)?.body.toString() ?? "";
    expect(bytes).not.toContain(SECRET);
    expect(bytes).not.toContain("MRN");
    expect(JSON.parse(bytes)).toEqual({
      bestellung: order,
      zeit: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      zeilen: [
        {
          pos: 1,
          menge: "20",
          einheit: "STK",
          artikel: item.code,
          netto: "100",
        },
      ],
    });
    expect(await withheldFrom(order)).toContain("notes");
  });

  const bill = async (number: string, unit: string) => {
    const path = join(folder.path, `${number}.json`);
    const rows = [
      { pos: 1, menge: "20", einheit: unit, artikel: item.code, preis: "5" },
    ];
    writeFileSync(
      path,
      JSON.stringify({
        art: "rechnung",
        nr: number,
        auftrag: order,
        zeilen: rows,
      }),
    );
    const result = await hcp(root, ["ingest", "--endpoint", code, path]);
    return result.lines[0];
  };

  it("bills in its own words; what it wrote stays beside ours", async () => {
    const number = `R-${stamp}`;
    expect(await bill(number, "STK")).toMatchObject({
      document_type: "invoice",
      number,
      status: "accepted",
    });
    const lines = await read(
      "healthcare.bill.line",
      [["move_id.ref", "=", number]],
      ["unit", "unit_as_sent", "quantity"],
    );
    expect(lines).toMatchObject([{ unit: "EA", unit_as_sent: "STK" }]);
    const [message] = await read(
      "healthcare.exchange.message",
      [
        ["number", "=", number],
        ["direction", "=", "inbound"],
      ],
      ["mapping_version"],
    );
    expect(message?.mapping_version).toBe(1);
  });

  it("has a unit that nobody knows looked at by a person", async () => {
    const line = await bill(`U-${stamp}`, "PALETTE");
    expect(line).toMatchObject({ status: "accepted" });
    expect(line?.exceptions).toContain("uom_mismatch");
  });

  it("is refused what no mapping takes, with its bytes kept", async () => {
    const path = join(folder.path, "poem.json");
    writeFileSync(path, JSON.stringify({ art: "gedicht", stamp }));
    const result = await hcp(root, ["ingest", "--endpoint", code, path]);
    expect(result.lines[0]).toMatchObject({ status: "rejected" });
    expect(JSON.stringify(result.lines[0]?.errors)).toContain(
      "mapping_unclear",
    );
    const [message] = await read(
      "healthcare.exchange.message",
      [["uuid", "=", result.lines[0]?.message_uuid]],
      ["raw", "owner_id"],
    );
    const raw = Buffer.from(String(message?.raw), "base64").toString();
    expect(JSON.parse(raw)).toEqual({ art: "gedicht", stamp });
    expect(message?.owner_id).toBeTruthy();
  });
});

describe("a supplier with X12", () => {
  const code = `GX-${stamp.toUpperCase()}`;
  const name = `governed-${stamp}`;
  let endpoint = 0;

  afterAll(async () => {
    if (endpoint) await act(ENDPOINT, endpoint, "action_suspend");
  });

  it("gets no more either, down to the segments", async () => {
    const [supplier, item] = await Promise.all([
      makeSupplier("Segment"),
      findItem(),
    ]);
    endpoint = await makeEndpoint(
      code,
      supplier,
      {
        connector: "x12-folder",
        settings: {
          folder: name,
          sender: { qualifier: "ZZ", id: "HOSPITAL" },
          receiver: { qualifier: "ZZ", id: "SEGMENT" },
        },
      },
      [["purchase_order", "outbound"]],
    );
    await create("healthcare.exchange.code", {
      endpoint_id: endpoint,
      table: "unit",
      code: "EA",
      partner_code: "XBX",
    });
    await activate(live, endpoint, code);
    const order = await confirmOrder(supplier, item.id);
    const outbox = join(live.config.dataDir, name, "outbox");
    const find = () =>
      existsSync(outbox)
        ? readdirSync(outbox).flatMap((file) => {
            const text = readFileSync(join(outbox, file), "latin1");
            return text.includes(`*${order}*`) ? [text] : [];
          })
        : [];
    await eventually("the file is there", async () => find().length > 0, LIMIT);
    const [text = ""] = find();
    expect(text).toContain("ST*850*");
    expect(text).toMatch(/PO1\*1\*20\*BX\*5\*/);
    expect(text).not.toContain("MRN");
    expect(text).not.toContain(SECRET);
    expect(await withheldFrom(order)).toContain("notes");
  });
});
