/**
 * The duplicate check of one new supplier among many partners, by identifiers
 * and by an index over the trigrams of names, against comparing each name.
 */
import { atLeast, atMost, type Benchmark } from "./benchmark.ts";
import { percentiles, round } from "./statistics.ts";
import type { World } from "./world.ts";

const PARTNERS = 50_000;
const CHECKS = 200;

interface Answer {
  partners: number;
  check_ms: number[];
  without_index_ms: number;
}

export const duplicates: Benchmark = {
  name: "duplicates",
  description: "duplicate check of one new supplier among 50 000",
  run,
};

async function run(world: World) {
  const answer = await world.script<Answer>("suppliers.py", {
    TASK: "duplicates",
    PARTNERS: String(PARTNERS),
    CHECKS: String(CHECKS),
  });
  const times = percentiles(answer.check_ms);
  return {
    figures: {
      partners: answer.partners,
      check_ms: times,
      without_index_ms: answer.without_index_ms,
    },
    ratios: [
      atMost("duplicate check, p95 in milliseconds", times.p95, 50),
      atLeast(
        "duplicate check: median against comparing each name",
        round(answer.without_index_ms / times.p50),
        1,
      ),
    ],
  };
}
