/** The relay against a stand-in for Odoo and a real partner server. */
import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Relay, type RelayOptions } from "../../scripts/sync/relay.ts";
import {
  eventually,
  temporaryFolder,
  testConfig,
  testContext,
  type TestContext,
} from "../kit/context.ts";
import { purchaseOrder } from "../kit/documents.ts";
import { ExchangeServer } from "../kit/exchange-server.ts";
import { HttpPartner, reply } from "../kit/http-partner.ts";

let odoo: ExchangeServer;
let partner: HttpPartner;
let partnerUrl: string;
let test: TestContext;
let folder: ReturnType<typeof temporaryFolder>;

beforeEach(async () => {
  odoo = new ExchangeServer();
  partner = new HttpPartner();
  folder = temporaryFolder();
  partnerUrl = await partner.start();
  odoo.endpoints = [
    { code: "A", connector: "rest-json", settings: { base_url: partnerUrl } },
  ];
  test = testContext(
    testConfig(await odoo.start(), folder.path, {
      HCP_ENDPOINT_A_OUTBOUND_BEARER: "our-secret",
    }),
  );
});
afterEach(async () => {
  await test.close();
  await odoo.stop();
  await partner.stop();
  folder.remove();
});

const relay = (options: Partial<RelayOptions> = {}) =>
  new Relay(test.context, { pollInterval: 50, ...options });
const keys = () =>
  partner.requests.map((request) => request.headers["idempotency-key"]);
const callsOf = (method: string) =>
  odoo.calls.filter((call) => call.method === method);

describe("a drain", () => {
  it("sends each message once, staged before it is sent", async () => {
    for (let index = 0; index < 20; index++)
      odoo.queue("A", purchaseOrder(`P${index}`));
    let unstaged = 0;
    partner.answer = (request, response, socket) => {
      const digest = createHash("sha256").update(request.body).digest("hex");
      if (!odoo.messages.some((one) => one.payload_sha256 === digest))
        unstaged++;
      reply(201, {})(request, response, socket);
    };
    const summary = await relay().drain();
    expect(summary).toEqual({
      delivered: 20,
      not_sent: 0,
      unknown: 0,
      lost: 0,
    });
    expect(unstaged).toBe(0);
    expect(new Set(keys()).size).toBe(20);
    expect(partner.requests).toHaveLength(20);
    expect(odoo.messages.every((one) => one.state === "sent")).toBe(true);
    expect(partner.requests[0]?.headers.authorization).toBe(
      "Bearer our-secret",
    );
  });

  it("serves only the endpoints that were named", async () => {
    odoo.endpoints.push({ ...odoo.endpoints[0]!, code: "B" });
    odoo.queue("A", purchaseOrder("P1"));
    const other = odoo.queue("B", purchaseOrder("P2"));
    await relay({ endpoints: ["A"] }).drain();
    expect(partner.requests).toHaveLength(1);
    expect(other.state).toBe("queued");
  });

  it("reports what the partner refused with its words", async () => {
    partner.answer = reply(422, { detail: "line 2: unknown item" });
    const message = odoo.queue("A", purchaseOrder("P1"));
    const summary = await relay().drain();
    expect(summary.not_sent).toBe(1);
    expect(message.state).toBe("rejected");
    expect(message.attempts).toMatchObject([
      {
        outcome: "not_sent",
        error_code: "partner_rejected",
        error_kind: "rejected",
        retryable: false,
        http_status: 422,
        message: "answered 422: line 2: unknown item",
      },
    ]);
  });

  it("sends stored bytes as they are, whatever the document says now", async () => {
    const message = odoo.queue("A", purchaseOrder("P1"));
    const bytes = Buffer.from("as it was\n");
    message.payload = bytes.toString("base64");
    message.payload_sha256 = createHash("sha256").update(bytes).digest("hex");
    message.filename = "old.json";
    message.content_type = "application/json";
    await relay().drain();
    expect(partner.requests[0]?.body.toString()).toBe("as it was\n");
    expect(callsOf("stage")).toHaveLength(0);
  });

  it("sends nothing whose stored bytes are damaged", async () => {
    const message = odoo.queue("A", purchaseOrder("P1"));
    message.payload = Buffer.from("damaged").toString("base64");
    message.payload_sha256 = "0".repeat(64);
    await relay().drain();
    expect(partner.requests).toHaveLength(0);
    expect(message.attempts).toMatchObject([
      { outcome: "not_sent", error_code: "payload_damaged" },
    ]);
  });

  it.each([
    ["connector_unknown", { connector: "telepathy" }],
    ["settings_invalid", { settings: { base_url: "http://example.org" } }],
    ["settings_invalid", { settings: { base_url: 7 } }],
    ["settings_invalid", { settings: { base_url: "https://x.org", pw: "1" } }],
  ])("refuses an endpoint with %s", async (code, changes) => {
    Object.assign(odoo.endpoints[0]!, changes);
    const message = odoo.queue("A", purchaseOrder("P1"));
    await relay().drain();
    expect(partner.requests).toHaveLength(0);
    expect(message.attempts).toMatchObject([{ error_code: code }]);
    expect(message.attempts[0]?.message).toContain("endpoint A: ");
  });

  it("refuses a document that breaks its schema, naming the field", async () => {
    const message = odoo.queue(
      "A",
      purchaseOrder("P1", { lines: [{ line_number: "1", quantity: 5 }] }),
    );
    await relay().drain();
    expect(partner.requests).toHaveLength(0);
    expect(message.attempts).toMatchObject([{ error_code: "schema" }]);
    expect(message.attempts[0]?.message).toContain("lines[0].quantity");
  });
});

describe("lost answers", () => {
  const loseOnce = (lost: string) => {
    let done = false;
    odoo.fault = (method) => {
      if (method !== lost || done) return undefined;
      done = true;
      return "lose";
    };
  };

  it("of a claim: the same token is asked again, and nothing is left over", async () => {
    loseOnce("claim");
    odoo.queue("A", purchaseOrder("P1"));
    await relay().drain();
    const tokens = callsOf("claim").map((call) => call.args.lease_token);
    expect(tokens[0]).toBe(tokens[1]);
    expect(partner.requests).toHaveLength(1);
    expect(odoo.messages[0]?.state).toBe("sent");
  });

  it("of a report: it is repeated, and the partner hears nothing of it", async () => {
    loseOnce("report");
    odoo.queue("A", purchaseOrder("P1"));
    await relay().drain();
    expect(callsOf("report")).toHaveLength(2);
    expect(partner.requests).toHaveLength(1);
    expect(odoo.messages[0]?.attempts).toHaveLength(1);
  });

  it("of a stage: the message is sent later, with the same bytes", async () => {
    loseOnce("stage");
    const message = odoo.queue("A", purchaseOrder("P1"));
    await relay({ leaseSeconds: 1 }).drain();
    expect(partner.requests).toHaveLength(0);
    const staged = message.payload;
    await eventually("lease over", () => message.leased_until < Date.now());
    await relay().drain();
    expect(partner.requests[0]?.body.toString("base64")).toBe(staged);
  });
});

describe("a lease", () => {
  it("lost before the send prevents it", async () => {
    const message = odoo.queue("A", purchaseOrder("P1"));
    odoo.fault = (method) => {
      // Another worker takes it in the moment of staging.
      if (method === "stage") message.token = "someone else's";
      return undefined;
    };
    const summary = await relay().drain();
    expect(partner.requests).toHaveLength(0);
    expect(summary).toMatchObject({ delivered: 0, lost: 1 });
    expect(message.attempts).toHaveLength(0);
  });

  it("is prolonged while a partner takes its time", async () => {
    odoo.queue("A", purchaseOrder("P1"));
    partner.answer = (request, response, socket) => {
      setTimeout(() => reply(200)(request, response, socket), 1_600);
    };
    const first = relay({ leaseSeconds: 1 }).drain();
    await eventually("being sent", () => partner.requests.length === 1);
    await eventually("prolonged", () => callsOf("extend").length > 2);
    // Another worker finds nothing to claim all the while.
    await relay().drain();
    expect(await first).toMatchObject({ delivered: 1, lost: 0 });
    expect(partner.requests).toHaveLength(1);
  });
});

describe("a partner that does not answer", () => {
  it("holds up no other and takes only its share", async () => {
    const other = new HttpPartner();
    odoo.endpoints.push({
      code: "B",
      connector: "rest-json",
      settings: { base_url: await other.start() },
    });
    partner.answer = () => undefined;
    for (let index = 0; index < 10; index++)
      odoo.queue("A", purchaseOrder(`A${index}`));
    for (let index = 0; index < 10; index++)
      odoo.queue("B", purchaseOrder(`B${index}`));
    const running = relay({ concurrency: 6, perEndpoint: 3 });
    const served = running.serve();
    await eventually("B served", () => other.requests.length === 10);
    expect(partner.requests.length).toBeLessThanOrEqual(3);
    await running.stop(0);
    await served;
    await other.stop();
  });
});

describe("a stop", () => {
  it("lets running sends finish and gives the rest back", async () => {
    let release = () => undefined as void;
    partner.answer = (request, response, socket) => {
      release = () => reply(200)(request, response, socket);
    };
    const begun = odoo.queue("A", purchaseOrder("P1"));
    const running = relay();
    const served = running.serve();
    await eventually("being sent", () => partner.requests.length === 1);
    const stopping = running.stop(5_000);
    const late = odoo.queue("A", purchaseOrder("P2"));
    release();
    await stopping;
    await served;
    expect(begun.state).toBe("sent");
    // A claim that was on its way may still have taken it: then it is back.
    expect(["queued", "retry"]).toContain(late.state);
    for (const attempt of late.attempts)
      expect(attempt).toMatchObject({
        outcome: "not_sent",
        error_code: "stopped",
      });
    expect(partner.requests).toHaveLength(1);
  });

  it("after the grace breaks sends off as unknown", async () => {
    partner.answer = () => undefined;
    const message = odoo.queue("A", purchaseOrder("P1"));
    const running = relay();
    const served = running.serve();
    await eventually("being sent", () => partner.requests.length === 1);
    await running.stop(0);
    await served;
    expect(message.attempts).toMatchObject([
      { outcome: "unknown", retryable: true },
    ]);
  });

  it("between claim and send reports that nothing was sent", async () => {
    const message = odoo.queue("A", purchaseOrder("P1"));
    const running = relay();
    let stopping: Promise<void> | undefined;
    odoo.fault = (method) => {
      if (method === "stage") stopping = running.stop(5_000);
      return undefined;
    };
    await running.serve();
    await stopping;
    expect(partner.requests).toHaveLength(0);
    expect(message.attempts).toMatchObject([
      { outcome: "not_sent", error_code: "stopped", retryable: true },
    ]);
  });
});

it("waits for Odoo to come back", async () => {
  let down = true;
  odoo.fault = () => (down ? "fail" : undefined);
  odoo.queue("A", purchaseOrder("P1"));
  const running = relay();
  const served = running.serve();
  await eventually("failed", () => test.logged().includes("claim_failed"));
  down = false;
  await eventually("sent", () => partner.requests.length === 1, 20_000);
  await running.stop(5_000);
  await served;
  expect(odoo.messages[0]?.state).toBe("sent");
});

it("logs no secret, no document and none of Odoo's tracebacks", async () => {
  partner.answer = reply(401, { detail: "bad token" });
  odoo.queue("A", purchaseOrder("P1", { notes: "confidential-note" }));
  let failed = false;
  odoo.fault = (method) => {
    if (method !== "report" || failed) return undefined;
    failed = true;
    return "fail";
  };
  await relay().drain();
  const logged = test.logged();
  expect(logged).toContain("partner_auth");
  expect(logged).toContain("report_failed");
  for (const secret of ["our-secret", "Traceback", "confidential-note"])
    expect(logged).not.toContain(secret);
});
