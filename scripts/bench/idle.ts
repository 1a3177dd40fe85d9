/**
 * What a service without work costs Odoo: processor time and calls in a
 * minute, against the same Odoo without a service.
 */
import { readFileSync, statSync } from "node:fs";
import type { Benchmark } from "./benchmark.ts";
import { round } from "./statistics.ts";
import type { World } from "./world.ts";

/** Milliseconds that each side is watched. */
const WATCH = 60_000;

/** Until start-up is over and caches are warm. */
const SETTLE = 10_000;

/** Clock ticks a second (`getconf CLK_TCK` on every Linux of today). */
const TICKS = 100;

export const idle: Benchmark = {
  name: "idle",
  description: "cost of an idle service on Odoo, against none",
  run,
};

async function run(world: World) {
  const without = await watch(world);
  await world.service(true);
  let with_;
  try {
    await pause(SETTLE);
    with_ = await watch(world);
  } finally {
    await world.service(false);
  }
  return {
    figures: {
      watched_seconds: WATCH / 1_000,
      without_service: without,
      with_service: with_,
    },
    ratios: [
      {
        what: "share of one core that Odoo spends on an idle service",
        value: round(
          (with_.odoo_cpu_seconds - without.odoo_cpu_seconds) / (WATCH / 1_000),
        ),
      },
    ],
  };
}

async function watch(world: World) {
  const cpu = cpuSeconds(world.odoo.pid);
  const from = statSync(world.odoo.log).size;
  await pause(WATCH);
  const said = readFileSync(world.odoo.log).subarray(from).toString("utf8");
  return {
    odoo_cpu_seconds: round(cpuSeconds(world.odoo.pid) - cpu),
    rpc_calls: said.split("\n").filter((line) => line.includes("/json/2/"))
      .length,
  };
}

/** User and system time of a process; its name may hold spaces. */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));
