/** What a benchmark is, and what it reports. */
import type { World } from "./world.ts";

/** One comparison: ours against a peer measured in the same run. */
export interface Ratio {
  /** What is compared, as a sentence's subject. */
  what: string;
  value: number;
  /** The goal in words, such as `>= 10`; absent where there is none. */
  goal?: string;
  met?: boolean;
}

/** Result of one benchmark; all figures come from this run. */
export interface BenchResult {
  name: string;
  /** What was measured, with units in the keys (`_ms`, `_per_second`). */
  figures: Record<string, unknown>;
  ratios: Ratio[];
}

/** A benchmark of `npx hcp bench`. */
export interface Benchmark {
  name: string;
  description: string;
  run: (world: World) => Promise<Omit<BenchResult, "name">>;
}

/** A ratio that should be at least `goal`. */
export function atLeast(what: string, value: number, goal: number): Ratio {
  return { what, value, goal: `>= ${goal}`, met: value >= goal };
}

/** A ratio or figure that should be at most `goal`. */
export function atMost(what: string, value: number, goal: number): Ratio {
  return { what, value, goal: `<= ${goal}`, met: value <= goal };
}
