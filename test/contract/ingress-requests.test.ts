/** Requests that are hostile, slow, large or old. */
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConfigError } from "../../scripts/config.ts";
import { ingressRate } from "../../scripts/sync/ingress/server.ts";
import { testConfig } from "../kit/context.ts";
import { invoice } from "../kit/documents.ts";
import { IngressBench } from "../kit/ingress.ts";

let bench: IngressBench;
beforeEach(() => {
  bench = new IngressBench();
});
afterEach(() => bench.stop());

const AUTHORIZED = { authorization: "Bearer partner-token" };
const PATH = "/v1/endpoints/A/documents";
const inbound = () =>
  bench.odoo.messages.filter((one) => one.direction === "inbound");

/** Sends bytes as they are; gives what came back until the end. */
function raw(text: string, pauseMs = 0): Promise<string> {
  const { hostname, port } = new URL(bench.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(text));
    let received = "";
    const dripping =
      pauseMs > 0 ? setInterval(() => socket.write("x"), pauseMs) : undefined;
    socket.on("data", (chunk) => (received += chunk.toString()));
    socket.on("error", reject);
    socket.on("close", () => {
      clearInterval(dripping);
      resolve(received);
    });
  });
}

/** The problem document in a raw answer. */
function problemIn(answer: string): Record<string, unknown> {
  expect(answer).toMatch(/content-type: application\/problem\+json/i);
  const body = answer.slice(answer.indexOf("\r\n\r\n") + 4);
  return JSON.parse(body) as Record<string, unknown>;
}

describe("JSON that could be taken in two ways", () => {
  it.each([
    ["json_duplicate_name", '{"number":"1","number":"2"}'],
    ["json_number", '{"number":1e400}'],
    ["json_number", '{"number":123456789012345678901}'],
    ["json_depth", "[".repeat(100_000)],
    ["json_depth", `{"number":"1","lines":${"[".repeat(40)}${"]".repeat(40)}}`],
  ])("%s is kept as evidence and refused", async (code, body) => {
    await bench.start();
    const answer = await bench.post(body, AUTHORIZED);
    expect(answer.status).toBe(422);
    const [error] = answer.body.errors as { code: string; line: string }[];
    expect(error).toMatchObject({ code, line: "1" });
    expect(inbound()).toMatchObject([{ state: "rejected" }]);
    const again = await bench.post(body, AUTHORIZED);
    expect([again.status, again.body.message_uuid]).toEqual([
      422,
      answer.body.message_uuid,
    ]);
    expect(inbound()).toHaveLength(1);
  });
});

describe("a request", () => {
  it("that takes too long is ended, and nothing of it is taken", async () => {
    await bench.start({}, { requestTimeout: 300 });
    const answer = await raw(
      `POST ${PATH} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer partner-token\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n{`,
      50,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(problemIn(answer)).toMatchObject({ code: "request_timeout" });
    expect(inbound()).toHaveLength(0);
    expect((await bench.call("GET", "/health/live")).status).toBe(200);
  });

  it("with endless headers is refused", async () => {
    await bench.start();
    const answer = await raw(
      `GET /health/live HTTP/1.1\r\nhost: a\r\nx: ${"y".repeat(20_000)}\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
    expect(problemIn(answer)).toMatchObject({ code: "headers_too_large" });
  });

  it.each([
    ["no HTTP", "nonsense\r\n\r\n"],
    [
      "two lengths",
      `POST ${PATH} HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}`,
    ],
    [
      "a length and chunks",
      `POST ${PATH} HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
  ])("that is %s is refused", async (_name, text) => {
    await bench.start();
    const answer = await raw(text);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(problemIn(answer)).toMatchObject({ code: "bad_request" });
    expect(inbound()).toHaveLength(0);
  });

  it("by a method that an address has not is told which it has", async () => {
    await bench.start();
    for (const [method, path, allow] of [
      ["GET", PATH, "POST"],
      ["PUT", PATH, "POST"],
      ["DELETE", "/v1/messages/x", "GET, HEAD"],
      ["GET", "/oauth/token", "POST"],
      ["POST", "/openapi.json", "GET, HEAD"],
    ] as const) {
      const answer = await bench.call(method, path, { headers: AUTHORIZED });
      expect([answer.status, answer.headers.allow]).toEqual([405, allow]);
      expect(answer.body.code).toBe("method_not_allowed");
    }
    expect((await bench.call("GET", "/v2/messages/x")).status).toBe(404);
  });

  it.each<Record<string, string>>([
    { "content-type": "multipart/form-data; boundary=x" },
    { "content-type": "application/x-www-form-urlencoded" },
    { "content-type": "image/png" },
    { "content-type": "text/html" },
    { "content-type": "nonsense" },
    { "content-encoding": "gzip" },
  ])("as %o is refused", async (headers) => {
    await bench.start();
    const answer = await bench.post("{}", { ...AUTHORIZED, ...headers });
    expect(answer.status).toBe(415);
    expect(answer.body.code).toBe("unsupported_media_type");
    expect(inbound()).toHaveLength(0);
  });

  it.each([
    "application/json; charset=utf-8",
    "application/vnd.partner+json",
    "application/edi-x12",
    "text/plain",
    "application/octet-stream",
  ])("as %s is taken", async (type) => {
    await bench.start();
    const body = JSON.stringify(invoice("I-1"));
    const answer = await bench.post(body, {
      ...AUTHORIZED,
      "content-type": type,
    });
    expect(answer.status).toBe(202);
  });
});

describe("the rate", () => {
  it("is the endpoint's own, and a stranger uses up none of it", async () => {
    await bench.start({}, { rate: 2 });
    const statuses = async (code: string, headers: Record<string, string>) => {
      const answers = [];
      for (let index = 0; index < 12; index++)
        answers.push((await bench.post("{", headers, code)).status);
      return answers;
    };
    expect(await statuses("A", { authorization: "Bearer x" })).toEqual(
      Array(12).fill(401),
    );
    expect(await statuses("A", AUTHORIZED)).toContain(429);
    expect((await bench.post("{", AUTHORIZED, "B")).status).toBe(422);
  });
});

describe("the rate of a process", () => {
  const rate = (env: Record<string, string>) =>
    ingressRate(testConfig("http://127.0.0.1:1", ".", env));

  it("is its share of what all of them have", () => {
    expect(rate({})).toBe(50);
    const env = { HCP_INGRESS_RATE: "100", HCP_INGRESS_PROCESSES: "4" };
    expect(rate(env)).toBe(25);
    for (const wrong of ["0", "-1", "many"])
      expect(() => rate({ HCP_INGRESS_RATE: wrong })).toThrow(ConfigError);
  });
});

describe("an old version", () => {
  const old = (values: Record<string, string>) => ({
    HCP_API_OLD_VERSIONS: JSON.stringify({ v0: values }),
  });

  it("says since when, until when, and where to read about it", async () => {
    await bench.start(
      old({
        deprecated: "2025-01-01",
        sunset: "2999-12-31T00:00:00Z",
        link: "https://example.org/v0",
      }),
    );
    const body = JSON.stringify(invoice("I-1"));
    const path = "/v0/endpoints/A/documents";
    const taken = await bench.call("POST", path, {
      body,
      headers: { ...AUTHORIZED, "content-type": "application/json" },
    });
    expect(taken.status).toBe(202);
    const refused = await bench.call("POST", path, { body });
    expect(refused.status).toBe(401);
    const message = await bench.call("GET", String(taken.headers.location), {
      headers: AUTHORIZED,
    });
    for (const { headers } of [taken, refused, message]) {
      expect(headers.deprecation).toBe("@1735689600");
      expect(headers.sunset).toBe("Tue, 31 Dec 2999 00:00:00 GMT");
      expect(headers.link).toContain('<https://example.org/v0>; rel="depre');
    }
    const present = await bench.post(body, AUTHORIZED);
    expect(present.headers).not.toHaveProperty("deprecation");
    expect(present.headers).not.toHaveProperty("sunset");
    const { paths } = await bench.specification();
    expect(paths[path.replace("A", "{code}")]?.post).toMatchObject({
      deprecated: true,
    });
  });

  it("whose time is over is gone", async () => {
    await bench.start(old({ deprecated: "2020-01-01", sunset: "2021-01-01" }));
    const answer = await bench.call("GET", "/v0/messages/x");
    expect([answer.status, answer.body.code]).toEqual([410, "version_gone"]);
    expect(answer.headers.deprecation).toBe("@1577836800");
  });

  it.each([
    "nonsense",
    "[]",
    '{"x":{}}',
    '{"v0":{}}',
    '{"v0":{"deprecated":"soon"}}',
    '{"v0":{"deprecated":"2025-01-01","sunset":"2024-01-01"}}',
    '{"v0":{"deprecated":"2025-01-01","link":"<x>"}}',
  ])("declared as %s is a fault of the settings", async (declared) => {
    await expect(
      bench.start({ HCP_API_OLD_VERSIONS: declared }),
    ).rejects.toThrow(ConfigError);
  });
});

describe("behind a proxy", () => {
  it("that is named the caller's address is the one that it names", async () => {
    await expect(
      bench.start({ HCP_TRUSTED_PROXIES: "everybody" }),
    ).rejects.toThrow(ConfigError);
    await bench.start({ HCP_TRUSTED_PROXIES: "127.0.0.1, 10.0.0.0/8" });
    const ask = (address: string) =>
      bench.token("grant_type=x&client_id=a&client_secret=b", {
        "x-forwarded-for": address,
      });
    const statuses: number[] = [];
    for (let index = 0; index < 25; index++)
      statuses.push((await ask("192.0.2.1")).status);
    expect(statuses).toContain(429);
    expect((await ask("192.0.2.2")).status).toBe(401);
  });
});
