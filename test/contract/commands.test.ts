/** Commands from Odoo, and the test of a connection over real transports. */
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CommandRunner, commandKinds } from "../../scripts/sync/commands.ts";
import "../../scripts/sync/commands/index.ts";
import {
  eventually,
  temporaryFolder,
  testConfig,
  testContext,
  type TestContext,
} from "../kit/context.ts";
import { ExchangeServer } from "../kit/exchange-server.ts";
import { HttpPartner, reply } from "../kit/http-partner.ts";

let odoo: ExchangeServer;
let partner: HttpPartner;
let partnerUrl: string;
let folder: ReturnType<typeof temporaryFolder>;
let setup: TestContext;

beforeEach(async () => {
  odoo = new ExchangeServer();
  partner = new HttpPartner();
  partnerUrl = await partner.start();
  folder = temporaryFolder();
  odoo.endpoints = [
    {
      code: "REST",
      connector: "rest-json",
      settings: { base_url: partnerUrl },
    },
    {
      code: "FILES",
      connector: "x12-folder",
      settings: { folder: "supplier" },
      state: "draft",
    },
  ];
  setup = testContext(
    testConfig(await odoo.start(), folder.path, {
      HCP_ENDPOINT_REST_OUTBOUND_BEARER: "partner-secret",
    }),
  );
});

afterEach(async () => {
  await setup.close();
  await Promise.all([odoo.stop(), partner.stop()]);
  folder.remove();
});

it("knows its kinds", () => {
  expect(commandKinds()).toContain("test_connection");
});

async function run(
  endpoint: string,
  kind: string,
  given: Record<string, unknown> = {},
) {
  const command = odoo.ask(endpoint, kind, given);
  await new CommandRunner(setup.context).drain();
  return command;
}

describe("the channel", () => {
  it("reports what it does not know, and goes on", async () => {
    const strange = odoo.ask("REST", "dance");
    const known = odoo.ask("FILES", "test_connection");
    await new CommandRunner(setup.context).drain();
    expect(strange).toMatchObject({ state: "failed" });
    expect(strange.message).toContain("does not know the command dance");
    expect(known.state).toBe("done");
  });

  it("turns what a handler throws into a failure without its text", async () => {
    const command = odoo.ask("REST", "explode");
    const runner = new CommandRunner(
      setup.context,
      new Map([
        ["explode", () => Promise.reject(new Error("token=partner-secret"))],
      ]),
    );
    await runner.drain();
    expect(command.state).toBe("failed");
    expect(command.message).not.toContain("partner-secret");
  });

  it("claims again with the same token when an answer is lost", async () => {
    let lost = false;
    odoo.fault = (method) => {
      if (method !== "command.claim" || lost) return undefined;
      lost = true;
      return "lose";
    };
    const command = await run("FILES", "test_connection");
    expect(command).toMatchObject({ state: "done", attempt_count: 1 });
  });

  it("reports again when an answer is lost", async () => {
    let lost = 0;
    odoo.fault = (method) =>
      method === "command.report" && lost++ === 0 ? "fail" : undefined;
    const command = await run("FILES", "test_connection");
    expect(command.state).toBe("done");
  });

  it("wakes at once and ends when told to", async () => {
    const runner = new CommandRunner(setup.context);
    const serving = runner.serve();
    await eventually("a first look", () =>
      odoo.calls.some((one) => one.method === "command.claim"),
    );
    const command = odoo.ask("FILES", "test_connection");
    runner.wake();
    await eventually("carried out", () => command.state === "done");
    await runner.stop(1_000);
    await serving;
  });
});

describe("test_connection over HTTP", () => {
  it("looks without sending a document", async () => {
    partner.answer = (request, response, socket) => {
      const status = request.method === "HEAD" ? 405 : 200;
      reply(status)(request, response, socket);
    };
    const command = await run("REST", "test_connection");
    expect(command.result).toMatchObject({ passed: true });
    expect(partner.requests.map((one) => one.method)).toEqual(["HEAD", "GET"]);
    expect(partner.requests[0]).toMatchObject({
      path: "/documents",
      headers: { authorization: "Bearer partner-secret" },
    });
    expect(JSON.stringify(command)).not.toContain("partner-secret");
    expect(setup.logged()).not.toContain("partner-secret");
  });

  it.each([
    [401, "refuses our credential"],
    [500, "out of order"],
    [302, "another address"],
  ])("says what %i means", async (status, text) => {
    partner.answer = reply(status);
    const command = await run("REST", "test_connection");
    expect(command.result).toMatchObject({ passed: false });
    expect(command.message).toContain(text);
  });

  it("says that nobody is there", async () => {
    await partner.stop();
    const command = await run("REST", "test_connection");
    expect(command.message).toContain("connection_refused");
    await partner.start();
  });

  it("refuses settings that do not fit, and an unknown connector", async () => {
    odoo.endpoints[0]!.settings = { base_url: "http://supplier.example" };
    const command = await run("REST", "test_connection");
    expect(command.result).toMatchObject({ passed: false });
    expect(command.message).toContain("must begin with https://");
    odoo.endpoints[0]!.connector = "pigeon";
    const other = await run("REST", "test_connection");
    expect(other.message).toContain("pigeon");
  });
});

describe("test_connection of a folder", () => {
  it("leaves nothing behind", async () => {
    const command = await run("FILES", "test_connection");
    expect(command.result).toMatchObject({
      passed: true,
      checks: [
        { name: "outbox", passed: true },
        { name: "inbox", passed: true },
        { name: "archive", passed: true },
        { name: "room", passed: true },
      ],
    });
    expect(readdirSync(join(folder.path, "supplier", "outbox"))).toEqual([]);
  });

  it("says which place cannot be used", async () => {
    mkdirSync(join(folder.path, "supplier"), { recursive: true });
    odoo.endpoints[1]!.settings = { folder: "supplier/x" };
    // A file where a folder should be: not even a superuser can write below it.
    writeFileSync(join(folder.path, "supplier", "x"), "");
    const command = await run("FILES", "test_connection");
    expect(command.result).toMatchObject({ passed: false });
    expect(command.message).toContain("outbox: supplier/x/outbox");
  });
});
