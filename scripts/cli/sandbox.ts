/** `hcp sandbox`: two suppliers to play with. */
import { join } from "node:path";
import { Command } from "commander";
import { portOf } from "../config.ts";
import { Sandbox } from "../sandbox/server.ts";
import { configOf, printLine, stopOnSignal } from "./common.ts";
import { parsePort } from "./sync.ts";

/** Where the sandbox listens, and the service, where nothing else is said. */
const DEFAULT_PORT = 8072;
const DEFAULT_SERVICE = "http://127.0.0.1:8071";

interface SandboxFlags {
  host: string;
  port?: number;
  auto: boolean;
}

export function sandboxCommand(): Command {
  return new Command("sandbox")
    .description("run two suppliers: A by REST and JSON, B by X12 files")
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--port <number>", "port (else HCP_SANDBOX_PORT)", parsePort)
    .option("--no-auto", "answer orders only when told to")
    .action(async (flags: SandboxFlags, command: Command) => {
      const config = configOf(command);
      const { env, run, dataDir } = config;
      const named = env.HCP_SANDBOX_PORT;
      const sandbox = new Sandbox({
        host: env.HCP_SANDBOX_HOST ?? flags.host,
        port:
          flags.port ??
          (named ? Number(named) : undefined) ??
          portOf(run.sandbox?.a_url) ??
          DEFAULT_PORT,
        bearer: config.sandboxBearer(),
        stateDir: join(dataDir, "sandbox"),
        // The buyer's outbox is B's inbox, and the other way round.
        inbox: run.sandbox?.b_inbox ?? join(dataDir, "supplier-b", "outbox"),
        outbox: run.sandbox?.b_outbox ?? join(dataDir, "supplier-b", "inbox"),
        buyer: () => ({
          url: env.HCP_SERVICE_URL ?? run.service_url ?? DEFAULT_SERVICE,
          endpoint: env.HCP_SANDBOX_A_ENDPOINT ?? "SUPPLIER_A",
          bearer: config.serviceBearer("SUPPLIER_A"),
        }),
        auto: flags.auto && env.HCP_SANDBOX_AUTO !== "off",
        functionalAcks: env.HCP_SANDBOX_997 !== "off",
      });
      const stopped = stopOnSignal(() => sandbox.stop());
      const url = await sandbox.start();
      printLine({ level: "info", event: "ready", part: "sandbox", url });
      await stopped;
      process.exit(0);
    });
}
