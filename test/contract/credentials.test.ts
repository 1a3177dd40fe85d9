/** Credentials from Odoo: fallback, rotation, the service's own key. */
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ConfigError } from "../../scripts/config.ts";
import { OdooError } from "../../scripts/odoo/client.ts";
import {
  isProblem,
  resolveEndpoint,
  type ResolvedEndpoint,
} from "../../scripts/sync/context.ts";
import { digestOf } from "../../scripts/sync/credentials.ts";
import { sendPresenting } from "../../scripts/sync/presenting.ts";
import {
  openSealed,
  readServiceKeys,
  seal,
  type ServiceKey,
} from "../../scripts/sync/sealing.ts";
import {
  temporaryFolder,
  testConfig,
  testContext,
  type TestContext,
} from "../kit/context.ts";
import { ExchangeServer } from "../kit/exchange-server.ts";
import { HttpPartner, reply } from "../kit/http-partner.ts";

const PLANTED = "planted-secret-that-must-not-be-seen";

function newPem(): string {
  return generateKeyPairSync("x25519")
    .privateKey.export({ format: "pem", type: "pkcs8" })
    .toString();
}

function keyOf(pem: string): ServiceKey {
  const [key] = readServiceKeys(pem);
  if (!key) throw new Error("no key");
  return key;
}

let odoo: ExchangeServer;
let folder: ReturnType<typeof temporaryFolder>;
let pem: string;
let setup: TestContext | undefined;

beforeEach(async () => {
  odoo = new ExchangeServer();
  await odoo.start();
  folder = temporaryFolder();
  pem = newPem();
});
afterEach(async () => {
  await setup?.close();
  setup = undefined;
  await odoo.stop();
  folder.remove();
});

function start(env: Record<string, string> = {}): TestContext {
  setup = testContext(
    testConfig(odoo.url, folder.path, {
      HCP_SERVICE_PRIVATE_KEY: pem,
      HCP_ENDPOINT_A_OUTBOUND_BEARER: "of-the-environment",
      ...env,
    }),
  );
  return setup;
}

/** Puts a credential into the stand-in, as Odoo seals it. */
function add(
  secret: string,
  values: Record<string, unknown> = {},
  key: ServiceKey = keyOf(pem),
): Record<string, unknown> {
  const row = {
    uuid: randomUUID(),
    endpoint_code: "A",
    direction: "inbound",
    kind: "bearer",
    client_id: false,
    fingerprint: `fp-${odoo.credentials.credentials.length}`,
    valid_from: "2020-01-01T00:00:00Z",
    valid_to: false,
    ...values,
  };
  odoo.credentials.active_key_id = key.id;
  odoo.credentials.managed.push({
    endpoint_code: row.endpoint_code,
    direction: row.direction,
  });
  odoo.credentials.credentials.unshift({
    ...row,
    key_id: key.id,
    sealed: seal(secret, key.publicBytes, row),
  });
  return odoo.credentials.credentials[0] as Record<string, unknown>;
}

const inAMinute = (minutes: number) =>
  new Date(Date.now() + minutes * 60_000).toISOString();

describe("what partners may present", () => {
  it("is the environment's where Odoo never had one", async () => {
    const { credentials } = start().context;
    const [one, ...more] = await credentials.inbound("A");
    expect(more).toEqual([]);
    expect(one).toMatchObject({ uuid: "env", kind: "bearer" });
    expect(one?.digest).toEqual(digestOf("partner-token"));
  });

  it("is Odoo's alone where it has had one, and is kept as a digest", async () => {
    const row = add(PLANTED);
    const { credentials } = start().context;
    const found = await credentials.inbound("A");
    expect(found).toMatchObject([
      { uuid: row.uuid, digest: digestOf(PLANTED) },
    ]);
    expect(JSON.stringify(credentials)).not.toContain(PLANTED);
    expect((await credentials.inbound("B"))[0]?.uuid).toBe("env");
  });

  it("is nothing when what Odoo had is revoked", async () => {
    odoo.credentials.managed.push({ endpoint_code: "A", direction: "inbound" });
    const { credentials } = start().context;
    expect(await credentials.inbound("A")).toEqual([]);
  });

  it("has its times, by this clock", async () => {
    add("one-now", { valid_to: inAMinute(1) });
    add("one-later", { valid_from: inAMinute(1) });
    add("one-past", { valid_to: inAMinute(-1) });
    const { credentials } = start().context;
    const found = await credentials.inbound("A");
    expect(found.map((one) => one.digest)).toEqual([digestOf("one-now")]);
  });

  it("are several at once for a rotation, and clients are found by name", async () => {
    const client = { kind: "oauth_client", client_id: "partner" };
    add("first-secret", client);
    add("second-secret", client);
    add("elsewhere-secret", { ...client, endpoint_code: "B" });
    add("of-another", { kind: "oauth_client", client_id: "other" });
    const { credentials } = start().context;
    const found = await credentials.ofClient("partner");
    expect(found.map((one) => one.endpoint)).toEqual(["B", "A", "A"]);
  });

  it("that is for a key we have not is left out, said once, and opens nothing", async () => {
    add(PLANTED, {}, keyOf(newPem()));
    const { context, logged } = start();
    expect(await context.credentials.inbound("A")).toEqual([]);
    expect(logged().match(/credential_unreadable/g)).toHaveLength(1);
    expect(logged()).not.toContain(PLANTED);
  });

  it("that was copied from another one opens nothing, though it was opened there", async () => {
    const row = add(PLANTED, { direction: "outbound" });
    const { credentials } = start().context;
    expect(await credentials.outbound("A", false)).toHaveLength(1);
    for (const values of [
      { endpoint_code: "B" },
      { uuid: randomUUID() },
      { direction: "inbound" },
    ]) {
      const copied = add("other", { ...row, ...values });
      copied.sealed = row.sealed;
    }
    Object.assign(credentials, { known: undefined });
    expect(await credentials.outbound("A", false)).toHaveLength(1);
    expect(await credentials.outbound("B", false)).toBeUndefined();
    expect(await credentials.inbound("A")).toEqual([]);
  });

  it("serves on for a while when Odoo does not answer", async () => {
    add(PLANTED);
    const { credentials } = start().context;
    await credentials.inbound("A");
    odoo.fault = () => "fail";
    expect(await credentials.inbound("A")).toHaveLength(1);
    const fresh = start().context.credentials;
    await expect(fresh.inbound("A")).rejects.toThrow();
  });

  it("an Odoo of before has none, and is asked again at once", async () => {
    add(PLANTED);
    const { context } = start();
    const { credentials } = context;
    const answering = context.exchange.sealedCredentials;
    Object.assign(context.exchange, {
      sealedCredentials: () =>
        Promise.reject(new OdooError("missing", "no such model")),
    });
    expect((await credentials.inbound("A"))[0]?.uuid).toBe("env");
    Object.assign(context.exchange, { sealedCredentials: answering });
    expect(await credentials.inbound("A")).toMatchObject([
      { digest: digestOf(PLANTED) },
    ]);
  });

  it.each([0, 16 * 60_000])(
    "an Odoo that lost its credentials for a moment does not bring the environment's back (%i ms later)",
    async (later) => {
      add(PLANTED);
      odoo.credentials.managed.push({
        endpoint_code: "A",
        direction: "outbound",
      });
      const { context } = start();
      const { credentials } = context;
      expect(await credentials.inbound("A")).toHaveLength(1);
      expect(await credentials.outbound("A", false)).toBeUndefined();
      const answering = context.exchange.sealedCredentials;
      Object.assign(context.exchange, {
        sealedCredentials: () =>
          Promise.reject(new OdooError("missing", "no such method")),
      });
      const { at } = (credentials as unknown as { known: { at: number } })
        .known;
      const clock = vi
        .spyOn(performance, "now")
        .mockReturnValue(at + 6_000 + later);
      try {
        if (later === 0) {
          expect(await credentials.inbound("A")).toMatchObject([
            { digest: digestOf(PLANTED) },
          ]);
          expect(await credentials.outbound("A", false)).toBeUndefined();
        } else {
          const refusal = { kind: "unavailable", retryable: true };
          await expect(credentials.inbound("A")).rejects.toMatchObject(refusal);
          await expect(credentials.outbound("A", false)).rejects.toMatchObject(
            refusal,
          );
        }
        Object.assign(context.exchange, { sealedCredentials: answering });
        expect(await credentials.inbound("A")).toHaveLength(1);
      } finally {
        clock.mockRestore();
      }
    },
  );

  it("a private key that is none is a fault of the settings", () => {
    expect(() => start({ HCP_SERVICE_PRIVATE_KEY: "planted-key" })).toThrow(
      ConfigError,
    );
    expect(() => start({ HCP_SERVICE_PRIVATE_KEY: "planted-key" })).not.toThrow(
      /planted-key/,
    );
  });
});

describe("the service's own key changes", () => {
  it("without a gap: both open, and everything is sealed anew", async () => {
    const old = keyOf(pem);
    const row = add(PLANTED);
    pem = newPem() + pem;
    const { context, logged } = start();
    expect(await context.credentials.inbound("A")).toHaveLength(1);
    expect(odoo.calls.some((one) => one.method === "reseal")).toBe(false);
    expect(context.credentials.tokenKeys.map((one) => one.id)).toEqual([
      keyOf(pem).id,
      old.id,
    ]);

    // Now the administrator registers the new key in Odoo.
    odoo.credentials.active_key_id = keyOf(pem).id;
    const next = start();
    expect(await next.context.credentials.inbound("A")).toHaveLength(1);
    const [resealed] = odoo.credentials.credentials;
    expect(resealed).toMatchObject({ uuid: row.uuid, key_id: keyOf(pem).id });
    const text = openSealed(
      String(resealed?.sealed),
      keyOf(pem),
      resealed as never,
    );
    expect(text).toBe(PLANTED);
    expect(logged() + next.logged()).not.toContain(PLANTED);
  });

  it("to one that this service has not: nothing is sealed anew", async () => {
    add(PLANTED);
    odoo.credentials.active_key_id = keyOf(newPem()).id;
    const { credentials } = start().context;
    expect(await credentials.inbound("A")).toHaveLength(1);
    expect(odoo.calls.some((one) => one.method === "reseal")).toBe(false);
  });
});

describe("what we present", () => {
  let partner: HttpPartner;
  let url: string;
  const payload = {
    bytes: Buffer.from("{}"),
    filename: "a.json",
    contentType: "application/json",
  };

  beforeEach(async () => {
    partner = new HttpPartner();
    url = await partner.start();
  });
  afterEach(() => partner.stop());

  function endpoint(context: TestContext["context"]): ResolvedEndpoint {
    const resolved = resolveEndpoint(context.config, {
      code: "A",
      connector: "rest-json",
      settings: { base_url: url },
    });
    if (isProblem(resolved)) throw new Error(resolved.message);
    return resolved;
  }

  function send(test: TestContext): ReturnType<typeof sendPresenting> {
    const { context } = test;
    const one = endpoint(context);
    return sendPresenting(context, "A", one, payload, {
      settings: one.settings,
      idempotencyKey: "k",
      traceparent: "",
      dataDir: folder.path,
      signal: new AbortController().signal,
    });
  }

  const presented = () =>
    partner.requests.map((one) => one.headers.authorization);

  it("is the environment's where Odoo never had one", async () => {
    expect(await send(start())).toMatchObject({ outcome: "delivered" });
    expect(presented()).toEqual(["Bearer of-the-environment"]);
  });

  it("is the newest; the one before it while the partner does not know that", async () => {
    add("token-of-before", { direction: "outbound" });
    add("token-of-now", { direction: "outbound" });
    partner.answer = (request, response, socket) =>
      reply(
        request.headers.authorization === "Bearer token-of-before" ? 201 : 401,
      )(request, response, socket);
    const test = start();
    expect(await send(test)).toMatchObject({ outcome: "delivered" });
    expect(presented()).toEqual([
      "Bearer token-of-now",
      "Bearer token-of-before",
    ]);
    expect(test.logged()).toContain("credential_refused");
    expect(test.logged()).not.toMatch(/token-of-(now|before)/);

    partner.requests.length = 0;
    partner.answer = reply(201);
    await send(test);
    expect(presented()).toEqual(["Bearer token-of-now"]);
  });

  it("refused in all forms stays a refusal of our credentials", async () => {
    add("token-of-before", { direction: "outbound" });
    add("token-of-now", { direction: "outbound" });
    partner.answer = reply(403);
    expect(await send(start())).toMatchObject({
      outcome: "not_sent",
      error: "partner_auth",
    });
    expect(partner.requests).toHaveLength(2);
  });

  it("is sent once where the answer says anything but a refusal of it", async () => {
    add("token-of-before", { direction: "outbound" });
    add("token-of-now", { direction: "outbound" });
    partner.answer = reply(500);
    await send(start());
    expect(partner.requests).toHaveLength(1);
  });

  it("that has ended is not replaced by nothing", async () => {
    add("token-of-before", {
      direction: "outbound",
      valid_to: inAMinute(-1),
    });
    expect(await send(start())).toMatchObject({
      outcome: "not_sent",
      error: "credentials_missing",
    });
    expect(partner.requests).toHaveLength(0);
  });

  it("that cannot be read lets the message wait", async () => {
    const test = start();
    odoo.fault = () => "fail";
    expect(await send(test)).toMatchObject({
      outcome: "not_sent",
      error: "odoo_unavailable",
    });
    expect(partner.requests).toHaveLength(0);
  });
});
