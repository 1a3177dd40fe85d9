/**
 * Processing what came in: acknowledgements of real orders, in one call for
 * many, against a call for each. Processing keeps a transaction per document
 * either way, so the goal is that a batch is no slower.
 */
import { atLeast, type Benchmark } from "./benchmark.ts";
import { acknowledgement } from "./documents.ts";
import { round, timed } from "./statistics.ts";
import type { World } from "./world.ts";

/** Documents of each side. */
const COUNT = 60;

/** Documents per call of the batched side: what the service sends. */
const BATCH = 20;

const ENDPOINT = "SUPPLIER_A";

export const processing: Benchmark = {
  name: "processing",
  description: "acknowledgements processed in batches against single calls",
  run,
};

async function run(world: World) {
  const { numbers } = await world.script<{ numbers: string[] }>("orders.py", {
    COUNT: String(2 * COUNT),
  });
  const exchange = world.exchange();
  const stored = await exchange.ingest(
    ENDPOINT,
    numbers.map((number) => acknowledgement(number)),
  );
  const uuids = stored.map((one) => one.message_uuid);
  // Turn by turn, so that neither side has the colder caches.
  const totals = { batched: 0, single: 0 };
  for (let at = 0; at < uuids.length; at += 2 * BATCH) {
    const batch = uuids.slice(at, at + BATCH);
    const singles = uuids.slice(at + BATCH, at + 2 * BATCH);
    const together = await timed(() => exchange.process(batch));
    totals.batched += together.milliseconds;
    const answers = [...together.value];
    for (const uuid of singles) {
      const alone = await timed(() => exchange.process([uuid]));
      totals.single += alone.milliseconds;
      answers.push(...alone.value);
    }
    const bad = answers.find((one) => one.status !== "accepted");
    if (bad) throw new Error(`process: ${JSON.stringify(bad)}`);
  }
  const perSecond = (milliseconds: number) =>
    round((COUNT * 1_000) / milliseconds);
  return {
    figures: {
      documents: COUNT,
      batch: BATCH,
      documents_per_second: {
        batched: perSecond(totals.batched),
        single: perSecond(totals.single),
      },
    },
    ratios: [
      atLeast(
        "process: documents per second, batched against single calls",
        round(totals.single / totals.batched),
        1,
      ),
    ],
  };
}
