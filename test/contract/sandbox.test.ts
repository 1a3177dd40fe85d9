/** The sandbox partners: what they take, count and answer. */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { request } from "undici";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { validateDocument } from "../../scripts/canonical/validate.ts";
import { getFormat } from "../../scripts/formats/index.ts";
import { Sandbox, type SandboxOptions } from "../../scripts/sandbox/server.ts";
import { eventually, temporaryFolder } from "../kit/context.ts";
import { purchaseOrder } from "../kit/documents.ts";
import { HttpPartner, reply } from "../kit/http-partner.ts";

let buyer: HttpPartner;
let buyerUrl: string;
let folder: ReturnType<typeof temporaryFolder>;
let sandbox: Sandbox;
let url: string;

const options = (changes: Partial<SandboxOptions> = {}): SandboxOptions => ({
  host: "127.0.0.1",
  port: 0,
  bearer: "sandbox-token",
  stateDir: join(folder.path, "state"),
  inbox: join(folder.path, "to b"),
  outbox: join(folder.path, "from b"),
  buyer: () => ({ url: buyerUrl, endpoint: "A", bearer: "service-token" }),
  auto: false,
  ...changes,
});

async function start(changes: Partial<SandboxOptions> = {}): Promise<void> {
  sandbox = new Sandbox(options(changes));
  url = await sandbox.start();
}

beforeEach(async () => {
  buyer = new HttpPartner();
  buyer.answer = reply(202, {});
  buyerUrl = await buyer.start();
  folder = temporaryFolder();
  await start();
});
afterEach(async () => {
  await sandbox.stop();
  await buyer.stop();
  folder.remove();
});

async function call(
  method: "GET" | "POST" | "PUT",
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await request(url + path, {
    method,
    headers: { authorization: "Bearer sandbox-token", ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return {
    status: answer.statusCode,
    body: (await answer.body.json()) as Record<string, unknown>,
  };
}
const order = (document: unknown, key = '"k1"') =>
  call("POST", "/documents", document, { "idempotency-key": key });
const documents = () =>
  buyer.requests.map(
    (one) => JSON.parse(one.body.toString()) as Record<string, unknown>,
  );
const linesOf = (document: Record<string, unknown> | undefined) =>
  document?.lines as Record<string, never>[];

describe("Supplier A", () => {
  it("takes an order once, however often it comes", async () => {
    expect((await order(purchaseOrder("P1"))).status).toBe(201);
    const again = await order(purchaseOrder("P1"));
    expect(again).toMatchObject({ status: 200, body: { reference: "SO-P1" } });
    const received = await call("GET", "/received?supplier=a");
    expect(received.body.a).toMatchObject([{ number: "P1", copies: 2 }]);
  });

  it.each([
    ["without a key", purchaseOrder("P9"), "", 400],
    ["that is no order", { document_type: "invoice" }, "k9", 422],
    ["without lines", purchaseOrder("P9", { lines: [] }), "k9", 422],
    ["under a used key", purchaseOrder("P9"), "k1", 422],
    ["with a known number", purchaseOrder("P1", { notes: "x" }), "k9", 422],
  ])("refuses an order %s", async (_name, document, key, status) => {
    await order(purchaseOrder("P1"), "k1");
    expect((await order(document, key)).status).toBe(status);
    const received = await call("GET", "/received?supplier=a");
    expect(received.body.a).toHaveLength(1);
  });

  it("wants its token", async () => {
    const headers = { authorization: "Bearer wrong" };
    for (const path of ["/received", "/behaviour", "/orders/P1"])
      expect((await call("GET", path, undefined, headers)).status).toBe(401);
  });

  it("answers with valid documents, lots included", async () => {
    await order(purchaseOrder("P1", { test: true }));
    for (const action of ["acknowledge", "ship", "invoice"])
      expect((await call("POST", `/orders/P1/${action}`)).status).toBe(202);
    await eventually("delivered", () => buyer.requests.length === 3);
    const [acknowledgement, notice, invoice] = documents();
    for (const document of documents()) {
      expect(validateDocument(document)).toEqual([]);
      expect(document).toMatchObject({ order_reference: "P1", test: true });
    }
    expect(buyer.requests[0]?.path).toBe("/v1/endpoints/A/documents");
    expect(buyer.requests[0]?.headers.authorization).toBe(
      "Bearer service-token",
    );
    expect(linesOf(acknowledgement)[0]).toMatchObject({
      responses: [{ status: "accepted", quantity: "20" }],
    });
    expect(linesOf(notice)[0]).toMatchObject({
      lots: [{ quantity: "20", number: expect.stringMatching(/^L/) as string }],
    });
    expect(invoice).toMatchObject({
      number: "INV-P1",
      totals: { payable: "152.50" },
    });
    expect(linesOf(invoice).map((line) => line.line_amount)).toEqual([
      "102.50",
      "50.00",
    ]);
  });

  it.each([
    [{ price_change: "0.5", lines: ["1"] }, "5.625", "EA", "112.50"],
    [{ price_change: "10%", lines: ["1"] }, "5.6375", "EA", "112.75"],
    [{ unit: "XBX", lines: ["1"] }, "5.125", "XBX", "102.50"],
    [{ quantity_change: "-5", lines: ["1"] }, "5.125", "EA", "76.88"],
  ])(
    "bills wrongly when asked to: %j",
    async (variant, price, unit, amount) => {
      await order(purchaseOrder("P1"));
      await call("POST", "/orders/P1/invoice", variant);
      await eventually("delivered", () => buyer.requests.length === 1);
      expect(linesOf(documents()[0])).toMatchObject([
        { price: { amount: price }, unit, line_amount: amount },
      ]);
    },
  );

  it("refuses options that it does not know", async () => {
    await order(purchaseOrder("P1"));
    for (const variant of [
      { prize: "1" },
      { price_change: 1 },
      { freight: "x" },
    ]) {
      const answer = await call("POST", "/orders/P1/invoice", variant);
      expect(answer.status).toBe(422);
    }
    expect((await call("POST", "/orders/P2/invoice")).status).toBe(404);
    expect((await call("POST", "/orders/P1/steal")).status).toBe(404);
  });

  it("keeps what it could not deliver, over a restart, under one key", async () => {
    buyer.answer = reply(503);
    await order(purchaseOrder("P/1 x"));
    await call("POST", `/orders/${encodeURIComponent("P/1 x")}/invoice`);
    await eventually("tried", () => buyer.requests.length === 1);
    await sandbox.stop();
    buyer.answer = reply(202);
    await start();
    await eventually("delivered", () => buyer.requests.length === 2);
    const [first, second] = buyer.requests;
    expect(second?.body.equals(first?.body ?? Buffer.alloc(0))).toBe(true);
    expect(second?.headers["idempotency-key"]).toBe(
      first?.headers["idempotency-key"],
    );
    const again = await order(purchaseOrder("P/1 x"));
    expect(again.status).toBe(200);
  });

  it("answers by itself, each document once", async () => {
    await call("PUT", "/behaviour", {
      auto: true,
      delays: { acknowledge: 0, ship: 100, invoice: 200 },
    });
    await order(purchaseOrder("P1"));
    await eventually("all three", () => buyer.requests.length === 3);
    expect(documents().map((one) => one.document_type)).toEqual([
      "order_acknowledgement",
      "ship_notice",
      "invoice",
    ]);
  });
});

describe("Supplier B", () => {
  const x12 = getFormat("x12");
  const send = (number: string, control: number) => {
    const { payloads } = x12?.generate([purchaseOrder(number) as never], {
      controlNumber: control,
      documentTime: "2026-01-31T12:00:00Z",
    }) ?? { payloads: [] };
    const [payload] = payloads;
    if (!payload) throw new Error("no payload");
    writeFileSync(join(folder.path, "to b", payload.filename), payload.bytes);
  };
  const files = () =>
    readdirSync(join(folder.path, "from b")).filter((n) => !n.startsWith("."));

  it("takes a file once, and ignores unfinished ones", async () => {
    mkdirSync(join(folder.path, "to b"), { recursive: true });
    writeFileSync(join(folder.path, "to b", "x.edi.part"), "ISA");
    send("P1", 7);
    await eventually("taken", () => sandbox.b.store.find("P1") !== undefined);
    send("P1", 7);
    await eventually("twice", () => sandbox.b.store.find("P1")?.copies === 2);
    const received = await call("GET", "/received?supplier=b");
    expect(received.body.b).toMatchObject([{ number: "P1", copies: 2 }]);
    expect(readdirSync(join(folder.path, "to b"))).toEqual(["x.edi.part"]);
  });

  it("answers with 855, 856 and 810 files that our own reader understands", async () => {
    send("P1", 7);
    await eventually("taken", () => sandbox.b.store.find("P1") !== undefined);
    for (const action of ["acknowledge", "ship", "invoice"])
      expect((await call("POST", `/orders/P1/${action}`)).status).toBe(202);
    await eventually("written", () => files().length === 3);
    const read = files().map((name) => {
      const bytes = readFileSync(join(folder.path, "from b", name));
      return x12?.parse(bytes) ?? { documents: [], diagnostics: [] };
    });
    expect(
      read.flatMap((one) => one.diagnostics.filter((d) => d.level !== "info")),
    ).toEqual([]);
    const found = read.flatMap((one) => one.documents);
    expect(found.map((one) => one.document_type).sort()).toEqual([
      "invoice",
      "order_acknowledgement",
      "ship_notice",
    ]);
    const of = (type: string) =>
      found.find((one) => one.document_type === type) as unknown as Record<
        string,
        never
      >;
    expect(of("invoice")).toMatchObject({
      number: "INV-P1",
      order_reference: "P1",
      totals: { payable: "152.50" },
      lines: [
        { quantity: "20", unit: "EA", price: { amount: "5.125" } },
        { quantity: "4", unit: "XBX", price: { amount: "12.5" } },
      ],
    });
    expect(of("ship_notice")).toMatchObject({
      order_reference: "P1",
      lines: [
        { lots: [{ number: expect.stringMatching(/^L/) as string }] },
        {},
      ],
    });
    expect(of("order_acknowledgement")).toMatchObject({
      order_reference: "P1",
      lines: [{ responses: [{ status: "accepted", quantity: "20" }] }, {}],
    });
  });

  it("acknowledges functionally when it is set up so", async () => {
    await sandbox.stop();
    await start({ functionalAcks: true });
    send("P1", 7);
    await eventually("written", () => files().length === 1);
    const [name = ""] = files();
    const bytes = readFileSync(join(folder.path, "from b", name));
    const { documents: found } = x12?.parse(bytes) ?? { documents: [] };
    expect(found).toMatchObject([
      { document_type: "functional_acknowledgement", status: "accepted" },
    ]);
  });

  it("counts the 997s that answer its files", async () => {
    send("P1", 7);
    await eventually("taken", () => sandbox.b.store.find("P1") !== undefined);
    expect((await call("POST", "/orders/P1/invoice")).status).toBe(202);
    await eventually("written", () => files().length === 1);
    const bytes = readFileSync(join(folder.path, "from b", files()[0] ?? ""));
    const { acknowledgements = [] } = x12?.parse(bytes) ?? {};
    const answer = x12?.generate(acknowledgements, {
      controlNumber: 9,
      documentTime: "2026-01-31T12:00:00Z",
    }).payloads[0];
    for (const name of ["997-1.edi", "997-2.edi"])
      writeFileSync(
        join(folder.path, "to b", name),
        answer?.bytes ?? new Uint8Array(),
      );
    await eventually("noted", () => {
      const [sent] = sandbox.b.store.find("P1")?.outgoing ?? [];
      return sent?.acknowledged?.length === 2;
    });
    const received = await call("GET", "/received?supplier=b");
    expect(received.body.b).toMatchObject([
      { sent: [{ kind: "invoice", acknowledged: ["A", "A"] }] },
    ]);
    expect(sandbox.b.store.all()).toHaveLength(1);
  });

  it("takes samples and says nothing to them", async () => {
    await call("PUT", "/behaviour", {
      auto: true,
      delays: { acknowledge: 0, ship: 0, invoice: 0 },
    });
    send("TEST-1", 7);
    send("P1", 8);
    await eventually("answered", () => files().length === 3);
    expect(sandbox.b.store.find("TEST-1")?.outgoing).toEqual([]);
  });

  it("puts an unreadable file aside and goes on", async () => {
    writeFileSync(join(folder.path, "to b", "bad.edi"), "nonsense");
    send("P2", 8);
    await eventually("taken", () => sandbox.b.store.find("P2") !== undefined);
    expect(sandbox.b.store.all()).toHaveLength(1);
  });
});
