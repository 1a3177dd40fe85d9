/** `hcp errors`: the table of error codes, as `docs/errors.md` has it. */
import { Command } from "commander";
import { errorsMarkdown } from "../sync/errors.ts";

export function errorsCommand(): Command {
  return new Command("errors")
    .description("what the service's error codes mean, as Markdown")
    .action(() => {
      process.stdout.write(errorsMarkdown());
    });
}
