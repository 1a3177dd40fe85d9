/**
 * Random kills while documents leave: services, Odoo and PostgreSQL die at
 * random moments, partners fail at random, and documents are queued all the
 * while. The seed decides who dies and when; the machine decides the rest.
 */
import { setTimeout as wait } from "node:timers/promises";
import type { Fault } from "../../../scripts/sandbox/faults.ts";
import type { Queued } from "./odoo-side.ts";
import type { World } from "./world.ts";

export interface StormOptions {
  prefix: string;
  documents: number;
  services: number;
  seed: number;
  /** Shortest and longest pause between two kills, in milliseconds. */
  pause: [number, number];
  /** Documents queued per second, at most. */
  rate: number;
  /**
   * Documents that must have left since a kill before the next: on a machine
   * that starts Odoo slowly, nothing would ever leave otherwise.
   */
  progress: number;
}

/** What happened. */
export interface StormReport {
  kills: Record<"service" | "odoo" | "postgres", number>;
  seconds: number;
  /** Until the last document was queued. */
  queueing_seconds: number;
}

/** Documents of one business object follow one another. */
const PER_KEY = 3;

/** Milliseconds until what does not leave is a failure, and for each document. */
const SETTLING = 180_000;
const SETTLING_EACH = 300;

/** Documents queued in one transaction. */
const CHUNK = 25;

/** Who dies, and how often by comparison. */
const VICTIMS = [
  ...Array<"service">(7).fill("service"),
  "odoo",
  "postgres",
] as const;

/** Who dies first, so that each kind does, however short the storm is. */
const FIRST_VICTIMS = ["service", "postgres", "service", "odoo"] as const;

const PARTNER_FAULTS: Fault[] = [
  { kind: "lost", probability: 0.03 },
  { kind: "broken", probability: 0.02 },
  { kind: "status", probability: 0.03 },
  { kind: "status", status: 429, retry_after: 1, probability: 0.02 },
  { kind: "reset", probability: 0.02 },
  { kind: "garbage", probability: 0.02 },
  { kind: "slow", milliseconds: 500, probability: 0.15 },
  { kind: "hang", probability: 0.003 },
];

/** A generator of numbers from 0 to 1 that a seed determines (mulberry32). */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * What is queued: business objects with documents that follow one another,
 * spread over all endpoints, of all priorities, interleaved.
 */
export function plan(
  world: World,
  prefix: string,
  documents: number,
): Queued[] {
  const keys = Math.ceil(documents / PER_KEY);
  const window = 20;
  const list: Queued[] = [];
  for (let first = 0; first < keys; first += window)
    for (let step = 1; step <= PER_KEY; step++)
      for (let key = first; key < Math.min(first + window, keys); key++)
        list.push({
          number: `${prefix}${String(key).padStart(5, "0")}-${step}`,
          endpoint: world.partners[key % world.partners.length]!.code,
          ordering_key: `${prefix}${key}`,
          priority: (key + step * 2) % 3,
        });
  return list.slice(0, documents);
}

/** Lets the storm rage until everything has left. */
export async function storm(
  world: World,
  options: StormOptions,
): Promise<{ queued: Queued[]; report: StormReport }> {
  const { prefix, services } = options;
  const began = performance.now();
  const queued = plan(world, prefix, options.documents);
  for (const { supplier } of world.partners)
    await world.setFaults(
      supplier,
      supplier === "b" ? [{ kind: "hang", probability: 0.2 }] : PARTNER_FAULTS,
    );
  for (let index = 1; index <= services; index++)
    await world.startService(`storm-${index}`);
  const kills = { service: 0, odoo: 0, postgres: 0 };
  const recovered = { rounds: 0 };
  const ending = new AbortController();
  const { signal } = ending;
  const killing = killAtRandom(world, options, kills, recovered, signal);
  let queueing = 0;
  try {
    const allQueued = queueAll(world, queued, options.rate, recovered, signal);
    await Promise.race([allQueued, killing]);
    queueing = performance.now() - began;
    const limit = SETTLING + queued.length * SETTLING_EACH;
    await Promise.race([world.settled(prefix, limit), killing]);
  } finally {
    ending.abort();
    await killing;
  }
  const seconds = (milliseconds: number) => Math.round(milliseconds / 1_000);
  return {
    queued,
    report: {
      kills,
      seconds: seconds(performance.now() - began),
      queueing_seconds: seconds(queueing),
    },
  };
}

/**
 * Queues bit by bit: what is left at each moment must last until the first
 * victims have died, or a fast service would be done before them.
 */
async function queueAll(
  world: World,
  queued: Queued[],
  rate: number,
  recovered: { rounds: number },
  signal: AbortSignal,
): Promise<void> {
  for (let first = 0; first < queued.length; first += CHUNK) {
    const share = first / queued.length;
    const due = Math.floor(share * (FIRST_VICTIMS.length + 1));
    while (recovered.rounds < due && !signal.aborted) await wait(100);
    const pace = wait((CHUNK / rate) * 1_000);
    await world.side.enqueue(queued.slice(first, first + CHUNK));
    await pace;
  }
}

/** How many documents have left. */
async function left(world: World, prefix: string): Promise<number> {
  const [row] = await world.side.query<[number]>(
    `SELECT count(*) FROM healthcare_exchange_message
      WHERE number LIKE %s AND state IN ('sent', 'acknowledged')`,
    [`${prefix}%`],
  );
  return Number(row?.[0]);
}

/**
 * Ends when told; everything runs again then.
 * @param recovered counts the kills after which everything ran again
 */
async function killAtRandom(
  world: World,
  options: StormOptions,
  kills: StormReport["kills"],
  recovered: { rounds: number },
  signal: AbortSignal,
): Promise<void> {
  const roll = dice(options.seed);
  const [shortest, longest] = options.pause;
  const pause = (milliseconds: number) =>
    wait(milliseconds, undefined, { signal }).catch(() => undefined);
  for (;;) {
    const before = await left(world, options.prefix);
    await pause(shortest + roll() * (longest - shortest));
    while (!signal.aborted) {
      const gone = (await left(world, options.prefix)) - before;
      if (gone >= options.progress) break;
      await pause(250);
    }
    if (signal.aborted) return;
    const victim =
      FIRST_VICTIMS[recovered.rounds] ??
      VICTIMS[Math.floor(roll() * VICTIMS.length)]!;
    const name = `storm-${1 + Math.floor(roll() * options.services)}`;
    kills[victim]++;
    if (victim === "odoo") await world.crashOdoo();
    else if (victim === "postgres") await world.crashPostgres();
    else {
      await world.killService(name);
      await wait(roll() * 1_000);
      await world.startService(name);
    }
    recovered.rounds++;
  }
}
