/**
 * A supplier's price list of 100 000 lines, of which a tenth is changed:
 * staged, compared and applied, against Odoo's own import of price rows.
 *
 * Odoo loads a sample, and its time per line is scaled to the list. Odoo's
 * import compares nothing; it only writes.
 */
import { atLeast, type Benchmark } from "./benchmark.ts";
import { round } from "./statistics.ts";
import type { World } from "./world.ts";

const LINES = 100_000;
const CHANGED = 10_000;

/** Lines that Odoo loads. */
const PEER = 5_000;

export const priceFeed: Benchmark = {
  name: "price-feed",
  description: "a price list staged, compared and applied against load()",
  run,
};

/** Seconds of each step. */
interface Timed {
  stage: number;
  compare: number;
  apply: number;
  validate: number;
  first_stage: number;
  first_compare: number;
  first_apply: number;
  peer: number;
  state: string;
  lines: number;
  changed: number;
  applied: number;
  failed: string;
}

async function run(world: World) {
  const timed = await world.script<Timed>("price_feed.py", {
    LINES: String(LINES),
    CHANGED: String(CHANGED),
    PEER: String(PEER),
  });
  if (
    timed.state !== "applied" ||
    timed.lines !== LINES ||
    timed.changed !== CHANGED ||
    timed.applied !== CHANGED
  ) {
    throw new Error(`price feed: ${JSON.stringify(timed)}`);
  }
  const ours = timed.stage + timed.compare + timed.apply;
  const first = timed.first_stage + timed.first_compare + timed.first_apply;
  const peer = (timed.peer / PEER) * LINES;
  return {
    figures: {
      lines: LINES,
      changed: CHANGED,
      seconds: {
        stage: timed.stage,
        compare: timed.compare,
        apply: timed.apply,
        total: round(ours),
        first_list: round(first),
        validate: timed.validate,
        odoo_load_sample: timed.peer,
        odoo_load_scaled: round(peer),
      },
      lines_per_second: {
        feed: round(LINES / ours),
        odoo_load: round(PEER / timed.peer),
      },
    },
    ratios: [
      atLeast(
        "price-feed: lines per second with a tenth changed, against load()",
        round(peer / ours),
        10,
      ),
    ],
  };
}
