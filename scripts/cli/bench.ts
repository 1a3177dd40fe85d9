/** `hcp bench [NAME…]`. */
import { Command } from "commander";
import { cpus, totalmem } from "node:os";
import { BENCHMARKS } from "../bench/index.ts";
import type { BenchResult } from "../bench/benchmark.ts";
import { World } from "../bench/world.ts";
import { configOf } from "./common.ts";

export function benchCommand(): Command {
  const names = BENCHMARKS.map((one) => `  ${one.name}: ${one.description}`);
  return new Command("bench")
    .description("measure, peers side by side in one run; JSON on stdout")
    .argument("[name...]", "benchmarks to run; all unless named")
    .addHelpText("after", `\nBenchmarks:\n${names.join("\n")}`)
    .action(async (wanted: string[], _flags: unknown, command: Command) => {
      const known = new Set(BENCHMARKS.map((one) => one.name));
      const unknown = wanted.filter((name) => !known.has(name));
      if (unknown.length > 0)
        throw new Error(
          `no benchmark ${unknown.join(", ")}; there are: ${[...known].join(", ")}`,
        );
      await bench(configOf(command).root, wanted);
    });
}

async function bench(root: string, wanted: string[]): Promise<void> {
  const results: BenchResult[] = [];
  const world = await World.open(root);
  try {
    for (const one of BENCHMARKS) {
      if (wanted.length > 0 && !wanted.includes(one.name)) continue;
      const result = { name: one.name, ...(await one.run(world)) };
      results.push(result);
      for (const ratio of result.ratios)
        process.stderr.write(`${describe(result.name, ratio)}\n`);
    }
  } finally {
    await world.close();
  }
  const machine = {
    cores: cpus().length,
    model: cpus()[0]?.model ?? "",
    memory_gib: Math.round(totalmem() / 2 ** 30),
    versions: world.config.run.versions ?? {},
  };
  process.stdout.write(`${JSON.stringify({ machine, results }, null, 2)}\n`);
}

function describe(name: string, ratio: BenchResult["ratios"][number]): string {
  const verdict =
    ratio.met === undefined ? "" : ratio.met ? " (met)" : " (NOT met)";
  const goal = ratio.goal === undefined ? "" : `, goal ${ratio.goal}`;
  return `${name}: ${ratio.what}: ${ratio.value}${goal}${verdict}`;
}
