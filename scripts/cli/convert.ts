/** `hcp convert`: reads files, converts, writes to stdout and stderr. */
import { readFile } from "node:fs/promises";

import type { Diagnostic } from "../canonical/types.ts";
import {
  ConvertUsageError,
  convert,
  exitCodeOf,
  type ConvertProfile,
  type ConvertResult,
  type NamedFile,
} from "../formats/convert.ts";

export interface ConvertArguments {
  from: string;
  to: string;
  /** Connector whose mapping and settings apply. */
  profile?: string;
  /** Paths; `-` is standard input. */
  files: readonly string[];
}

export interface ConvertEnvironment {
  stdout: (data: string | Uint8Array) => void;
  stderr: (text: string) => void;
  /** The profile of that name; undefined when there is none. */
  findProfile: (id: string) => Promise<ConvertProfile | undefined>;
  /** Time of the run, for formats that write one. */
  now: () => Date;
}

const DEFAULTS: ConvertEnvironment = {
  stdout: (data) => void process.stdout.write(data),
  stderr: (text) => void process.stderr.write(text),
  findProfile: () => Promise.resolve(undefined),
  now: () => new Date(),
};

/**
 * Runs the command and returns its exit code: 0 fine, 2 bad data, 1 anything
 * else. Documents go to stdout (canonical as one JSON array), diagnostics as
 * JSON lines to stderr.
 */
export async function runConvert(
  args: ConvertArguments,
  environment: Partial<ConvertEnvironment> = {},
): Promise<number> {
  const env = { ...DEFAULTS, ...environment };
  try {
    const files = await readFiles(args.files);
    const profile = await profileOf(args, env);
    const result = await convert({
      from: args.from,
      to: args.to,
      files,
      ...(profile === undefined ? {} : { profile }),
      generate: { controlNumber: 1, documentTime: env.now().toISOString() },
    });
    print(args.to, result, env);
    return exitCodeOf(result);
  } catch (error) {
    if (!(error instanceof ConvertUsageError)) throw error;
    env.stderr(
      diagnosticLine({ level: "error", code: "usage", message: error.message }),
    );
    return 1;
  }
}

async function readFiles(paths: readonly string[]): Promise<NamedFile[]> {
  if (paths.length === 0) {
    throw new ConvertUsageError("no file was given; - reads standard input");
  }
  const files: NamedFile[] = [];
  for (const path of paths) {
    try {
      const bytes = path === "-" ? await readInput() : await readFile(path);
      files.push({ name: path, bytes });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new ConvertUsageError(`cannot read ${path}: ${reason}`);
    }
  }
  return files;
}

async function readInput(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

/** Without a profile `json` is canonical JSON. */
async function profileOf(
  args: ConvertArguments,
  env: ConvertEnvironment,
): Promise<ConvertProfile | undefined> {
  if (args.profile === undefined) return undefined;
  const profile = await env.findProfile(args.profile);
  if (profile === undefined) {
    throw new ConvertUsageError(`profile "${args.profile}" is not known`);
  }
  return profile;
}

function print(
  to: string,
  result: ConvertResult,
  env: ConvertEnvironment,
): void {
  for (const diagnostic of result.diagnostics) {
    env.stderr(diagnosticLine(diagnostic));
  }
  if (to === "canonical") {
    env.stdout(`${JSON.stringify(result.documents, null, 2)}\n`);
    return;
  }
  for (const payload of result.payloads) env.stdout(payload.bytes);
}

/** Always with the keys of the contract, `line` and `path` null when unknown. */
function diagnosticLine(diagnostic: Diagnostic): string {
  const { level, code, message, line = null, path = null } = diagnostic;
  const { segment, document, file } = diagnostic;
  const all = { level, code, message, line, path, segment, document, file };
  return `${JSON.stringify(all)}\n`;
}
