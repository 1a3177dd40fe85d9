/**
 * Credentials from Odoo's dialog to the running service's door, and nowhere
 * in between in clear: a real Odoo, the service that set-up started.
 */
import { createHmac, randomBytes, randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OdooError, type OdooClient } from "../../scripts/odoo/client.ts";
import { eventually } from "../kit/context.ts";
import { Live } from "../kit/live.ts";

/** Its partner uses files: nobody else presents anything at its address. */
const CODE = "SUPPLIER_B";
const WIZARD = "healthcare.exchange.credential.wizard";
const CREDENTIAL = "healthcare.exchange.credential";
const LIMIT = 30_000;

const live = new Live();
const stamp = randomUUID().slice(0, 8);
const planted = `planted-${stamp}-${randomBytes(16).toString("hex")}`;
const secrets = [planted];
let administrator: OdooClient;
let endpoint = 0;

beforeAll(async () => {
  administrator = live.as("administrator");
  const found = await administrator.call<{ id: number }[]>(
    "healthcare.exchange.endpoint",
    "search_read",
    { domain: [["code", "=", CODE]], fields: ["id"] },
  );
  endpoint = found[0]?.id ?? 0;
});
afterAll(async () => {
  const mine = await administrator.call<{ id: number }[]>(
    CREDENTIAL,
    "search_read",
    { domain: [["name", "ilike", stamp]], fields: ["id"] },
  );
  await administrator.call(CREDENTIAL, "action_revoke", {
    ids: mine.map((one) => one.id),
  });
  await live.close();
});

/** What a person does in the dialog. @returns what the button answers */
async function dialog(
  values: Record<string, unknown>,
  button: "action_save" | "action_generate",
): Promise<Record<string, unknown>> {
  const [id] = await administrator.call<number[]>(WIZARD, "create", {
    vals_list: [
      { endpoint_id: endpoint, name: `Test ${stamp} ${button}`, ...values },
    ],
  });
  return administrator.call(WIZARD, button, { ids: [id] });
}

/** Nothing that is a document: 422 for who may come in, 401 for others. */
async function knock(
  headers: Record<string, string>,
  body = JSON.stringify({ stamp, at: randomUUID() }),
): Promise<number> {
  const answer = await live.http("service", "POST", path(), {
    body,
    headers: { "content-type": "application/json", ...headers },
  });
  return answer.status;
}

const path = () => `/v1/endpoints/${CODE}/documents`;
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe("a credential typed in Odoo", () => {
  it("opens the door within seconds, and the environment's does not any more", async () => {
    await dialog({ secret: planted }, "action_save");
    await eventually(
      "open",
      async () => (await knock(bearer(planted))) === 422,
      LIMIT,
    );
    const environment = live.config.serviceBearer(CODE) ?? "";
    expect(await knock(bearer(environment))).toBe(401);
    expect(await knock(bearer(`${planted}x`))).toBe(401);
  });

  it("generated as a client's secret gives access tokens", async () => {
    const shown = await dialog(
      { origin: "generated", kind: "oauth_client", client_id: `c-${stamp}` },
      "action_generate",
    );
    const context = shown.context as Record<string, string>;
    const secret = context.default_secret ?? "";
    expect(secret.length).toBeGreaterThan(40);
    secrets.push(secret);
    let token = "";
    await eventually(
      "token",
      async () => {
        const answer = await live.http("service", "POST", "/oauth/token", {
          body: "grant_type=client_credentials",
          headers: {
            "content-type": "application/x-www-form-urlencoded",
            authorization: `Basic ${Buffer.from(`c-${stamp}:${secret}`).toString("base64")}`,
          },
        });
        token = String(answer.body.access_token ?? "");
        return answer.status === 200;
      },
      LIMIT,
    );
    secrets.push(token);
    expect(await knock(bearer(token))).toBe(422);
  });

  it("generated as a webhook's secret is one that signatures are checked with", async () => {
    const shown = await dialog(
      { origin: "generated", kind: "webhook_secret" },
      "action_generate",
    );
    const context = shown.context as Record<string, string>;
    const secret = context.default_secret ?? "";
    secrets.push(secret);
    const key = Buffer.from(secret.replace("whsec_", ""), "base64");
    const signed = (body: string): Record<string, string> => {
      const timestamp = String(Math.floor(Date.now() / 1_000));
      const text = `msg_${stamp}.${timestamp}.${body}`;
      const signature = createHmac("sha256", key).update(text).digest("base64");
      return {
        authorization: "",
        "webhook-id": `msg_${stamp}`,
        "webhook-timestamp": timestamp,
        "webhook-signature": `v1,${signature}`,
      };
    };
    const body = JSON.stringify({ stamp, signed: true });
    await eventually(
      "accepted",
      async () => (await unsigned(body, signed(body))) === 422,
      LIMIT,
    );
    expect(await unsigned(`${body} `, signed(body))).toBe(401);
  });

  /** Without the `Authorization` that the kit adds by itself. */
  async function unsigned(
    body: string,
    headers: Record<string, string>,
  ): Promise<number> {
    const { authorization: _none, ...rest } = headers;
    const answer = await fetch(`${live.config.run.service_url}${path()}`, {
      method: "POST",
      body,
      headers: { "content-type": "application/json", ...rest },
    });
    await answer.arrayBuffer();
    return answer.status;
  }

  it("that is refused tells nobody what it was", async () => {
    const bad = `${planted} with spaces`;
    const refused = await dialog({ secret: bad }, "action_save").catch(
      (error: unknown) => error,
    );
    expect(refused).toBeInstanceOf(OdooError);
    expect((refused as OdooError).message).toContain("without spaces");
    expect((refused as OdooError).message).not.toContain(planted);
  });

  it("revoked closes the door within seconds", async () => {
    const found = await administrator.call<{ id: number; name: string }[]>(
      CREDENTIAL,
      "search_read",
      { domain: [["name", "=", `Test ${stamp} action_save`]] },
    );
    expect(JSON.stringify(found)).not.toContain(planted);
    await administrator.call(CREDENTIAL, "action_revoke", {
      ids: found.map((one) => one.id),
    });
    await eventually(
      "closed",
      async () => (await knock(bearer(planted))) === 401,
      LIMIT,
    );
  });

  it("is in no log", () => {
    const folder = join(dirname(live.config.runFile), "log");
    expect(existsSync(folder)).toBe(true);
    const logs = readdirSync(folder).filter((name) => name.endsWith(".log"));
    expect(logs).toEqual(expect.arrayContaining(["odoo.log", "service.log"]));
    for (const name of logs) {
      const text = readFileSync(join(folder, name), "utf8");
      for (const secret of secrets)
        expect(text.includes(secret), name).toBe(false);
    }
  });
});

describe("the service's account", () => {
  it("gets sealed credentials and cannot read the records", async () => {
    const { createOdooClient } = await import("../../scripts/odoo/client.ts");
    const service = createOdooClient(live.config.odoo());
    try {
      const answer = await service.call<{ credentials: object[] }>(
        CREDENTIAL,
        "sealed",
        { endpoint_codes: [CODE] },
      );
      expect(answer.credentials.length).toBeGreaterThan(0);
      for (const secret of secrets)
        expect(JSON.stringify(answer)).not.toContain(secret);
      for (const model of [CREDENTIAL, "healthcare.exchange.service.key"])
        await expect(
          service.call(model, "search_read", { domain: [], fields: ["id"] }),
        ).rejects.toThrow(OdooError);
    } finally {
      await service.close();
    }
  });
});
