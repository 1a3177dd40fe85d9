/** Who a row is about: identifiers and addresses, as columns or titles. */
import type {
  Address,
  Identifier,
  Party,
} from "../../canonical/generated/documents.ts";
import type { Field } from "./names.ts";
import type { CsvRow } from "./records.ts";
import type { Sheet } from "./sheet.ts";

/** Columns of identifiers and their schemes. */
const SCHEMES: readonly [Field, Identifier["scheme"]][] = [
  ["gln", "gln"],
  ["duns", "duns"],
  ["tax_id", "tax_id"],
  ["vat", "vat"],
  ["npi", "npi"],
  ["hin", "hin"],
  ["dea", "dea"],
  ["licence", "licence"],
  ["peppol", "peppol"],
  ["email", "email"],
];

/** Identifiers that are written with blanks or dashes for the eye only. */
const COMPACT = new Set<Field>(["gln", "duns", "npi", "vat"]);

/** Identifiers in a row, else above the header. */
export function identifiersOf(
  sheet: Sheet,
  row: CsvRow | undefined,
): Identifier[] {
  return SCHEMES.flatMap(([field, scheme]) => {
    const text =
      (row && sheet.code(row, field)) ?? sheet.title(field)?.slice(0, 200);
    if (text === undefined) return [];
    const value = COMPACT.has(field) ? text.replaceAll(/[\s-]/g, "") : text;
    return value === "" ? [] : [{ scheme, value }];
  });
}

/**
 * The supplier that a row of items belongs to, with what tells it from others;
 * undefined when the sheet does not say.
 */
export function supplierOf(
  sheet: Sheet,
  row: CsvRow | undefined,
): { key: string; party: Party } | undefined {
  const value = (field: Field) =>
    (row && sheet.code(row, field)) ?? sheet.title(field)?.slice(0, 200);
  const number = value("supplier_number");
  const name = value("legal_name");
  const identifiers = identifiersOf(sheet, row).filter(
    ({ scheme }) => scheme !== "email",
  );
  // In the sender's sheet it is the sender's number of itself, unless we sent
  // the sheet out; both are looked at where the supplier is resolved.
  if (number !== undefined) {
    identifiers.push({ scheme: "buyer_assigned", value: number });
  }
  if (name === undefined && identifiers.length === 0) return undefined;
  const key = (number ?? identifiers[0]?.value ?? name ?? "").toLowerCase();
  const party: Party = {};
  if (name !== undefined) party.name = name;
  if (identifiers.length > 0) party.identifiers = identifiers;
  return { key, party };
}

/** The address in a row; undefined when there is none. */
export function addressOf(sheet: Sheet, row: CsvRow): Address | undefined {
  const address: Address = {};
  const fields = [
    "street",
    "street2",
    "city",
    "state",
    "postal_code",
    "country",
  ] as const;
  for (const field of fields) {
    const text = sheet.text(row, field);
    if (text !== undefined) address[field] = text;
  }
  return Object.keys(address).length === 0 ? undefined : address;
}
