/** A contract sheet: one `contract` per contract number. */
import type {
  CatalogLine,
  CatalogPrice,
  Contract,
  ContractCommitment,
  ContractLine,
  ContractPrice,
} from "../../canonical/generated/documents.ts";
import { constantOf, currencyOf, takeRow } from "./catalog.ts";
import { Lines } from "./lines.ts";
import type { Field } from "./names.ts";
import { supplierOf } from "./parties.ts";
import type { CsvRow } from "./records.ts";
import type { Sheet } from "./sheet.ts";

const KINDS: Readonly<Record<string, Contract["kind"]>> = {
  gpo: "gpo",
  group: "gpo",
  national: "gpo",
  "group purchasing": "gpo",
  local: "local",
  regional: "local",
  facility: "local",
  custom: "local",
  individual: "local",
};

const BASES: Readonly<Record<string, Contract["price_date_basis"]>> = {
  order: "order",
  "order date": "order",
  "po date": "order",
  ship: "ship",
  shipment: "ship",
  "ship date": "ship",
  receipt: "receipt",
  "receipt date": "receipt",
  delivery: "receipt",
  invoice: "invoice",
  "invoice date": "invoice",
};

/**
 * @param fallback number of the contract, where the sheet names none
 */
export function readContracts(
  sheet: Sheet,
  fallback: string,
  currency: string | undefined,
): Contract[] {
  const groups = new Map<string, CsvRow[]>();
  for (const row of sheet.rows) {
    const number =
      sheet.code(row, "contract_number") ??
      sheet.title("contract_number")?.slice(0, 200) ??
      "";
    groups.set(number, [...(groups.get(number) ?? []), row]);
  }
  const nameless = groups.get("");
  if (nameless !== undefined && groups.size === 1) {
    sheet.add(
      "warning",
      "csv_number_missing",
      `the sheet names no contract number; the contract is called ${fallback}. Add a column or a title "Contract number"`,
      { line: sheet.header.line },
    );
    groups.delete("");
    groups.set(fallback, nameless);
  }
  return [...groups].flatMap(([number, rows]) =>
    number === ""
      ? withoutNumber(sheet, rows)
      : [readContract(sheet, number, rows, currency)],
  );
}

function withoutNumber(sheet: Sheet, rows: readonly CsvRow[]): Contract[] {
  for (const row of rows) {
    const message = "the row has no contract number; it was left out";
    sheet.add("error", "csv_number_missing", message, { line: row.line });
  }
  return [];
}

function readContract(
  sheet: Sheet,
  number: string,
  rows: readonly CsvRow[],
  currency: string | undefined,
): Contract {
  const lines = new Lines(sheet, "contract");
  for (const row of rows) {
    if (!isRoster(sheet, row)) takeRow(sheet, lines, row);
  }
  const read = lines.finish();
  const money = currencyOf(sheet, rows, currency);
  const supplier = rows[0] && supplierOf(sheet, rows[0]);
  const all: Contract = {
    document_type: "contract",
    schema_version: "1.0",
    number,
    ...header(sheet, rows),
    ...period(sheet, rows, read),
    ...terms(sheet, rows),
    ...roster(sheet, rows),
  };
  if (money !== undefined) all.currency = money;
  if (supplier !== undefined) all.parties = { supplier: supplier.party };
  const contractLines = read.map(({ line, prices }) =>
    toContractLine(line, prices, money),
  );
  if (contractLines.length > 0) all.lines = contractLines;
  return all;
}

function toContractLine(
  line: CatalogLine,
  prices: readonly CatalogPrice[],
  currency: string | undefined,
): ContractLine {
  const rest: CatalogLine = { ...line };
  delete rest.gtins;
  delete rest.status;
  delete rest.lead_time_days;
  const own = prices.map((price): ContractPrice => {
    const copy = { ...price };
    delete copy.contract_number;
    delete copy.contract_owner;
    delete copy.buying_group_number;
    if (copy.currency === currency) delete copy.currency;
    return copy;
  });
  return { ...rest, ...(own.length === 0 ? {} : { prices: own }) };
}

function header(sheet: Sheet, rows: readonly CsvRow[]): Partial<Contract> {
  const text = (field: Field) => constantOf(sheet, rows, field);
  const word = (field: Field) => text(field)?.toLowerCase() ?? "";
  const kind = KINDS[word("contract_kind").replace(/ contract$/, "")];
  const basis = BASES[word("price_date_basis")];
  const values: Partial<Contract> = {};
  if (kind !== undefined) values.kind = kind;
  if (basis !== undefined) values.price_date_basis = basis;
  const name = text("contract_name");
  if (name !== undefined) values.name = name;
  const owner = text("contract_owner");
  if (owner !== undefined) values.owner = owner;
  const status = text("contract_status");
  if (status !== undefined) values.status = status.toLowerCase();
  const rebate = text("rebate");
  if (rebate !== undefined) {
    const percent = sheet.readNumber(rebate);
    values.rebate = percent === undefined ? rebate : { percent };
  }
  const group = text("buying_group_number");
  if (group !== undefined) {
    values.references = [{ type: "buying_group_contract", number: group }];
  }
  return values;
}

/**
 * The contract's own dates, else the one period that all its prices have.
 */
function period(
  sheet: Sheet,
  rows: readonly CsvRow[],
  lines: readonly { prices: readonly CatalogPrice[] }[],
): Pick<Contract, "valid_from" | "valid_to"> {
  const [first] = rows;
  const own = (field: Field) =>
    (first && sheet.date(first, field)) ?? sheet.titleDate(field);
  const same = (field: "valid_from" | "valid_to") => {
    const values = new Set(
      lines.flatMap(({ prices }) => prices.map((price) => price[field])),
    );
    const [only] = values;
    return values.size === 1 ? only : undefined;
  };
  const from =
    own("contract_start") ??
    (sheet.has("valid_from") ? same("valid_from") : own("valid_from"));
  const to =
    own("contract_end") ??
    (sheet.has("valid_to") ? same("valid_to") : own("valid_to"));
  return {
    ...(from === undefined ? {} : { valid_from: from }),
    ...(to === undefined ? {} : { valid_to: to }),
  };
}

/** Tiers and commitments that the rows name. */
function terms(
  sheet: Sheet,
  rows: readonly CsvRow[],
): Pick<Contract, "tiers" | "commitments"> {
  const tiers = new Map<string, string | undefined>();
  for (const row of rows) {
    const code = sheet.code(row, "tier");
    if (code === undefined) continue;
    const conditions = sheet.text(row, "tier_conditions");
    tiers.set(code, tiers.get(code) ?? conditions);
  }
  for (const { tier } of sheet.header.columns) {
    if (tier !== undefined && !tiers.has(tier)) tiers.set(tier, undefined);
  }
  const commitments = commitmentsOf(sheet, rows);
  return {
    ...(tiers.size === 0
      ? {}
      : {
          tiers: [...tiers].map(([code, conditions]) =>
            conditions === undefined ? { code } : { code, conditions },
          ),
        }),
    ...(commitments.length === 0 ? {} : { commitments }),
  };
}

function commitmentsOf(
  sheet: Sheet,
  rows: readonly CsvRow[],
): ContractCommitment[] {
  const kinds = [
    ["commitment_amount", "amount", "amount"],
    ["commitment_quantity", "quantity", "quantity"],
    ["commitment_percent", "share", "percent"],
  ] as const;
  return kinds.flatMap(([field, kind, target]) => {
    const text = constantOf(sheet, rows, field);
    const value = text === undefined ? undefined : sheet.readNumber(text);
    return value === undefined ? [] : [{ kind, [target]: value }];
  });
}

/** True for a row that names who may buy and no item. */
function isRoster(sheet: Sheet, row: CsvRow): boolean {
  const items: readonly Field[] = [
    "buyer_code",
    "supplier_code",
    "manufacturer_code",
    "gtin",
    "description",
    "price",
  ];
  const buyers: readonly Field[] = [
    "facility",
    "facility_gln",
    "facility_name",
    "account",
  ];
  return (
    buyers.some((field) => sheet.text(row, field) !== undefined) &&
    !items.some((field) => sheet.text(row, field) !== undefined)
  );
}

/** Facilities and accounts; with their terms where the row is theirs alone. */
function roster(
  sheet: Sheet,
  rows: readonly CsvRow[],
): Pick<Contract, "facilities" | "accounts"> {
  const facilities = new Map<string, NonNullable<Contract["facilities"]>[0]>();
  const accounts = new Map<string, NonNullable<Contract["accounts"]>[0]>();
  const tiers = tierOfBuyers(sheet, rows);
  for (const row of rows) {
    const own = isRoster(sheet, row);
    const code = sheet.code(row, "facility");
    const gln = sheet.code(row, "facility_gln");
    const number = sheet.code(row, "account");
    const name = sheet.text(row, "facility_name");
    const tier = own ? sheet.code(row, "tier") : tiers.get(row);
    const from = own ? sheet.date(row, "valid_from") : undefined;
    const to = own ? sheet.date(row, "valid_to") : undefined;
    const terms = {
      ...(tier === undefined ? {} : { tier }),
      ...(from === undefined ? {} : { valid_from: from }),
      ...(to === undefined ? {} : { valid_to: to }),
    };
    const key = code ?? gln;
    if (key !== undefined || name !== undefined) {
      const all = {
        ...(code === undefined ? {} : { code }),
        ...(gln === undefined ? {} : { gln }),
        ...(name === undefined ? {} : { name }),
        ...(number === undefined ? {} : { account: number }),
        ...terms,
      };
      const plain = code !== undefined && Object.keys(all).length === 1;
      facilities.set(JSON.stringify(all), plain ? code : all);
    } else if (number !== undefined) {
      const all = { number, ...terms };
      const plain = Object.keys(all).length === 1;
      accounts.set(JSON.stringify(all), plain ? number : all);
    }
  }
  return {
    ...(facilities.size === 0 ? {} : { facilities: [...facilities.values()] }),
    ...(accounts.size === 0 ? {} : { accounts: [...accounts.values()] }),
  };
}

/**
 * The tier of each row's buyer, where all rows of that buyer have the same one
 * and other buyers have others.
 */
function tierOfBuyers(
  sheet: Sheet,
  rows: readonly CsvRow[],
): ReadonlyMap<CsvRow, string> {
  const buyer = (row: CsvRow) =>
    sheet.code(row, "facility") ??
    sheet.code(row, "facility_gln") ??
    sheet.code(row, "account");
  const seen = new Map<string, Set<string>>();
  for (const row of rows) {
    const [who, tier] = [buyer(row), sheet.code(row, "tier")];
    if (who === undefined || tier === undefined) continue;
    seen.set(who, (seen.get(who) ?? new Set()).add(tier));
  }
  const all = [...seen.values()];
  const distinct = new Set(all.flatMap((tiers) => [...tiers]));
  if (distinct.size < 2 || all.some((tiers) => tiers.size > 1)) {
    return new Map();
  }
  return new Map(
    rows.flatMap((row): [CsvRow, string][] => {
      const [tier] = seen.get(buyer(row) ?? "") ?? [];
      return tier === undefined ? [] : [[row, tier]];
    }),
  );
}
