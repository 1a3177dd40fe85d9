/** The running ingress against a stand-in for Odoo, and its own description. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { request } from "undici";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startIngress } from "../../scripts/sync/ingress/server.ts";
import { MAX_BYTES } from "../../scripts/sync/limits.ts";
import { Processor } from "../../scripts/sync/processor.ts";
import {
  eventually,
  temporaryFolder,
  testConfig,
  testContext,
  type TestContext,
} from "../kit/context.ts";
import { invoice } from "../kit/documents.ts";
import { ExchangeServer } from "../kit/exchange-server.ts";

let odoo: ExchangeServer;
let test: TestContext;
let folder: ReturnType<typeof temporaryFolder>;
let url: string;
let close: () => Promise<void>;

beforeEach(async () => {
  odoo = new ExchangeServer();
  folder = temporaryFolder();
  odoo.endpoints = [
    { code: "A", connector: "rest-json", settings: {} },
    { code: "B", connector: "x12-folder", settings: {} },
    {
      code: "OUT",
      connector: "rest-json",
      settings: {},
      direction: "outbound",
    },
    { code: "NEW", connector: "rest-json", settings: {}, state: "draft" },
  ];
  const metricsToken = join(folder.path, "metrics-token");
  writeFileSync(metricsToken, "token-of-metrics\n");
  const config = testConfig(await odoo.start(), folder.path, {
    HCP_ENDPOINT_B_INBOUND_BEARER: "token-of-b",
    HCP_METRICS_BEARER_FILE: metricsToken,
  });
  test = testContext(config);
  const started = await startIngress(
    test.context,
    new Processor(test.context),
    {
      host: "127.0.0.1",
      port: 0,
      rate: 20,
      readiness: async () => ({
        odoo: await test.context.exchange.endpoints().then(
          () => true,
          () => false,
        ),
      }),
    },
  );
  url = started.url;
  close = async () => {
    await started.server.close();
  };
});
afterEach(async () => {
  await close();
  await test.close();
  await odoo.stop();
  folder.remove();
});

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Record<string, unknown>;
  text: string;
}

async function call(
  method: "GET" | "POST",
  path: string,
  options: { body?: string | Buffer; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const answer = await request(url + path, {
    method,
    headers: { authorization: "Bearer partner-token", ...options.headers },
    ...(options.body === undefined ? {} : { body: options.body }),
  });
  const text = await answer.body.text();
  await conforms(method, path, answer.statusCode, answer.headers, text);
  return {
    status: answer.statusCode,
    headers: answer.headers,
    body: text.startsWith("{") ? (JSON.parse(text) as Answer["body"]) : {},
    text,
  };
}

/** Every answer in this file is checked against the served description. */
async function conforms(
  method: string,
  path: string,
  status: number,
  headers: Answer["headers"],
  text: string,
): Promise<void> {
  const served = await request(`${url}/openapi.json`);
  const spec = (await served.body.json()) as {
    paths: Record<
      string,
      Record<string, { responses: Record<string, { content: object }> }>
    >;
    components: object;
  };
  const template = Object.keys(spec.paths).find((one) =>
    new RegExp(`^${one.replace(/\{\w+\}/g, "[^/]+")}$`).test(path),
  );
  if (!template) {
    expect(status).toBe(404);
    return;
  }
  const operation = spec.paths[template]?.[method.toLowerCase()];
  const described = operation?.responses[String(status)];
  expect(described, `${method} ${template} ${status}`).toBeDefined();
  const type = String(headers["content-type"]).split(";")[0] ?? "";
  const content = described?.content as Record<string, { schema: object }>;
  expect(Object.keys(content)).toContain(type);
  if (!type.includes("json")) return;
  const ajv = new Ajv2020({ strict: false });
  const validate = ajv.compile({
    ...content[type]?.schema,
    components: spec.components,
  });
  expect(validate(JSON.parse(text)), ajv.errorsText(validate.errors)).toBe(
    true,
  );
}

const post = (
  body: string | Buffer,
  headers: Record<string, string> = {},
  code = "A",
) =>
  call("POST", `/v1/endpoints/${code}/documents`, {
    body,
    headers: { "content-type": "application/json", ...headers },
  });
const inbound = () =>
  odoo.messages.filter((one) => one.direction === "inbound");

describe("a document", () => {
  it("is committed before it is answered, kept as sent, then processed", async () => {
    const body = JSON.stringify(invoice("I-1"), null, 3);
    const answer = await post(body, { "idempotency-key": '"k-1"' });
    expect(answer.status).toBe(202);
    expect(answer.body).toMatchObject({ status: "accepted" });
    const uuid = String(answer.body.message_uuid);
    expect(answer.headers.location).toBe(`/v1/messages/${uuid}`);
    expect(inbound()).toHaveLength(1);
    const envelope = (
      odoo.calls.find((one) => one.method === "ingest")?.args
        .envelopes as Record<string, string>[]
    )[0];
    expect(Buffer.from(envelope?.raw ?? "", "base64").toString()).toBe(body);
    await eventually("processed", () =>
      odoo.calls.some((one) => one.method === "process"),
    );
    const status = await call("GET", `/v1/messages/${uuid}`);
    expect(status.body).toMatchObject({ message_uuid: uuid, number: "I-1" });
  });

  it("again is a duplicate, with its key and without one", async () => {
    const body = JSON.stringify(invoice("I-1"));
    for (const headers of [{}, { "idempotency-key": "k-1" }]) {
      const first = await post(body, headers as Record<string, string>);
      const second = await post(body, headers as Record<string, string>);
      expect(second.status).toBe(202);
      expect(second.body).toMatchObject({
        status: "duplicate",
        message_uuid: first.body.message_uuid,
      });
    }
  });

  it("under another one's key is a conflict", async () => {
    await post(JSON.stringify(invoice("I-1")), { "idempotency-key": "k" });
    const answer = await post(JSON.stringify(invoice("I-2")), {
      "idempotency-key": "k",
    });
    expect(answer.status).toBe(422);
    expect(answer.body.code).toBe("idempotency_conflict");
  });

  it("while its key is being worked on is answered 409", async () => {
    const body = JSON.stringify(invoice("I-1"));
    const answers = await Promise.all(
      [1, 2, 3].map(() => post(body, { "idempotency-key": "k" })),
    );
    const statuses = answers.map((one) => one.status);
    expect(statuses).toContain(202);
    expect(statuses.every((one) => one === 202 || one === 409)).toBe(true);
    expect(inbound()).toHaveLength(1);
  });

  it("carries the trace of the sender, and a new one for an invalid one", async () => {
    const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    const traces: (string | undefined)[] = [];
    for (const traceparent of [
      `00-${trace}-00f067aa0ba902b7-01`,
      `00-${"0".repeat(32)}-00f067aa0ba902b7-01`,
      "nonsense",
    ]) {
      odoo.calls.length = 0;
      const number = `I-${traceparent.length}-${traces.length}`;
      await post(JSON.stringify(invoice(number)), { traceparent });
      const args = odoo.calls.find((one) => one.method === "ingest")?.args;
      traces.push((args?.envelopes as Record<string, string>[])[0]?.trace_id);
    }
    expect(traces[0]).toBe(trace);
    expect(traces[1]).toMatch(/^[0-9a-f]{32}$/);
    expect(traces[1]).not.toBe("0".repeat(32));
    expect(traces[2]).toMatch(/^[0-9a-f]{32}$/);
  });

  it("in a list stands for itself; one bad one stops no other", async () => {
    const bad = invoice("I-2", { lines: [{ line_number: 1 }] });
    const answer = await post(JSON.stringify([invoice("I-1"), bad]));
    expect(answer.status).toBe(202);
    expect(answer.body.messages).toMatchObject([
      { number: "I-1", status: "accepted" },
      { number: "I-2", status: "rejected" },
    ]);
  });

  it("in X12 is read as X12", async () => {
    const answer = await post(
      "ISA*00*garbage",
      {
        authorization: "Bearer token-of-b",
        "content-type": "application/edi-x12",
      },
      "B",
    );
    expect(answer.status).toBe(422);
    expect(inbound()).toHaveLength(1);
    expect(inbound()[0]?.errors[0]?.code).toMatch(/^x12_/);
  });
});

describe("bad input is kept and refused with its place", () => {
  const deep = `${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`;
  it.each([
    ["nothing", "", "empty"],
    ["no JSON", '{"a": 1,\n\n"b"', "json_syntax"],
    ["binary", Buffer.from([0, 255, 254, 3, 0]), "binary"],
    ["a text", '"order"', "json_syntax|schema|unparseable"],
    ["a list of numbers", "[1, 2]", "schema"],
    ["an empty list", "[]", "empty"],
    ["an unknown type", '{"document_type":"poem"}', "schema"],
    ["great depth", deep, "schema|json"],
  ])("%s", async (_name, body, code) => {
    const answer = await post(body as string | Buffer);
    expect(answer.status).toBe(422);
    expect(String(answer.headers["content-type"])).toContain(
      "application/problem+json",
    );
    const errors = answer.body.errors as { code: string; message: string }[];
    expect(errors[0]?.code).toMatch(new RegExp(code));
    expect(errors[0]?.message).not.toBe("");
    expect(inbound().length).toBeGreaterThan(0);
    expect(inbound().every((one) => one.state === "rejected")).toBe(true);
  });

  it("names the field and its document", async () => {
    const bad = invoice("I-9", {
      lines: [{ line_number: "1", quantity: "1,5" }],
    });
    const answer = await post(JSON.stringify(bad));
    expect(answer.body).toMatchObject({
      code: "schema",
      errors: [{ path: "lines[0].quantity" }],
      messages: [{ number: "I-9", document_type: "invoice" }],
    });
  });
});

describe("who may call", () => {
  it.each([
    ["nobody", ""],
    ["a wrong token", "Bearer wrong"],
    ["another scheme", "Basic cGFydG5lci10b2tlbg=="],
    ["a longer token", "Bearer partner-token-and-more"],
    ["another endpoint's partner", "Bearer token-of-b"],
  ])("not %s", async (_name, authorization) => {
    const answer = await post(JSON.stringify(invoice("I-1")), {
      authorization,
    });
    expect(answer.status).toBe(401);
    expect(answer.headers["www-authenticate"]).toContain("Bearer");
    expect(odoo.messages).toHaveLength(0);
  });

  it("sees only messages of its own", async () => {
    const mine = await post(JSON.stringify(invoice("I-1")));
    const path = `/v1/messages/${String(mine.body.message_uuid)}`;
    const other = { headers: { authorization: "Bearer token-of-b" } };
    expect((await call("GET", path)).status).toBe(200);
    expect((await call("GET", path, other)).status).toBe(404);
    const nobody = { headers: { authorization: "Bearer x" } };
    expect((await call("GET", path, nobody)).status).toBe(401);
    expect((await call("GET", "/v1/messages/1")).status).toBe(404);
  });

  it("not at endpoints that take nothing", async () => {
    const body = JSON.stringify(invoice("I-1"));
    expect((await post(body, {}, "NONE")).status).toBe(404);
    expect((await post(body, {}, "OUT")).status).toBe(404);
    expect((await post(body, {}, "NEW")).status).toBe(503);
    expect((await call("GET", "/v1/nothing")).status).toBe(404);
    expect(odoo.messages).toHaveLength(0);
  });

  it("not more often than allowed", async () => {
    const flood = Array.from({ length: 120 }, async () => {
      const answer = await request(`${url}/v1/endpoints/A/documents`, {
        method: "POST",
        headers: { authorization: "Bearer partner-token" },
        body: "{}",
      });
      await answer.body.dump();
      return answer;
    });
    const answers = await Promise.all(flood);
    const limited = answers.find((one) => one.statusCode === 429);
    expect(Number(limited?.headers["retry-after"])).toBeGreaterThan(0);
  });
});

describe("a request", () => {
  it("that is too large is refused and not stored", async () => {
    const answer = await post(Buffer.alloc(MAX_BYTES + 1, 32));
    expect(answer.status).toBe(413);
    expect(answer.body.code).toBe("oversized");
    expect(odoo.messages).toHaveLength(0);
  });

  it.each(["with spaces in", "x".repeat(200), '"unfinished', "ключ"])(
    "with the key %s is refused",
    async (key) => {
      const bytes = Buffer.from(key, "utf8").toString("latin1");
      const answer = await post("{}", { "idempotency-key": bytes });
      expect(answer.status).toBe(400);
      expect(odoo.messages).toHaveLength(0);
    },
  );

  it("while Odoo is down is answered 503, without a word of Odoo's", async () => {
    await post(JSON.stringify(invoice("I-1")));
    odoo.fault = (method) => (method === "ingest" ? "fail" : undefined);
    const answer = await post(JSON.stringify(invoice("I-2")));
    expect(answer.status).toBe(503);
    expect(answer.headers["retry-after"]).toBe("5");
    expect(answer.text).not.toMatch(/broken|Traceback/);
    expect(test.logged()).not.toContain("Traceback");
  });

  it("whose answer from Odoo was lost can be repeated", async () => {
    const body = JSON.stringify(invoice("I-1"));
    odoo.fault = (method) => (method === "ingest" ? "lose" : undefined);
    expect((await post(body)).status).toBe(503);
    odoo.fault = () => undefined;
    expect((await post(body)).body).toMatchObject({ status: "duplicate" });
    expect(inbound()).toHaveLength(1);
  });
});

describe("operation", () => {
  it("lives without Odoo, is ready only with it", async () => {
    expect((await call("GET", "/health/live")).status).toBe(200);
    expect((await call("GET", "/health/ready")).body).toEqual({
      status: "ok",
      parts: { odoo: true },
    });
    odoo.fault = () => "fail";
    expect((await call("GET", "/health/ready")).status).toBe(503);
    expect((await call("GET", "/health/live")).status).toBe(200);
  });

  it("counts what came", async () => {
    await post(JSON.stringify(invoice("I-1")));
    const refused = await call("GET", "/metrics");
    expect(refused.status).toBe(401);
    const { text, headers } = await call("GET", "/metrics", {
      headers: { authorization: "Bearer token-of-metrics" },
    });
    expect(headers["content-type"]).toMatch(/^text\/plain; version=0\.0\.4;/);
    expect(text).toContain(
      'hcp_received_total{endpoint="A",status="accepted"} 1',
    );
  });

  it("logs no token", async () => {
    await post("{}", { authorization: "Bearer partner-token" });
    await post("{}", { authorization: "Bearer wrong-token" });
    expect(test.logged()).not.toMatch(/partner-token|wrong-token/);
  });
});
