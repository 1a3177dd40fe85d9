/** `hcp sync once|serve`. */
import { Command, InvalidArgumentError } from "commander";
import "../certify/commands/index.ts";
import { createLogger } from "../sync/log.ts";
import { Service, syncOnce } from "../sync/service.ts";
import { collect, configOf, printLine, stopOnSignal } from "./common.ts";

interface SyncFlags {
  endpoint?: string[];
  host?: string;
  port?: number;
}

/** A port number. @throws InvalidArgumentError */
export function parsePort(value: string): number {
  const port = Number(value);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new InvalidArgumentError("a port is a number from 0 to 65535");
  return port;
}

export function syncCommand(): Command {
  const sync = new Command("sync").description(
    "exchange documents with partners",
  );
  sync
    .command("once")
    .description("take and send everything that is due, then exit")
    .option("--endpoint <code>", "only this endpoint (repeatable)", collect)
    .action(async (flags: SyncFlags, command: Command) => {
      const log = createLogger({
        level: process.env.HCP_LOG_LEVEL ?? "warn",
        destination: process.stderr,
      });
      const summary = await syncOnce(configOf(command), log, {
        endpoints: flags.endpoint ?? [],
      });
      printLine(summary);
    });
  sync
    .command("serve")
    .description("run as a service until SIGTERM or Ctrl-C")
    .option("--endpoint <code>", "only this endpoint (repeatable)", collect)
    .option("--host <address>", "address to listen on (else HCP_SERVICE_HOST)")
    .option("--port <number>", "port (else HCP_SERVICE_PORT)", parsePort)
    .action(async (flags: SyncFlags, command: Command) => {
      const service = new Service(configOf(command), createLogger(), {
        endpoints: flags.endpoint ?? [],
        ...(flags.host === undefined ? {} : { host: flags.host }),
        ...(flags.port === undefined ? {} : { port: flags.port }),
      });
      const stopped = stopOnSignal(() => service.stop());
      await service.start();
      await stopped;
      // Handlers of signals must not keep an otherwise finished process.
      process.exit(0);
    });
  return sync;
}
