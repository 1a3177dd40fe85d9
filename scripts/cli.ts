/** The command line `hcp`; see contract.md's table, and `hcp --help`. */
import { Command, CommanderError } from "commander";
import { benchCommand } from "./cli/bench.ts";
import { certifyCommand } from "./cli/certify.ts";
import { convertCommand } from "./cli/convert-command.ts";
import { errorsCommand } from "./cli/errors.ts";
import { infoCommand } from "./cli/info.ts";
import { ingestCommand } from "./cli/ingest.ts";
import { packageCommand } from "./cli/package.ts";
import { replayCommand } from "./cli/replay.ts";
import { sandboxCommand } from "./cli/sandbox.ts";
import { syncCommand } from "./cli/sync.ts";
import { verifyAuditCommand } from "./cli/verify-audit.ts";

/** Every command in the order of `--help`. */
function program(): Command {
  const root = new Command("hcp")
    .description("Healthcare procurement on Odoo: connect, convert, operate")
    .option("--odoo-url <url>", "Odoo's address (else HCP_ODOO_URL)")
    .option("--odoo-db <name>", "Odoo's database (else HCP_ODOO_DB)")
    .addHelpText(
      "after",
      "\nThe API key is read from HCP_ODOO_API_KEY (or HCP_ODOO_API_KEY_FILE), never from a flag." +
        "\nWithout any of these, the local instance that `npm start` made is used.",
    );
  const commands = [
    infoCommand(),
    convertCommand(),
    ingestCommand(),
    syncCommand(),
    replayCommand(),
    certifyCommand(),
    verifyAuditCommand(),
    benchCommand(),
    packageCommand(),
    sandboxCommand(),
    errorsCommand(),
  ];
  for (const one of commands) root.addCommand(one);
  const exitByThrowing = (command: Command): void => {
    command.exitOverride();
    command.commands.forEach(exitByThrowing);
  };
  exitByThrowing(root);
  return root;
}

/**
 * Runs the command line and sets the exit code: 0 fine, 2 bad data or a
 * refusal, 1 anything else (wrong usage included).
 */
export async function main(argv: string[]): Promise<void> {
  try {
    await program().parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : 1;
      return;
    }
    process.exitCode = 1;
    const message = error instanceof Error ? error.message : String(error);
    console.error(`hcp: ${message}`);
    if (process.env.HCP_DEBUG && error instanceof Error)
      console.error(error.stack);
  }
}
