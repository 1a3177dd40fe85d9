/** Canonical documents → sheets, one per kind. Strict and deterministic. */
import type {
  Catalog,
  CatalogPrice,
  Contract,
  Item,
  Party,
  Supplier,
} from "../../canonical/generated/documents.ts";
import type { CanonicalDocument, Diagnostic } from "../../canonical/types.ts";
import { validateDocument } from "../../canonical/validate.ts";
import {
  CSV_DOCUMENT_TYPES,
  type GenerateOptions,
  type GenerateResult,
} from "../format.ts";
import { nameOf, type Field } from "./names.ts";
import { readUnit } from "./units.ts";

/** One row by field; what is absent is an empty cell. */
type Row = Partial<Record<Field, string>>;

/** Fields whose cells are numbers, written with the decimal mark. */
const NUMBERS = new Set<Field>([
  "price",
  "list_price",
  "base_quantity",
  "min_quantity",
  "markup_percent",
  "fee",
  "discount_percent",
  "commitment_amount",
  "commitment_quantity",
  "commitment_percent",
]);

/** Columns from left to right; those without any value are left out. */
const COLUMNS: Readonly<
  Record<(typeof CSV_DOCUMENT_TYPES)[number], readonly Field[]>
> = {
  supplier: [
    "document_type",
    "supplier_number",
    "legal_name",
    "trading_name",
    "supplier_status",
    "category",
    "tax_id",
    "vat",
    "duns",
    "gln",
    "npi",
    "hin",
    "dea",
    "licence",
    "peppol",
    "email",
    "phone",
    "website",
    "contact_name",
    "contact_role",
    "address_kind",
    "street",
    "street2",
    "city",
    "state",
    "postal_code",
    "country",
    "currency",
    "payment_terms",
    "net_days",
    "discount_percent",
    "discount_days",
    "iban",
    "bic",
    "routing_number",
    "bank_account",
    "bank_holder",
    "qualification_kind",
    "qualification_number",
    "qualification_issuer",
    "qualification_from",
    "qualification_to",
  ],
  contract: [
    "document_type",
    "contract_number",
    "contract_name",
    "contract_kind",
    "contract_owner",
    "buying_group_number",
    "contract_status",
    "contract_start",
    "contract_end",
    "price_date_basis",
    "currency",
    "supplier_number",
    "legal_name",
    "gln",
    "duns",
    "facility",
    "facility_gln",
    "facility_name",
    "account",
    "line_number",
    "buyer_code",
    "supplier_code",
    "manufacturer_code",
    "manufacturer",
    "brand",
    "gtin",
    "ndc",
    "hibc",
    "udi_di",
    "unspsc",
    "description",
    "packaging",
    "unit",
    "price",
    "list_price",
    "base_quantity",
    "min_quantity",
    "tier",
    "tier_conditions",
    "price_class",
    "markup_percent",
    "fee",
    "valid_from",
    "valid_to",
  ],
  catalog: [
    "document_type",
    "feed_number",
    "issued_at",
    "scope",
    "supplier_number",
    "legal_name",
    "gln",
    "duns",
    "tax_id",
    "vat",
    "line_number",
    "action",
    "buyer_code",
    "supplier_code",
    "manufacturer_code",
    "manufacturer",
    "brand",
    "gtin",
    "ndc",
    "hibc",
    "udi_di",
    "unspsc",
    "description",
    "packaging",
    "unit",
    "price",
    "list_price",
    "currency",
    "base_quantity",
    "min_quantity",
    "tier",
    "price_class",
    "markup_percent",
    "fee",
    "contract_number",
    "contract_owner",
    "buying_group_number",
    "valid_from",
    "valid_to",
    "item_status",
    "lead_time_days",
  ],
};

/** Parts of a document that its sheet has no columns for. */
const NOT_CARRIED: readonly string[] = [
  "references",
  "notes",
  "attachments",
  "freight_terms",
  "renewal",
  "rebate",
  "construct_caps",
  "commitments",
  "portion",
  "test",
];

/** A sheet per kind of document; errors mean that there is no payload. */
export function generateCsv(
  documents: readonly CanonicalDocument[],
  options: GenerateOptions = {},
): GenerateResult {
  const diagnostics: Diagnostic[] = [];
  const rows = new Map<keyof typeof COLUMNS, Row[]>();
  for (const document of documents) {
    const invalid = validateDocument(document);
    diagnostics.push(...invalid);
    if (invalid.length > 0) continue;
    const own = rowsOf(document);
    if (own === undefined) {
      diagnostics.push(unsupported(document));
      continue;
    }
    diagnostics.push(...notCarried(document));
    rows.set(own.type, [...(rows.get(own.type) ?? []), ...own.rows]);
  }
  if (diagnostics.some(({ level }) => level === "error")) {
    return { payloads: [], diagnostics };
  }
  const payloads = [...rows].map(([type, content]) => ({
    bytes: new TextEncoder().encode(sheetText(COLUMNS[type], content, options)),
    filename: `${fileStem(documents, type)}.csv`,
    contentType: "text/csv",
  }));
  return { payloads, diagnostics };
}

function rowsOf(
  document: CanonicalDocument,
): { type: keyof typeof COLUMNS; rows: Row[] } | undefined {
  switch (document.document_type) {
    case "supplier":
      return { type: "supplier", rows: supplierRows(document) };
    case "contract":
      return { type: "contract", rows: contractRows(document) };
    case "catalog":
      return { type: "catalog", rows: catalogRows(document) };
    default:
      return undefined;
  }
}

function unsupported(document: CanonicalDocument): Diagnostic {
  const known = CSV_DOCUMENT_TYPES.join(", ");
  return {
    level: "error",
    code: "csv_unsupported_document",
    message: `${document.document_type} cannot be written as CSV (${known} can)`,
    path: "document_type",
    document: document.number,
  };
}

function notCarried(document: CanonicalDocument): Diagnostic[] {
  return NOT_CARRIED.filter((name) => name in document).map((path) => ({
    level: "warning",
    code: "csv_not_carried",
    message: `${path} has no columns in a sheet; it was left out`,
    path,
    document: document.number,
  }));
}

function fileStem(
  documents: readonly CanonicalDocument[],
  type: string,
): string {
  const own = documents.filter((one) => one.document_type === type);
  const number = own.length === 1 ? `-${own[0]?.number ?? ""}` : "s";
  return `${type}${number}`.replaceAll(/[^A-Za-z0-9._-]+/g, "-").slice(0, 100);
}

/** Comma, CRLF and quotes as RFC 4180 has them. */
function sheetText(
  columns: readonly Field[],
  rows: readonly Row[],
  { csv }: GenerateOptions,
): string {
  const delimiter = csv?.delimiter ?? ",";
  const mark = csv?.decimal_mark ?? ".";
  const used = columns.filter((field) => rows.some((row) => row[field]));
  const line = (cells: readonly string[]) =>
    `${cells.map((cell) => quoted(cell, delimiter)).join(delimiter)}\r\n`;
  const body = rows.map((row) =>
    line(
      used.map((field) => {
        const value = row[field] ?? "";
        return NUMBERS.has(field) ? value.replace(".", mark) : harmless(value);
      }),
    ),
  );
  return line(used.map((field) => nameOf(field))) + body.join("");
}

/**
 * Text that a spreadsheet would run as a formula gets an apostrophe in front,
 * which a spreadsheet hides and the reader here takes off again.
 */
function harmless(value: string): string {
  return /^[=+@\t\r-]/.test(value) || /^'[\d=+@-]/.test(value)
    ? `'${value}`
    : value;
}

function quoted(cell: string, delimiter: string): string {
  const needs =
    cell.includes(delimiter) || /["\r\n]/.test(cell) || cell !== cell.trim();
  return needs ? `"${cell.replaceAll('"', '""')}"` : cell;
}

function set(
  row: Row,
  values: Partial<Record<Field, string | number | undefined>>,
): Row {
  for (const [field, value] of Object.entries(values)) {
    if (value === undefined) continue;
    row[field as Field] = String(value);
  }
  return row;
}

function partyFields(party: Party | undefined): Row {
  const row: Row = {};
  const find = (scheme: string) =>
    party?.identifiers?.find((one) => one.scheme === scheme)?.value;
  return set(row, {
    supplier_number: find("buyer_assigned") ?? find("seller_assigned"),
    legal_name: party?.name,
    gln: find("gln"),
    duns: find("duns"),
    tax_id: find("tax_id"),
    vat: find("vat"),
  });
}

function itemFields(item: Item | undefined): Row {
  const { buyer_code, supplier_code, manufacturer_code } = item ?? {};
  const { ndc, hibc, udi_di, unspsc } = item ?? {};
  return set(
    {},
    { buyer_code, supplier_code, manufacturer_code, ndc, hibc, udi_di, unspsc },
  );
}

/** As sent, where that is read as the same unit again. */
function unitText(one: {
  unit?: string;
  unit_as_sent?: string;
}): string | undefined {
  const sent = one.unit_as_sent;
  return sent !== undefined && readUnit(sent).unit === one.unit
    ? sent
    : one.unit;
}

function priceFields(price: CatalogPrice): Row {
  return set(
    {},
    {
      unit: unitText(price),
      [price.kind === "list" ? "list_price" : "price"]: price.amount,
      currency: price.currency,
      base_quantity: price.base_quantity,
      min_quantity: price.min_quantity,
      tier: price.tier,
      price_class: price.price_class,
      markup_percent: price.markup_percent,
      fee: price.fee,
      contract_number: price.contract_number,
      contract_owner: price.contract_owner,
      buying_group_number: price.buying_group_number,
      valid_from: price.valid_from,
      valid_to: price.valid_to,
    },
  );
}

function catalogRows(catalog: Catalog): Row[] {
  const head = set(partyFields(catalog.parties?.supplier), {
    document_type: "catalog",
    feed_number: catalog.number,
    issued_at: catalog.issued_at?.slice(0, 10),
    scope: catalog.scope,
    currency: catalog.currency,
    valid_from: catalog.valid_from,
    valid_to: catalog.valid_to,
    contract_number: catalog.contract_reference?.number,
  });
  return (catalog.lines ?? []).flatMap((line) => {
    const own = set(
      { ...head, ...itemFields(line.item) },
      {
        line_number: line.line_number,
        action: line.action,
        description: line.description,
        manufacturer: line.manufacturer,
        brand: line.brand,
        packaging: line.packaging,
        item_status: line.status,
        lead_time_days: line.lead_time_days,
      },
    );
    return priceRows(own, line, line.gtins ?? []);
  });
}

/** A row per price, then one per unit that has a GTIN and no price. */
function priceRows(
  own: Row,
  line: {
    item?: Item;
    unit?: string;
    unit_as_sent?: string;
    prices?: CatalogPrice[];
    price?: { amount?: string; base_quantity?: string; unit?: string };
    valid_from?: string;
    valid_to?: string;
  },
  gtins: readonly { unit?: string; unit_as_sent?: string; gtin?: string }[],
): Row[] {
  const only = line.price?.amount === undefined ? [] : [{ ...line.price }];
  const prices = (line.prices ?? only) as CatalogPrice[];
  const gtinOf = (unit: string | undefined) =>
    gtins.find((one) => one.unit === unit)?.gtin;
  const period = set(
    {},
    { valid_from: line.valid_from, valid_to: line.valid_to },
  );
  const rows = prices.map((price): Row => {
    const unit = price.unit ?? line.unit;
    const gtin =
      gtinOf(unit) ?? (gtins.length === 0 ? line.item?.gtin : undefined);
    return {
      ...own,
      ...period,
      ...set({}, { unit: unitText(line), gtin }),
      ...priceFields(price),
    };
  });
  const priced = new Set(prices.map(({ unit }) => unit ?? line.unit));
  const others = gtins
    .filter(({ unit }) => !priced.has(unit))
    .map((one): Row => ({
      ...own,
      ...set({}, { unit: unitText(one), gtin: one.gtin }),
    }));
  if (rows.length + others.length > 0) return [...rows, ...others];
  return [
    {
      ...own,
      ...period,
      ...set({}, { unit: unitText(line), gtin: line.item?.gtin }),
    },
  ];
}

function contractRows(contract: Contract): Row[] {
  const head = set(partyFields(contract.parties?.supplier), {
    document_type: "contract",
    contract_number: contract.number,
    contract_name: contract.name,
    contract_kind: contract.kind,
    contract_owner: contract.owner,
    contract_status: contract.status,
    contract_start: contract.valid_from,
    contract_end: contract.valid_to,
    price_date_basis: contract.price_date_basis,
    currency: contract.currency,
    buying_group_number: contract.references?.find(
      ({ type }) => type === "buying_group_contract",
    )?.number,
  });
  const conditions = new Map(
    (contract.tiers ?? []).map(({ code, conditions }) => [
      code,
      typeof conditions === "string" ? conditions : undefined,
    ]),
  );
  const rows = (contract.lines ?? []).flatMap((line) => {
    const own = set(
      { ...head, ...itemFields(line.item) },
      {
        line_number: line.line_number,
        description: line.description,
        manufacturer: line.manufacturer,
        brand: line.brand,
        packaging: line.packaging,
      },
    );
    return priceRows(own, line, []).map((row) =>
      set(row, { tier_conditions: conditions.get(row.tier ?? "") }),
    );
  });
  const all = [...rosterRows(contract, head), ...rows];
  return all.length === 0 ? [head] : all;
}

function rosterRows(contract: Contract, head: Row): Row[] {
  const facilities = (contract.facilities ?? []).map((one): Row => {
    if (typeof one === "string") return { ...head, facility: one };
    return set(
      { ...head },
      {
        facility: one.code,
        facility_gln: one.gln,
        facility_name: one.name,
        account: one.account,
        tier: one.tier,
        price_class: one.price_class,
        valid_from: one.valid_from,
        valid_to: one.valid_to,
      },
    );
  });
  const accounts = (contract.accounts ?? []).map((one): Row => {
    if (typeof one === "string") return { ...head, account: one };
    return set(
      { ...head },
      {
        account: one.number,
        facility: one.facility,
        tier: one.tier,
        price_class: one.price_class,
        valid_from: one.valid_from,
        valid_to: one.valid_to,
      },
    );
  });
  return [...facilities, ...accounts];
}

/** As many rows as the longest of its lists; the first has what is single. */
function supplierRows(supplier: Supplier): Row[] {
  const find = (scheme: string) =>
    supplier.identifiers?.find((one) => one.scheme === scheme)?.value;
  const terms = supplier.payment_terms;
  const key = set(
    {},
    {
      document_type: "supplier",
      supplier_number: supplier.number,
      legal_name: supplier.legal_name,
    },
  );
  const single = set(
    {},
    {
      trading_name: supplier.trading_name,
      supplier_status: supplier.status,
      category: supplier.category,
      tax_id: find("tax_id"),
      vat: find("vat"),
      duns: find("duns"),
      gln: find("gln"),
      npi: find("npi"),
      hin: find("hin"),
      dea: find("dea"),
      licence: find("licence"),
      peppol: find("peppol"),
      email: find("email"),
      phone: supplier.phone,
      website: supplier.website,
      currency: supplier.currency,
      payment_terms: terms?.code,
      net_days: terms?.net_days,
      discount_percent: terms?.discount_percent,
      discount_days: terms?.discount_days,
    },
  );
  const addresses = supplier.addresses ?? [];
  const accounts = supplier.bank_accounts ?? [];
  const qualifications = supplier.qualifications ?? [];
  const contacts = supplier.contacts ?? [];
  const count = Math.max(
    1,
    addresses.length,
    accounts.length,
    qualifications.length,
    contacts.length,
  );
  return Array.from({ length: count }, (_, index) => {
    const row: Row = { ...key, ...(index === 0 ? single : {}) };
    const address = addresses[index];
    const account = accounts[index];
    const qualification = qualifications[index];
    const contact = contacts[index];
    return set(row, {
      address_kind: address?.kind,
      street: address?.street,
      street2: address?.street2,
      city: address?.city,
      state: address?.state,
      postal_code: address?.postal_code,
      country: address?.country,
      iban: account?.iban,
      bic: account?.bic,
      routing_number: account?.routing_number,
      bank_account: account?.account_number,
      bank_holder: account?.holder,
      qualification_kind: qualification?.kind,
      qualification_number: qualification?.number,
      qualification_issuer: qualification?.issuer,
      qualification_from: qualification?.valid_from,
      qualification_to: qualification?.valid_to,
      contact_name: contact?.name,
      contact_role: contact?.role,
      ...(index > 0 && contact !== undefined
        ? { email: contact.email, phone: contact.phone }
        : {}),
    });
  });
}
