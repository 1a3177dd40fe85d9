/** The sandbox's faults, and the ledger that counts apart from them. */
import { join } from "node:path";
import { request } from "undici";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Sandbox } from "../../scripts/sandbox/server.ts";
import { temporaryFolder } from "../kit/context.ts";
import { purchaseOrder } from "../kit/documents.ts";

type Json = Record<string, unknown>;

let folder: ReturnType<typeof temporaryFolder>;
let sandbox: Sandbox;
let url: string;

beforeEach(async () => {
  folder = temporaryFolder();
  sandbox = new Sandbox({
    host: "127.0.0.1",
    port: 0,
    bearer: "token",
    stateDir: join(folder.path, "state"),
    inbox: join(folder.path, "to b"),
    outbox: join(folder.path, "from b"),
    buyer: () => ({ url: "http://127.0.0.1:1", endpoint: "A", bearer: "" }),
    auto: false,
  });
  url = await sandbox.start();
});
afterEach(async () => {
  await sandbox.stop();
  folder.remove();
});

async function call(
  method: "GET" | "POST" | "PUT",
  path: string,
  body?: unknown,
  key?: string,
): Promise<{ status: number; headers: Json; text: string; json: () => Json }> {
  const answer = await request(url + path, {
    method,
    headersTimeout: 1_000,
    headers: {
      authorization: "Bearer token",
      ...(key === undefined ? {} : { "idempotency-key": `"${key}"` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.body.text();
  return {
    status: answer.statusCode,
    headers: answer.headers,
    text,
    json: () => JSON.parse(text) as Json,
  };
}

const send = (number: string, key: string, name = "x1") =>
  call("POST", `/partners/${name}/documents`, purchaseOrder(number), key);
const faults = (list: Json[], name = "x1") =>
  call("PUT", "/behaviour", { faults: { [name]: list } });
async function counts(name = "x1"): Promise<Json[]> {
  const answer = await call("GET", `/ledger?supplier=${name}`);
  return answer.json().documents as Json[];
}

describe("a counting partner", () => {
  it("counts copies, keys, contents and effects per number, in order", async () => {
    expect((await send("P1", "k1")).status).toBe(201);
    expect((await send("P1", "k1")).status).toBe(200);
    expect((await send("P2", "k2")).status).toBe(201);
    expect((await send("P1", "k3")).status).toBe(201);
    expect((await send("P2", "k1")).status).toBe(422);
    expect(await counts()).toMatchObject([
      { number: "P1", copies: 3, effects: 2, keys: ["k1", "k3"], refused: 0 },
      {
        number: "P2",
        copies: 2,
        effects: 1,
        refused: 1,
        first_copy: 3,
        first_effect: 3,
        last_copy: 5,
      },
    ]);
    expect((await counts())[0]?.contents).toHaveLength(1);
  });

  it("wants a key, and a name that is one", async () => {
    const answer = await call("POST", "/partners/x1/documents", {
      number: "1",
    });
    expect(answer.status).toBe(400);
    expect((await send("P1", "k1", "a%2Fb")).status).toBe(404);
    expect((await send("P1", "k1", "a/b")).status).toBe(404);
  });
});

describe("faults", () => {
  it.each([
    ["500", { kind: "status" }, 500, 0],
    ["503", { kind: "status", status: 503 }, 503, 0],
    ["slow", { kind: "slow", milliseconds: 50 }, 201, 1],
    ["garbage", { kind: "garbage" }, 200, 1],
  ])("%s happens as often as it should", async (_n, fault, status, effects) => {
    await faults([{ ...fault, count: 1 }]);
    expect((await send("P1", "k1")).status).toBe(status);
    expect(await counts()).toMatchObject([{ copies: 1, effects }]);
    expect((await send("P1", "k1")).status).toBe(effects ? 200 : 201);
    expect(await counts()).toMatchObject([{ copies: 2, effects: 1 }]);
  });

  it("429 says when to come again", async () => {
    await faults([{ kind: "status", status: 429, retry_after: 7 }]);
    const answer = await send("P1", "k1");
    expect(answer.status).toBe(429);
    expect(answer.headers["retry-after"]).toBe("7");
  });

  it.each([
    ["lost", 1, 1],
    ["broken", 1, 1],
    ["reset", 0, 0],
    ["hang", 1, 0],
  ])("%s gives no whole answer", async (kind, copies, effects) => {
    await faults([{ kind, count: 1 }]);
    await expect(send("P1", "k1")).rejects.toThrow();
    const seen = await counts();
    expect(seen).toHaveLength(copies);
    if (copies) expect(seen).toMatchObject([{ copies, effects }]);
    expect((await send("P1", "k1")).status).toBe(effects ? 200 : 201);
  });

  it("are each supplier's own", async () => {
    await faults([{ kind: "status" }]);
    expect((await send("P1", "k1", "x2")).status).toBe(201);
    await faults([{ kind: "status" }], "a");
    const order = await call("POST", "/documents", purchaseOrder("P1"), "k1");
    expect(order.status).toBe(500);
    expect(await counts("a")).toMatchObject([{ number: "P1", refused: 1 }]);
    expect((await call("GET", "/behaviour")).json().faults).toMatchObject({
      a: [{ kind: "status" }],
      b: [],
    });
  });

  it("fall as the dice do", async () => {
    await faults([{ kind: "status", probability: 0.5 }]);
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, i) => send(`P${i}`, `k${i}`)),
    );
    const failed = answers.filter((one) => one.status === 500).length;
    expect(failed).toBeGreaterThan(10);
    expect(failed).toBeLessThan(90);
  });

  it.each([
    [[{ kind: "explode" }], "faults.x1[0].kind"],
    [[{ kind: "slow", milliseconds: -1 }], "milliseconds"],
    [[{ kind: "lost", probability: 0 }], "probability"],
    [[{ kind: "lost", often: 1 }], "often is not known"],
    ["lost", "must be a list"],
  ])("that are none are refused: %j", async (list, words) => {
    const answer = await call("PUT", "/behaviour", { faults: { x1: list } });
    expect(answer.status).toBe(422);
    expect(answer.json().detail).toContain(words);
  });
});
