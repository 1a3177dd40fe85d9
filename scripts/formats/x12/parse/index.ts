/** X12 bytes → canonical documents. Lenient; never throws on bad data. */
import type { CanonicalDocument } from "../../../canonical/types.ts";
import { validateDocument } from "../../../canonical/validate.ts";
import {
  DEFAULT_MAX_BYTES,
  DEFAULT_MAX_SEGMENTS,
  type DocumentOrigin,
  type ParseOptions,
  type ParseResult,
} from "../../format.ts";
import { decodeText } from "../../text.ts";
import type { Origin } from "../codes/parties.ts";
import { readEnvelope, type TransactionSet } from "../envelope.ts";
import { SetReader } from "../reader.ts";
import { Report } from "../report.ts";
import { tokenize } from "../tokenizer.ts";
import { readCatalog } from "./catalog.ts";
import {
  readFunctionalAcknowledgement,
  readInterchangeAcknowledgement,
} from "./functional-acknowledgement.ts";
import { readInvoice } from "./invoice.ts";
import { readOrderAcknowledgement } from "./order-acknowledgement.ts";
import { readPurchaseOrder } from "./purchase-order.ts";
import { acknowledgementsOf, originOf, type SetReceipt } from "./receipt.ts";
import { readShipNotice } from "./ship-notice.ts";

interface SetFormat {
  origin: Origin;
  read: (reader: SetReader) => CanonicalDocument | undefined;
}

const SETS: ReadonlyMap<string, SetFormat> = new Map([
  ["810", { origin: "supplier", read: readInvoice }],
  ["832", { origin: "supplier", read: readCatalog }],
  ["850", { origin: "buyer", read: readPurchaseOrder }],
  ["855", { origin: "supplier", read: readOrderAcknowledgement }],
  ["856", { origin: "supplier", read: readShipNotice }],
  ["997", { origin: "supplier", read: readFunctionalAcknowledgement }],
  ["999", { origin: "supplier", read: readFunctionalAcknowledgement }],
]);

/**
 * Reads every transaction set of every interchange in the file. A set that
 * cannot be used is an error and costs no other set.
 */
export function parseX12(
  bytes: Uint8Array,
  options: ParseOptions = {},
): ParseResult {
  const decoded = decodeText(bytes, options.maxBytes ?? DEFAULT_MAX_BYTES);
  const report = new Report();
  report.diagnostics.push(...decoded.diagnostics);
  if (decoded.text === undefined) {
    return { documents: [], diagnostics: report.finish() };
  }
  const limit = options.maxSegments ?? DEFAULT_MAX_SEGMENTS;
  const segments = tokenize(decoded.text, limit, report);
  const envelope = readEnvelope(segments, report);
  const documents: CanonicalDocument[] = [];
  const origins: (DocumentOrigin | undefined)[] = [];
  const receipts: SetReceipt[] = [];
  for (const acknowledgement of envelope.interchangeAcknowledgements) {
    const document = readInterchangeAcknowledgement(acknowledgement, report);
    keepValid(document, report, documents);
  }
  origins.length = documents.length;
  for (const transaction of envelope.transactions) {
    const [before, found] = [documents.length, report.diagnostics.length];
    readSet(transaction, report, documents);
    const read = documents.length > before;
    if (read) origins.push(originOf(transaction));
    const findings = report.diagnostics.slice(found);
    receipts.push({ transaction, read, findings });
  }
  const silent = !report.diagnostics.some(({ level }) => level === "error");
  if (documents.length === 0 && silent) {
    const message = "the file holds no transaction set; nothing was read";
    report.add("error", "x12_no_document", message, segments[0]);
  }
  const acknowledgements = acknowledgementsOf(receipts, report.diagnostics);
  return {
    documents,
    diagnostics: report.finish(),
    origins,
    acknowledgements,
  };
}

function readSet(
  transaction: TransactionSet,
  report: Report,
  documents: CanonicalDocument[],
): void {
  if (!transaction.complete) return;
  const format = SETS.get(transaction.set);
  if (format === undefined) {
    const known = [...SETS.keys()].join(", ");
    const message = `transaction set ${transaction.set.slice(0, 20)} is not read here (${known} are); it was left out`;
    report.add(
      "error",
      "x12_unsupported_set",
      message,
      transaction.segments[0],
      1,
    );
    return;
  }
  const reader = new SetReader(transaction, format.origin, report);
  keepValid(format.read(reader), report, documents, transaction);
}

/** A document leaves the format only when it is valid. */
function keepValid(
  document: CanonicalDocument | undefined,
  report: Report,
  documents: CanonicalDocument[],
  transaction?: TransactionSet,
): void {
  if (document === undefined) return;
  const findings = validateDocument(document);
  if (findings.length === 0) {
    documents.push(document);
    return;
  }
  const line = transaction?.segments[0]?.line;
  for (const finding of findings) {
    report.diagnostics.push(
      line === undefined ? finding : { ...finding, line },
    );
  }
}
