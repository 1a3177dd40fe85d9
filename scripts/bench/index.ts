/** Every benchmark, in the order in which they run. */
import { backlog } from "./backlog.ts";
import type { Benchmark } from "./benchmark.ts";
import { duplicates } from "./duplicates.ts";
import { idle } from "./idle.ts";
import { latency } from "./latency.ts";
import { priceFeed } from "./price-feed.ts";
import { priceTruth } from "./price-truth.ts";
import { processing } from "./processing.ts";
import { protocol } from "./protocol.ts";
import { screening } from "./screening.ts";

/** The backlog's million rows stay in the database: it comes last. */
export const BENCHMARKS: readonly Benchmark[] = [
  protocol,
  processing,
  latency,
  idle,
  screening,
  duplicates,
  priceFeed,
  priceTruth,
  backlog,
];
