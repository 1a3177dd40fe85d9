/**
 * Exclusion screening: all suppliers against a whole list, found by an index
 * over the trigrams of names, against comparing each pair of names.
 */
import { atLeast, atMost, type Benchmark } from "./benchmark.ts";
import { round } from "./statistics.ts";
import type { World } from "./world.ts";

const SUPPLIERS = 5_000;
const EXCLUSIONS = 100_000;

interface Answer {
  suppliers: number;
  exclusions: number;
  load_seconds: number;
  screen_seconds: number;
  matches: number;
  without_index_seconds: number;
}

export const screening: Benchmark = {
  name: "screening",
  description: "5 000 suppliers against 100 000 excluded parties",
  run,
};

async function run(world: World) {
  const answer = await world.script<Answer>("suppliers.py", {
    TASK: "screening",
    SUPPLIERS: String(SUPPLIERS),
    EXCLUSIONS: String(EXCLUSIONS),
  });
  return {
    figures: { ...answer },
    ratios: [
      atMost("screening of all suppliers, seconds", answer.screen_seconds, 60),
      atLeast(
        "screening: against comparing each pair, from a sample",
        round(answer.without_index_seconds / answer.screen_seconds),
        1,
      ),
    ],
  };
}
