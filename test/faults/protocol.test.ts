/**
 * The exchange protocol on a real Odoo, over JSON-2 and over XML-RPC: the same
 * tests, the same answers.
 */
import { createHash, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OdooError, createOdooClient } from "../../scripts/odoo/client.ts";
import {
  ExchangeApi,
  type AttemptResult,
  type ClaimedMessage,
  type Envelope,
} from "../../scripts/odoo/exchange.ts";
import { invoice } from "../kit/documents.ts";
import { World } from "./kit/world.ts";

/** Every byte there is. */
const ALL_BYTES = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

/** What XML carries badly or not at all. */
const NASTY =
  "tab\t nl\n cr\r bell\u0007 esc\u001b del\u007f nel\u0085 \ufffe 𝄞";

let world: World;

beforeAll(async () => {
  world = await World.open(2);
});
afterAll(() => world?.close());

const sha256 = (bytes: Uint8Array) =>
  createHash("sha256").update(bytes).digest("hex");

describe.each(["json2", "xmlrpc"] as const)("over %s", (protocol) => {
  const tag = protocol === "json2" ? "J" : "X";
  let api: ExchangeApi;
  let count = 0;

  beforeAll(() => {
    api = connect(readFileSync(world.keyFile, "utf8"));
  });
  afterAll(() => api.client.close());

  function connect(apiKey: string, login = "hcp-service"): ExchangeApi {
    const client = createOdooClient({
      url: world.odooUrl,
      db: "hcp_faults",
      protocol,
      login,
      apiKey,
    });
    return new ExchangeApi(client);
  }

  const claim = (
    limit = 10,
    token: string = randomUUID(),
    codes = ["F1"],
    seconds = 60,
  ) =>
    api.claim({
      worker: `test-${protocol}`,
      limit,
      lease_seconds: seconds,
      endpoint_codes: codes,
      lease_token: token,
    });

  /** Queues orders of their own and returns their numbers. */
  async function queue(many: number): Promise<string[]> {
    const numbers = Array.from(
      { length: many },
      () => `${tag}${String(++count).padStart(3, "0")}`,
    );
    await world.side.enqueue(
      numbers.map((number) => ({
        number,
        endpoint: "F1",
        ordering_key: number,
        priority: 1,
      })),
    );
    return numbers;
  }

  const result = (
    row: ClaimedMessage,
    changes: Partial<AttemptResult> = {},
  ): AttemptResult => ({
    uuid: row.uuid,
    outcome: "delivered",
    acknowledged: true,
    error_code: false,
    error_kind: false,
    retryable: false,
    message: false,
    http_status: 201,
    started_at: new Date().toISOString(),
    duration_ms: 12,
    retry_after_seconds: false,
    partner_reference: "SO-1",
    ...changes,
  });

  const rendered = (row: ClaimedMessage, bytes: Buffer) => ({
    uuid: row.uuid,
    payload: bytes.toString("base64"),
    payload_sha256: sha256(bytes),
    filename: "order ü.json",
    content_type: "application/json",
  });

  async function refusal(call: Promise<unknown>): Promise<OdooError> {
    const error: unknown = await call.then(
      () => "no error",
      (caught: unknown) => caught,
    );
    expect(error).toBeInstanceOf(OdooError);
    return error as OdooError;
  }

  it("endpoints() lists what the service may use", async () => {
    const list = await api.endpoints();
    expect(list.map((one) => one.code)).toEqual(["F1", "F2", "FB"]);
    expect(list[0]).toMatchObject({
      state: "active",
      direction: "both",
      test: false,
      connector: "rest-json",
      settings: { path: "/partners/f1x/documents", timeout_seconds: 2 },
    });
  });

  it("claim, stage, extend and report carry an order through", async () => {
    const numbers = await queue(3);
    const token = randomUUID();
    const rows = await claim(2, token);
    expect(rows.map((one) => one.number)).toEqual(numbers.slice(0, 2));
    expect(await claim(2, token)).toMatchObject(
      rows.map(({ uuid }) => ({ uuid })),
    );
    const others = await claim();
    expect(others.map((one) => one.number)).toEqual(numbers.slice(2));
    const [first, second] = rows as [ClaimedMessage, ClaimedMessage];
    expect(first).toMatchObject({
      endpoint_code: "F1",
      document_type: "purchase_order",
      payload: false,
      payload_sha256: false,
      filename: false,
      mapping: false,
      attempt_count: 0,
      document: { currency: "USD", lines: [{ line_number: "1" }, {}, {}] },
    });
    expect(first.traceparent).toContain(String(first.trace_id));
    expect(await api.stage(token, [rendered(first, ALL_BYTES)])).toEqual([
      { ...rendered(first, ALL_BYTES), status: "staged" },
    ]);
    const later = rendered(first, Buffer.from("later"));
    expect(await api.stage(token, [later])).toEqual([
      { ...rendered(first, ALL_BYTES), status: "kept" },
    ]);
    const foreign = rendered(others[0]!, Buffer.from("x"));
    expect(await api.stage(token, [foreign])).toMatchObject([
      { status: "lost_lease", payload: false },
    ]);
    const held = await api.extend(token, 90);
    expect(held.uuids).toEqual(rows.map((one) => one.uuid).sort());
    expect(await api.report(token, [result(first)])).toEqual([
      {
        uuid: first.uuid,
        status: "recorded",
        state: "acknowledged",
        next_attempt_at: false,
      },
    ]);
    expect(await api.report(token, [result(first)])).toMatchObject([
      { status: "repeated" },
    ]);
    expect(await api.report(randomUUID(), [result(second)])).toMatchObject([
      { status: "lost_lease" },
    ]);
    const failed = result(second, {
      outcome: "unknown",
      acknowledged: false,
      retryable: true,
      error_code: "timeout",
      error_kind: "transient",
      message: NASTY,
      http_status: false,
      retry_after_seconds: 3_000,
    });
    const [answer] = await api.report(token, [failed]);
    expect(answer).toMatchObject({ status: "recorded", state: "retry" });
    expect(answer?.next_attempt_at).toMatch(/^\d{4}-.*Z$/);
    await api
      .report(
        others[0]!.uuid,
        others.map((one) => result(one)),
      )
      .catch(() => undefined);
    await release(others);
  });

  /** Lets nothing of a test be left for the next. */
  async function release(rows: ClaimedMessage[]): Promise<void> {
    await world.side.query(
      `UPDATE healthcare_exchange_message
          SET state = 'cancelled', lease_token = NULL
        WHERE uuid = ANY(%s) RETURNING id`,
      [rows.map((one) => one.uuid)],
    );
  }

  it("ingest stores every byte and every character, once", async () => {
    const document = invoice(`${tag}-IN`, { notes: [NASTY] });
    const raw = Buffer.concat([ALL_BYTES, Buffer.from(tag)]);
    const base: Envelope = {
      document,
      raw: raw.toString("base64"),
      raw_sha256: sha256(raw),
      filename: "all bytes.bin",
      content_type: "application/json",
      diagnostics: [
        {
          level: "info",
          code: "note",
          message: NASTY,
          line: 2 ** 40,
          path: null,
        },
      ],
      idempotency_key: `${tag}-key`,
      position: 0,
      trace_id: "0af7651916cd43dd8448eb211c80319c",
    };
    const unreadable: Envelope = {
      ...base,
      document: null,
      idempotency_key: `${tag}-unreadable`,
    };
    const [stored, rejected] = await api.ingest("F1", [base, unreadable]);
    expect(stored).toMatchObject({
      status: "accepted",
      state: "queued",
      document_type: "invoice",
      number: `${tag}-IN`,
      errors: [],
    });
    expect(rejected).toMatchObject({
      status: "rejected",
      document_type: false,
      errors: [{ code: "unparseable" }],
    });
    const [row] = await world.side.query<[string, string, string[]]>(
      `SELECT encode(decode(convert_from(raw, 'UTF8'), 'base64'), 'hex'),
              trace_id, document->'notes'
         FROM healthcare_exchange_message WHERE uuid = %s`,
      [stored?.message_uuid],
    );
    expect(row?.[0]).toBe(raw.toString("hex"));
    expect(row?.[1]).toBe(base.trace_id);
    expect(row?.[2]).toEqual([NASTY]);
    expect(await api.ingest("F1", [base])).toMatchObject([
      { status: "duplicate", message_uuid: stored?.message_uuid },
    ]);
    const other = Buffer.from("other");
    const conflict = {
      ...base,
      raw: other.toString("base64"),
      raw_sha256: sha256(other),
    };
    expect(await api.ingest("F1", [conflict])).toMatchObject([
      { status: "idempotency_conflict" },
    ]);
    const [processed] = await api.process([stored!.message_uuid]);
    expect(processed).toMatchObject({
      status: "accepted",
      state: "done",
      res_model: "account.move",
    });
    expect(await api.process([stored!.message_uuid])).toMatchObject([
      { state: "done", res_id: processed?.res_id },
    ]);
    expect(
      await api.status([stored!.message_uuid, rejected!.message_uuid]),
    ).toMatchObject([
      { state: "done", endpoint_code: "F1", direction: "inbound" },
      { state: "rejected", errors: [{ code: "unparseable" }] },
    ]);
  });

  it("replay queues again what was delivered", async () => {
    await queue(1);
    const token = randomUUID();
    const [row] = (await claim(1, token)) as [ClaimedMessage];
    await api.stage(token, [rendered(row, ALL_BYTES)]);
    await api.report(token, [result(row)]);
    expect(await api.replay([row.uuid])).toMatchObject([
      { message_uuid: row.uuid, replayed: true, state: "queued" },
    ]);
    const again = await claim(1);
    expect(again).toMatchObject([
      {
        uuid: row.uuid,
        idempotency_key: row.idempotency_key,
        payload_sha256: sha256(ALL_BYTES),
      },
    ]);
    await release(again);
  });

  it("what nobody knows is answered, not raised", async () => {
    const uuid = randomUUID();
    const unknown = { message_uuid: uuid, status: "rejected" };
    expect(await api.status([uuid])).toMatchObject([unknown]);
    expect(await api.process([uuid])).toMatchObject([unknown]);
    expect(await api.ingest("F1", [])).toEqual([]);
    expect(await api.extend(randomUUID(), 60)).toEqual({
      uuids: [],
      leased_until: false,
    });
  });

  it.each([
    ["no endpoint of ours", () => api.ingest("NOBODY", []), "NOBODY"],
    ["a limit of nothing", () => claim(0), "limit"],
    [
      "an endless lease",
      () => claim(1, randomUUID(), [], 1e9),
      "lease_seconds",
    ],
    ["no token", () => claim(1, "token"), "lease_token"],
    [
      "broken base64",
      () =>
        api.ingest("F1", [
          { raw: "%%%", document: null } as unknown as Envelope,
        ]),
      "base64",
    ],
    [
      "no outcome",
      () =>
        api.report(randomUUID(), [{ uuid: "x" } as unknown as AttemptResult]),
      "outcome",
    ],
  ])("%s is refused with a reason", async (_name, call, word) => {
    const error = await refusal(call());
    expect(error.kind).toBe("refused");
    expect(error.message).toContain(word);
    expect(error.retryable).toBe(false);
  });

  it("a wrong key is nobody", async () => {
    const stranger = connect("0".repeat(40));
    const error = await refusal(stranger.endpoints());
    expect(error.kind).toBe("auth");
    expect(error.retryable).toBe(false);
    await stranger.client.close();
  });

  it("the service's key opens nothing but the protocol", async () => {
    for (const [model, method] of [
      ["res.users", "search_read"],
      ["purchase.order", "search_read"],
      ["healthcare.exchange.message", "search_read"],
    ] as const) {
      const error = await refusal(api.client.call(model, method, {}));
      expect(error.kind, `${model}.${method}`).toBe("auth");
    }
  });

  it("Odoo that hangs is given up, and works again afterwards", async () => {
    await world.whileOdooHangs(async () => {
      const hanging = api.endpoints({ timeout: 500 });
      const error = await refusal(hanging);
      expect(error).toMatchObject({ kind: "unreachable", retryable: true });
    });
    expect(await api.endpoints()).toHaveLength(3);
  });
});
