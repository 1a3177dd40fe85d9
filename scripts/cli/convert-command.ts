/** `hcp convert` on the command line; `convert.ts` does the work. */
import { Command, Option } from "commander";
import { CONNECTORS } from "../connectors/index.ts";
import { CONVERT_FORMATS, type ConvertProfile } from "../formats/convert.ts";
import { CSV_DOCUMENT_TYPES } from "../formats/format.ts";
import { runConvert } from "./convert.ts";

interface ConvertFlags {
  from: string;
  to: string;
  profile?: string;
}

export function convertCommand(): Command {
  const format = (flags: string, description: string) =>
    new Option(flags, `${description}: ${CONVERT_FORMATS.join(", ")}`)
      .argParser(String)
      .makeOptionMandatory();
  return new Command("convert")
    .description("convert documents; results on stdout, findings on stderr")
    .addOption(format("--from <format>", "what the files are"))
    .addOption(format("--to <format>", "what is wanted"))
    .option(
      "--profile <id>",
      "a connector's mapping and addresses, or csv-supplier, csv-contract, csv-catalog",
    )
    .argument("<file...>", "files; - is standard input")
    .action(async (files: string[], flags: ConvertFlags) => {
      process.exitCode = await runConvert({ ...flags, files }, { findProfile });
    });
}

/**
 * Connectors serve as profiles, with their sample addresses; `csv-contract`
 * and the like say what a sheet is whose columns do not tell.
 */
function findProfile(id: string): Promise<ConvertProfile | undefined> {
  const type = CSV_DOCUMENT_TYPES.find((one) => id === `csv-${one}`);
  if (type !== undefined)
    return Promise.resolve({ id, parse: { csv: { document_type: type } } });
  const connector = CONNECTORS.get(id);
  if (!connector) return Promise.resolve(undefined);
  const settings = connector.sampleSettings;
  const generate = connector.formatOptions?.(settings) ?? {};
  const parse = connector.readOptions?.(settings) ?? {};
  return Promise.resolve({ id, generate, parse });
}
