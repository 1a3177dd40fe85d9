/**
 * Claim, stage, report and the storing half of ingest in batches, against the
 * same number of single JSON-2 calls.
 */
import { createHash, randomUUID } from "node:crypto";
import type {
  AttemptResult,
  ClaimedMessage,
  ExchangeApi,
} from "../odoo/exchange.ts";
import { atLeast, type Benchmark } from "./benchmark.ts";
import { acknowledgement } from "./documents.ts";
import { round, timed } from "./statistics.ts";
import type { World } from "./world.ts";

/** Messages of each side. */
const COUNT = 200;

/** Messages per call of the batched side. */
const BATCH = 100;

const CODE = "BENCH_PROTOCOL";

interface Totals {
  claim: number;
  stage: number;
  report: number;
  ingest: number;
}

type Step = keyof Totals;

export const protocol: Benchmark = {
  name: "protocol",
  description:
    "claim, stage, report and ingest in batches against single JSON-2 calls",
  run,
};

async function run(world: World) {
  await world.script("outbox.py", {
    CODE,
    BASE_URL: "http://127.0.0.1:9",
    COUNT: String(COUNT * 2),
    RATE: "0",
    NUMBER: "BP",
  });
  const exchange = world.exchange();
  // What a first call costs in caches belongs to neither side.
  await exchange.endpoints();
  const batched = await measure(exchange, BATCH);
  const single = await measure(exchange, 1);
  const steps: Step[] = ["claim", "stage", "report", "ingest"];
  return {
    figures: {
      documents: COUNT,
      batch: BATCH,
      documents_per_second: Object.fromEntries(
        steps.map((step) => [
          step,
          {
            batched: perSecond(batched[step]),
            single: perSecond(single[step]),
          },
        ]),
      ),
    },
    ratios: steps.map((step) =>
      atLeast(
        `${step}: documents per second, batched against single calls`,
        round(single[step] / batched[step]),
        10,
      ),
    ),
  };
}

const perSecond = (milliseconds: number): number =>
  Math.round((COUNT * 1_000) / milliseconds);

/** Takes COUNT messages all the way in portions of one size. */
async function measure(exchange: ExchangeApi, size: number): Promise<Totals> {
  const totals: Totals = { claim: 0, stage: 0, report: 0, ingest: 0 };
  const step = async <T>(name: Step, call: () => Promise<T>): Promise<T> => {
    const { milliseconds, value } = await timed(call);
    totals[name] += milliseconds;
    return value;
  };
  for (let done = 0; done < COUNT;) {
    const token = randomUUID();
    const rows = await step("claim", () =>
      exchange.claim({
        worker: "bench",
        limit: Math.min(size, COUNT - done),
        lease_seconds: 600,
        endpoint_codes: [CODE],
        lease_token: token,
      }),
    );
    if (rows.length === 0) throw new Error("claim gave nothing");
    await step("stage", () => exchange.stage(token, rows.map(rendered)));
    const told = await step("report", () =>
      exchange.report(token, rows.map(delivered)),
    );
    if (told.some((one) => one.status !== "recorded"))
      throw new Error("a report was not recorded");
    done += rows.length;
  }
  for (let done = 0; done < COUNT; done += size) {
    const envelopes = Array.from({ length: size }, (_, place) =>
      acknowledgement(`BENCH-${size}-${done + place}`),
    );
    const stored = await step("ingest", () =>
      exchange.ingest(CODE_IN, envelopes),
    );
    if (stored.some((one) => one.status !== "accepted"))
      throw new Error(`ingest: ${JSON.stringify(stored[0])}`);
  }
  return totals;
}

/** The demo's endpoint that takes acknowledgements. */
const CODE_IN = "SUPPLIER_A";

function rendered(row: ClaimedMessage) {
  const bytes = Buffer.from(JSON.stringify(row.document));
  return {
    uuid: row.uuid,
    payload: bytes.toString("base64"),
    payload_sha256: createHash("sha256").update(bytes).digest("hex"),
    filename: `${row.number}.json`,
    content_type: "application/json",
  };
}

function delivered(row: ClaimedMessage): AttemptResult {
  return {
    uuid: row.uuid,
    outcome: "delivered",
    acknowledged: true,
    error_code: false,
    error_kind: false,
    retryable: false,
    message: false,
    http_status: 202,
    started_at: new Date().toISOString(),
    duration_ms: 12,
    retry_after_seconds: false,
    partner_reference: false,
  };
}
