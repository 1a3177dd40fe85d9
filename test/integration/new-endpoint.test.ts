/**
 * A new supplier is configuration alone: an administrator sets an endpoint up
 * by the buttons of the guided form, a second person approves it, and an order
 * goes out through it. The running service is not touched, no code is written.
 */
import { randomUUID } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { getFormat } from "../../scripts/formats/index.ts";
import type { OdooClient } from "../../scripts/odoo/client.ts";
import { eventually } from "../kit/context.ts";
import { HttpPartner, reply } from "../kit/http-partner.ts";
import { Live, hcp } from "../kit/live.ts";
import { approveSuppliers } from "../kit/supplier.ts";

type Row = Record<string, unknown>;

const ENDPOINT = "healthcare.exchange.endpoint";
const SETUP = "healthcare.exchange.endpoint.setup";
const live = new Live();
const stamp = randomUUID().slice(0, 6).toUpperCase();
const LIMIT = 60_000;
let administrator: OdooClient;
let approver: OdooClient;
let clerk: OdooClient;
let partner: HttpPartner;
let partnerUrl: string;
const references = new Map<string, string>();

beforeAll(async () => {
  administrator = live.as("administrator");
  approver = live.as("approver");
  clerk = live.as("clerk");
  partner = new HttpPartner();
  // One effect per key, as a partner with an API should have it.
  partner.answer = (request, response, socket) => {
    const key = String(request.headers["idempotency-key"]);
    if (!references.has(key)) references.set(key, `R-${references.size + 1}`);
    reply(200, { reference: references.get(key) })(request, response, socket);
  };
  partnerUrl = await partner.start();
});

afterAll(async () => {
  await partner.stop();
  await live.close();
});

const read = (
  model: string,
  domain: unknown[],
  fields: string[],
): Promise<Row[]> =>
  administrator.call<Row[]>(model, "search_read", {
    domain,
    fields,
    order: "id",
  });

const press = (model: string, id: number, button: string): Promise<Row> =>
  administrator.call<Row>(model, button, { ids: [id] });

/** A supplier nobody knew, approved, with an offer for something the demo buys. */
async function newSupplier(
  name: string,
): Promise<{ id: number; product: number }> {
  const [id] = await administrator.call<number[]>("res.partner", "create", {
    vals_list: [{ name, is_company: true, supplier_rank: 1 }],
  });
  const [offer] = await read(
    "product.supplierinfo",
    [["product_tmpl_id", "!=", false]],
    ["product_tmpl_id"],
  );
  const [template] = offer?.product_tmpl_id as [number, string];
  const [product] = await read(
    "product.product",
    [["product_tmpl_id", "=", template]],
    ["id"],
  );
  await administrator.call("product.supplierinfo", "create", {
    vals_list: [
      {
        partner_id: id,
        product_tmpl_id: template,
        product_code: "NEW-1",
        price: 5,
      },
    ],
  });
  await approveSuppliers(live, [id as number]);
  return { id: id as number, product: product?.id as number };
}

/** The guided form from its first page to its last. @returns the endpoint */
async function setUp(
  first: Row,
  settings: Record<string, string>,
  unwanted: string[] = [],
): Promise<number> {
  const opened = await administrator.call<Row>(ENDPOINT, "action_setup_new", {
    ids: [],
  });
  const setup = opened.res_id as number;
  await administrator.call(SETUP, "write", { ids: [setup], vals: first });
  await press(SETUP, setup, "action_next");
  const lines = await read(
    `${SETUP}.setting`,
    [["setup_id", "=", setup]],
    ["name", "value", "required"],
  );
  for (const line of lines) {
    const value = settings[String(line.name)];
    expect(line.required === true && value === undefined).toBe(false);
    if (value === undefined) continue;
    await administrator.call(`${SETUP}.setting`, "write", {
      ids: [line.id],
      vals: { value },
    });
  }
  await press(SETUP, setup, "action_next");
  const documents = await read(
    `${SETUP}.document`,
    [["setup_id", "=", setup]],
    ["document_type"],
  );
  const without = documents
    .filter((one) => unwanted.includes(String(one.document_type)))
    .map((one) => one.id);
  if (without.length > 0)
    await administrator.call(`${SETUP}.document`, "write", {
      ids: without,
      vals: { wanted: false },
    });
  const done = await press(SETUP, setup, "action_finish");
  return done.res_id as number;
}

/** Presses a button and waits for what the service answers. */
async function ask(endpoint: number, button: string): Promise<Row> {
  await press(ENDPOINT, endpoint, button);
  let command: Row | undefined;
  await eventually(
    `${button} is answered`,
    async () => {
      [command] = (
        await read(
          "healthcare.exchange.command",
          [["endpoint_id", "=", endpoint]],
          ["kind", "state", "message", "result"],
        )
      ).slice(-1);
      return ["done", "failed", "expired"].includes(String(command?.state));
    },
    LIMIT,
  );
  return command ?? {};
}

async function stateOf(endpoint: number): Promise<unknown> {
  const [row] = await read(ENDPOINT, [["id", "=", endpoint]], ["state"]);
  return row?.state;
}

/** Test connection, samples, certification, activation by a second person. */
async function bringToLife(endpoint: number): Promise<void> {
  const connection = await ask(endpoint, "action_test_connection");
  expect(connection).toMatchObject({ state: "done", result: { passed: true } });
  const shown = await ask(endpoint, "action_sample");
  expect(JSON.stringify(shown.result)).toContain("TEST-");
  await expect(
    press(ENDPOINT, endpoint, "action_activate"),
    "nobody skips the certification",
  ).rejects.toThrow(/Certify it/);
  const certified = await ask(endpoint, "action_certify");
  expect(certified).toMatchObject({ state: "done", result: { passed: true } });
  expect(await stateOf(endpoint)).toBe("certified");
  await press(ENDPOINT, endpoint, "action_activate");
  expect(await stateOf(endpoint)).toBe("certified");
  const [request] = await read(
    "healthcare.approval.request",
    [
      ["model", "=", ENDPOINT],
      ["res_id", "=", endpoint],
      ["state", "=", "pending"],
    ],
    ["id"],
  );
  const approve = (client: OdooClient) =>
    client.call("healthcare.approval.request", "action_approve", {
      ids: [request?.id],
    });
  await expect(approve(administrator)).rejects.toThrow();
  await approve(approver);
  expect(await stateOf(endpoint)).toBe("active");
}

/** A clerk orders from the new supplier. @returns the order's number */
async function order(supplier: {
  id: number;
  product: number;
}): Promise<string> {
  const [facility] = await read(
    "healthcare.facility",
    [["warehouse_id", "!=", false]],
    ["id"],
  );
  const [id] = await clerk.call<number[]>("purchase.order", "create", {
    vals_list: [
      {
        partner_id: supplier.id,
        facility_id: facility?.id,
        order_line: [
          [
            0,
            0,
            { product_id: supplier.product, product_qty: 3, price_unit: 5 },
          ],
        ],
      },
    ],
  });
  await clerk.call("purchase.order", "button_confirm", { ids: [id] });
  const [row] = await read("purchase.order", [["id", "=", id]], ["name"]);
  return String(row?.name);
}

describe("a supplier with an API", () => {
  it("gets its first order by configuration alone", async () => {
    const supplier = await newSupplier(`New REST ${stamp}`);
    const code = `NEW_REST_${stamp}`;
    const endpoint = await setUp(
      {
        connector: "rest-json",
        code,
        name: "New supplier (REST)",
        partner_id: supplier.id,
        test: true,
      },
      { base_url: partnerUrl, timeout_seconds: "10" },
      ["functional_acknowledgement"],
    );
    await bringToLife(endpoint);
    const number = await order(supplier);
    await eventually(
      "the order is there",
      () => partner.requests.some((one) => one.body.includes(number)),
      LIMIT,
    );
    const orders = partner.requests
      .filter((one) => one.body.includes(number))
      .map((one) => JSON.parse(one.body.toString()) as Row);
    expect(orders).toHaveLength(1);
    expect(orders[0]).toMatchObject({
      document_type: "purchase_order",
      test: true,
      lines: [{ quantity: "3" }],
    });

    await expect(
      administrator.call(ENDPOINT, "write", {
        ids: [endpoint],
        vals: { settings: { base_url: "https://elsewhere.example" } },
      }),
      "what was approved does not change while documents flow",
    ).rejects.toThrow(/suspend it/);

    // The same suite on the command line, kept as evidence.
    const run = await hcp(live.config.root, [
      "certify",
      "--endpoint",
      code,
      "--json",
    ]);
    expect(run.stderr).toBe("");
    expect(run.code).toBe(0);
    expect(run.lines.at(-1)).toMatchObject({
      endpoint: code,
      passed: true,
      state: "active",
      current: true,
    });
    const kept = await read(
      "healthcare.exchange.certification",
      [["endpoint_id", "=", endpoint]],
      ["passed"],
    );
    expect(kept.map((one) => one.passed)).toEqual([true, true]);
  });

  it("says so when nobody is there", async () => {
    const code = `GONE_${stamp}`;
    const endpoint = await setUp(
      { connector: "rest-json", code, name: "Gone", test: true },
      { base_url: "http://127.0.0.1:9" },
    );
    const command = await ask(endpoint, "action_test_connection");
    expect(command.result).toMatchObject({ passed: false });
    expect(command.message).toContain("connection_refused");
    const run = await hcp(live.config.root, ["certify", "--endpoint", code]);
    expect(run.code).toBe(2);
    expect(run.stdout).toMatch(/FAILED connection/);
    expect(await stateOf(endpoint)).toBe("draft");
  });
});

describe("a supplier with X12", () => {
  it("gets its order as an 850, and a 997 for what it sends", async () => {
    const supplier = await newSupplier(`New X12 ${stamp}`);
    const folder = `new-${stamp.toLowerCase()}`;
    const endpoint = await setUp(
      {
        connector: "x12-folder",
        code: `NEW_X12_${stamp}`,
        name: "New supplier (X12)",
        partner_id: supplier.id,
        test: true,
      },
      {
        folder,
        "sender.qualifier": "ZZ",
        "sender.id": "HOSPITAL",
        "receiver.qualifier": "ZZ",
        "receiver.id": "NEWSUPPLIER",
      },
    );
    await bringToLife(endpoint);
    const box = (name: string) => join(live.config.dataDir, folder, name);
    const files = () =>
      existsSync(box("outbox")) ? readdirSync(box("outbox")) : [];
    const contents = () =>
      files().map((name) => readFileSync(join(box("outbox"), name), "latin1"));
    const number = await order(supplier);
    await eventually(
      "the order is there",
      () => contents().some((text) => text.includes(`*${number}*`)),
      LIMIT,
    );

    const control = String(Date.now() % 1_000_000_000);
    const answer = getFormat("x12")?.generate(
      [
        {
          document_type: "order_acknowledgement",
          schema_version: "1.0",
          number: `ACK-${stamp}`,
          issued_at: "2026-01-31",
          test: true,
          order_reference: number,
          lines: [
            {
              line_number: "1",
              order_line_number: "1",
              item: { supplier_code: "NEW-1" },
              quantity: "3",
              unit: "EA",
              responses: [{ status: "accepted", quantity: "3", unit: "EA" }],
            },
          ],
        },
      ],
      {
        controlNumber: Number(control),
        documentTime: "2026-01-31T12:00:00Z",
        test: true,
      },
    ).payloads[0];
    expect(answer).toBeDefined();
    const drop = (name: string) => {
      mkdirSync(box("inbox"), { recursive: true });
      const part = join(box("inbox"), `.${name}.part`);
      writeFileSync(part, answer?.bytes ?? "");
      renameSync(part, join(box("inbox"), name));
    };
    const answers = () =>
      contents().filter((text) => text.includes(`AK1*PR*${control}*`));
    drop("855-1.edi");
    await eventually("a 997 is there", () => answers().length === 1, LIMIT);
    expect(answers()[0]).toMatch(/AK9\*A\*1\*1\*1/);
    const [first] = answers();

    // A partner that repeats its file has not got our answer.
    for (const name of files().filter((one) => one.startsWith("997-")))
      renameSync(join(box("outbox"), name), `${box("outbox")}-${name}`);
    drop("855-again.edi");
    await eventually("it comes again", () => answers().length === 1, LIMIT);
    expect(answers()[0], "the same bytes").toBe(first);
  });
});
