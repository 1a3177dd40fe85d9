/** `hcp certify`: the conformance suite over an endpoint, kept as evidence. */
import { randomUUID } from "node:crypto";
import { Command } from "commander";
import { certify } from "../certify/index.ts";
import type { Check } from "../certify/suite.ts";
import { createLogger } from "../sync/log.ts";
import { createContext } from "../sync/service.ts";
import { configOf, printLine } from "./common.ts";

interface Flags {
  endpoint: string;
  json?: boolean;
  /** False with `--no-record`. */
  record: boolean;
}

/** One line of the table. */
function row(check: Check): string {
  const mark = check.passed ? "ok    " : "FAILED";
  const time = `${check.duration_ms} ms`.padStart(9);
  return `${mark} ${check.name.padEnd(28)} ${time}  ${check.detail}`;
}

export function certifyCommand(): Command {
  return new Command("certify")
    .description(
      "test an endpoint as it is configured; exit 2 if a check fails",
    )
    .requiredOption("--endpoint <code>", "the endpoint's code")
    .option("--json", "one JSON object per check")
    .option("--no-record", "do not store the result in Odoo")
    .action(async (flags: Flags, command: Command) => {
      const log = createLogger({ level: "fatal" });
      const { context, client } = createContext(configOf(command), log);
      try {
        const report = await certify(
          context,
          flags.endpoint,
          randomUUID(),
          new AbortController().signal,
          (check) => {
            if (flags.json) printLine(check);
            else process.stdout.write(`${row(check)}\n`);
          },
        );
        const stored = flags.record
          ? await context.exchange.recordCertification(flags.endpoint, report)
          : undefined;
        const summary = {
          endpoint: flags.endpoint,
          passed: report.passed,
          ...(stored ? { state: stored.state, current: stored.current } : {}),
        };
        if (flags.json) printLine(summary);
        else
          process.stdout.write(
            `${flags.endpoint}: ${report.passed ? "passed" : "failed"}` +
              `${stored ? `; the endpoint is ${stored.state}` : "; not recorded"}\n`,
          );
        if (!report.passed) process.exitCode = 2;
      } finally {
        await client.close();
      }
    });
}
