/** Conversion between formats, without files: the core of `hcp convert`. */
import type { CanonicalDocument, Diagnostic } from "../canonical/types.ts";
import type { GenerateOptions, ParseOptions, Payload } from "./format.ts";
import { FORMAT_IDS, getFormat } from "./index.ts";
import { readJson, validateAll } from "./json/index.ts";

/** What a partner's profile adds to its format. */
export interface ConvertProfile {
  id: string;
  /** A partner's own JSON → canonical; left out when it is canonical already. */
  inbound?: (value: unknown) => Promise<unknown>;
  /** Canonical → the partner's own JSON. */
  outbound?: (document: CanonicalDocument) => Promise<unknown>;
  /** What its files are like, as far as that is agreed. */
  parse?: ParseOptions;
  /** Addresses, version and the like for the format. */
  generate?: GenerateOptions;
}

export interface NamedFile {
  name: string;
  bytes: Uint8Array;
}

export interface ConvertRequest {
  /** `canonical` or the name of a format. */
  from: string;
  to: string;
  files: readonly NamedFile[];
  profile?: ConvertProfile;
  parse?: ParseOptions;
  generate?: GenerateOptions;
}

export interface ConvertResult {
  documents: CanonicalDocument[];
  /** Empty when `to` is `canonical`. */
  payloads: Payload[];
  diagnostics: Diagnostic[];
}

/** Names for `--from` and `--to`. */
export const CONVERT_FORMATS: readonly string[] = ["canonical", ...FORMAT_IDS];

/** A request that cannot be run, whatever the data. */
export class ConvertUsageError extends Error {}

/**
 * Reads all files and writes their documents in the other format. Bad data
 * ends up in `diagnostics`; only an unknown format throws `ConvertUsageError`.
 */
export async function convert(request: ConvertRequest): Promise<ConvertResult> {
  for (const name of [request.from, request.to]) {
    if (!CONVERT_FORMATS.includes(name)) {
      const known = CONVERT_FORMATS.join(", ");
      throw new ConvertUsageError(`format "${name}" is not known: ${known}`);
    }
  }
  const documents: CanonicalDocument[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const file of request.files) {
    const result = await read(request, file);
    documents.push(...result.documents);
    diagnostics.push(
      ...result.diagnostics.map((item) => ({ ...item, file: file.name })),
    );
  }
  if (request.to === "canonical") {
    return { documents, payloads: [], diagnostics };
  }
  const written = await write(request, documents);
  return {
    documents,
    payloads: written.payloads,
    diagnostics: [...diagnostics, ...written.diagnostics],
  };
}

/** 0 when everything was converted, 2 when something was not. */
export function exitCodeOf(result: ConvertResult): 0 | 2 {
  const failed = result.diagnostics.some(({ level }) => level === "error");
  return failed || result.documents.length === 0 ? 2 : 0;
}

async function read(
  request: ConvertRequest,
  { name, bytes }: NamedFile,
): Promise<{ documents: CanonicalDocument[]; diagnostics: Diagnostic[] }> {
  const inbound = request.profile?.inbound;
  const isJson = request.from === "json" || request.from === "canonical";
  if (!isJson) {
    const filename = name === "-" ? undefined : name;
    return format(request.from).parse(bytes, {
      ...request.profile?.parse,
      ...request.parse,
      ...(filename === undefined ? {} : { filename }),
    });
  }
  if (request.from === "canonical" || inbound === undefined) {
    return format("json").parse(bytes, request.parse);
  }
  const { values, diagnostics } = readJson(bytes, request.parse);
  const mapped: unknown[] = [];
  for (const [index, value] of values.entries()) {
    try {
      mapped.push(await inbound(value));
    } catch (error) {
      diagnostics.push(mappingError(error, `#${index + 1}`));
    }
  }
  const result = validateAll(mapped);
  return {
    documents: result.documents,
    diagnostics: [...diagnostics, ...result.diagnostics],
  };
}

async function write(
  request: ConvertRequest,
  documents: readonly CanonicalDocument[],
): Promise<{ payloads: Payload[]; diagnostics: Diagnostic[] }> {
  if (documents.length === 0) return { payloads: [], diagnostics: [] };
  const options = { ...request.profile?.generate, ...request.generate };
  const result = format(request.to).generate(documents, options);
  const outbound = request.profile?.outbound;
  if (request.to !== "json" || outbound === undefined) return result;
  const payloads: Payload[] = [];
  const diagnostics: Diagnostic[] = [...result.diagnostics];
  for (const [index, payload] of result.payloads.entries()) {
    const document = documents[index];
    if (document === undefined) continue;
    try {
      const text = `${JSON.stringify(await outbound(document), null, 2)}\n`;
      payloads.push({ ...payload, bytes: new TextEncoder().encode(text) });
    } catch (error) {
      diagnostics.push(mappingError(error, document.number));
    }
  }
  return { payloads, diagnostics };
}

function mappingError(error: unknown, document: string): Diagnostic {
  const reason = error instanceof Error ? error.message : String(error);
  return {
    level: "error",
    code: "mapping",
    message: `the mapping failed: ${reason.slice(0, 300)}`,
    path: "",
    document,
  };
}

function format(id: string) {
  const found = getFormat(id);
  if (found === undefined) throw new ConvertUsageError(`no format "${id}"`);
  return found;
}
