/**
 * From commit in Odoo to the partner's receipt, over the running service, with
 * messages queued at 1, 10 and 50 a second, each in a transaction of its own.
 */
import { atMost, type Benchmark, type Ratio } from "./benchmark.ts";
import { Partner } from "./partner.ts";
import { percentiles } from "./statistics.ts";
import type { World } from "./world.ts";

/** Messages a second, and how many of them. */
const LOADS = [
  { rate: 1, count: 20 },
  { rate: 10, count: 200 },
  { rate: 50, count: 1_000 },
];

/** Milliseconds until stragglers are given up. */
const PATIENCE = 60_000;

const GOAL_P95 = 1_000;

export const latency: Benchmark = {
  name: "latency",
  description: "commit to the partner's receipt at 1, 10 and 50 a second",
  run,
};

async function run(world: World) {
  const partner = new Partner();
  const base = await partner.start();
  const figures: Record<string, unknown> = {};
  const ratios: Ratio[] = [];
  await world.service(true);
  try {
    for (const { rate, count } of LOADS) {
      const { committed } = await world.script<{
        committed: Record<string, number>;
      }>("outbox.py", {
        CODE: "BENCH_LATENCY",
        BASE_URL: base,
        COUNT: String(count),
        RATE: String(rate),
        NUMBER: `BL${rate}-`,
      });
      const keys = Object.keys(committed);
      await arrival(partner, keys);
      const waits = keys.map((key) => {
        const at = partner.receivedAt.get(key);
        if (at === undefined) throw new Error(`${key} never arrived`);
        return at - (committed[key] ?? 0) * 1_000;
      });
      const measured = percentiles(waits);
      figures[`commit_to_receipt_ms_at_${rate}_per_second`] = measured;
      ratios.push(
        atMost(`p95 in ms at ${rate} a second`, measured.p95, GOAL_P95),
      );
    }
    figures.copies_received = partner.copies;
    figures.documents = partner.receivedAt.size;
  } finally {
    await world.service(false);
    await partner.stop();
  }
  return { figures, ratios };
}

async function arrival(partner: Partner, keys: string[]): Promise<void> {
  const until = Date.now() + PATIENCE;
  while (keys.some((key) => !partner.receivedAt.has(key))) {
    if (Date.now() > until) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
