/**
 * Price truth of 10 000 requests in one call, with every price that lost and
 * why, against Odoo's choice of a vendor price in a loop, which knows neither
 * contracts nor reasons.
 */
import { atLeast, type Benchmark } from "./benchmark.ts";
import { round } from "./statistics.ts";
import type { World } from "./world.ts";

const REQUESTS = 10_000;

/** Items; each has six vendor prices, and every second one contract prices. */
const PRODUCTS = 2_000;

export const priceTruth: Benchmark = {
  name: "price-truth",
  description: "price truth in one call against _select_seller in a loop",
  run,
};

interface Timed {
  requests: number;
  sources: Record<string, number>;
  losers: number;
  resolve_seconds: number;
  select_seller_seconds: number;
}

async function run(world: World) {
  const timed = await world.script<Timed>("price_truth.py", {
    REQUESTS: String(REQUESTS),
    PRODUCTS: String(PRODUCTS),
  });
  return {
    figures: {
      requests: timed.requests,
      sources: timed.sources,
      losers_explained: timed.losers,
      requests_per_second: round(REQUESTS / timed.resolve_seconds),
      resolve_seconds: round(timed.resolve_seconds),
      select_seller_seconds: round(timed.select_seller_seconds),
    },
    ratios: [
      atLeast(
        "price truth of 10 000 requests: _select_seller in a loop against one call",
        round(timed.select_seller_seconds / timed.resolve_seconds),
        20,
      ),
    ],
  };
}
