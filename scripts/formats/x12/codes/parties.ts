/** Parties: N101 roles and N103 identifier schemes. */
import { table } from "../../table.ts";
import type {
  Identifier,
  Parties,
} from "../../../canonical/generated/documents.ts";

export type Role = keyof Parties;

/** Who wrote the document; decides what "assigned by the sender" means. */
export type Origin = "buyer" | "supplier";

/** N101 (element 98) → roles, the first being the party's own. */
const ROLES = table<readonly Role[]>({
  BY: ["buyer"],
  OB: ["buyer"],
  SE: ["supplier"],
  SU: ["supplier"],
  VN: ["supplier"],
  II: ["supplier"],
  ST: ["ship_to"],
  BT: ["bill_to"],
  BS: ["bill_to", "ship_to"],
  SO: ["sold_to"],
  RI: ["remit_to"],
  RE: ["remit_to"],
  PE: ["remit_to"],
  SF: ["ship_from"],
});

/** Roles that stand in where the proper one is not given. */
const FALLBACK_ROLES = table<Role>({
  PR: "bill_to",
  PO: "bill_to",
  SH: "ship_from",
  CN: "ship_to",
  UC: "ship_to",
  MA: "ship_to",
});

export const ROLE_CODES: Readonly<Record<Role, string>> = {
  buyer: "BY",
  supplier: "SE",
  ship_to: "ST",
  bill_to: "BT",
  sold_to: "SO",
  remit_to: "RI",
  ship_from: "SF",
};

export function rolesOf(code: string): readonly Role[] {
  return ROLES[code] ?? [];
}

export function fallbackRoleOf(code: string): Role | undefined {
  return FALLBACK_ROLES[code];
}

const SCHEMES = table<Identifier["scheme"]>({
  "1": "duns",
  "9": "duns",
  "21": "hin",
  UL: "gln",
  "11": "dea",
  XX: "npi",
  FI: "tax_id",
  "24": "tax_id",
  "91": "seller_assigned",
  "92": "buyer_assigned",
  A1: "account",
});

/**
 * The scheme of an N103 qualifier; undefined when it has none. Mutually defined
 * codes (ZZ, 93) are the sender's, 94 the receiver's.
 */
export function schemeOf(
  qualifier: string,
  origin: Origin,
): Identifier["scheme"] | undefined {
  const known = SCHEMES[qualifier];
  if (known !== undefined) return known;
  const sender = origin === "buyer" ? "buyer_assigned" : "seller_assigned";
  const receiver = origin === "buyer" ? "seller_assigned" : "buyer_assigned";
  if (qualifier === "ZZ" || qualifier === "93") return sender;
  if (qualifier === "94") return receiver;
  return undefined;
}

/** In this order one identifier goes into N103/N104, for there is one place. */
const WRITING: readonly [Identifier["scheme"], string][] = [
  ["gln", "UL"],
  ["hin", "21"],
  ["duns", "1"],
  ["buyer_assigned", "92"],
  ["seller_assigned", "91"],
  ["npi", "XX"],
  ["dea", "11"],
  ["tax_id", "FI"],
];

/**
 * Qualifier and value for N103/N104, and the identifiers that found no place
 * there (they go into REF).
 */
export function writeIdentifiers(identifiers: readonly Identifier[]): {
  qualifier: string;
  value: string;
  rest: Identifier[];
} {
  for (const [scheme, qualifier] of WRITING) {
    const found = identifiers.find((item) => item.scheme === scheme);
    if (found === undefined) continue;
    const rest = identifiers.filter((item) => item !== found);
    return { qualifier, value: found.value, rest };
  }
  return { qualifier: "", value: "", rest: [...identifiers] };
}

/** REF01 in an N1 loop ↔ identifier scheme. */
export const PARTY_REFERENCES = table<Identifier["scheme"]>({
  HI: "hin",
  D4: "dea",
  HPI: "npi",
  TJ: "tax_id",
  VX: "vat",
  "11": "account",
  IA: "buyer_assigned",
});
