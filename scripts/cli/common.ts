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
