/** The JSON-2 client against real servers. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { OdooError, createOdooClient } from "../../scripts/odoo/client.ts";
import { HttpPartner, reply } from "../kit/http-partner.ts";

let server: HttpPartner;
let url: string;
beforeEach(async () => {
  server = new HttpPartner();
  url = await server.start();
});
afterEach(() => server.stop());

const client = (protocol: "json2" | "xmlrpc" = "json2") =>
  createOdooClient({
    url,
    db: "hospital",
    apiKey: "secret-key",
    protocol,
    login: "hcp-service",
  });
const failure = async (options?: { timeout?: number }): Promise<OdooError> => {
  const error: unknown = await client()
    .call("res.partner", "read", {}, options)
    .catch((caught: unknown) => caught);
  if (!(error instanceof OdooError)) throw new Error("no OdooError");
  return error;
};

it("posts named arguments with key and database", async () => {
  server.answer = reply(200, [{ id: 1 }]);
  const result = await client().call("res.partner", "read", { fields: ["id"] });
  expect(result).toEqual([{ id: 1 }]);
  const [request] = server.requests;
  expect(request?.path).toBe("/json/2/res.partner/read");
  expect(request?.headers).toMatchObject({
    authorization: "bearer secret-key",
    "x-odoo-database": "hospital",
    "content-type": "application/json",
  });
  expect(request?.body.toString()).toBe('{"fields":["id"]}');
});

describe("a failure", () => {
  it.each([
    [400, "refused", false],
    [401, "auth", false],
    [403, "auth", false],
    [404, "missing", false],
    [409, "unavailable", true],
    [422, "refused", false],
    [429, "unavailable", true],
    [500, "unavailable", true],
    [502, "unavailable", true],
    [503, "unavailable", true],
    [302, "protocol", false],
  ])("of status %i is %s", async (status, kind, retryable) => {
    server.answer = reply(status, {
      name: "odoo.exceptions.UserError",
      message: "no such thing",
      debug: "Traceback (most recent call last) secret",
    });
    const error = await failure();
    expect(error.kind).toBe(kind);
    expect(error.retryable).toBe(retryable);
    expect(error.status).toBe(status);
    expect(error.message).toContain("no such thing");
    expect(JSON.stringify(error) + error.message).not.toContain("Traceback");
    expect(error.message).not.toContain("secret-key");
  });

  it("of 404 without Odoo's words means that the database is not there now", async () => {
    server.answer = reply(404, "<h1>Not Found</h1>");
    const error = await failure();
    expect(error).toMatchObject({ kind: "unavailable", retryable: true });
    expect(error.message).toContain("HCP_ODOO_DB");
  });

  it("that is a page of some proxy names the address only", async () => {
    server.answer = reply(502, "<html>Bad gateway</html>");
    const error = await failure();
    expect(error.message).toContain(`${url} answered 502`);
    expect(error.message).not.toContain("<html>");
  });

  it("to answer in time is unreachable", async () => {
    server.answer = () => undefined;
    const error = await failure({ timeout: 100 });
    expect(error.kind).toBe("unreachable");
    expect(error.message).toContain("within 0.1 s");
  });

  it("to connect is unreachable", async () => {
    await server.stop();
    const error = await failure();
    expect(error).toMatchObject({ kind: "unreachable", retryable: true });
    expect(error.message).toContain("ECONNREFUSED");
    server = new HttpPartner();
    await server.start();
  });

  it("to be JSON is a fault of the protocol", async () => {
    server.answer = reply(200, "<html>");
    expect(await failure()).toMatchObject({ kind: "protocol" });
  });
});

describe("XML-RPC behind the same interface", () => {
  const xml = (value: string) => (request: string) =>
    `<?xml version="1.0"?><methodResponse>${
      request.includes("authenticate")
        ? "<params><param><value><int>7</int></value></param></params>"
        : value
    }</methodResponse>`;
  const answering = (value: string) => {
    server.answer = (request, response) => {
      response
        .writeHead(200, { "content-type": "text/xml" })
        .end(xml(value)(request.body.toString()));
    };
  };

  it("calls execute_kw with keywords and without nulls", async () => {
    answering(
      "<params><param><value><string>fine</string></value></param></params>",
    );
    const result = await client("xmlrpc").call("a.model", "method", {
      one: "x",
      none: null,
      list: [null, 1],
    });
    expect(result).toBe("fine");
    const body = server.requests.at(-1)?.body.toString() ?? "";
    expect(server.requests.at(-1)?.path).toBe("/xmlrpc/2/object");
    expect(body).toContain("<string>method</string>");
    expect(body).not.toContain("none");
  });

  it("keeps of a traceback its last line", async () => {
    answering(
      "<fault><value><struct><member><name>faultCode</name><value><int>1</int></value></member>" +
        "<member><name>faultString</name><value><string>Traceback secret\nValueError: why</string></value></member></struct></value></fault>",
    );
    const error: unknown = await client("xmlrpc")
      .call("a.model", "method")
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ kind: "unavailable" });
    expect((error as Error).message).toContain("ValueError: why");
    expect((error as Error).message).not.toContain("Traceback");
  });

  it("has a time limit of its own", async () => {
    server.answer = () => undefined;
    const error: unknown = await client("xmlrpc")
      .call("a.model", "method", {}, { timeout: 100 })
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ kind: "unreachable" });
  });

  it.each([{ text: "a\u0001b" }, { number: 2 ** 31 }])(
    "refuses what XML-RPC would corrupt: %j",
    async (args) => {
      const error: unknown = await client("xmlrpc")
        .call("a.model", "method", args)
        .catch((caught: unknown) => caught);
      expect(error).toMatchObject({ kind: "refused" });
      expect(server.requests).toHaveLength(0);
    },
  );
});
