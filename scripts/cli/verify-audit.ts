/** `hcp verify-audit`: recomputes the audit chain. */
import { Command } from "commander";
import { configOf, printLine, withExchange } from "./common.ts";

export function verifyAuditCommand(): Command {
  return new Command("verify-audit")
    .description("recompute the audit chain; exit 1 if it was tampered with")
    .action(async (_flags: unknown, command: Command) => {
      const verdict = await withExchange(configOf(command), (exchange) =>
        exchange.verifyAudit(),
      );
      printLine(verdict);
      if (verdict.ok) return;
      process.exitCode = 1;
      console.error(
        `hcp: the audit chain is broken; first broken entry: ${JSON.stringify(verdict.first_broken)}`,
      );
    });
}
