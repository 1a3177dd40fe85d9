/**
 * Orders out, answers in: the running service and sandbox against a real
 * Odoo, and a second service of our own that is killed at the worst moment.
 */
import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createOdooClient,
  type OdooClient,
} from "../../scripts/odoo/client.ts";
import { eventually, temporaryFolder } from "../kit/context.ts";
import { invoice } from "../kit/documents.ts";
import { activate } from "../kit/endpoint.ts";
import { HttpPartner, reply } from "../kit/http-partner.ts";
import { Live, hcp, startHcp } from "../kit/live.ts";
import { readStack } from "../kit/stack.ts";
import { approveSuppliers } from "../kit/supplier.ts";

type Row = Record<string, unknown>;

/** The id of a many2one's value, which RPC gives as `[id, name]`. */
const idOf = (value: unknown): number => (value as [number, string])[0];

const live = new Live();
const { root } = live.config;
let clerk: OdooClient;
let administrator: OdooClient;
const ENDPOINT = "healthcare.exchange.endpoint";
const stamp = randomUUID().slice(0, 8);
const LIMIT = 60_000;

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

const messagesOf = (number: string, direction: string): Promise<Row[]> =>
  read(
    "healthcare.exchange.message",
    [
      ["number", "=", number],
      ["direction", "=", direction],
    ],
    ["uuid", "state", "error_code", "attempt_count", "owner_id"],
  );

/** Confirms an order of two of the supplier's items. @returns its number */
async function confirmOrder(partner: number, quantity = 20): Promise<string> {
  const offers = await read(
    "product.supplierinfo",
    [["partner_id", "=", partner]],
    ["product_id", "product_tmpl_id"],
  );
  const templates = offers.map((one) => idOf(one.product_tmpl_id));
  const products = await read(
    "product.product",
    [["product_tmpl_id", "in", templates.slice(0, 2)]],
    ["id"],
  );
  const lines = products
    .slice(0, 2)
    .map((one) => [
      0,
      0,
      { product_id: one.id, product_qty: quantity, price_unit: 5 },
    ]);
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
        order_line: lines,
      },
    ],
  });
  await clerk.call("purchase.order", "button_confirm", { ids: [id] });
  const [order] = await read("purchase.order", [["id", "=", id]], ["name"]);
  return String(order?.name);
}

async function partnerOf(code: string): Promise<number> {
  const [endpoint] = await read(
    "healthcare.exchange.endpoint",
    [["code", "=", code]],
    ["partner_id"],
  );
  return idOf(endpoint?.partner_id);
}

const bills = (reference: string): Promise<Row[]> =>
  read(
    "account.move",
    [
      ["ref", "=", reference],
      ["move_type", "=", "in_invoice"],
    ],
    ["state", "match_state"],
  );

async function receivedBy(supplier: "a" | "b", number: string): Promise<Row[]> {
  const { body } = await live.http(
    "sandbox",
    "GET",
    `/received?supplier=${supplier}`,
  );
  const all = body[supplier] as Row[];
  return all.filter((one) => String(one.number) === number);
}

describe.each([
  ["a", "SUPPLIER_A"],
  ["b", "SUPPLIER_B"],
] as const)("supplier %s", (supplier, code) => {
  it("gets a confirmed order once, and its answers arrive once", async () => {
    const number = await confirmOrder(await partnerOf(code));
    await eventually(
      "the supplier has it",
      async () => (await receivedBy(supplier, number)).length === 1,
      LIMIT,
    );
    await eventually(
      "a bill is there",
      async () => (await bills(`INV-${number}`)).length > 0,
      LIMIT,
    );
    await eventually(
      "acknowledged",
      async () =>
        String((await messagesOf(number, "outbound"))[0]?.state) ===
        "acknowledged",
      LIMIT,
    );
    const [received] = await receivedBy(supplier, number);
    expect(received).toMatchObject({ copies: 1 });
    expect(await messagesOf(number, "outbound")).toMatchObject([
      { state: "acknowledged", attempt_count: 1 },
    ]);
    for (const [model, field] of [
      ["healthcare.order.acknowledgement", "order_id.name"],
      ["healthcare.ship.notice", "order_id.name"],
    ] as const) {
      const found = await read(model, [[field, "=", number]], ["id"]);
      expect(found, model).toHaveLength(1);
    }
    expect(await bills(`INV-${number}`)).toHaveLength(1);
  });
});

describe("hcp ingest", () => {
  const folder = temporaryFolder();
  afterAll(() => folder.remove());
  const file = (name: string, content: string | Buffer): string => {
    const path = join(folder.path, name);
    writeFileSync(path, content);
    return path;
  };
  const ingest = (endpoint: string, ...files: string[]) =>
    hcp(root, ["ingest", "--endpoint", endpoint, ...files]);
  const x12 = (number: string, order: string, control: number): string => {
    const segments = [
      `ISA*00*          *00*          *ZZ*NORTHGATE      *ZZ*HOSPITAL       *260210*1200*U*00401*${String(control).padStart(9, "0")}*0*T*>`,
      `GS*IN*NORTHGATE*HOSPITAL*20260210*1200*${control}*X*004010`,
      "ST*810*0001",
      `BIG*20260210*${number}**${order}***DI`,
      "IT1*1*2*EA*5**VN*UNKNOWN-TO-ALL",
      "TDS*1000",
      "CTT*1",
      "SE*6*0001",
      `GE*1*${control}`,
      `IEA*1*${String(control).padStart(9, "0")}`,
    ];
    return segments.map((one) => `${one}~`).join("\n");
  };

  it("makes one bill of an X12 810, and none of the same file again", async () => {
    const order = await confirmOrder(await partnerOf("SUPPLIER_B"));
    const control = Number.parseInt(stamp, 16) % 100_000_000;
    const path = file("a bill.edi", x12(`X-${stamp}`, order, control));
    const first = await ingest("SUPPLIER_B", path);
    expect(first.lines, first.stderr).toMatchObject([
      { document_type: "invoice", number: `X-${stamp}` },
    ]);
    const [line] = first.lines;
    expect(line).toMatchObject({ status: "accepted" });
    expect(line?.exceptions).toContain("order_line_not_found");
    expect(first.code).toBe(0);
    expect(await bills(`X-${stamp}`)).toMatchObject([
      { state: "draft", match_state: "exception" },
    ]);
    const again = await ingest("SUPPLIER_B", path);
    expect(again.lines).toMatchObject([
      { status: "duplicate", message_uuid: line?.message_uuid },
    ]);
    expect(again.code).toBe(0);
    expect(await bills(`X-${stamp}`)).toHaveLength(1);
  });

  it.each([
    ["empty", "", "empty"],
    ["binary", Buffer.from([0, 1, 2, 255, 0]), "binary"],
    ["truncated", "ISA*00*          *00*", ""],
    ["not JSON", '{"document_type": "invoice",\n "number"', "json_syntax"],
    [
      "against its schema",
      JSON.stringify(invoice(`S-${stamp}`, { currency: 7 })),
      "schema",
    ],
  ])(
    "rejects what is %s, keeps it and gives it an owner",
    async (name, content, code) => {
      // Bytes of their own for each run: the same again would be a duplicate.
      const own =
        content.length === 0 || code === "schema"
          ? content
          : Buffer.concat([Buffer.from(content as string), Buffer.from(stamp)]);
      const result = await ingest("SUPPLIER_A", file(`${name}.json`, own));
      const [line] = result.lines;
      expect(result.lines, result.stderr).toHaveLength(1);
      const errors = line?.errors as { code: string; message: string }[];
      expect(["rejected", "duplicate"]).toContain(line?.status);
      if (line?.status === "rejected") expect(result.code).toBe(2);
      if (code) expect(errors[0]?.code).toBe(code);
      expect(errors[0]?.message).toMatch(/\w/);
      const [message] = await read(
        "healthcare.exchange.message",
        [["uuid", "=", line?.message_uuid]],
        ["state", "owner_id", "raw_sha256"],
      );
      const digest = createHash("sha256").update(own).digest("hex");
      expect(message).toMatchObject({ state: "rejected", raw_sha256: digest });
      expect(message?.owner_id).toBeTruthy();
    },
  );

  it("makes an exception of a bill for an order that does not exist", async () => {
    const bill = invoice(`B-${stamp}`, {
      order_reference: `NO-${stamp}`,
      test: true,
    });
    const result = await ingest(
      "SUPPLIER_A",
      file("no order.json", JSON.stringify(bill)),
    );
    const [line] = result.lines;
    expect(line, result.stderr).toMatchObject({ status: "accepted" });
    expect(line?.exceptions).toContain("order_line_not_found");
    expect(await bills(`B-${stamp}`)).toMatchObject([
      { state: "draft", match_state: "exception" },
    ]);
  });

  it("makes an exception of a bill for another supplier's order", async () => {
    const order = await confirmOrder(await partnerOf("SUPPLIER_B"));
    const bill = invoice(`W-${stamp}`, { order_reference: order, test: true });
    const result = await ingest(
      "SUPPLIER_A",
      file("wrong.json", JSON.stringify(bill)),
    );
    const [line] = result.lines;
    expect(line, result.stderr).toMatchObject({ status: "accepted" });
    expect(line?.exceptions).toContain("supplier_mismatch");
    expect(await bills(`W-${stamp}`)).toMatchObject([
      { state: "draft", match_state: "exception" },
    ]);
  });

  it("stores nothing for an endpoint or a file that is not there", async () => {
    const good = file("x.json", JSON.stringify(invoice(`N-${stamp}`)));
    const unknown = await ingest("NOBODY", good);
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toContain("there is no endpoint NOBODY");
    const missing = await ingest("SUPPLIER_A", good, "/no/such/file");
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain("/no/such/file");
    expect(await messagesOf(`N-${stamp}`, "inbound")).toHaveLength(0);
  });
});

describe("the running service", () => {
  const post = (body: string, headers: Record<string, string> = {}) =>
    live.http("service", "POST", "/v1/endpoints/SUPPLIER_A/documents", {
      body,
      headers: { "content-type": "application/json", ...headers },
    });

  it("answers 202 only for what is in Odoo", async () => {
    const number = `H-${stamp}`;
    const body = JSON.stringify(invoice(number, { order_reference: "NONE" }));
    const first = await post(body, { "idempotency-key": number });
    expect(first.status).toBe(202);
    const [message] = await messagesOf(number, "inbound");
    expect(first.body.message_uuid).toBe(message?.uuid);
    const again = await post(body, { "idempotency-key": number });
    expect(again.body).toMatchObject({
      status: "duplicate",
      message_uuid: first.body.message_uuid,
    });
    const other = await post(body.replace("NONE", "NULL"), {
      "idempotency-key": number,
    });
    expect(other.status).toBe(422);
    expect(other.body.code).toBe("idempotency_conflict");
    expect(await messagesOf(number, "inbound")).toHaveLength(1);
  });

  it("lets nobody in without a token", async () => {
    const answer = await post("{}", { authorization: "Bearer guess" });
    expect(answer.status).toBe(401);
  });

  it("keeps an unreadable file of supplier B and has it looked at", async () => {
    const folder = join(live.config.dataDir, "supplier-b");
    const name = `bad-${stamp}.edi`;
    mkdirSync(join(folder, "inbox"), { recursive: true });
    const unfinished = join(folder, "inbox", `${name}.part`);
    writeFileSync(unfinished, `ISA*garbage ${stamp}`);
    renameSync(unfinished, join(folder, "inbox", name));
    await eventually(
      "moved",
      () => existsSync(join(folder, "rejected", name)),
      LIMIT,
    );
    const [message] = await read(
      "healthcare.exchange.message",
      [["filename", "=", name]],
      ["state", "owner_id"],
    );
    expect(message).toMatchObject({ state: "rejected" });
    expect(message?.owner_id).toBeTruthy();
  });
});

describe("a service of our own", () => {
  const partner = new HttpPartner();
  const folder = temporaryFolder();
  const code = `IT-${stamp.toUpperCase()}`;
  let supplier: number;
  let env: Record<string, string>;

  beforeAll(async () => {
    const url = await partner.start();
    supplier = await makeSupplier();
    // Another service account than the running service's, which so leaves it
    // alone; ours works over XML-RPC.
    const account = await makeServiceAccount();
    const [id = 0] = await administrator.call<number[]>(ENDPOINT, "create", {
      vals_list: [
        {
          code,
          name: "Integration test",
          partner_id: supplier,
          connector: "rest-json",
          settings: { base_url: url, timeout_seconds: 60 },
          direction: "both",
          test: true,
          service_user_ids: [[6, 0, [account.id]]],
          document_ids: [
            [
              0,
              0,
              {
                document_type: "purchase_order",
                direction: "outbound",
                contingency: "queue",
              },
            ],
          ],
        },
      ],
    });
    const { url: odooUrl, db } = live.config.odoo();
    env = {
      HCP_ODOO_URL: odooUrl,
      HCP_ODOO_DB: db,
      HCP_ODOO_PROTOCOL: "xmlrpc",
      HCP_ODOO_LOGIN: account.login,
      HCP_ODOO_API_KEY: account.password,
      HCP_DATA_DIR: folder.path,
      HCP_SERVICE_PORT: "0",
      HCP_LEASE_SECONDS: "5",
      HCP_RUN_FILE: join(folder.path, "none.json"),
    };
    await activate(live, id, code, env);
    partner.requests.length = 0;
  });
  afterAll(async () => {
    const endpoints = await read(ENDPOINT, [["code", "=", code]], ["id"]);
    await administrator.call(ENDPOINT, "action_suspend", {
      ids: endpoints.map((one) => one.id),
    });
    await partner.stop();
    folder.remove();
  });

  async function makeServiceAccount() {
    const { url, db } = live.config.odoo();
    const admin = createOdooClient({
      url,
      db,
      protocol: "xmlrpc",
      login: "admin",
      apiKey: readStack().secrets.admin_password ?? "",
    });
    const login = `service-${stamp}`;
    const password = randomUUID();
    const [group] = await read(
      "ir.model.data",
      [
        ["module", "=", "healthcare_base"],
        ["name", "=", "group_service"],
      ],
      ["res_id"],
      admin,
    );
    const [id = 0] = await admin.call<number[]>("res.users", "create", {
      vals_list: [
        { login, password, name: login, group_ids: [[6, 0, [group?.res_id]]] },
      ],
    });
    await admin.close();
    return { id, login, password };
  }

  async function makeSupplier(): Promise<number> {
    const model = await partnerOf("SUPPLIER_A");
    const [id = 0] = await administrator.call<number[]>(
      "res.partner",
      "create",
      {
        vals_list: [
          { name: `Test ${stamp}`, is_company: true, supplier_rank: 1 },
        ],
      },
    );
    const offers = await read(
      "product.supplierinfo",
      [["partner_id", "=", model]],
      ["product_tmpl_id"],
    );
    await administrator.call("product.supplierinfo", "create", {
      vals_list: offers.slice(0, 2).map((one, index) => ({
        partner_id: id,
        product_tmpl_id: idOf(one.product_tmpl_id),
        product_code: `T-${index}`,
        price: 5,
      })),
    });
    await approveSuppliers(live, [id]);
    return id;
  }

  const serve = () =>
    startHcp(root, ["sync", "serve", "--endpoint", code], env);

  it("killed between send and report sends the same bytes under the same key", async () => {
    partner.answer = () => undefined;
    const number = await confirmOrder(supplier);
    const first = serve();
    await eventually("sent", () => partner.requests.length === 1, LIMIT);
    first.kill("SIGKILL");
    await once(first, "exit");
    partner.answer = reply(201, { reference: "R" });
    const second = serve();
    await eventually("sent again", () => partner.requests.length === 2, LIMIT);
    await eventually(
      "acknowledged",
      async () =>
        String((await messagesOf(number, "outbound"))[0]?.state) ===
        "acknowledged",
      LIMIT,
    );
    second.kill("SIGTERM");
    const [exit] = (await once(second, "exit")) as [number];
    expect(exit).toBe(0);
    const [one, two] = partner.requests;
    expect(two?.body.equals(one?.body ?? Buffer.alloc(0))).toBe(true);
    expect(two?.headers["idempotency-key"]).toBe(
      one?.headers["idempotency-key"],
    );
    const [message] = await messagesOf(number, "outbound");
    const attempts = await read(
      "healthcare.exchange.attempt",
      [["message_id.uuid", "=", message?.uuid]],
      ["outcome", "error_code"],
    );
    expect(attempts).toMatchObject([
      { outcome: "unknown", error_code: "lease_expired" },
      { outcome: "delivered" },
    ]);
  });

  it("and another beside it deliver each of many orders once", async () => {
    partner.requests.length = 0;
    partner.answer = reply(201, {});
    const both = [serve(), serve()];
    const numbers: string[] = [];
    for (let index = 0; index < 8; index++)
      numbers.push(await confirmOrder(supplier, index + 1));
    await eventually(
      "all delivered",
      () => partner.requests.length >= numbers.length,
      LIMIT,
    );
    for (const one of both) one.kill("SIGTERM");
    await Promise.all(both.map((one) => once(one, "exit")));
    const sent = partner.requests.map(
      (one) => (JSON.parse(one.body.toString()) as { number: string }).number,
    );
    expect(sent.sort()).toEqual(numbers.sort());
  });

  it("stopped while a partner is silent leaves the message to the next", async () => {
    partner.requests.length = 0;
    partner.answer = () => undefined;
    const number = await confirmOrder(supplier);
    const first = serve();
    await eventually("sent", () => partner.requests.length === 1, LIMIT);
    first.kill("SIGTERM");
    // The second signal ends it at once, whatever it is doing.
    await new Promise((resolve) => setTimeout(resolve, 300));
    first.kill("SIGTERM");
    await once(first, "exit");
    partner.answer = reply(201, {});
    await eventually(
      "sent again by hcp sync once",
      async () => {
        await hcp(root, ["sync", "once", "--endpoint", code], env);
        return partner.requests.length === 2;
      },
      LIMIT,
    );
    const [message] = await messagesOf(number, "outbound");
    expect(String(message?.state)).toBe("acknowledged");
  });
});

describe("operation", () => {
  it("hcp info finds every part well", async () => {
    const { code, stdout } = await hcp(root, ["info", "--json"]);
    expect(code).toBe(0);
    const info = JSON.parse(stdout) as {
      health: Record<string, { status: string }>;
      logins: { role: string }[];
    };
    for (const [part, { status }] of Object.entries(info.health))
      expect(status, part).toBe("ok");
    expect(info.logins.map((one) => one.role)).toContain("approver");
  });

  it("hcp verify-audit finds the chain whole", async () => {
    const { code, lines } = await hcp(root, ["verify-audit"]);
    expect(code).toBe(0);
    expect(lines).toMatchObject([{ ok: true }]);
  });

  it("hcp replay sends a delivered order again, and the supplier sees that", async () => {
    const number = await confirmOrder(await partnerOf("SUPPLIER_A"));
    await eventually(
      "delivered",
      async () => (await receivedBy("a", number)).length === 1,
      LIMIT,
    );
    await eventually(
      "acknowledged",
      async () =>
        String((await messagesOf(number, "outbound"))[0]?.state) ===
        "acknowledged",
      LIMIT,
    );
    const [message] = await messagesOf(number, "outbound");
    const result = await hcp(root, [
      "replay",
      "--message",
      String(message?.uuid),
    ]);
    expect(result.code, result.stderr).toBe(0);
    expect(result.lines).toMatchObject([{ state: "acknowledged" }]);
    expect(await receivedBy("a", number)).toMatchObject([{ copies: 2 }]);
    const nobody = await hcp(root, ["replay", "--message", randomUUID()]);
    expect(nobody.code).toBe(1);
  });
});
