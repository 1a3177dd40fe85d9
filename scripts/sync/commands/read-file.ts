/**
 * Command `read_file`: reads a file that a person handed in to Odoo, as a
 * partner's file is read, and hands its documents back. Whose they are is
 * Odoo's to say.
 *
 * Crash behaviour: handed out again, the same file gives the same documents
 * under the same keys, and those that Odoo has are its duplicates.
 */
import type { Diagnostic } from "../../canonical/types.ts";
import {
  CSV_DOCUMENT_TYPES,
  type CsvDocumentType,
} from "../../formats/format.ts";
import type { Envelope, MessageStatus } from "../../odoo/exchange.ts";
import { pause } from "../../timing.ts";
import { withRetries } from "../../odoo/exchange.ts";
import type { CommandHandler } from "../commands.ts";
import { inChunks, toEnvelopes } from "../inbound.ts";

/** Findings that go back; errors before warnings. */
const MAX_FINDINGS = 1_000;

/** Tries of a call while Odoo does not answer. */
const TRIES = 4;

/** Documents that are processed in one call. */
const PROCESS_BATCH = 5;

/** What a person is told about a file. */
export interface FileReading {
  documents: number;
  lines: number;
  errors: number;
  warnings: number;
  findings: Pick<Diagnostic, "level" | "code" | "message" | "line" | "path">[];
}

export const readFile: CommandHandler = async (command, context, signal) => {
  const { exchange } = context;
  const file = await exchange.uploadContent(command.uuid);
  const envelopes = await toEnvelopes({
    bytes: Buffer.from(file.raw, "base64"),
    filename: file.filename,
    contentType: "",
    format: "csv",
    parse: { csv: kindOf(file.document_type) },
  });
  signal.throwIfAborted();
  const readable = envelopes.filter((one) => one.document !== null);
  const reading = summaryOf(envelopes);
  const statuses: MessageStatus[] = [];
  if (readable.length > 0) {
    for (const chunk of inChunks(envelopes)) {
      const answer = () => exchange.takeInUpload(command.uuid, chunk);
      statuses.push(...(await withRetries(TRIES, answer, pause)));
    }
    await processNow(
      statuses
        .filter(({ status }) => status === "accepted")
        .map((one) => one.message_uuid),
    );
  }
  return {
    state: "done",
    result: { ...reading },
    message: sentence(file.filename, reading),
  };

  /** Right away; what fails here Odoo does by itself. */
  async function processNow(uuids: string[]): Promise<void> {
    for (let start = 0; start < uuids.length; start += PROCESS_BATCH) {
      if (signal.aborted) return;
      try {
        await exchange.process(uuids.slice(start, start + PROCESS_BATCH));
      } catch (error) {
        context.log.warn({ event: "process_failed", error });
        return;
      }
    }
  }
};

function kindOf(type: string): { document_type?: CsvDocumentType } {
  const kind = CSV_DOCUMENT_TYPES.find((one) => one === type);
  return kind === undefined ? {} : { document_type: kind };
}

/** Counts and findings over all documents; portions count as one. */
export function summaryOf(envelopes: readonly Envelope[]): FileReading {
  const documents = envelopes.filter((one) => one.document !== null);
  const whole = documents.filter(({ document }) => {
    const portion = document?.portion as { number?: number } | undefined;
    return portion === undefined || portion.number === 1;
  });
  const lines = documents.reduce((sum, { document }) => {
    const own: unknown = document?.lines;
    return sum + (Array.isArray(own) ? own.length : 0);
  }, 0);
  const seen = new Set<string>();
  const all = envelopes
    .flatMap((one) => one.diagnostics as Diagnostic[])
    .filter((one) => {
      // Findings about the whole file stand with each of its documents.
      const key = `${one.code} ${one.line ?? ""} ${one.path ?? ""} ${one.message}`;
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    });
  const of = (level: Diagnostic["level"]) =>
    all.filter((one) => one.level === level);
  const sorted = [...of("error"), ...of("warning"), ...of("info")];
  return {
    documents: whole.length,
    lines,
    errors: of("error").length,
    warnings: of("warning").length,
    findings: sorted
      .slice(0, MAX_FINDINGS)
      .map(({ level, code, message, line, path }) => ({
        level,
        code,
        message,
        ...(line === undefined ? {} : { line }),
        ...(path === undefined ? {} : { path }),
      })),
  };
}

function sentence(filename: string, reading: FileReading): string {
  const { documents, lines, errors } = reading;
  if (documents === 0) {
    const [first] = reading.findings;
    return `${filename} could not be read: ${first?.message ?? "no document was found"}`;
  }
  const what = `${documents} documents with ${lines} lines were read`;
  return errors === 0 ? what : `${what}; ${errors} errors`;
}
