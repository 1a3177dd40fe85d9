/** `hcp ingest`: files into Odoo, processed, one JSON line per document. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { basename } from "node:path";
import { Command } from "commander";
import { parseOptions } from "../connectors/connector.ts";
import { CONNECTORS } from "../connectors/index.ts";
import type {
  Endpoint,
  Envelope,
  ExchangeApi,
  MessageStatus,
} from "../odoo/exchange.ts";
import { withRetries } from "../odoo/exchange.ts";
import { inChunks, oversizedEnvelope, toEnvelopes } from "../sync/inbound.ts";
import { MAX_FILE_BYTES } from "../sync/limits.ts";
import { pause } from "../timing.ts";
import { configOf, printLine, withExchange } from "./common.ts";

/** Milliseconds without progress until what is being processed is given up. */
const WAIT_LIMIT = 60_000;

/** Messages per `process` call. */
const PROCESS_BATCH = 50;

/** Portions of large catalogs per call: each takes seconds. */
const PORTION_BATCH = 2;

/** Tries of a call while Odoo does not answer. */
const TRIES = 4;

export function ingestCommand(): Command {
  return new Command("ingest")
    .description("hand files in as if the endpoint's partner had sent them")
    .requiredOption("--endpoint <code>", "endpoint of the sender")
    .argument("<file...>", "files in any format that is known")
    .action(
      async (
        files: string[],
        flags: { endpoint: string },
        command: Command,
      ) => {
        const rejected = await withExchange(configOf(command), (exchange) =>
          ingestFiles(exchange, flags.endpoint, files),
        );
        process.exitCode = rejected ? 2 : 0;
      },
    );
}

/** @returns true when any document was rejected */
async function ingestFiles(
  exchange: ExchangeApi,
  code: string,
  files: string[],
): Promise<boolean> {
  const endpoints = await exchange.endpoints();
  const endpoint = endpoints.find((one) => one.code === code);
  if (!endpoint) {
    const known = endpoints.map((one) => one.code).join(", ") || "none";
    throw new Error(`there is no endpoint ${code} (known: ${known}).`);
  }
  // All files are read before the first is stored: a typing error stores none.
  const perFile: Envelope[][] = [];
  for (const file of files) perFile.push(await envelopesOf(endpoint, file));
  let rejected = false;
  for (const envelopes of perFile)
    for (const one of await store(exchange, code, envelopes)) {
      printLine(lineOf(one));
      if (isRejected(one)) rejected = true;
    }
  return rejected;
}

async function envelopesOf(
  endpoint: Endpoint,
  file: string,
): Promise<Envelope[]> {
  const { size } = await stat(file).catch(() => {
    throw new Error(`${file} cannot be read.`);
  });
  if (size > MAX_FILE_BYTES)
    return [
      oversizedEnvelope(
        basename(file),
        size,
        await digestOf(file),
        MAX_FILE_BYTES,
        "where it is",
      ),
    ];
  const connector = CONNECTORS.get(endpoint.connector);
  return toEnvelopes({
    bytes: await readFile(file),
    filename: basename(file),
    contentType: "",
    format: connector?.format ?? "",
    parse: parseOptions(connector, endpoint),
    rules: endpoint,
  });
}

/** SHA-256 of a file that is not read into memory. */
async function digestOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file))
    hash.update(chunk as Uint8Array);
  return hash.digest("hex");
}

/** Stores and processes; what was stored before is looked up, not repeated. */
async function store(
  exchange: ExchangeApi,
  code: string,
  envelopes: Envelope[],
): Promise<MessageStatus[]> {
  const stored: MessageStatus[] = [];
  for (const chunk of inChunks(envelopes))
    stored.push(
      ...(await withRetries(TRIES, () => exchange.ingest(code, chunk), pause)),
    );
  const fresh = stored
    .filter((one) => one.status === "accepted")
    .map((one) => one.message_uuid);
  const large = envelopes.some(({ document }) => document?.portion);
  const batch = large ? PORTION_BATCH : PROCESS_BATCH;
  const processed = await processAll(exchange, fresh, batch);
  return stored.map((one) => processed.get(one.message_uuid) ?? one);
}

/** Processes and waits until each is done or rejected. */
async function processAll(
  exchange: ExchangeApi,
  uuids: string[],
  batch: number,
): Promise<Map<string, MessageStatus>> {
  const results = new Map<string, MessageStatus>();
  let until = performance.now() + WAIT_LIMIT;
  let open = [...new Set(uuids)];
  while (open.length > 0) {
    for (let start = 0; start < open.length; start += batch) {
      const some = open.slice(start, start + batch);
      // What has failed is due later: asking again at once would use it up.
      const failed = some.some((uuid) => results.get(uuid)?.state === "retry");
      const answers = await withRetries(
        TRIES,
        () => (failed ? exchange.status(some) : exchange.process(some)),
        pause,
      );
      for (const one of answers) results.set(one.message_uuid, one);
    }
    const before = open.length;
    open = open.filter((uuid) => results.get(uuid)?.status === "waiting");
    if (open.length === 0) break;
    if (open.length < before) until = performance.now() + WAIT_LIMIT;
    if (performance.now() > until) throw notProcessed(open, results);
    await pause(500);
  }
  return results;
}

function notProcessed(
  open: string[],
  results: Map<string, MessageStatus>,
): Error {
  const why = open
    .flatMap((uuid) => results.get(uuid)?.errors ?? [])
    .map((error) => error.message);
  return new Error(
    `stored, but not processed within ${WAIT_LIMIT / 1000} s: ${open.join(", ")}` +
      `${why.length ? ` (${[...new Set(why)].join("; ")})` : ""}. ` +
      "Odoo goes on by itself; look at the endpoint's messages.",
  );
}

function isRejected(one: MessageStatus): boolean {
  return one.status === "rejected" || one.status === "idempotency_conflict";
}

/** The contract's line; other statuses do not leave this command. */
function lineOf(one: MessageStatus): Record<string, unknown> {
  return {
    document_type: one.document_type || null,
    number: one.number || null,
    status: isRejected(one) ? "rejected" : one.status,
    message_uuid: one.message_uuid,
    errors: one.errors,
    ...(one.exceptions?.length ? { exceptions: one.exceptions } : {}),
  };
}
