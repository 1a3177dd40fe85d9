/** A supplier list: one `supplier` per number, name or identifier. */
import type {
  BankAccount,
  PaymentTerms,
  Supplier,
  SupplierContact,
  SupplierQualification,
} from "../../canonical/generated/documents.ts";
import type { Field } from "./names.ts";
import { addressOf, identifiersOf } from "./parties.ts";
import type { CsvRow } from "./records.ts";
import type { Place, Sheet } from "./sheet.ts";
import { short } from "./values.ts";

/** Rows about one supplier become one document: each may add a qualification, an address, an account. */
export function readSuppliers(sheet: Sheet): Supplier[] {
  const groups = new Map<string, { number: string; rows: CsvRow[] }>();
  for (const row of sheet.rows) {
    const name = sheet.code(row, "legal_name");
    const identifier = identifiersOf(sheet, row).find(
      ({ scheme }) => scheme !== "email",
    )?.value;
    const number = sheet.code(row, "supplier_number") ?? identifier ?? name;
    if (number === undefined) {
      const filled = row.cells.filter((cell) => cell !== "");
      const level = filled.length > 1 ? "error" : "info";
      const message = `the row names no supplier (number, name, tax number) and was left out: ${short(filled.join(" "))}`;
      sheet.add(level, "csv_supplier_missing", message, { line: row.line });
      continue;
    }
    const key = number.toLowerCase();
    const group = groups.get(key) ?? { number, rows: [] };
    group.rows.push(row);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ number, rows }) =>
    readSupplier(sheet, number, rows),
  );
}

function readSupplier(
  sheet: Sheet,
  number: string,
  rows: readonly CsvRow[],
): Supplier {
  const supplier: Supplier = {
    document_type: "supplier",
    schema_version: "1.0",
    number,
  };
  const [first] = rows;
  if (first === undefined) return supplier;
  const place: Place = { line: first.line, document: number };
  const name = sheet.text(first, "legal_name");
  if (name !== undefined) supplier.legal_name = name;
  else {
    const message = `supplier ${short(number)} has no name; fill the name in`;
    sheet.add("warning", "csv_name_missing", message, place);
  }
  sayDifferences(sheet, rows, number);
  const trading = sheet.text(first, "trading_name");
  if (trading !== undefined) supplier.trading_name = trading;
  const identifiers = distinct(
    rows.flatMap((row) => identifiersOf(sheet, row)),
  );
  if (identifiers.length > 0) supplier.identifiers = identifiers;
  const addresses = distinct(
    rows.flatMap((row) => {
      const address = addressOf(sheet, row);
      const kind = sheet.code(row, "address_kind")?.toLowerCase();
      if (address === undefined) return [];
      return [kind === undefined ? address : { kind, ...address }];
    }),
  );
  if (addresses.length > 0) supplier.addresses = addresses;
  const copied = [
    ["phone", "phone"],
    ["website", "website"],
    ["category", "category"],
    ["notes", "notes"],
  ] as const;
  for (const [field, target] of copied) {
    const text = sheet.text(first, field);
    if (text !== undefined) supplier[target] = text.slice(0, 200);
  }
  const status =
    sheet.code(first, "supplier_status") ?? sheet.code(first, "item_status");
  if (status !== undefined) {
    supplier.status = status.toLowerCase().replaceAll(/[\s-]+/g, "_");
  }
  const currency = sheet.code(first, "currency")?.toUpperCase();
  if (currency !== undefined && /^[A-Z]{3}$/.test(currency)) {
    supplier.currency = currency;
  }
  const contacts = distinct(rows.flatMap((row) => contactOf(sheet, row)));
  if (contacts.length > 0) supplier.contacts = contacts;
  const terms = termsOf(sheet, first, place);
  if (terms !== undefined) supplier.payment_terms = terms;
  const accounts = distinct(rows.flatMap((row) => accountOf(sheet, row)));
  if (accounts.length > 0) supplier.bank_accounts = accounts;
  const qualifications = distinct(
    rows.flatMap((row) => qualificationsOf(sheet, row, number)),
  );
  if (qualifications.length > 0) supplier.qualifications = qualifications;
  return supplier;
}

/** Two rows with one number and two names are probably two suppliers. */
function sayDifferences(
  sheet: Sheet,
  rows: readonly CsvRow[],
  number: string,
): void {
  const first = rows[0] && sheet.text(rows[0], "legal_name");
  for (const row of rows.slice(1)) {
    const name = sheet.text(row, "legal_name");
    if (name === undefined || name === first) continue;
    const message = `number ${short(number)} is ${short(first ?? "?")} in line ${rows[0]?.line ?? 0} and ${short(name)} here; give each supplier its own`;
    sheet.add("error", "csv_conflict", message, {
      line: row.line,
      document: number,
    });
  }
}

function contactOf(sheet: Sheet, row: CsvRow): SupplierContact[] {
  const name = sheet.text(row, "contact_name");
  if (name === undefined) return [];
  const contact: SupplierContact = { name };
  const role = sheet.text(row, "contact_role");
  const email = sheet.code(row, "email");
  const phone = sheet.code(row, "phone");
  if (role !== undefined) contact.role = role;
  if (email !== undefined) contact.email = email;
  if (phone !== undefined) contact.phone = phone;
  return [contact];
}

/** `Net 30`, `2% 10 net 30`, `2/10 n/30`, or a code; days of their own. */
function termsOf(
  sheet: Sheet,
  row: CsvRow,
  place: Place,
): PaymentTerms | undefined {
  const text = sheet.code(row, "payment_terms");
  const terms: PaymentTerms = {};
  if (text !== undefined) {
    terms.code = text;
    const discount =
      /(\d{1,2}(?:[.,]\d+)?)\s*%?\s*[/, ]\s*(\d{1,3})\b.*?\bn(?:et)?\s*\/?\s*(\d{1,3})\b/i.exec(
        text,
      );
    const net =
      /^(?:n(?:et)?|due|in)?\s*\/?\s*(\d{1,3})\s*(?:d(?:ays?)?|tage)?(?: net)?$/i.exec(
        text,
      );
    if (discount !== null) {
      terms.discount_percent = (discount[1] ?? "").replace(",", ".");
      terms.discount_days = Number(discount[2]);
      terms.net_days = Number(discount[3]);
    } else if (net !== null) terms.net_days = Number(net[1]);
  }
  const days = (field: Field) => {
    const value = sheet.number(row, field, place);
    return value !== undefined && /^\d{1,4}$/.test(value)
      ? Number(value)
      : undefined;
  };
  const netDays = days("net_days");
  if (netDays !== undefined) terms.net_days = netDays;
  const discountDays = days("discount_days");
  if (discountDays !== undefined) terms.discount_days = discountDays;
  const percent = sheet.number(row, "discount_percent", place);
  if (percent !== undefined) terms.discount_percent = percent;
  return Object.keys(terms).length === 0 ? undefined : terms;
}

function accountOf(sheet: Sheet, row: CsvRow): BankAccount[] {
  const account: BankAccount = {};
  const iban = sheet.code(row, "iban")?.replaceAll(/\s/g, "").toUpperCase();
  const bic = sheet.code(row, "bic")?.replaceAll(/\s/g, "").toUpperCase();
  const routing = sheet.code(row, "routing_number")?.replaceAll(/\s/g, "");
  // In a supplier list an account number is the bank's.
  const number = sheet.code(row, "bank_account") ?? sheet.code(row, "account");
  const holder = sheet.text(row, "bank_holder");
  if (iban !== undefined) account.iban = iban;
  if (bic !== undefined) account.bic = bic;
  if (routing !== undefined) account.routing_number = routing;
  if (number !== undefined) account.account_number = number;
  if (Object.keys(account).length === 0) return [];
  if (holder !== undefined) account.holder = holder;
  return [account];
}

/** One of the row's own, and those that have columns of their own. */
function qualificationsOf(
  sheet: Sheet,
  row: CsvRow,
  document: string,
): SupplierQualification[] {
  const place: Place = { line: row.line, document };
  const kinds = new Set<string | undefined>(
    sheet.header.columns
      .filter(({ field }) => field.startsWith("qualification_"))
      .map(({ qualification }) => qualification),
  );
  return [...kinds].flatMap((kind) => {
    const column = (field: Field) =>
      sheet.columns(field).find((one) => one.qualification === kind);
    const qualification: SupplierQualification = {};
    const named = column("qualification_kind");
    const name = kind ?? (named && sheet.code(row, named));
    const number = column("qualification_number");
    const issuer = column("qualification_issuer");
    const from = column("qualification_from");
    const to = column("qualification_to");
    const values = {
      number: number && sheet.code(row, number),
      issuer: issuer && sheet.text(row, issuer),
      valid_from: from && sheet.date(row, from, place),
      valid_to: to && sheet.date(row, to, place),
    };
    for (const [target, value] of Object.entries(values)) {
      if (value !== undefined) {
        qualification[target as keyof typeof values] = value;
      }
    }
    if (kind !== undefined && Object.keys(qualification).length === 0)
      return [];
    if (name === undefined && Object.keys(qualification).length === 0)
      return [];
    const slug = name
      ?.toLowerCase()
      .replaceAll(/[^\p{L}\p{N}]+/gu, "_")
      .replaceAll(/^_|_$/g, "");
    return [{ ...(slug ? { kind: slug } : {}), ...qualification }];
  });
}

function distinct<T>(values: readonly T[]): T[] {
  const seen = new Map(values.map((value) => [JSON.stringify(value), value]));
  return [...seen.values()];
}
