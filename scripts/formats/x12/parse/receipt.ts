/**
 * What a 997 says about the groups of a file: read, with remarks, or not.
 * Syntax only (X12.24, transaction set 997; implementation as in 004010): what
 * the business makes of a document is another document.
 */
import type {
  Diagnostic,
  FunctionalAcknowledgement,
} from "../../../canonical/types.ts";
import { table } from "../../table.ts";
import type { DocumentOrigin } from "../../format.ts";
import type { Group, Interchange, TransactionSet } from "../envelope.ts";
import type { Segment } from "../segment.ts";
import { DOCUMENT_TYPES_BY_SET } from "../sets.ts";
import { compact } from "../reader.ts";

type Acknowledges = NonNullable<FunctionalAcknowledgement["acknowledges"]>;
type Transaction = NonNullable<Acknowledges["transactions"]>[number];
type Finding = NonNullable<FunctionalAcknowledgement["errors"]>[number];

/** A transaction set and what became of it. */
export interface SetReceipt {
  transaction: TransactionSet;
  /** A document was made of it. */
  read: boolean;
  /** Findings while it was read. */
  findings: Diagnostic[];
}

/** Element 718 for findings about a whole set. */
const SET_CODES = table<string>({
  x12_unsupported_set: "1",
  x12_truncated: "2",
  x12_missing_trailer: "2",
  x12_control_mismatch: "3",
  x12_count_mismatch: "4",
  x12_duplicate_control_number: "23",
});

/** Element 716 for findings about a group. */
const GROUP_CODES = table<string>({
  x12_missing_trailer: "3",
  x12_control_mismatch: "4",
  x12_count_mismatch: "5",
  x12_duplicate_control_number: "19",
});

/** Element 723 for findings about an element; 7 (invalid code) else. */
const ELEMENT_CODES = table<string>({
  x12_number_missing: "1",
  x12_missing: "1",
  x12_too_long: "5",
  x12_invalid_number: "6",
  x12_invalid_date: "8",
});

/** Most findings of a set that are handed back. */
const MAX_FINDINGS = 50;

/** Of a document: where it came in, for the record. */
export function originOf(transaction: TransactionSet): DocumentOrigin {
  const { interchange, group } = transaction;
  return {
    interchange_control_number: interchange.controlNumber,
    functional_identifier: group.functionalId,
    group_control_number: group.controlNumber,
    version: group.version,
    transaction_set: transaction.set,
    transaction_control_number: transaction.controlNumber,
  };
}

/**
 * One acknowledgement per functional group, in the file's order.
 * Acknowledgements themselves (group `FA`) and groups without a control
 * number get none: nobody could tell what is meant.
 */
export function acknowledgementsOf(
  receipts: readonly SetReceipt[],
  diagnostics: readonly Diagnostic[],
): FunctionalAcknowledgement[] {
  const groups = new Map<Group, SetReceipt[]>();
  for (const one of receipts) {
    const { group } = one.transaction;
    groups.set(group, [...(groups.get(group) ?? []), one]);
  }
  return [...groups]
    .filter(([group]) => canBeAnswered(group))
    .map(([group, sets]) => acknowledge(group, sets, diagnostics));
}

function canBeAnswered(group: Group): boolean {
  return (
    /^[A-Z]{2}$/.test(group.functionalId) &&
    group.functionalId !== "FA" &&
    /^\d{1,9}$/.test(group.controlNumber)
  );
}

function acknowledge(
  group: Group,
  sets: readonly SetReceipt[],
  diagnostics: readonly Diagnostic[],
): FunctionalAcknowledgement {
  const transactions = sets.map((one) => verdict(one, diagnostics));
  const accepted = transactions.filter((one) => one.status === "accepted");
  const interchange = sets[0]?.transaction.interchange;
  return compact({
    document_type: "functional_acknowledgement" as const,
    schema_version: "1.0" as const,
    number: numberOf(interchange, group),
    test: interchange?.test || undefined,
    status:
      accepted.length === transactions.length
        ? ("accepted" as const)
        : accepted.length === 0
          ? ("rejected" as const)
          : ("partial" as const),
    acknowledges: compact({
      functional_identifier: group.functionalId,
      group_control_number: group.controlNumber,
      interchange_control_number: interchange?.controlNumber || undefined,
      version: group.version || undefined,
      included: sets.length,
      received: sets.length,
      accepted: accepted.length,
      transactions,
    }),
    errors: groupErrors(sets, diagnostics),
  });
}

function numberOf(interchange: Interchange | undefined, group: Group): string {
  const parts = [interchange?.controlNumber ?? "", group.controlNumber];
  return parts.filter((part) => part !== "").join("-");
}

/** A set is accepted where a document was made of it without an error. */
function verdict(
  receipt: SetReceipt,
  diagnostics: readonly Diagnostic[],
): Transaction {
  const { transaction } = receipt;
  const about = [
    ...diagnostics.filter((one) => concerns(one, transaction)),
    ...receipt.findings.filter((one) => one.segment === undefined),
  ];
  const failed = !receipt.read || about.some(({ level }) => level === "error");
  const whole = about.flatMap((one) => setError(one));
  const places = failed
    ? about
        .filter(({ level, code }) => level === "error" && !SET_CODES[code])
        .flatMap((one) => placeErrors(one, transaction))
        .slice(0, MAX_FINDINGS)
    : [];
  if (failed && whole.length === 0)
    whole.push({ code: "5", message: "one or more segments in error" });
  return compact({
    transaction_set: transaction.set,
    control_number: transaction.controlNumber,
    document_type: DOCUMENT_TYPES_BY_SET.get(transaction.set),
    status: failed ? ("rejected" as const) : ("accepted" as const),
    errors: [...places, ...whole],
  });
}

function concerns(one: Diagnostic, { segments }: TransactionSet): boolean {
  const [first, last] = [segments[0]?.index, segments.at(-1)?.index];
  if (one.segment === undefined || first === undefined || last === undefined)
    return false;
  return one.segment >= first && one.segment <= last;
}

/** AK5. A trailer's count and control number are remarks, not refusals. */
function setError({ code, message }: Diagnostic): Finding[] {
  const number = SET_CODES[code];
  return number ? [{ code: number, message: message.slice(0, 500) }] : [];
}

/** AK3, and AK4 where the element is known. */
function placeErrors(one: Diagnostic, set: TransactionSet): Finding[] {
  const segment = set.segments.find(({ index }) => index === one.segment);
  if (segment === undefined) return [];
  const line = positionOf(segment, set);
  const path = segment.id;
  const message = one.message.slice(0, 500);
  const element = /\/(\d{1,2})$/.exec(one.path ?? "")?.[1];
  if (element === undefined) return [{ code: "3", message, path, line }];
  const code = ELEMENT_CODES[one.code] ?? "7";
  return [
    { code: "8", message: "segment has data element errors", path, line },
    { code, message, path: `${path}/${element}`, line },
  ];
}

/** From ST, which is 1 (element 719). */
function positionOf(segment: Segment, set: TransactionSet): number {
  return segment.index - (set.segments[0]?.index ?? segment.index) + 1;
}

/** AK9: what is wrong around the sets. */
function groupErrors(
  sets: readonly SetReceipt[],
  diagnostics: readonly Diagnostic[],
): Finding[] {
  const { gs, ge } = sets[0]?.transaction.group ?? {};
  return diagnostics
    .filter((one) => one.segment !== undefined)
    .filter((one) => one.segment === gs || one.segment === ge)
    .flatMap(({ code, message }) => {
      const number = GROUP_CODES[code];
      return number ? [{ code: number, message: message.slice(0, 500) }] : [];
    })
    .slice(0, 5);
}
