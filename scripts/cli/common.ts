/** What commands have in common. */
import type { Command } from "commander";
import { loadConfig, type Config, type ConfigFlags } from "../config.ts";
import { createOdooClient } from "../odoo/client.ts";
import { ExchangeApi } from "../odoo/exchange.ts";

/** Settings, with the flags that stand before the command's name. */
export function configOf(command: Command): Config {
  return loadConfig(command.optsWithGlobals<ConfigFlags>());
}

/** Runs something with a connection to Odoo and closes it. */
export async function withExchange<T>(
  config: Config,
  run: (exchange: ExchangeApi) => Promise<T>,
): Promise<T> {
  const client = createOdooClient(config.odoo());
  try {
    return await run(new ExchangeApi(client));
  } finally {
    await client.close();
  }
}

/** One JSON line on stdout. */
export function printLine(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** For options that may be given several times. */
export function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

/**
 * Stops something on the first signal, the process on the second.
 * @returns resolves when it has stopped
 */
export function stopOnSignal(stop: () => Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    let stopping = false;
    const onSignal = () => {
      // Leases that are not given back run out by themselves.
      if (stopping) process.exit(1);
      stopping = true;
      stop().then(resolve, reject);
    };
    process.on("SIGTERM", onSignal);
    process.on("SIGINT", onSignal);
  });
}
