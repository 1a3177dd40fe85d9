/**
 * Crashes, done for real: SIGKILL of the service at its worst moments, of Odoo
 * and of PostgreSQL; partners that fail in every way; clocks that jump;
 * documents that come twice and out of order. Afterwards the partners' own
 * count must agree with Odoo's rows.
 */
import { setTimeout as wait } from "node:timers/promises";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Fault } from "../../scripts/sandbox/faults.ts";
import { eventually } from "../kit/context.ts";
import { hcp } from "../kit/live.ts";
import { OtlpReceiver } from "../kit/otlp-receiver.ts";
import { invoice } from "../kit/documents.ts";
import type { Queued } from "./kit/odoo-side.ts";
import { NOTHING_WRONG, reconcile } from "./kit/reconcile.ts";
import { storm } from "./kit/storm.ts";
import { PARTNER_BEARER, World } from "./kit/world.ts";

const LIMIT = 30_000;

const ROOT = join(import.meta.dirname, "..", "..");

let world: World;

beforeAll(async () => {
  world = await World.open(8);
});
afterAll(async () => {
  await world?.close();
});

/** Two documents of one business object, and a third of another one. */
function three(prefix: string, endpoint: string): Queued[] {
  return [1, 2, 3].map((step) => ({
    number: `${prefix}${endpoint}-${step}`,
    endpoint,
    ordering_key: `${prefix}${endpoint}-${step === 3 ? "b" : "a"}`,
    priority: 1,
  }));
}

async function expectNothingWrong(
  prefix: string,
  queued: Queued[],
): Promise<void> {
  await world.settled(prefix, LIMIT);
  // The supplier with the folder looks into it from time to time.
  let last = await reconcile(world, prefix, queued);
  const until = Date.now() + 5_000;
  while (last.lost > 0 && Date.now() < until) {
    await wait(200);
    last = await reconcile(world, prefix, queued);
  }
  expect(last).toMatchObject({ ...NOTHING_WRONG, documents: queued.length });
}

async function expectKilled(name: string): Promise<void> {
  const limit = wait(LIMIT).then(() => ({ signal: "none in time" }));
  const { signal } = await Promise.race([world.service(name).exited, limit]);
  expect(signal, world.logOf(name)).toBe("SIGKILL");
}

describe("SIGKILL of the service", () => {
  const moments = ["claimed", "staged", "answered", "reporting", "reported"];
  const endpointOf = (moment: string) => `F${moments.indexOf(moment) + 1}`;
  const queued = moments.flatMap((one) => three("K", endpointOf(one)));

  beforeAll(async () => {
    // Two reports are needed for something to happen between them.
    await world.setFaults("f5x", [
      { kind: "slow", milliseconds: 700, count: 1 },
    ]);
    await world.side.enqueue(queued);
    await Promise.all(
      moments.map((moment) =>
        world.startService(`kill-${moment}`, {
          preload: "kill-at.mjs",
          env: { HCP_TEST_KILL_AT: moment },
          endpoints: [endpointOf(moment)],
        }),
      ),
    );
    await Promise.all(moments.map((one) => expectKilled(`kill-${one}`)));
    await world.startService("after-kills");
    await world.settled("K", LIMIT);
  });
  afterAll(() => world.stopServices());

  it.each([
    ["claimed", { "not_sent lease_expired": 2 }, 0],
    ["staged", { "unknown lease_expired": 2 }, 0],
    ["answered", { "unknown lease_expired": 2 }, 1],
    ["reporting", { "unknown lease_expired": 2 }, 1],
  ])("when %s: again, under the same key", async (moment, first, repeated) => {
    const prefix = `K${endpointOf(moment)}-`;
    expect(await world.outcomes(prefix)).toEqual({ ...first, delivered: 3 });
    const counts = await world.counted(`f${moments.indexOf(moment) + 1}x`);
    const copies = [...counts.values()].map((one) => one.copies);
    const sum = copies.reduce((a, b) => a + b, 0);
    expect(sum).toBeGreaterThanOrEqual(3 + repeated);
    if (repeated === 0) expect(sum).toBe(3);
  });

  it("between two reports: what was reported is not sent again", async () => {
    const prefix = `K${endpointOf("reported")}-`;
    const { delivered, ...expired } = await world.outcomes(prefix);
    expect(delivered).toBe(3);
    expect(Object.keys(expired).join()).toMatch(/lease_expired$/);
    const rows = await world.sent(prefix);
    const heard = rows.filter((one) => one.attempts === 1);
    expect(heard.length).toBeGreaterThan(0);
    const counts = await world.counted("f5x");
    for (const { number } of heard) expect(counts.get(number)?.copies).toBe(1);
  });

  it("loses nothing, doubles nothing, keeps the order", () =>
    expectNothingWrong("K", queued));
});

describe("a service that", () => {
  const clocks = [
    ["F1", 3_600_000],
    ["F2", -3_600_000],
  ] as const;
  const queued = ["F1", "F2", "F3"].flatMap((code) => three("C", code));

  beforeAll(async () => {
    await world.setFaults("f3x", [
      { kind: "slow", milliseconds: 1_500, count: 1 },
    ]);
    await world.side.enqueue(queued);
    const sleeper = world.startService("sleeper", { endpoints: ["F3"] });
    await Promise.all([
      ...clocks.map(([code, jump]) =>
        world.startService(`jump-${code}`, {
          preload: "jump-clock.mjs",
          env: { HCP_TEST_CLOCK_JUMP: String(jump) },
          endpoints: [code],
        }),
      ),
      sleeper,
    ]);
    await eventually("a send has begun", async () => {
      const counts = await world.counted("f3x");
      return [...counts.keys()].some((one) => one.startsWith("C"));
    });
    // Its lease runs out while it sleeps, as on a suspended machine.
    process.kill(world.service("sleeper").pid, "SIGSTOP");
    await world.startService("awake", { endpoints: ["F3"] });
    await world.settled("CF3", LIMIT);
    process.kill(world.service("sleeper").pid, "SIGCONT");
    await world.settled("C", LIMIT);
  });
  afterAll(() => world.stopServices());

  it("sleeps beyond its lease changes nothing when it wakes", async () => {
    await eventually("it has woken", () =>
      /"error_code":"timeout"/.test(world.logOf("sleeper")),
    );
    // A stopping service waits until its reports were heard.
    await world.service("sleeper").stop();
    const outcomes = await world.outcomes("CF3-");
    expect(Object.keys(outcomes).sort()).toEqual([
      "delivered",
      "unknown lease_expired",
    ]);
    expect(outcomes.delivered).toBe(3);
  });

  it.each(clocks)(
    "has its clock jump (%s) sends all the same",
    async (code) => {
      const outcomes = await world.outcomes(`C${code}-`);
      expect(outcomes.delivered).toBe(3);
    },
  );

  it("loses nothing, doubles nothing, keeps the order", () =>
    expectNothingWrong("C", queued));
});

describe("a partner that", () => {
  const cases: [string, Fault, string][] = [
    ["answers 500", { kind: "status" }, "unknown partner_unavailable"],
    [
      "answers 429",
      { kind: "status", status: 429, retry_after: 2 },
      "not_sent rate_limited",
    ],
    ["hangs", { kind: "hang" }, "unknown timeout"],
    ["resets in mid-body", { kind: "reset" }, "unknown connection_lost"],
    ["breaks off its answer", { kind: "broken" }, "delivered"],
    ["answers 200 with garbage", { kind: "garbage" }, "delivered"],
    [
      "accepts, and its answer is lost",
      { kind: "lost" },
      "unknown connection_lost",
    ],
    ["is slow", { kind: "slow", milliseconds: 800 }, "delivered"],
  ];
  const queued = cases.flatMap((_one, index) => three("P", `F${index + 1}`));

  beforeAll(async () => {
    for (const [index, [, fault]] of cases.entries())
      await world.setFaults(`f${index + 1}x`, [{ ...fault, count: 1 }]);
    await world.setFaults("b", [{ kind: "hang", count: 5 }]);
    await world.side.enqueue([...queued, ...three("P", "FB")]);
    await world.startService("partners");
    await world.settled("P", LIMIT);
  });
  afterAll(() => world.stopServices());

  it.each(cases)("%s gets each document once", async (name, fault, outcome) => {
    const index = cases.findIndex(([one]) => one === name) + 1;
    const outcomes = await world.outcomes(`PF${index}-`);
    const failed = outcome === "delivered" ? {} : { [outcome]: 1 };
    expect(outcomes).toEqual({ delivered: 3, ...failed });
    const counts = [...(await world.counted(`f${index}x`))].filter(([number]) =>
      number.startsWith("P"),
    );
    expect(counts.map(([, one]) => one.effects)).toEqual([1, 1, 1]);
    const copies = counts.reduce((sum, [, one]) => sum + one.copies, 0);
    // A document that is reset while it is read is none that arrived.
    expect(copies).toBe(
      fault.kind !== "reset" && outcome !== "delivered" ? 4 : 3,
    );
  });

  it("loses nothing, doubles nothing, keeps the order", () =>
    expectNothingWrong("P", [...queued, ...three("P", "FB")]));
});

describe("an order", () => {
  afterAll(() => world.stopServices());

  it("is one trace from its confirmation to the attempt", async () => {
    const collector = new OtlpReceiver();
    await world.startService("traced", {
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: await collector.start(),
        OTEL_BSP_SCHEDULE_DELAY: "100",
      },
    });
    const order = await world.side.confirmOrder("F8");
    await world.settled(order.number, LIMIT);
    await eventually("the spans are there", () =>
      collector.trace(order.trace_id).some((one) => one.name === "attempt"),
    );
    const spans = collector.trace(order.trace_id);
    const byId = new Map(spans.map((one) => [one.spanId, one]));
    const path = (span: (typeof spans)[number]): string[] => {
      const parent = byId.get(span.parentSpanId);
      return [...(parent ? path(parent) : []), span.name];
    };
    const roots = spans.filter((one) => one.parentSpanId === "");
    expect(roots.map((one) => one.name)).toEqual(["queue purchase_order"]);
    const sending = spans.filter((one) => one.name === "send");
    expect(sending.map(path)).toEqual([
      ["queue purchase_order", "attempt", "send"],
    ]);
    // The partner and Odoo's own attempt belong to the same trace.
    const count = (await world.counted("f8x")).get(order.number);
    expect(count?.traceparents).toEqual([
      `00-${order.trace_id}-${sending[0]?.spanId}-01`,
    ]);
    const [message] = await world.sent(order.number);
    expect(message).toMatchObject({
      state: "acknowledged",
      trace_id: order.trace_id,
      attempts: 1,
    });
    await collector.stop();
  });

  it("at a partner that is down holds up neither `sync once` nor others", async () => {
    await world.side.writeEndpoint("F7", {
      breaker_failures: 2,
      breaker_seconds: 600,
      breaker_max_seconds: 600,
      max_attempts: 1_000,
    });
    await world.setFaults("f7x", [{ kind: "status", status: 503 }]);
    const down = three("O", "F7").map((one, index) => ({
      ...one,
      ordering_key: `O${index}`,
    }));
    await world.side.enqueue([...down, ...three("O", "F6")]);
    const once = () => hcp(ROOT, ["sync", "once"], world.serviceEnv());
    const opened = async () => {
      const [row] = await world.side.query<[string]>(
        `SELECT f.breaker FROM healthcare_exchange_flow f
           JOIN healthcare_exchange_endpoint e ON e.id = f.endpoint_id
          WHERE e.code = 'F7'`,
      );
      return row?.[0] === "open";
    };
    await eventually(
      "the breaker opens",
      async () => {
        expect((await once()).code).toBe(0);
        return opened();
      },
      LIMIT,
    );
    const before = (await world.outcomes("OF7"))[
      "not_sent partner_unavailable"
    ];
    const last = await once();
    expect(last.code, last.stderr).toBe(0);
    expect(await world.outcomes("OF7")).toEqual({
      "not_sent partner_unavailable": before,
    });
    await world.settled("OF6", LIMIT);
    expect((await world.outcomes("OF6")).delivered).toBe(3);
    await partnerIsBack("F7", "f7x");
  });
});

/** As if a person had closed the breaker: other tests use the endpoint, too. */
async function partnerIsBack(code: string, supplier: string): Promise<void> {
  await world.setFaults(supplier, []);
  await world.side.writeEndpoint(code, {
    breaker_failures: 5,
    breaker_seconds: 1,
    breaker_max_seconds: 2,
  });
  await world.side.query(
    `UPDATE healthcare_exchange_flow f
        SET breaker = 'closed', open_until = NULL, opened_count = 0,
            paused_until = NULL, drain_until = NULL, probe_id = NULL,
            counted_from = (SELECT max(id) FROM healthcare_exchange_attempt)
       FROM healthcare_exchange_endpoint e
      WHERE e.id = f.endpoint_id AND e.code = %s
  RETURNING f.id`,
    [code],
  );
}

describe("what comes in", () => {
  const numbers = Array.from({ length: 12 }, (_, index) => `IN-${index}`);

  beforeAll(async () => {
    const urls = [
      await world.startService("ingress-1"),
      await world.startService("ingress-2"),
    ];
    const post = (number: string, key: boolean, url: string) =>
      postUntilTaken(`${url}/v1/endpoints/F1/documents`, number, key);
    // Three copies of each to two services at once, the last number first.
    const copies = [...numbers]
      .reverse()
      .flatMap((number, index) => [
        post(number, index % 2 === 0, urls[0]!),
        post(number, index % 2 === 0, urls[1]!),
        post(number, index % 2 === 0, urls[index % 2]!),
      ]);
    await world.crashPostgres();
    await Promise.all(copies);
  });
  afterAll(() => world.stopServices());

  /** As a partner does: again until somebody has taken it. */
  async function postUntilTaken(
    url: string,
    number: string,
    withKey: boolean,
  ): Promise<void> {
    const body = JSON.stringify(invoice(number, { order_reference: "NONE" }));
    await eventually(
      `${number} is taken`,
      async () => {
        const answer = await fetch(url, {
          method: "POST",
          headers: {
            authorization: `Bearer ${PARTNER_BEARER}`,
            "content-type": "application/json",
            ...(withKey ? { "idempotency-key": `"${number}"` } : {}),
          },
          body,
        }).catch(() => undefined);
        return answer?.status === 202;
      },
      LIMIT,
    );
  }

  it("twice, out of order and through a crash has one effect each", async () => {
    await eventually(
      "all is processed",
      async () => {
        const [row] = await world.side.query<[number]>(
          `SELECT count(*) FROM healthcare_exchange_message
            WHERE number LIKE 'IN-%%' AND state = 'done'`,
        );
        return Number(row?.[0]) === numbers.length;
      },
      LIMIT,
    );
    const messages = await world.side.query<[string, number]>(
      `SELECT number, count(*) FROM healthcare_exchange_message
        WHERE number LIKE 'IN-%%' GROUP BY 1`,
    );
    expect(messages.map(([, count]) => count)).toEqual(numbers.map(() => 1));
    const bills = await world.side.query<[string, number]>(
      `SELECT ref, count(*) FROM account_move
        WHERE ref LIKE 'IN-%%' GROUP BY 1`,
    );
    expect(Object.fromEntries(bills)).toEqual(
      Object.fromEntries(numbers.map((one) => [one, 1])),
    );
  });
});

describe("the services' logs", () => {
  it("hold no key, no token and no document", () => {
    const text = world.logs();
    expect(text).toContain('"event":"attempt"');
    for (const secret of [world.apiKey(), PARTNER_BEARER, "Item 1 of", "5.125"])
      expect(text.includes(secret), secret.slice(0, 4)).toBe(false);
  });
});

describe("random kills", () => {
  afterAll(() => world.stopServices());

  it("of services, Odoo and PostgreSQL lose nothing and double nothing", async () => {
    const documents = Number(process.env.HCP_FAULTS_DOCUMENTS ?? 200);
    const services = Number(process.env.HCP_FAULTS_SERVICES ?? 3);
    const full = documents > 1_000;
    const seed = Number(process.env.HCP_FAULTS_SEED ?? Date.now() % 1_000_000);
    const prefix = "R";
    const options = { prefix, documents, services, seed };
    const { queued, report } = await storm(world, {
      ...options,
      pause: full ? [2_000, 6_000] : [1_000, 2_000],
      rate: full ? 100 : 15,
      progress: full ? 20 : 5,
    });
    await world.setFaults("b", []);
    await wait(1_000);
    const verdict = await reconcile(world, prefix, queued);
    const outcomes = await world.outcomes(prefix);
    const file = process.env.HCP_FAULTS_REPORT;
    const whole = { ...options, ...report, ...verdict, outcomes };
    if (file) writeFileSync(file, JSON.stringify(whole, null, 2));
    expect(verdict, `seed ${seed}`).toMatchObject(NOTHING_WRONG);
    expect(Math.min(...Object.values(report.kills))).toBeGreaterThan(0);
  });
});
