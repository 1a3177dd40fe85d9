/** Transport `http` against real servers on loopback. */
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { transport } from "../../scripts/transports/http/index.ts";
import type { SendContext } from "../../scripts/transports/transport.ts";
import { HttpPartner, reply } from "../kit/http-partner.ts";

const PAYLOAD = {
  bytes: new TextEncoder().encode('{"a":1}\n'),
  filename: "order.json",
  contentType: "application/json",
};

let partner: HttpPartner;
let url: string;

beforeEach(async () => {
  partner = new HttpPartner();
  url = await partner.start();
});
afterEach(() => partner.stop());

function context(settings: Record<string, unknown> = {}): SendContext {
  return {
    settings: { base_url: url, ...settings },
    idempotencyKey: "key-1",
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    bearer: "partner-secret",
    dataDir: "/nowhere",
    signal: new AbortController().signal,
  };
}

describe("what is sent", () => {
  it("is one POST of exactly the bytes, with key, trace and credentials", async () => {
    const outcome = await transport.send(PAYLOAD, context());
    expect(outcome).toEqual({
      outcome: "delivered",
      acknowledged: true,
      httpStatus: 200,
      reference: "R-1",
    });
    expect(partner.requests).toHaveLength(1);
    const [request] = partner.requests;
    expect(request?.method).toBe("POST");
    expect(request?.path).toBe("/documents");
    expect(request?.body.toString()).toBe('{"a":1}\n');
    expect(request?.headers).toMatchObject({
      "content-type": "application/json",
      "idempotency-key": '"key-1"',
      authorization: "Bearer partner-secret",
    });
    expect(request?.headers.traceparent).toMatch(
      /^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/,
    );
  });

  it("goes to the path that the endpoint names", async () => {
    await transport.send(PAYLOAD, context({ path: "/v2/orders" }));
    expect(partner.requests[0]?.path).toBe("/v2/orders");
  });
});

describe("an answer", () => {
  const cases: [number, string, string | undefined][] = [
    [201, "delivered", undefined],
    [204, "delivered", undefined],
    [301, "not_sent", "partner_redirect"],
    [400, "not_sent", "partner_rejected"],
    [401, "not_sent", "partner_auth"],
    [403, "not_sent", "partner_auth"],
    [404, "not_sent", "partner_rejected"],
    [408, "unknown", "timeout"],
    [409, "unknown", "in_progress"],
    [422, "not_sent", "partner_rejected"],
    [429, "not_sent", "rate_limited"],
    [500, "unknown", "partner_unavailable"],
    [502, "unknown", "partner_unavailable"],
    [503, "not_sent", "partner_unavailable"],
  ];
  it.each(cases)("of %i is %s", async (status, outcome, error) => {
    const headers: Record<string, string> =
      status === 301 ? { location: "/elsewhere" } : {};
    partner.answer = reply(status, status === 204 ? "" : {}, headers);
    const result = await transport.send(PAYLOAD, context());
    expect(result).toMatchObject({ outcome, httpStatus: status });
    expect(result.error).toBe(error);
    expect(partner.requests).toHaveLength(1);
  });

  it("with Retry-After says when, in seconds or as a date", async () => {
    partner.answer = reply(429, {}, { "retry-after": "17" });
    const seconds = await transport.send(PAYLOAD, context());
    expect(seconds.retryAfterSeconds).toBe(17);
    const later = new Date(Date.now() + 90_000).toUTCString();
    partner.answer = reply(503, {}, { "retry-after": later });
    const date = await transport.send(PAYLOAD, context());
    expect(date.retryAfterSeconds).toBeGreaterThan(80);
    expect(date.retryAfterSeconds).toBeLessThanOrEqual(90);
  });

  it("in the partner's words is kept, on one line and bounded", async () => {
    const detail = `line 3:\n unknown item\u0007 ${"x".repeat(5_000)}`;
    partner.answer = reply(422, { title: "Refused", detail });
    const { message = "" } = await transport.send(PAYLOAD, context());
    expect(message).toContain("line 3: unknown item xxx");
    expect(message.length).toBeLessThan(600);
  });

  it("about a used key is a conflict, not an ordinary refusal", async () => {
    partner.answer = reply(422, { code: "idempotency_conflict" });
    const { error } = await transport.send(PAYLOAD, context());
    expect(error).toBe("key_conflict");
  });

  it("that breaks off after the status still counts", async () => {
    partner.answer = (_request, response) => {
      response.writeHead(201, { "content-length": "1000" });
      response.write('{"ref');
      setTimeout(() => response.destroy(), 20);
    };
    const result = await transport.send(PAYLOAD, context());
    expect(result).toMatchObject({ outcome: "delivered", httpStatus: 201 });
  });

  it("without end is not read to its end", async () => {
    partner.answer = (_request, response) => {
      response.writeHead(500);
      const timer = setInterval(() => response.write("y".repeat(65_536)), 1);
      response.on("close", () => clearInterval(timer));
    };
    const result = await transport.send(PAYLOAD, context());
    expect(result).toMatchObject({ outcome: "unknown", httpStatus: 500 });
  });
});

describe("no answer", () => {
  it("because nobody listens: certainly not sent", async () => {
    await partner.stop();
    const result = await transport.send(PAYLOAD, context());
    expect(result).toMatchObject({
      outcome: "not_sent",
      error: "connection_refused",
    });
    partner = new HttpPartner();
    await partner.start();
  });

  it("because the name does not exist: certainly not sent", async () => {
    const result = await transport.send(
      PAYLOAD,
      context({ base_url: "https://supplier.invalid" }),
    );
    expect(result).toMatchObject({ outcome: "not_sent", error: "dns_failed" });
  });

  it("within the time: unknown", async () => {
    partner.answer = () => undefined;
    const result = await transport.send(
      PAYLOAD,
      context({ timeout_seconds: 0.2 }),
    );
    expect(result).toMatchObject({ outcome: "unknown", error: "timeout" });
    expect(partner.requests).toHaveLength(1);
  });

  it("because the connection was reset: unknown", async () => {
    partner.answer = (_request, _response, socket) => socket.resetAndDestroy();
    const result = await transport.send(PAYLOAD, context());
    expect(result).toMatchObject({
      outcome: "unknown",
      error: "connection_lost",
    });
  });

  it("because it is no HTTP: unknown", async () => {
    const server = createServer((socket) => socket.end("SSH-2.0-x\r\n\r\n"));
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const { port } = server.address() as AddressInfo;
    const result = await transport.send(
      PAYLOAD,
      context({ base_url: `http://127.0.0.1:${port}` }),
    );
    server.close();
    expect(result.outcome).toBe("unknown");
  });

  it("because TLS met plain HTTP: certainly not sent", async () => {
    const result = await transport.send(
      PAYLOAD,
      context({ base_url: url.replace("http:", "https:") }),
    );
    expect(result).toMatchObject({ outcome: "not_sent", error: "tls_failed" });
    expect(partner.requests).toHaveLength(0);
  });

  it("because the service stops: the request ends at once, unknown", async () => {
    partner.answer = () => undefined;
    const stop = new AbortController();
    const sending = transport.send(PAYLOAD, {
      ...context(),
      signal: stop.signal,
    });
    while (partner.requests.length === 0)
      await new Promise((resolve) => setTimeout(resolve, 5));
    stop.abort();
    expect(await sending).toMatchObject({
      outcome: "unknown",
      error: "connection_lost",
    });
  });
});

it("never puts credentials into an outcome", async () => {
  for (const status of [401, 422, 500]) {
    partner.answer = reply(status, { detail: "no" });
    const outcome = await transport.send(PAYLOAD, context());
    expect(JSON.stringify(outcome)).not.toContain("partner-secret");
  }
});
