/** Traces as a collector receives them: a real OTLP receiver over HTTP. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Processor } from "../../scripts/sync/processor.ts";
import { ReceiptTrace } from "../../scripts/sync/receipt-trace.ts";
import { Relay } from "../../scripts/sync/relay.ts";
import { toEnvelopes } from "../../scripts/sync/inbound.ts";
import { SpanKind, Tracing } from "../../scripts/sync/tracing.ts";
import {
  temporaryFolder,
  testConfig,
  testContext,
  type TestContext,
} from "../kit/context.ts";
import { invoice, purchaseOrder } from "../kit/documents.ts";
import { ExchangeServer } from "../kit/exchange-server.ts";
import { HttpPartner, reply } from "../kit/http-partner.ts";
import { OtlpReceiver } from "../kit/otlp-receiver.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const QUEUED = `00-${TRACE}-b7ad6b7169203331-01`;

let odoo: ExchangeServer;
let partner: HttpPartner;
let collector: OtlpReceiver;
let test: TestContext;
let folder: ReturnType<typeof temporaryFolder>;

beforeEach(async () => {
  odoo = new ExchangeServer();
  partner = new HttpPartner();
  collector = new OtlpReceiver();
  folder = temporaryFolder();
  odoo.endpoints = [
    {
      code: "A",
      connector: "rest-json",
      settings: { base_url: await partner.start() },
    },
  ];
  test = testContext(
    testConfig(await odoo.start(), folder.path, {
      HCP_ENDPOINT_A_OUTBOUND_BEARER: "our-secret",
    }),
  );
  // The SDK itself reads the process' environment.
  vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", await collector.start());
  vi.stubEnv("OTEL_SERVICE_NAME", "hcp-test");
  test.context.tracing = await Tracing.start(process.env, "worker-1");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await test.close();
  await odoo.stop();
  await partner.stop();
  await collector.stop();
  folder.remove();
});

const drain = async () => {
  await new Relay(test.context).drain();
  await test.context.tracing.stop();
};

describe("a document that leaves", () => {
  it("is one trace from Odoo's moment to the partner", async () => {
    odoo.queue("A", purchaseOrder("P1"), { traceparent: QUEUED });
    await drain();
    const spans = collector.trace(TRACE);
    const names = spans.map((one) => one.name);
    expect(names).toEqual(
      expect.arrayContaining([
        "queue purchase_order",
        "wait",
        "attempt",
        "render",
        "stage",
        "send",
        "report",
      ]),
    );
    expect(names).toHaveLength(7);
    const of = (name: string) => spans.find((one) => one.name === name);
    expect(of("queue purchase_order")).toMatchObject({
      spanId: "b7ad6b7169203331",
      parentSpanId: "",
      service: "hcp-test",
    });
    expect(of("attempt")).toMatchObject({
      parentSpanId: "b7ad6b7169203331",
      attributes: {
        "hcp.endpoint": "A",
        "hcp.document.number": "P1",
        "hcp.outcome": "delivered",
      },
      status: 0,
    });
    for (const name of ["render", "stage", "send", "report"])
      expect(of(name)?.parentSpanId, name).toBe(of("attempt")?.spanId);
    for (const one of spans) expect(one.end).toBeGreaterThanOrEqual(one.start);
    // The partner continues below our send.
    const header = partner.requests[0]?.headers.traceparent;
    expect(header).toBe(`00-${TRACE}-${of("send")?.spanId}-01`);
  });

  it("shows why an attempt failed, and hangs the next one beside it", async () => {
    partner.answer = reply(503, {}, { "retry-after": "60" });
    odoo.queue("A", purchaseOrder("P1"), { traceparent: QUEUED });
    await drain();
    const failed = collector.trace(TRACE).filter((one) => one.status === 2);
    expect(failed.map((one) => one.name).sort()).toEqual(["attempt", "send"]);
    expect(failed[0]?.attributes["error.type"]).toBe("partner_unavailable");
  });

  it("takes no content and no secret along", async () => {
    odoo.queue("A", purchaseOrder("P1", { notes: ["Patient Doe"] }), {
      traceparent: QUEUED,
    });
    await drain();
    expect(collector.text).toContain(TRACE);
    for (const secret of ["our-secret", "Patient Doe", "Nitrile", "5.125"])
      expect(collector.text).not.toContain(secret);
  });
});

describe("a document that comes", () => {
  it("continues its sender's trace until it has taken effect", async () => {
    const trace = new ReceiptTrace(test.context.tracing, "A", QUEUED);
    const envelopes = await toEnvelopes({
      bytes: Buffer.from(JSON.stringify(invoice("I1"))),
      filename: "",
      contentType: "",
      format: "json",
      traceparent: trace.traceparent,
    });
    const stored = await trace.ingest(test.context, "A", envelopes);
    const processor = new Processor(test.context);
    processor.add(
      stored.map((one) => one.message_uuid),
      trace.traceparent,
    );
    trace.end();
    await processor.idle();
    await test.context.tracing.stop();
    const spans = collector.trace(TRACE);
    const receive = spans.find((one) => one.name === "receive");
    expect(receive?.parentSpanId).toBe("b7ad6b7169203331");
    for (const name of ["ingest", "process"])
      expect(spans.find((one) => one.name === name)).toMatchObject({
        parentSpanId: receive?.spanId,
      });
    const [call] = odoo.calls.filter(({ method }) => method === "ingest");
    expect(call?.args.envelopes).toMatchObject([
      { trace_id: TRACE, traceparent: trace.traceparent },
    ]);
  });
});

describe("tracing", () => {
  it.each([
    {},
    { OTEL_EXPORTER_OTLP_ENDPOINT: "" },
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1",
      OTEL_SDK_DISABLED: "true",
    },
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1",
      OTEL_TRACES_EXPORTER: "none",
    },
  ])("is off where nobody asks for it: %j", async (env) => {
    const tracing = await Tracing.start(env, "worker");
    expect(tracing.enabled).toBe(false);
    expect(tracing.begin("x", { kind: SpanKind.CLIENT })).toBeUndefined();
    await tracing.stop();
  });

  it("that is off still hands the trace on", async () => {
    test.context.tracing = Tracing.off();
    odoo.queue("A", purchaseOrder("P1"), { traceparent: QUEUED });
    await drain();
    expect(partner.requests[0]?.headers.traceparent).toMatch(
      new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`),
    );
    expect(collector.spans).toEqual([]);
  });

  it("that nobody receives holds nothing up", async () => {
    await collector.stop();
    odoo.queue("A", purchaseOrder("P1"), { traceparent: QUEUED });
    await drain();
    expect(odoo.messages[0]?.state).toBe("sent");
    await collector.start();
  });
});
