/** The service as a whole: what it says of itself, how it stops, its bounds. */
import { once } from "node:events";
import { join } from "node:path";
import { request } from "undici";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createLogger } from "../../scripts/sync/log.ts";
import { Relay } from "../../scripts/sync/relay.ts";
import { Service } from "../../scripts/sync/service.ts";
import {
  eventually,
  temporaryFolder,
  testConfig,
  testContext,
} from "../kit/context.ts";
import { purchaseOrder } from "../kit/documents.ts";
import { ExchangeServer } from "../kit/exchange-server.ts";
import { HttpPartner, reply } from "../kit/http-partner.ts";
import { startHcp } from "../kit/live.ts";

const ROOT = join(import.meta.dirname, "..", "..");

let odoo: ExchangeServer;
let partner: HttpPartner;
let folder: ReturnType<typeof temporaryFolder>;

beforeEach(async () => {
  odoo = new ExchangeServer();
  partner = new HttpPartner();
  folder = temporaryFolder();
  odoo.endpoints = [
    {
      code: "A",
      connector: "rest-json",
      settings: { base_url: await partner.start() },
    },
  ];
  await odoo.start();
});
afterEach(async () => {
  await odoo.stop();
  await partner.stop();
  folder.remove();
});

const environment = (changes: Record<string, string> = {}) => ({
  HCP_ENDPOINT_A_OUTBOUND_BEARER: "our-secret",
  ...changes,
});

async function serve(
  changes: Record<string, string> = {},
): Promise<{ service: Service; url: string; logged: () => string }> {
  let text = "";
  const log = createLogger({
    level: "debug",
    destination: { write: (line: string) => void (text += line) },
  });
  const config = testConfig(odoo.url, folder.path, environment(changes));
  const service = new Service(config, log, { endpoints: [], port: 0 });
  return { service, url: await service.start(), logged: () => text };
}

async function get(
  url: string,
): Promise<{ status: number; parts: unknown; text: string }> {
  const answer = await request(url);
  const text = await answer.body.text();
  const parts = text.startsWith("{")
    ? (JSON.parse(text) as { parts?: unknown }).parts
    : undefined;
  return { status: answer.statusCode, parts, text };
}

describe("/health/ready", () => {
  it("says 200 only while Odoo, its database and our key are well", async () => {
    const { service, url } = await serve();
    const becomes = async (status: number, parts: object) => {
      await eventually(JSON.stringify(parts), async () => {
        const now = await get(`${url}/health/ready`);
        return (
          now.status === status &&
          JSON.stringify(now.parts) === JSON.stringify(parts)
        );
      });
      expect((await get(`${url}/health/live`)).status).toBe(200);
    };
    const well = { odoo: true, database: true, key: true };
    await becomes(200, well);
    odoo.fault = () => "fail";
    await becomes(503, { odoo: true, database: false });
    odoo.fault = () => undefined;
    await becomes(200, well);
    odoo.refuse = true;
    await becomes(503, { odoo: true, database: true, key: false });
    odoo.refuse = false;
    await becomes(200, well);
    await odoo.stop();
    await becomes(503, { odoo: false });
    await service.stop(0);
    odoo = new ExchangeServer();
    await odoo.start();
  });

  it("says 503 from the first moment of a stop, until nobody listens", async () => {
    let release = () => undefined as void;
    partner.answer = (received, response, socket) => {
      release = () => reply(201, {})(received, response, socket);
    };
    const message = odoo.queue("A", purchaseOrder("P1"));
    const { service, url } = await serve();
    await eventually("being sent", () => partner.requests.length === 1);
    const stopping = service.stop(10_000);
    expect(await get(`${url}/health/ready`)).toMatchObject({
      status: 503,
      parts: { running: false },
    });
    release();
    await stopping;
    expect(message.state).toBe("sent");
    await expect(get(`${url}/health/ready`)).rejects.toThrow();
  });
});

describe("signals", () => {
  const start = () =>
    startHcp(ROOT, ["sync", "serve"], {
      ...environment(),
      HCP_ODOO_URL: odoo.url,
      HCP_ODOO_DB: "db",
      HCP_ODOO_API_KEY: "key",
      HCP_RUN_FILE: join(folder.path, "no-run.json"),
      HCP_DATA_DIR: folder.path,
      HCP_SERVICE_PORT: "0",
    });

  it("one: finishes what has begun, then ends well", async () => {
    partner.answer = (received, response, socket) => {
      setTimeout(() => reply(201, {})(received, response, socket), 500);
    };
    const message = odoo.queue("A", purchaseOrder("P1"));
    const child = start();
    await eventually("being sent", () => partner.requests.length === 1, 30_000);
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    expect(await exited).toEqual([0, null]);
    expect(message.state).toBe("sent");
    expect(partner.requests).toHaveLength(1);
  });

  it("two: ends at once, and the lease runs out by itself", async () => {
    partner.answer = () => undefined;
    const message = odoo.queue("A", purchaseOrder("P1"));
    const child = start();
    let output = "";
    child.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
    await eventually("being sent", () => partner.requests.length === 1, 30_000);
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    await eventually("stopping", () => output.includes('"stopping"'));
    child.kill("SIGTERM");
    expect(await exited).toEqual([1, null]);
    expect(message.state).toBe("leased");
    expect(message.attempts).toEqual([]);
  });
});

describe("bounds", () => {
  it("claims nothing while documents in memory are above the limit", async () => {
    let now = 0;
    let most = 0;
    partner.answer = (received, response, socket) => {
      most = Math.max(most, ++now);
      setTimeout(() => {
        now--;
        reply(201, {})(received, response, socket);
      }, 30);
    };
    for (let index = 0; index < 12; index++)
      odoo.queue("A", purchaseOrder(`P${index}`));
    const test = testContext(testConfig(odoo.url, folder.path, environment()));
    const relay = new Relay(test.context, { perEndpoint: 2, memory: 1 });
    expect(await relay.drain()).toMatchObject({ delivered: 12 });
    expect(most).toBeLessThanOrEqual(2);
    expect(await test.context.metrics.render()).toContain(
      "hcp_in_flight_bytes 0",
    );
    await test.close();
  });

  it("one partner that hangs takes its share, and no other waits for it", async () => {
    const other = new HttpPartner();
    odoo.endpoints.push({
      code: "B",
      connector: "rest-json",
      settings: { base_url: await other.start() },
    });
    partner.answer = () => undefined;
    for (let index = 0; index < 60; index++)
      odoo.queue("A", purchaseOrder(`A${index}`));
    for (let index = 0; index < 60; index++)
      odoo.queue("B", purchaseOrder(`B${index}`));
    const { service } = await serve({
      HCP_ENDPOINT_B_OUTBOUND_BEARER: "another-secret",
    });
    await eventually("all of B", () => other.requests.length === 60);
    expect(partner.requests.length).toBeGreaterThan(0);
    expect(partner.requests.length).toBeLessThanOrEqual(16);
    await service.stop(0);
    await other.stop();
  });
});

describe("/metrics", () => {
  it("counts claims and shows Odoo's queues and breakers", async () => {
    odoo.gauges = [
      {
        endpoint: "A",
        waiting: 7,
        overdue_seconds: 90,
        inbox: 3,
        trouble: 2,
        breaker: "half_open",
      },
    ];
    odoo.queue("A", purchaseOrder("P1"));
    const { service, url } = await serve();
    await eventually("sent", () => odoo.messages[0]?.state === "sent");
    const { text } = await get(`${url}/metrics`);
    for (const line of [
      'hcp_claims_total{result="some"} 1',
      'hcp_claimed_total{endpoint="A"} 1',
      'hcp_attempts_total{endpoint="A",outcome="delivered"} 1',
      'hcp_queue_waiting{endpoint="A"} 7',
      'hcp_queue_overdue_seconds{endpoint="A"} 90',
      'hcp_inbox_waiting{endpoint="A"} 3',
      'hcp_trouble{endpoint="A"} 2',
      'hcp_breaker_open{endpoint="A"} 0.5',
    ])
      expect(text).toContain(line);
    await get(`${url}/metrics`);
    const asked = odoo.calls.filter(({ method }) => method === "gauges");
    expect(asked).toHaveLength(1);
    await service.stop(0);
  });

  it("are there without Odoo, and say that they know nothing", async () => {
    odoo.fault = () => "fail";
    const { service, url, logged } = await serve();
    const { status, text } = await get(`${url}/metrics`);
    expect(status).toBe(200);
    expect(text).toContain("hcp_gauges_age_seconds -1");
    expect(text).toContain('hcp_odoo_errors_total{call="gauges"} 1');
    expect(logged()).not.toContain("Traceback");
    await service.stop(0);
  });
});

describe("the log", () => {
  it("names trace, message and endpoint, and holds no secret", async () => {
    partner.answer = reply(400, {
      detail: "Authorization: Bearer our-secret is not for orders",
    });
    odoo.queue("A", purchaseOrder("P1", { notes: ["planted-note"] }));
    const { service, url, logged } = await serve({
      HCP_METRICS_BEARER: "planted-metrics",
    });
    await eventually("tried", () => logged().includes('"event":"attempt"'));
    await request(`${url}/v1/endpoints/A/documents`, {
      method: "POST",
      headers: {
        authorization: "Bearer planted-guess",
        "content-type": "application/json",
      },
      body: JSON.stringify({ notes: "planted-body" }),
    });
    await request(`${url}/v1/endpoints/A/documents`, {
      method: "POST",
      headers: {
        authorization: "Bearer partner-token",
        "content-type": "application/json",
      },
      body: JSON.stringify({ document_type: "invoice", notes: "planted-body" }),
    });
    await service.stop(0);
    const attempt = logged()
      .split("\n")
      .find((line) => line.includes('"event":"attempt"'));
    expect(JSON.parse(attempt ?? "{}")).toMatchObject({
      endpoint: "A",
      number: "P1",
      error_code: "partner_rejected",
      trace_id: "0af7651916cd43dd8448eb211c80319c",
      message_uuid: odoo.messages[0]?.uuid,
    });
    for (const secret of [
      "our-secret",
      "partner-token",
      "planted-",
      "bearer key",
      "5.125",
    ])
      expect(logged(), secret).not.toContain(secret);
  });
});
