/** Who may hand documents in, and as what. */
import { SignJWT, decodeJwt, decodeProtectedHeader } from "jose";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TOKEN_SECONDS } from "../../scripts/sync/ingress/tokens.ts";
import { invoice } from "../kit/documents.ts";
import { IngressBench, newServiceKey, signedHeaders } from "../kit/ingress.ts";

const TOKEN = "a-static-token-of-partner-a";
const SECRET = "client-secret/with+odd:characters%20";
const HOOK = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const NEW_HOOK = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

let bench: IngressBench;
beforeEach(async () => {
  bench = new IngressBench();
  bench.credential(TOKEN);
  const client = { kind: "oauth_client", client_id: "partner a" };
  bench.credential(SECRET, client);
  bench.credential(HOOK, { kind: "webhook_secret" });
  await bench.start();
});
afterEach(() => bench.stop());

let counter = 0;
const document = () => JSON.stringify(invoice(`I-${++counter}`));
const inbound = () =>
  bench.odoo.messages.filter((one) => one.direction === "inbound");
const bearer = (token: unknown) => ({
  authorization: `Bearer ${String(token)}`,
});

function basic(id: string, secret: string): Record<string, string> {
  const encode = (text: string) =>
    encodeURIComponent(text).replaceAll("%20", "+");
  const pair = `${encode(id)}:${encode(secret)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString("base64")}` };
}

async function accessToken(scope?: string): Promise<string> {
  const answer = await bench.token(
    { grant_type: "client_credentials", ...(scope ? { scope } : {}) },
    basic("partner a", SECRET),
  );
  expect(answer.status, answer.text).toBe(200);
  return String(answer.body.access_token);
}

describe("a bearer token of Odoo's", () => {
  it("opens its endpoint and no other, and the environment's opens neither", async () => {
    expect((await bench.post(document(), bearer(TOKEN))).status).toBe(202);
    expect((await bench.post(document(), bearer(TOKEN), "B")).status).toBe(401);
    const service = bearer("partner-token");
    expect((await bench.post(document(), service)).status).toBe(401);
    expect((await bench.post(document(), service, "B")).status).toBe(202);
  });

  it("refused says so as RFC 6750 does", async () => {
    const none = await bench.post(document());
    expect(none.headers["www-authenticate"]).toBe('Bearer realm="hcp"');
    const wrong = await bench.post(document(), bearer("wrong"));
    expect(wrong.headers["www-authenticate"]).toBe(
      'Bearer realm="hcp", error="invalid_token"',
    );
    expect(wrong.body).toMatchObject({ code: "unauthorized", status: 401 });
    expect(inbound()).toHaveLength(0);
  });

  it("works beside its successor until its time is over", async () => {
    const [old] = bench.odoo.credentials.credentials.filter(
      (one) => one.kind === "bearer",
    );
    bench.credential("the-next-token-of-partner-a");
    bench.forget();
    for (const token of [TOKEN, "the-next-token-of-partner-a"])
      expect((await bench.post(document(), bearer(token))).status).toBe(202);
    Object.assign(old ?? {}, { valid_to: "2021-01-01T00:00:00Z" });
    bench.forget();
    expect((await bench.post(document(), bearer(TOKEN))).status).toBe(401);
  });

  it("counts only where the endpoint takes bearer tokens", async () => {
    bench.credential(TOKEN, { endpoint_code: "STRICT" });
    bench.forget();
    const answer = await bench.post(document(), bearer(TOKEN), "STRICT");
    expect(answer.status).toBe(401);
  });

  it("is not a client's secret, and that is no token", async () => {
    bench.credential("plain-client-secret-of-partner", {
      kind: "oauth_client",
      client_id: "x",
    });
    bench.forget();
    const answer = await bench.post(
      document(),
      bearer("plain-client-secret-of-partner"),
    );
    expect(answer.status).toBe(401);
    const reply = await bench.token(
      { grant_type: "client_credentials" },
      basic("partner a", TOKEN),
    );
    expect(reply.status).toBe(401);
  });
});

describe("OAuth 2.0 client credentials", () => {
  it("by HTTP Basic and in the body give a short-lived token", async () => {
    const grant = { grant_type: "client_credentials" };
    for (const answer of [
      await bench.token(grant, basic("partner a", SECRET)),
      await bench.token({
        ...grant,
        client_id: "partner a",
        client_secret: SECRET,
      }),
    ]) {
      expect(answer.status).toBe(200);
      expect(answer.headers["cache-control"]).toBe("no-store");
      expect(answer.headers.pragma).toBe("no-cache");
      expect(answer.body).toMatchObject({
        token_type: "Bearer",
        expires_in: TOKEN_SECONDS,
        scope: "A",
      });
      const token = String(answer.body.access_token);
      const { aud, exp, iat } = decodeJwt(token);
      expect(aud).toEqual(["A"]);
      expect(Number(exp) - Number(iat)).toBe(TOKEN_SECONDS);
      expect(decodeProtectedHeader(token)).toMatchObject({ typ: "at+jwt" });
      expect((await bench.post(document(), bearer(token))).status).toBe(202);
    }
  });

  it("are for the endpoints of the scope, of those that are the client's", async () => {
    const client = { kind: "oauth_client", client_id: "partner a" };
    bench.credential(SECRET, { ...client, endpoint_code: "B" });
    bench.forget();
    const all = decodeJwt(await accessToken());
    expect(all).toMatchObject({ aud: ["A", "B"], scope: "A B" });
    const one = await accessToken("B");
    expect((await bench.post(document(), bearer(one), "B")).status).toBe(202);
    const refused = await bench.post(document(), bearer(one), "A");
    expect(refused.status).toBe(403);
    expect(refused.body.code).toBe("insufficient_scope");
    expect(refused.headers["www-authenticate"]).toContain("insufficient_scope");
    const wide = await bench.token(
      { grant_type: "client_credentials", scope: "A NEW" },
      basic("partner a", SECRET),
    );
    expect(wide.body).toMatchObject({ error: "invalid_scope" });
  });

  it("are given to nobody else", async () => {
    const grant = { grant_type: "client_credentials" };
    const secret = { client_secret: SECRET };
    for (const [form, headers, status, error] of [
      [grant, {}, 401, "invalid_client"],
      [grant, basic("partner a", "wrong"), 401, "invalid_client"],
      [grant, basic("nobody", SECRET), 401, "invalid_client"],
      [grant, { authorization: "Basic !" }, 401, "invalid_client"],
      [grant, { authorization: "Bearer x" }, 401, "invalid_client"],
      [{ ...grant, ...secret }, {}, 401, "invalid_client"],
      [{}, basic("partner a", SECRET), 400, "invalid_request"],
      [
        { ...grant, ...secret },
        basic("partner a", SECRET),
        400,
        "invalid_request",
      ],
      [
        { ...grant, client_id: "other" },
        basic("partner a", SECRET),
        400,
        "invalid_request",
      ],
      [
        "grant_type=client_credentials&grant_type=client_credentials",
        basic("partner a", SECRET),
        400,
        "invalid_request",
      ],
      [
        { grant_type: "password" },
        basic("partner a", SECRET),
        400,
        "unsupported_grant_type",
      ],
    ] as const) {
      const answer = await bench.token(form, headers);
      expect([answer.status, answer.body.error]).toEqual([status, error]);
      const asked = answer.headers["www-authenticate"];
      expect(asked).toBe(
        status === 401 && "authorization" in headers
          ? 'Basic realm="hcp"'
          : undefined,
      );
    }
  });

  it("end when the secret is revoked, tokens included", async () => {
    const token = await accessToken();
    bench.odoo.credentials.credentials =
      bench.odoo.credentials.credentials.filter(
        (one) => one.kind !== "oauth_client",
      );
    bench.forget();
    expect((await bench.post(document(), bearer(token))).status).toBe(401);
  });

  it("have two secrets while one replaces the other", async () => {
    const client = { kind: "oauth_client", client_id: "partner a" };
    bench.credential("the-next-secret", client);
    bench.forget();
    for (const secret of [SECRET, "the-next-secret"]) {
      const answer = await bench.token(
        { grant_type: "client_credentials" },
        basic("partner a", secret),
      );
      expect(answer.status).toBe(200);
      const token = bearer(answer.body.access_token);
      expect((await bench.post(document(), token)).status).toBe(202);
    }
  });

  it("hold at every process that has the service's key, and at none else", async () => {
    const token = await accessToken();
    const other = new IngressBench(bench.pem);
    const stranger = new IngressBench(newServiceKey());
    for (const one of [other, stranger]) {
      one.odoo.credentials = bench.odoo.credentials;
      await one.start();
    }
    try {
      expect((await other.post(document(), bearer(token))).status).toBe(202);
      expect((await stranger.post(document(), bearer(token))).status).toBe(401);
    } finally {
      await other.stop();
      await stranger.stop();
    }
  });

  it("that were forged, changed or are over open nothing", async () => {
    const token = await accessToken();
    const [head = "", claims = "", signature = ""] = token.split(".");
    const encode = (value: unknown) =>
      Buffer.from(JSON.stringify(value)).toString("base64url");
    const unsigned = encode({ alg: "none", typ: "at+jwt" });
    const wide = encode({ ...decodeJwt(token), exp: 9_999_999_999 });
    const forged = await new SignJWT(decodeJwt(token))
      .setProtectedHeader({
        alg: "HS256",
        typ: "at+jwt",
        kid: decodeProtectedHeader(token).kid ?? "",
      })
      .sign(Buffer.alloc(32, 1));
    for (const one of [
      `${unsigned}.${claims}.`,
      `${head}.${wide}.${signature}`,
      `${head}.${claims}.`,
      forged,
      `${token}x`,
      "a.b.c",
      "..",
    ])
      expect((await bench.post(document(), bearer(one))).status, one).toBe(401);
    expect(inbound()).toHaveLength(0);
  });

  it("cannot be asked for without end", async () => {
    const statuses: number[] = [];
    for (let index = 0; index < 30; index++) {
      const answer = await bench.token(
        { grant_type: "client_credentials" },
        basic("partner a", "wrong"),
      );
      statuses.push(answer.status);
      if (answer.status !== 429) continue;
      expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
    }
    expect(statuses).toContain(429);
    expect(await accessTokenStatus("another client")).toBe(401);
  });

  async function accessTokenStatus(id: string): Promise<number> {
    const answer = await bench.token(
      { grant_type: "client_credentials" },
      basic(id, SECRET),
    );
    return answer.status;
  }

  it("come as a form and nothing else", async () => {
    const answer = await bench.call("POST", "/oauth/token", {
      body: "{}",
      headers: { "content-type": "application/json" },
    });
    expect(answer.status).toBe(415);
    const large = await bench.token(`grant_type=${"x".repeat(20_000)}`);
    expect(large.status).toBe(413);
  });
});

describe("a signed webhook", () => {
  it("is taken, and once more is the stored answer", async () => {
    const body = document();
    const headers = signedHeaders([HOOK], body, { id: "msg_1" });
    const first = await bench.post(body, headers);
    expect(first.status).toBe(202);
    const again = await bench.post(
      body,
      signedHeaders([HOOK], body, { id: "msg_1" }),
    );
    expect(again.status).toBe(202);
    expect(again.body).toMatchObject({
      status: "duplicate",
      message_uuid: first.body.message_uuid,
    });
    expect(inbound()).toMatchObject([{ idempotency_key: "msg_1#0" }]);
    const other = document();
    const conflict = await bench.post(
      other,
      signedHeaders([HOOK], other, { id: "msg_1" }),
    );
    expect(conflict.status).toBe(422);
    expect(conflict.body.code).toBe("idempotency_conflict");
  });

  it("that was caught is not taken again under another key", async () => {
    const body = document();
    const caught = signedHeaders([HOOK], body, { id: "msg_2" });
    expect((await bench.post(body, caught)).status).toBe(202);
    const replayed = await bench.post(body, {
      ...caught,
      "idempotency-key": "own",
    });
    expect(replayed.status).toBe(400);
    expect(replayed.body).toMatchObject({
      code: "bad_request",
      detail: expect.stringContaining("webhook-id") as unknown,
    });
    expect(inbound()).toMatchObject([{ idempotency_key: "msg_2#0" }]);
  });

  it.each(["msg_3", '"msg_3"'])(
    "may say its id once more as key %s",
    async (key) => {
      const body = document();
      const answer = await bench.post(body, {
        ...signedHeaders([HOOK], body, { id: "msg_3" }),
        "idempotency-key": key,
      });
      expect(answer.status).toBe(202);
      expect(inbound()).toMatchObject([{ idempotency_key: "msg_3#0" }]);
    },
  );

  it("that is not signed by us learns nothing of its key", async () => {
    const answer = await bench.post("{}", {
      ...signedHeaders([NEW_HOOK], "{}"),
      "idempotency-key": "own",
    });
    expect(answer.status).toBe(401);
  });

  it("may be signed with the old secret, the new one, or both", async () => {
    bench.credential(NEW_HOOK, { kind: "webhook_secret" });
    bench.forget();
    for (const secrets of [[HOOK], [NEW_HOOK], [HOOK, NEW_HOOK]]) {
      const body = document();
      const headers = signedHeaders(secrets, body);
      expect((await bench.post(body, headers)).status).toBe(202);
    }
  });

  it("of raw bytes is checked on the bytes", async () => {
    const body = Buffer.from([0xff, 0xfe, 0x00, 0x80]);
    const type = { "content-type": "application/octet-stream" };
    const headers = { ...signedHeaders([HOOK], body), ...type };
    expect((await bench.post(body, headers)).status).toBe(422);
    expect(inbound()).toHaveLength(1);
    // As text, both are four times U+FFFD or so.
    const other = Buffer.from([0xfd, 0xfc, 0x00, 0x81]);
    expect((await bench.post(other, headers)).status).toBe(401);
    expect(inbound()).toHaveLength(1);
  });

  it.each([
    ["by another's secret", () => signedHeaders([NEW_HOOK], "{}")],
    ["over other bytes", () => signedHeaders([HOOK], "{} ")],
    ["too long ago", () => signedHeaders([HOOK], "{}", { at: now() - 302 })],
    ["in the future", () => signedHeaders([HOOK], "{}", { at: now() + 302 })],
    ["without an id", () => without("webhook-id")],
    ["without a time", () => without("webhook-timestamp")],
    ["with an odd time", () => changed("webhook-timestamp", `${now()}x`)],
    ["with an odd id", () => changed("webhook-id", "has spaces in")],
    ["with a cut signature", () => changed("webhook-signature", "v1,AAAA")],
    ["with an empty signature", () => changed("webhook-signature", "")],
    ["with another version", () => changed("webhook-signature", "v2,AAAA")],
  ])("%s is refused", async (_name, headers) => {
    const answer = await bench.post("{}", headers());
    expect(answer.status).toBe(401);
    expect(answer.body.code).toBe("unauthorized");
    expect(inbound()).toHaveLength(0);
  });

  const now = () => Math.floor(Date.now() / 1_000);
  const changed = (name: string, value: string) => ({
    ...signedHeaders([HOOK], "{}"),
    [name]: value,
  });
  function without(name: string): Record<string, string> {
    const headers = signedHeaders([HOOK], "{}");
    return Object.fromEntries(
      Object.entries(headers).filter(([one]) => one !== name),
    );
  }

  it("counts only where the endpoint takes them", async () => {
    bench.credential(HOOK, { kind: "webhook_secret", endpoint_code: "STRICT" });
    bench.forget();
    const body = document();
    const headers = signedHeaders([HOOK], body);
    expect((await bench.post(body, headers, "STRICT")).status).toBe(401);
    expect((await bench.post(body, headers, "B")).status).toBe(401);
  });

  it("does not make up for a wrong token", async () => {
    const body = document();
    const headers = { ...signedHeaders([HOOK], body), ...bearer("wrong") };
    expect((await bench.post(body, headers)).status).toBe(401);
  });
});

describe("a message", () => {
  it("is shown to its partner by token and access token, and to no other", async () => {
    const sent = await bench.post(document(), bearer(TOKEN));
    const path = `/v1/messages/${String(sent.body.message_uuid)}`;
    const get = (headers: Record<string, string>) =>
      bench.call("GET", path, { headers });
    expect((await get(bearer(TOKEN))).status).toBe(200);
    expect((await get(bearer(await accessToken()))).status).toBe(200);
    // The environment's token counts at B and the others, not at A.
    expect((await get(bearer("partner-token"))).status).toBe(404);
    expect((await get(bearer("wrong"))).status).toBe(401);
    expect((await get({})).status).toBe(401);
  });

  it("of ours to the partner is not shown", async () => {
    const ours = bench.odoo.queue("A", invoice("OURS"));
    const answer = await bench.call("GET", `/v1/messages/${ours.uuid}`, {
      headers: bearer(TOKEN),
    });
    expect(answer.status).toBe(404);
  });
});

describe("no secret", () => {
  it("is logged, answered or counted, in whatever way it came", async () => {
    const grant = { grant_type: "client_credentials" };
    const answers = [
      await bench.post(document(), bearer(TOKEN)),
      await bench.post(document(), bearer(`${TOKEN}x`)),
      await bench.post("{", bearer(TOKEN)),
      await bench.token(grant, basic("partner a", SECRET)),
      await bench.token(grant, basic("partner a", `${SECRET}x`)),
      await bench.token({ ...grant, client_id: "a", client_secret: SECRET }),
      await bench.token({ ...grant, client_secret: SECRET }, bearer(TOKEN)),
      await bench.call("GET", `/v1/messages/${TOKEN}`),
    ];
    bench.odoo.fault = () => "fail";
    bench.forget();
    answers.push(await bench.post(document(), bearer(TOKEN)));
    const metrics = await bench.call("GET", "/metrics", {
      headers: bearer("token-of-metrics"),
    });
    const texts = answers.map((one) => one.text + JSON.stringify(one.headers));
    const everything = [...texts, metrics.text, bench.logged()].join("\n");
    for (const secret of [
      TOKEN,
      SECRET,
      encodeURIComponent(SECRET),
      HOOK.slice(6),
      bench.pem.split("\n")[1] ?? "",
    ])
      expect(everything).not.toContain(secret);
  });
});
