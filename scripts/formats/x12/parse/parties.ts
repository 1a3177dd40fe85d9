/** N1 loops: parties, contacts and identifiers. */
import type {
  Identifier,
  Parties,
  Party,
  RemitParty,
} from "../../../canonical/generated/documents.ts";
import {
  PARTY_REFERENCES,
  fallbackRoleOf,
  rolesOf,
  schemeOf,
  type Role,
} from "../codes/parties.ts";
import { compact, type SetReader } from "../reader.ts";
import type { Segment } from "../segment.ts";

export interface Contact {
  person?: string;
  phone?: string;
  email?: string;
}

/** One N1 with everything that belongs to it. */
export interface PartyLoop {
  segment: Segment;
  /** N101. */
  code: string;
  party: RemitParty;
  contact: Contact;
}

const LOOP = new Set(["N2", "N3", "N4", "NX2", "REF", "PER"]);
/** In an N1 loop these may also stand where senders put header segments. */
const ALWAYS_PARTY = new Set(["N2", "N3", "N4", "NX2", "PER"]);

/**
 * Cuts N1 loops out of `segments`: the loops, and what is left. REF and FOB
 * after an N1 belong to its loop only directly behind its address.
 */
export function takePartyLoops(
  reader: SetReader,
  segments: readonly Segment[],
): { loops: PartyLoop[]; rest: Segment[] } {
  const loops: PartyLoop[] = [];
  const rest: Segment[] = [];
  let current: Segment[] | undefined;
  const close = () => {
    if (current !== undefined) loops.push(readLoop(reader, current));
    current = undefined;
  };
  for (const segment of segments) {
    if (segment.id === "N1") {
      close();
      current = [segment];
    } else if (current !== undefined && belongs(reader, segment, current)) {
      current.push(segment);
    } else {
      if (!LOOP.has(segment.id)) close();
      rest.push(segment);
    }
  }
  close();
  return { loops, rest };
}

function belongs(
  reader: SetReader,
  segment: Segment,
  loop: readonly Segment[],
): boolean {
  if (ALWAYS_PARTY.has(segment.id)) return true;
  if (segment.id !== "REF") return false;
  const qualifier = reader.raw(segment, 1).toUpperCase();
  if (qualifier === "IA") {
    // The buyer's number of the supplier: only there it says who that is.
    return rolesOf(reader.raw(loop[0], 1).toUpperCase()).includes("supplier");
  }
  return Object.hasOwn(PARTY_REFERENCES, qualifier) || BANK.has(qualifier);
}

/** REF01 in a remit-to loop: routing and account number. */
const BANK = new Map<string, "routing_number" | "account_number">([
  ["RT", "routing_number"],
  ["01", "routing_number"],
]);

function readLoop(reader: SetReader, segments: readonly Segment[]): PartyLoop {
  const [n1, ...others] = segments;
  if (n1 === undefined) throw new Error("a party loop starts with N1");
  const code = reader.raw(n1, 1).toUpperCase();
  const identifiers: Identifier[] = [];
  const contact: Contact = {};
  const party: RemitParty = {};
  const name = reader.text(n1, 2);
  if (name !== undefined) party.name = name;
  readIdentifier(reader, n1, identifiers);
  for (const segment of others) {
    if (segment.id === "PER") readContact(reader, segment, contact);
    else if (segment.id === "REF") {
      readReference(reader, segment, party, identifiers);
    } else readAddress(reader, segment, party);
  }
  if (contact.email !== undefined) {
    identifiers.push({ scheme: "email", value: contact.email });
  }
  if (identifiers.length > 0) party.identifiers = identifiers;
  return { segment: n1, code, party, contact };
}

function readIdentifier(
  reader: SetReader,
  n1: Segment,
  identifiers: Identifier[],
): void {
  const qualifier = reader.raw(n1, 3).toUpperCase();
  const value = reader.code(n1, 4);
  if (value === undefined) return;
  const scheme = schemeOf(qualifier, reader.origin);
  if (scheme === undefined) {
    const message = `identifier of kind "${qualifier}" has no place; it was left out`;
    reader.add("info", "x12_party_identifier", message, n1, 3);
    return;
  }
  identifiers.push({ scheme, value });
}

function readReference(
  reader: SetReader,
  segment: Segment,
  party: RemitParty,
  identifiers: Identifier[],
): void {
  const qualifier = reader.raw(segment, 1).toUpperCase();
  const value = reader.code(segment, 2);
  if (value === undefined) return;
  const bank = BANK.get(qualifier);
  if (bank !== undefined) {
    party.bank_account = { ...party.bank_account, [bank]: value };
    return;
  }
  const scheme = PARTY_REFERENCES[qualifier];
  if (scheme !== undefined) identifiers.push({ scheme, value });
}

function readAddress(
  reader: SetReader,
  segment: Segment,
  party: RemitParty,
): void {
  const address = { ...party.address };
  if (segment.id === "N2") {
    address.name ??= joined(reader.text(segment, 1), reader.text(segment, 2));
  } else if (segment.id === "N3") {
    const lines = [reader.text(segment, 1), reader.text(segment, 2)];
    for (const line of lines) {
      if (line === undefined) continue;
      if (address.street === undefined) address.street = line;
      else address.street2 = joined(address.street2, line) ?? line;
    }
  } else if (segment.id === "N4") {
    address.city ??= reader.text(segment, 1);
    address.state ??= reader.text(segment, 2);
    address.postal_code ??= reader.text(segment, 3);
    address.country ??= reader.text(segment, 4);
  }
  const filled = compact(address);
  if (Object.keys(filled).length > 0) party.address = filled;
}

function joined(
  first: string | undefined,
  second: string | undefined,
): string | undefined {
  const parts = [first, second].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join(" ");
}

/** PER: name in 02, then pairs of qualifier and number. */
export function readContact(
  reader: SetReader,
  segment: Segment,
  contact: Contact,
): void {
  contact.person ??= reader.text(segment, 2);
  for (let at = 3; at + 1 < segment.elements.length; at += 2) {
    const qualifier = reader.raw(segment, at).toUpperCase();
    const value = reader.code(segment, at + 1);
    if (value === undefined) continue;
    if (qualifier === "TE" || qualifier === "WP") contact.phone ??= value;
    else if (qualifier === "EM") contact.email ??= value;
  }
}

/** Parties by role. A role given twice keeps the first and says so. */
export function assignParties(
  reader: SetReader,
  loops: readonly PartyLoop[],
): Parties {
  const parties: Parties = {};
  for (const loop of loops) {
    for (const role of rolesOf(loop.code)) setRole(reader, parties, role, loop);
  }
  for (const loop of loops) {
    if (rolesOf(loop.code).length > 0) continue;
    const role = fallbackRoleOf(loop.code);
    if (role !== undefined && parties[role] === undefined) {
      setRole(reader, parties, role, loop);
    } else {
      const message = `party of kind "${loop.code}" has no place in the document; it was left out`;
      reader.add("info", "x12_party_ignored", message, loop.segment, 1);
    }
  }
  return parties;
}

function setRole(
  reader: SetReader,
  parties: Parties,
  role: Role,
  loop: PartyLoop,
): void {
  if (Object.keys(loop.party).length === 0) return;
  if (parties[role] !== undefined) {
    const message = `${role} is given twice; the first was kept`;
    reader.add("info", "x12_party_repeated", message, loop.segment, 1);
    return;
  }
  if (role === "remit_to") parties.remit_to = loop.party;
  else {
    const party: Party = { ...loop.party };
    delete (party as RemitParty).bank_account;
    parties[role] = party;
  }
}

/**
 * Roles that every line names alike and the header does not: some senders
 * repeat the ship-to per line instead of giving it once.
 */
export function promoteLineParties(
  reader: SetReader,
  parties: Parties,
  lines: readonly (readonly PartyLoop[])[],
): void {
  const all = lines.flat();
  for (const role of new Set(all.flatMap((loop) => rolesOf(loop.code)))) {
    if (parties[role] !== undefined) continue;
    const loops = lines.map((line) =>
      line.find((loop) => rolesOf(loop.code).includes(role)),
    );
    const [first] = loops;
    if (first === undefined) continue;
    const text = JSON.stringify(first.party);
    if (loops.every((loop) => JSON.stringify(loop?.party) === text)) {
      setRole(reader, parties, role, first);
    } else {
      const message = `lines name different parties as ${role}; none was taken for the document`;
      reader.add("info", "x12_party_per_line", message, first.segment, 1);
    }
  }
}
