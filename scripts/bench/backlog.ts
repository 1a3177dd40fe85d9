/**
 * The time of a claim with a million messages behind it, half of them waiting
 * for a supplier that is down, against the time with a thousand.
 */
import { atMost, type Benchmark } from "./benchmark.ts";
import { percentiles, round } from "./statistics.ts";
import type { World } from "./world.ts";

const SMALL = 1_000;
const LARGE = 1_000_000;

/** Claims timed at each size. */
const CLAIMS = 40;

export const backlog: Benchmark = {
  name: "backlog",
  description: "claim with 1 000 000 rows behind it against 1 000",
  run,
};

async function run(world: World) {
  const { claim_ms } = await world.script<{
    claim_ms: Record<string, number[]>;
  }>("backlog.py", {
    ROWS: `${SMALL},${LARGE}`,
    CLAIMS: String(CLAIMS),
  });
  const small = percentiles(claim_ms[SMALL] ?? []);
  const large = percentiles(claim_ms[LARGE] ?? []);
  return {
    figures: {
      messages_per_claim: 10,
      claim_ms_with_1_000_rows: small,
      claim_ms_with_1_000_000_rows: large,
    },
    ratios: [
      atMost(
        "median claim with 1 000 000 rows against 1 000",
        round(large.p50 / small.p50),
        2,
      ),
    ],
  };
}
