/** 997, 999 and TA1 → `functional_acknowledgement`. */
import { table } from "../../table.ts";
import type { FunctionalAcknowledgement } from "../../../canonical/generated/documents.ts";
import type { InterchangeAcknowledgement } from "../envelope.ts";
import { compact, type SetReader } from "../reader.ts";
import type { Report } from "../report.ts";
import type { Segment } from "../segment.ts";
import { DOCUMENT_TYPES_BY_SET } from "../sets.ts";
import { issuedAt } from "./header.ts";

type Acknowledges = NonNullable<FunctionalAcknowledgement["acknowledges"]>;
type Transaction = NonNullable<Acknowledges["transactions"]>[number];
type Finding = NonNullable<FunctionalAcknowledgement["errors"]>[number];
type Status = NonNullable<FunctionalAcknowledgement["status"]>;

/** AK5/IK5 and AK9 (elements 717 and 715); M, W and X are security failures. */
const STATUSES = table<Status>({
  A: "accepted",
  E: "accepted",
  P: "partial",
  R: "rejected",
  M: "rejected",
  W: "rejected",
  X: "rejected",
});

/** Element 718: why a transaction set was not taken. */
const SET_ERRORS = table<string>({
  "1": "transaction set not supported",
  "2": "transaction set trailer missing",
  "3": "control number of header and trailer do not match",
  "4": "number of segments does not match",
  "5": "one or more segments in error",
  "6": "missing or invalid transaction set identifier",
  "7": "missing or invalid transaction set control number",
  "23": "transaction set control number not unique",
});

/** Element 716: why a group was not taken. */
const GROUP_ERRORS = table<string>({
  "1": "functional group not supported",
  "2": "functional group version not supported",
  "3": "functional group trailer missing",
  "4": "control number of header and trailer do not match",
  "5": "number of transaction sets does not match",
  "6": "group control number violates syntax",
  "19": "group control number not unique",
});

/** Element 720: what is wrong with a segment. */
const SEGMENT_ERRORS = table<string>({
  "1": "unrecognised segment",
  "2": "unexpected segment",
  "3": "mandatory segment missing",
  "4": "loop occurs too often",
  "5": "segment occurs too often",
  "6": "segment not in this transaction set",
  "7": "segment not in proper sequence",
  "8": "segment has data element errors",
});

/** Element 723: what is wrong with an element. */
const ELEMENT_ERRORS = table<string>({
  "1": "mandatory element missing",
  "2": "conditional element missing",
  "3": "too many elements",
  "4": "element too short",
  "5": "element too long",
  "6": "invalid character",
  "7": "invalid code value",
  "8": "invalid date",
  "9": "invalid time",
  "10": "exclusion condition violated",
});

export function readFunctionalAcknowledgement(
  reader: SetReader,
): FunctionalAcknowledgement | undefined {
  const body = reader.body();
  const ak1 = body.find((segment) => segment.id === "AK1");
  if (ak1 === undefined) {
    const message = "AK1 is missing: nothing says what is acknowledged";
    reader.add("error", "x12_number_missing", message);
    return undefined;
  }
  const functionalId = functionalIdOf(reader, ak1);
  const ak9 = body.find((segment) => segment.id === "AK9");
  const transactions = readTransactions(reader, body);
  const status = groupStatus(reader, ak9, transactions);
  const { group, controlNumber, interchange } = reader.transaction;
  const parts = [interchange.controlNumber, group.controlNumber, controlNumber];
  return compact({
    document_type: "functional_acknowledgement" as const,
    schema_version: "1.0" as const,
    number: parts.filter((part) => part !== "").join("-") || "997",
    issued_at: issuedAt(reader, undefined),
    test: interchange.test || undefined,
    status,
    acknowledges: compact({
      functional_identifier: functionalId,
      group_control_number: reader.code(ak1, 2),
      version: reader.code(ak1, 3),
      included: reader.days(ak9, 2),
      received: reader.days(ak9, 3),
      accepted: reader.days(ak9, 4),
      transactions,
    }),
    errors: ak9 === undefined ? [] : codes(reader, ak9, 5, GROUP_ERRORS),
  });
}

/** AK101; without it nobody can tell what was acknowledged. */
function functionalIdOf(reader: SetReader, ak1: Segment): string | undefined {
  const value = reader.raw(ak1, 1);
  if (/^[A-Z]{2}$/.test(value)) return value;
  const message = `"${value.slice(0, 40)}" is no functional identifier of two letters; it was left out`;
  reader.add("error", "x12_invalid_code", message, ak1, 1);
  return undefined;
}

/** The whole group, and without AK9 what its sets say together. */
function groupStatus(
  reader: SetReader,
  ak9: Segment | undefined,
  transactions: readonly Transaction[],
): Status | undefined {
  const status = STATUSES[reader.raw(ak9, 1).toUpperCase()];
  if (status !== undefined) return status;
  const message = "AK9 does not say whether the group was accepted";
  reader.add("warning", "x12_no_answer", message, ak9, 1);
  if (transactions.length === 0) return undefined;
  const rejected = transactions.filter((item) => item.status === "rejected");
  if (rejected.length === 0) return "accepted";
  return rejected.length === transactions.length ? "rejected" : "partial";
}

function readTransactions(
  reader: SetReader,
  body: readonly Segment[],
): Transaction[] {
  const transactions: Transaction[] = [];
  let current: Transaction | undefined;
  let errors: Finding[] = [];
  const close = () => {
    if (current !== undefined && errors.length > 0) current.errors = errors;
    errors = [];
  };
  let place: Segment | undefined;
  for (const segment of body) {
    if (segment.id === "AK2") {
      close();
      const set = reader.code(segment, 1);
      current = compact({
        transaction_set: set,
        control_number: reader.code(segment, 2),
        document_type: DOCUMENT_TYPES_BY_SET.get(set ?? ""),
      });
      transactions.push(current);
    } else if (segment.id === "AK3" || segment.id === "IK3") {
      place = segment;
      errors.push(segmentError(reader, segment));
    } else if (segment.id === "AK4" || segment.id === "IK4") {
      errors.push(elementError(reader, place, segment));
    } else if (segment.id === "AK5" || segment.id === "IK5") {
      const status = STATUSES[reader.raw(segment, 1).toUpperCase()];
      if (current !== undefined && status !== undefined)
        current.status = status;
      errors.push(...codes(reader, segment, 2, SET_ERRORS));
    }
  }
  close();
  return transactions;
}

function segmentError(reader: SetReader, segment: Segment): Finding {
  const code = reader.code(segment, 4);
  checkNumber(reader, segment, 2);
  return finding(
    reader,
    segment,
    code,
    SEGMENT_ERRORS,
    segmentPath(reader, segment),
  );
}

function elementError(
  reader: SetReader,
  place: Segment | undefined,
  segment: Segment,
): Finding {
  const code = reader.code(segment, 3);
  checkNumber(reader, segment, 2);
  const element = reader.component(segment, 1).padStart(2, "0");
  const path = `${place === undefined ? "" : segmentPath(reader, place)}/${element}`;
  return finding(reader, place ?? segment, code, ELEMENT_ERRORS, path);
}

function finding(
  reader: SetReader,
  segment: Segment,
  code: string | undefined,
  names: Readonly<Partial<Record<string, string>>>,
  path: string,
): Finding {
  const line = reader.raw(segment, 2);
  return compact({
    code,
    message: names[code ?? ""] ?? `error ${code ?? "without a code"}`,
    path,
    line: /^\d{1,9}$/.test(line) ? Number(line) : undefined,
  });
}

function segmentPath(reader: SetReader, segment: Segment): string {
  return reader.raw(segment, 1);
}

/** Error codes from `first` on. */
function codes(
  reader: SetReader,
  segment: Segment,
  first: number,
  names: Readonly<Partial<Record<string, string>>>,
): Finding[] {
  const findings: Finding[] = [];
  for (let at = first; at < segment.elements.length; at += 1) {
    const code = reader.code(segment, at);
    if (code === undefined) continue;
    findings.push({ code, message: names[code] ?? `error ${code}` });
  }
  return findings;
}

function checkNumber(reader: SetReader, segment: Segment, at: number): void {
  const value = reader.raw(segment, at);
  if (/^\d*$/.test(value)) return;
  const message = `"${value.slice(0, 40)}" is not a number; it was kept out`;
  reader.add("warning", "x12_invalid_number", message, segment, at);
}

/** TA1: answer to a whole interchange (01 its control number, 04 status). */
export function readInterchangeAcknowledgement(
  { segment, interchange }: InterchangeAcknowledgement,
  report: Report,
): FunctionalAcknowledgement | undefined {
  const acknowledged = segment.elements[1] ?? "";
  const status = STATUSES[(segment.elements[4] ?? "").toUpperCase()];
  if (acknowledged === "" || status === undefined) {
    const message = "TA1 does not say which interchange it accepts or rejects";
    report.add("error", "x12_number_missing", message, segment);
    return undefined;
  }
  const note = segment.elements[5] ?? "";
  const suffix =
    interchange.controlNumber === "" ? "" : `${interchange.controlNumber}-`;
  return compact({
    document_type: "functional_acknowledgement" as const,
    schema_version: "1.0" as const,
    number: `${suffix}TA1-${acknowledged}`.slice(0, 200),
    test: interchange.test || undefined,
    status,
    acknowledges: { interchange_control_number: acknowledged.slice(0, 200) },
    errors:
      note === "" || note === "000"
        ? []
        : [
            {
              code: note.slice(0, 200),
              message: `interchange note ${note.slice(0, 40)}`,
            },
          ],
  });
}
