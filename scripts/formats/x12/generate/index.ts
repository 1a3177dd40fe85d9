/** Canonical documents → one X12 interchange. Strict and deterministic. */
import type {
  CanonicalDocument,
  Diagnostic,
} from "../../../canonical/types.ts";
import { validateDocument } from "../../../canonical/validate.ts";
import type {
  GenerateOptions,
  GenerateResult,
  X12Party,
} from "../../format.ts";
import { FUNCTIONAL_IDS } from "../envelope.ts";
import { writeCatalog } from "./catalog.ts";
import { writeFunctionalAcknowledgement } from "./functional-acknowledgement.ts";
import { writeInvoice } from "./invoice.ts";
import { writeOrderAcknowledgement } from "./order-acknowledgement.ts";
import { writePurchaseOrder } from "./purchase-order.ts";
import { writeShipNotice } from "./ship-notice.ts";
import {
  COMPONENT,
  ELEMENT,
  REPETITION,
  SetWriter,
  TERMINATOR,
} from "./writer.ts";

const CONTENT_TYPE = "application/edi-x12";
const MAX_CONTROL_NUMBER = 999_999_999;
const DEFAULT_SENDER: X12Party = { qualifier: "ZZ", id: "SENDER" };
const DEFAULT_RECEIVER: X12Party = { qualifier: "ZZ", id: "RECEIVER" };

interface WrittenSet {
  set: string;
  segments: string[][];
}

interface Settings {
  control: number;
  time: string;
  test: boolean;
  sender: X12Party;
  receiver: X12Party;
  version: string;
  lineBreaks: boolean;
}

/**
 * One interchange with a functional group per kind of set. GS06 is the control
 * number, and counts on from it where there are several groups. Any error
 * means that there is no payload at all.
 */
export function generateX12(
  documents: readonly CanonicalDocument[],
  options: GenerateOptions = {},
): GenerateResult {
  const { settings, diagnostics } = readSettings(documents, options);
  const sets: WrittenSet[] = [];
  for (const document of documents) {
    const invalid = validateDocument(document);
    diagnostics.push(...invalid);
    if (invalid.length > 0 || settings === undefined) continue;
    const writer = new SetWriter(document, settings.time);
    const set = writeBody(writer, document);
    diagnostics.push(...writer.diagnostics);
    if (set !== undefined) sets.push({ set, segments: writer.segments });
  }
  const failed = diagnostics.some(({ level }) => level === "error");
  if (failed || settings === undefined || sets.length === 0) {
    return { payloads: [], diagnostics };
  }
  const text = interchange(sets, settings);
  const kinds = new Set(sets.map(({ set }) => set));
  const [only] = kinds;
  const name = kinds.size === 1 ? only : "x12";
  return {
    payloads: [
      {
        bytes: new TextEncoder().encode(text),
        filename: `${name}-${padded(settings.control)}.edi`,
        contentType: CONTENT_TYPE,
      },
    ],
    diagnostics,
  };
}

/** Writes the set's body; its number, or undefined when there is no such set. */
function writeBody(
  writer: SetWriter,
  document: CanonicalDocument,
): string | undefined {
  switch (document.document_type) {
    case "purchase_order":
      writePurchaseOrder(writer, document);
      return "850";
    case "order_acknowledgement":
      writeOrderAcknowledgement(writer, document);
      return "855";
    case "ship_notice":
      writeShipNotice(writer, document);
      return "856";
    case "invoice":
    case "credit_note":
      writeInvoice(writer, document);
      return "810";
    case "catalog":
      writeCatalog(writer, document);
      return "832";
    case "functional_acknowledgement":
      writeFunctionalAcknowledgement(writer, document);
      return "997";
    default:
      writer.error(
        "x12_unsupported_set",
        "document_type",
        `${document.document_type} cannot be written as X12 here`,
      );
      return undefined;
  }
}

function readSettings(
  documents: readonly CanonicalDocument[],
  options: GenerateOptions,
): { settings: Settings | undefined; diagnostics: Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const fail = (path: string, message: string) =>
    diagnostics.push({ level: "error", code: "x12_settings", message, path });
  const control = options.controlNumber ?? 1;
  if (
    !Number.isInteger(control) ||
    control < 1 ||
    control > MAX_CONTROL_NUMBER
  ) {
    fail(
      "controlNumber",
      `the control number ${control} is not between 1 and ${MAX_CONTROL_NUMBER}`,
    );
  }
  const time = utcTime(options.documentTime ?? documents[0]?.issued_at ?? "");
  if (time === undefined) {
    fail("documentTime", "the document time is missing or no ISO 8601 moment");
  }
  const sender = options.x12?.sender ?? DEFAULT_SENDER;
  const receiver = options.x12?.receiver ?? DEFAULT_RECEIVER;
  for (const [path, party] of [
    ["sender", sender],
    ["receiver", receiver],
  ] as const) {
    for (const problem of partyProblems(party)) fail(`x12.${path}`, problem);
  }
  const version = options.x12?.version ?? "004010";
  if (!/^00[4-8]0[1-9]0[A-Z0-9]{0,6}$/.test(version)) {
    fail(
      "x12.version",
      `"${version}" is no version that can be written, such as 004010`,
    );
  }
  if (diagnostics.length > 0 || time === undefined) {
    return { settings: undefined, diagnostics };
  }
  const test = options.test === true || documents.some((item) => item.test);
  const lineBreaks = options.x12?.line_breaks ?? true;
  return {
    settings: { control, time, test, sender, receiver, version, lineBreaks },
    diagnostics,
  };
}

/** `2026-01-31T10:20:30.000Z`; a date alone is its midnight. */
function utcTime(moment: string): string | undefined {
  if (!/^\d{4}-\d{2}-\d{2}/.test(moment)) return undefined;
  const date = new Date(moment);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

function partyProblems(party: X12Party): string[] {
  const problems: string[] = [];
  if (!/^[A-Z0-9]{2}$/.test(party.qualifier)) {
    problems.push(`qualifier "${party.qualifier}" is not two characters`);
  }
  for (const id of new Set([party.id, party.application ?? party.id])) {
    if (!/^[A-Za-z0-9 ._/&+-]{2,15}$/.test(id)) {
      problems.push(`"${id}" is not 2 to 15 plain characters`);
    }
  }
  return problems;
}

function interchange(sets: readonly WrittenSet[], settings: Settings): string {
  const groups = new Map<string, WrittenSet[]>();
  for (const item of sets) {
    const id = FUNCTIONAL_IDS[item.set] ?? "";
    groups.set(id, [...(groups.get(id) ?? []), item]);
  }
  const segments: string[][] = [isa(settings)];
  [...groups].forEach(([id, members], index) => {
    const control = String(settings.control + index);
    segments.push(groupHeader(id, control, settings));
    members.forEach((member, position) => {
      segments.push(...transaction(member, position + 1));
    });
    segments.push(["GE", String(members.length), control]);
  });
  segments.push(["IEA", String(groups.size), padded(settings.control)]);
  const end = TERMINATOR + (settings.lineBreaks ? "\n" : "");
  return segments.map((segment) => segment.join(ELEMENT) + end).join("");
}

/** ISA has fixed lengths: 106 characters with its terminator. */
function isa(settings: Settings): string[] {
  const { sender, receiver, time, version } = settings;
  const modern = version >= "00402";
  return [
    "ISA",
    "00",
    " ".repeat(10),
    "00",
    " ".repeat(10),
    sender.qualifier,
    sender.id.padEnd(15),
    receiver.qualifier,
    receiver.id.padEnd(15),
    time.slice(2, 10).replaceAll("-", ""),
    time.slice(11, 16).replace(":", ""),
    modern ? REPETITION : "U",
    version.slice(0, 5),
    padded(settings.control),
    "0",
    settings.test ? "T" : "P",
    COMPONENT,
  ];
}

function groupHeader(
  id: string,
  control: string,
  { sender, receiver, time, version }: Settings,
): string[] {
  return [
    "GS",
    id,
    sender.application ?? sender.id,
    receiver.application ?? receiver.id,
    time.slice(0, 10).replaceAll("-", ""),
    time.slice(11, 16).replace(":", ""),
    control,
    "X",
    version,
  ];
}

function transaction(
  { set, segments }: WrittenSet,
  position: number,
): string[][] {
  const control = String(position).padStart(4, "0");
  return [
    ["ST", set, control],
    ...segments,
    ["SE", String(segments.length + 2), control],
  ];
}

function padded(control: number): string {
  return String(control).padStart(9, "0");
}
