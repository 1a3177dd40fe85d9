/**
 * From bytes to envelopes: what the ingress, the poller and `hcp ingest` have
 * in common. Bytes that cannot be read become an envelope too, so that they
 * are kept, with an owner, in Odoo.
 */
import { createHash } from "node:crypto";
import type { Diagnostic } from "../canonical/types.ts";
import type { CanonicalJson, Envelope } from "../odoo/exchange.ts";
import type { ParseOptions } from "../formats/format.ts";
import { MAX_CHUNK, MAX_CHUNK_SIZE, MAX_REPEATED } from "./limits.ts";
import { portionsOf } from "./portions.ts";
import { readDocuments } from "./reading.ts";
import { acceptTraceparent, parseTraceparent } from "./traceparent.ts";
import { fromPartner, type InboundRules } from "./translation.ts";

/** Something that a partner gave us. */
export interface Received {
  bytes: Uint8Array;
  filename: string;
  contentType: string;
  /** Format of the endpoint's connector. */
  format: string;
  /** What the endpoint's files are like, as far as that is agreed. */
  parse?: ParseOptions;
  /** The partner's own key, if it gave one. */
  idempotencyKey?: string;
  /** Where it stands in a trace (W3C); a new trace where absent. */
  traceparent?: string;
  /** The endpoint's mappings and code tables. */
  rules?: InboundRules;
}

/** Trace fields of an envelope. */
function traceFields(
  traceparent: string | undefined,
): Pick<Envelope, "trace_id" | "traceparent"> {
  const own = acceptTraceparent(traceparent);
  return {
    trace_id: parseTraceparent(own)?.traceId ?? "",
    traceparent: own,
  };
}

/**
 * One envelope per document in the bytes, in their order: read, mapped, in our
 * codes, and checked against its schema; one without a document for what could
 * not be read.
 */
export async function toEnvelopes(received: Received): Promise<Envelope[]> {
  const { bytes } = received;
  const base = {
    raw: Buffer.from(bytes).toString("base64"),
    raw_sha256: createHash("sha256").update(bytes).digest("hex"),
    filename: received.filename,
    content_type: received.contentType,
    idempotency_key: received.idempotencyKey ?? "",
    ...traceFields(received.traceparent),
  };
  if (bytes.length === 0)
    return [unreadable(base, [emptyDiagnostic(received.filename)], 0)];
  const { filename, format, parse } = received;
  const read = readDocuments(bytes, format, { ...parse, filename });
  const { documents } = read;
  const diagnostics = read.diagnostics.map(guessIsNoReading);
  const shared = diagnostics.filter((one) => one.document === undefined);
  const rules = received.rules ?? {};
  const translated = await Promise.all(
    documents.map((document) => fromPartner(document, rules)),
  );
  const envelopes: Envelope[] = [];
  translated.forEach((one, index) => {
    const sent = numberOf(documents[index] ?? {});
    const origin = read.origins?.[index];
    const own = diagnostics.filter((finding) => finding.document === sent);
    const findings = [...shared, ...own, ...one.diagnostics];
    const portions =
      one.document === null
        ? [{ document: null, diagnostics: findings }]
        : portionsOf(
            one.document,
            ofLines(one.document, findings),
            `${base.raw_sha256.slice(0, 32)}:${index}`,
          );
    for (const { document, diagnostics: mine } of portions) {
      const position = envelopes.length;
      envelopes.push({
        ...(position === 0 ? base : follower(base)),
        document,
        position,
        ...(origin ? { interchange: { ...origin } } : {}),
        diagnostics: mine,
        ...(one.mappingVersion === undefined
          ? {}
          : { mapping_version: one.mappingVersion }),
      });
    }
  });
  for (const lost of lostDocuments(documents, diagnostics)) {
    const position = envelopes.length;
    envelopes.push(
      unreadable(position === 0 ? base : follower(base), lost, position),
    );
  }
  const last = envelopes.at(-1);
  // With the last: the others of the file have been stored by then.
  if (last && read.acknowledgements?.length)
    last.acknowledgements = read.acknowledgements;
  return envelopes;
}

/**
 * Without findings about lines that another document of the file has: a
 * format that reads several documents out of one sheet knows lines only.
 */
function ofLines(
  document: CanonicalJson,
  findings: readonly Diagnostic[],
): readonly Diagnostic[] {
  if (!Array.isArray(document.lines)) return findings;
  const numbers = new Set(
    (document.lines as { line_number?: unknown }[]).map(
      (line) => line.line_number,
    ),
  );
  return findings.filter(
    ({ document: owner, line_number: number }) =>
      owner !== undefined || number === undefined || numbers.has(number),
  );
}

/**
 * Text in another encoding than the agreed one is read by a guess, and names
 * and numbers may be wrong: what came in so takes no effect until a person
 * has looked. (`hcp convert` only shows it and keeps the warning.)
 */
function guessIsNoReading(one: Diagnostic): Diagnostic {
  if (one.code !== "encoding") return one;
  const message = `${one.message}; ask the partner for UTF-8, or look at the document and replay it`;
  return { ...one, level: "error", message };
}

/**
 * The findings about each document that is not among those read: one envelope
 * each, so that none disappears because its neighbours were fine.
 */
function lostDocuments(
  documents: CanonicalJson[],
  diagnostics: Diagnostic[],
): Diagnostic[][] {
  const read = new Set(documents.map(numberOf));
  const groups = new Map<string, Diagnostic[]>();
  for (const one of diagnostics) {
    const isLost =
      one.document === undefined
        ? documents.length === 0
        : one.level === "error" && !read.has(one.document);
    if (!isLost) continue;
    const key = one.document ?? "";
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  if (groups.size === 0 && documents.length === 0) return [[]];
  return [...groups.values()];
}

/**
 * Envelope for a file that is too large to be read: its checksum only.
 *
 * @param keptAt where the file itself stays, as words of a sentence
 */
export function oversizedEnvelope(
  filename: string,
  size: number,
  digest: string,
  limit: number,
  keptAt: string,
): Envelope {
  const diagnostic: Diagnostic = {
    level: "error",
    code: "oversized",
    message:
      `${filename} has ${size} bytes, more than the ${limit} allowed; it stays ` +
      `${keptAt} (SHA-256 ${digest}). Ask the partner to split it.`,
  };
  return {
    document: null,
    raw: "",
    raw_sha256: "",
    filename,
    content_type: "application/octet-stream",
    diagnostics: [diagnostic],
    idempotency_key: `oversized:${digest}`,
    position: 0,
    ...traceFields(undefined),
  };
}

/** The file's bytes are with its first document; Odoo finds them by checksum. */
function follower<T extends { raw: string }>(base: T): T {
  return { ...base, raw: "" };
}

/**
 * Envelopes in portions that one call to Odoo carries. The bytes of a file are
 * with its first envelope in each portion, so that each can be stored whatever
 * becomes of the others; those of a very large file go with the first portion,
 * for the others are sent only when that was stored.
 */
export function* inChunks(envelopes: Envelope[]): Generator<Envelope[]> {
  const files = new Map<string, string>();
  const gone = new Set<string>();
  let chunk: Envelope[] = [];
  let inChunk = new Set<string>();
  let size = 0;
  for (const envelope of envelopes) {
    const { raw_sha256: digest } = envelope;
    if (envelope.raw !== "") files.set(digest, envelope.raw);
    const bytes = files.get(digest) ?? "";
    const content = JSON.stringify(envelope.document).length;
    const isThere = inChunk.has(digest) || gone.has(digest);
    const more = content + (isThere ? 0 : bytes.length);
    if (
      chunk.length > 0 &&
      (chunk.length >= MAX_CHUNK || size + more > MAX_CHUNK_SIZE)
    ) {
      yield chunk;
      chunk = [];
      inChunk = new Set();
      size = 0;
    }
    const raw = inChunk.has(digest) || gone.has(digest) ? "" : bytes;
    if (bytes.length > MAX_REPEATED) gone.add(digest);
    chunk.push(raw === envelope.raw ? envelope : { ...envelope, raw });
    inChunk.add(digest);
    size += content + raw.length;
  }
  if (chunk.length > 0) yield chunk;
}

function unreadable(
  base: Omit<Envelope, "document" | "position" | "diagnostics">,
  diagnostics: Diagnostic[],
  position: number,
): Envelope {
  const known = diagnostics.length
    ? diagnostics
    : [
        {
          level: "error" as const,
          code: "unparseable",
          message: "No document was found in these bytes.",
        },
      ];
  return { ...base, document: null, position, diagnostics: known };
}

function emptyDiagnostic(filename: string): Diagnostic {
  return {
    level: "error",
    code: "empty",
    message: `${filename} is empty; ask the partner to send it again.`,
  };
}

function numberOf(document: CanonicalJson): string {
  return typeof document.number === "string" ? document.number : "";
}
