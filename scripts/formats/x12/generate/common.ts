/** Segments that are written alike in every set. */
import type {
  AllowanceCharge,
  DeliverTo,
  FreightTerms,
  Identifier,
  Notes,
  Parties,
  PaymentTerms,
  Reference,
  RemitParty,
  Tax,
} from "../../../canonical/generated/documents.ts";
import { codeOf } from "../codes/charges.ts";
import {
  PARTY_REFERENCES,
  ROLE_CODES,
  writeIdentifiers,
  type Role,
} from "../codes/parties.ts";
import { referenceQualifier } from "../codes/references.ts";
import type { SetWriter } from "./writer.ts";

/** In this order the parties stand in a document. */
const ROLES: readonly Role[] = [
  "buyer",
  "supplier",
  "ship_to",
  "bill_to",
  "sold_to",
  "remit_to",
  "ship_from",
];

const REFERENCE_OF_SCHEME = new Map(
  Object.entries(PARTY_REFERENCES)
    .filter(([qualifier]) => qualifier !== "IA")
    .map(([qualifier, scheme]) => [scheme, qualifier]),
);

export function writeReferences(
  writer: SetWriter,
  references: readonly Reference[] | undefined,
  path = "references",
): void {
  (references ?? []).forEach((reference, index) => {
    const where = `${path}[${index}].number`;
    const number = writer.code(reference.number, 50, where);
    if (number === "") return;
    writer.add("REF", referenceQualifier(reference.type), number);
  });
}

/** References with one more, unless it is among them. */
export function withReference(
  references: readonly Reference[] | undefined,
  type: string,
  number: string | undefined,
): Reference[] {
  const all = [...(references ?? [])];
  const known = all.some(
    (item) => item.type === type && item.number === number,
  );
  return number === undefined || known ? all : [...all, { type, number }];
}

export function writeParties(
  writer: SetWriter,
  parties: Parties | undefined,
  deliverTo?: DeliverTo,
): void {
  for (const role of ROLES) {
    const party = parties?.[role];
    if (party === undefined) continue;
    const contact = role === "ship_to" ? deliverTo : undefined;
    writeParty(writer, role, party, contact);
  }
  if (parties?.ship_to === undefined && deliverTo !== undefined) {
    writeParty(writer, "ship_to", { name: "SHIP TO" }, deliverTo);
  }
}

function writeParty(
  writer: SetWriter,
  role: Role,
  party: RemitParty,
  contact: DeliverTo | undefined,
): void {
  const path = `parties.${role}`;
  const emails = (party.identifiers ?? []).filter(isEmail);
  const others = (party.identifiers ?? []).filter((item) => !isEmail(item));
  const { qualifier, value, rest } = writeIdentifiers(others);
  const name = writer.text(party.name, 60, `${path}.name`);
  const id = writer.code(value || undefined, 80, `${path}.identifiers`);
  if (name === "" && id === "") {
    writer.warn(
      "x12_party_empty",
      path,
      "a party without name and identifier cannot be written",
    );
    return;
  }
  writer.add("N1", ROLE_CODES[role], name, id === "" ? "" : qualifier, id);
  writeAddress(writer, party, path);
  writePartyReferences(writer, party, rest, path);
  writeContact(writer, contact, emails[0]?.value, path);
}

function isEmail(identifier: Identifier): boolean {
  return identifier.scheme === "email";
}

function writeAddress(
  writer: SetWriter,
  { address }: RemitParty,
  path: string,
): void {
  if (address === undefined) return;
  const at = (field: string) => `${path}.address.${field}`;
  const name = writer.text(address.name, 60, at("name"));
  if (name !== "") writer.add("N2", name);
  const street = writer.text(address.street, 55, at("street"));
  const street2 = writer.text(address.street2, 55, at("street2"));
  if (street !== "" || street2 !== "")
    writer.add("N3", street || street2, street ? street2 : "");
  const place = [
    writer.text(address.city, 30, at("city")),
    stateCode(writer, address.state, at("state")),
    writer.text(address.postal_code, 15, at("postal_code")),
    writer.text(address.country, 3, at("country")),
  ];
  if (place.some((part) => part !== "")) writer.add("N4", ...place);
}

/** N402 has two characters; a longer name cut to two would be another state. */
function stateCode(
  writer: SetWriter,
  state: string | undefined,
  path: string,
): string {
  const text = writer.text(state, 100, path);
  if (text.length <= 2) return text;
  writer.warn(
    "x12_not_carried",
    path,
    "X12 has room for a code of two letters; the name was left out",
  );
  return "";
}

function writePartyReferences(
  writer: SetWriter,
  party: RemitParty,
  identifiers: readonly Identifier[],
  path: string,
): void {
  for (const { scheme, value } of identifiers) {
    const qualifier = REFERENCE_OF_SCHEME.get(scheme);
    if (qualifier === undefined) {
      writer.warn(
        "x12_not_carried",
        `${path}.identifiers`,
        `identifier ${scheme} has no place in X12; it was left out`,
      );
    } else {
      writer.add(
        "REF",
        qualifier,
        writer.code(value, 50, `${path}.identifiers`),
      );
    }
  }
  if (party.bank_account?.routing_number !== undefined) {
    const routing = party.bank_account.routing_number;
    writer.add("REF", "RT", writer.code(routing, 50, `${path}.bank_account`));
  }
}

function writeContact(
  writer: SetWriter,
  contact: DeliverTo | undefined,
  email: string | undefined,
  path: string,
): void {
  const person = writer.text(contact?.person, 60, "deliver_to.person");
  const phone = writer.code(contact?.phone, 80, "deliver_to.phone");
  const address = writer.code(email, 80, `${path}.identifiers`);
  const numbers = [
    ...(phone === "" ? [] : ["TE", phone]),
    ...(address === "" ? [] : ["EM", address]),
  ];
  if (person === "" && numbers.length === 0) return;
  writer.add("PER", contact === undefined ? "IC" : "DC", person, ...numbers);
}

/** ITD: 03 percent, 05 days of discount, 06 due date, 07 net days. */
export function writeTerms(
  writer: SetWriter,
  terms: PaymentTerms | undefined,
): void {
  if (terms === undefined) return;
  const isCode = /^[0-9A-Z]{2}$/.test(terms.code ?? "");
  const fallback = terms.discount_percent === undefined ? "05" : "01";
  const description = isCode ? undefined : terms.code;
  writer.add(
    "ITD",
    isCode ? terms.code : fallback,
    "3",
    writer.decimal(terms.discount_percent, "payment_terms.discount_percent"),
    "",
    terms.discount_days?.toString(),
    writer.date8(terms.due_date),
    terms.net_days?.toString(),
    ...["", "", "", "", writer.text(description, 80, "payment_terms.code")],
  );
}

const FREIGHT: Readonly<Record<NonNullable<FreightTerms["payment"]>, string>> =
  {
    prepay_and_add: "PC",
    prepaid_and_allowed: "PP",
    collect: "CC",
    third_party: "TP",
  };

export function writeFreight(
  writer: SetWriter,
  terms: FreightTerms | undefined,
): void {
  if (terms === undefined) return;
  const incoterm = writer.code(terms.incoterm, 3, "freight_terms.incoterm");
  if (terms.payment === undefined && incoterm === "") return;
  const codes = incoterm === "" ? [] : ["", "", "01", incoterm];
  // DF: as buyer and seller agreed.
  const payment = terms.payment === undefined ? "DF" : FREIGHT[terms.payment];
  writer.add("FOB", payment, ...codes);
}

/** SAC: amounts have two implied decimals (element 610). */
export function writeCharges(
  writer: SetWriter,
  charges: readonly AllowanceCharge[] | undefined,
  path: string,
): void {
  (charges ?? []).forEach((charge, index) => {
    const at = `${path}[${index}]`;
    const percent = writer.decimal(charge.percent, `${at}.percent`);
    const known = /^[A-Z][A-Z0-9]{3}$/.test(charge.code ?? "");
    writer.add(
      "SAC",
      charge.indicator === "allowance" ? "A" : "C",
      known ? charge.code : codeOf(charge.kind),
      "",
      "",
      writer.cents(charge.amount, `${at}.amount`),
      percent === "" ? "" : "Z",
      percent,
      ...["", "", "", "", "", "", ""],
      writer.text(charge.description, 80, `${at}.description`),
    );
  });
}

/** TXI: 02 amount, 03 percent, 05 jurisdiction, 06 exempt, 08 base, 09 number. */
export function writeTaxes(
  writer: SetWriter,
  taxes: readonly Tax[] | undefined,
  path: string,
): void {
  (taxes ?? []).forEach((tax, index) => {
    const at = `${path}[${index}]`;
    const jurisdiction = writer.code(
      tax.jurisdiction,
      10,
      `${at}.jurisdiction`,
    );
    const exempt = tax.category === "E";
    writer.add(
      "TXI",
      "TX",
      writer.decimal(tax.amount, `${at}.amount`),
      writer.decimal(tax.rate, `${at}.rate`),
      jurisdiction === "" ? "" : "CD",
      jurisdiction,
      exempt ? "1" : "",
      "",
      writer.decimal(tax.taxable, `${at}.taxable`),
      exempt
        ? writer.code(tax.exemption_number, 20, `${at}.exemption_number`)
        : "",
    );
  });
}

/** N9*L1 with MSG: notes for people, 264 characters each. */
export function writeNotes(
  writer: SetWriter,
  notes: Notes | undefined,
  more: readonly string[] = [],
): void {
  const given = notes === undefined ? [] : [notes].flat();
  const lines = [...more, ...given.flatMap((note) => note.split(/\r?\n/))];
  const pieces = lines.flatMap((line) => writer.pieces(line, 264, "notes"));
  if (pieces.length === 0) return;
  writer.add("N9", "L1", "NOTES");
  for (const piece of pieces) writer.add("MSG", piece);
}

/** PID: the description in pieces of 80 characters. */
export function writeDescription(
  writer: SetWriter,
  description: string | undefined,
  path: string,
): void {
  for (const piece of writer.pieces(description, 80, path)) {
    writer.add("PID", "F", "", "", "", piece);
  }
}
