/** `catalog` → 832. */
import type {
  Catalog,
  CatalogLine,
  CatalogPrice,
} from "../../../canonical/generated/documents.ts";
import { compare, plain } from "../../decimal.ts";
import { parsePackaging } from "../../packaging.ts";
import {
  writeDescription,
  writeFreight,
  writeNotes,
  writeParties,
  writeReferences,
  writeTerms,
} from "./common.ts";
import type { SetWriter } from "./writer.ts";

/** G5301 (element 875). */
const ACTIONS = { add: "021", change: "001", delete: "002" } as const;

export function writeCatalog(writer: SetWriter, catalog: Catalog): void {
  const number = writer.required(catalog.number, 15, "number");
  const name = writer.text(catalog.name, 80, "name");
  // 05 replaces what went before, 04 changes it.
  const purpose = { full: "05", changes: "04" } as const;
  const scope = catalog.scope === undefined ? "" : purpose[catalog.scope];
  writer.add("BCT", "PC", number, "", "", "", "", "", "", name, scope);
  writeReferences(writer, catalog.references);
  const contract = contractOf(catalog);
  if (contract !== undefined && !named(catalog, "contract", contract)) {
    writer.add("REF", "CT", writer.code(contract, 50, "contract_reference"));
  }
  if (catalog.currency !== undefined) {
    writer.add("CUR", "SE", catalog.currency);
  }
  writePeriod(writer, catalog);
  writeFreight(writer, catalog.freight_terms);
  writeTerms(writer, catalog.payment_terms);
  writeNotes(writer, catalog.notes, []);
  writeParties(writer, catalog.parties);
  const lines = catalog.lines ?? [];
  if (lines.length === 0) {
    writer.error("x12_missing", "lines", "an 832 has at least one item");
  }
  lines.forEach((line, index) =>
    writeLine(writer, line, `lines[${index}]`, contract),
  );
  writer.add("CTT", String(lines.length));
}

/** The contract that all prices belong to, else the header's own. */
function contractOf(catalog: Catalog): string | undefined {
  const all = new Set(
    (catalog.lines ?? []).flatMap((line) =>
      (line.prices ?? []).map((price) => price.contract_number),
    ),
  );
  const [only] = all;
  return all.size === 1 && only !== undefined
    ? only
    : catalog.contract_reference?.number;
}

function named(catalog: Catalog, type: string, number: string): boolean {
  return (catalog.references ?? []).some(
    (one) => one.type === type && one.number === number,
  );
}

function writePeriod(
  writer: SetWriter,
  period: Pick<CatalogPrice, "valid_from" | "valid_to">,
): void {
  if (period.valid_from !== undefined) {
    writer.add("DTM", "007", writer.date8(period.valid_from));
  }
  if (period.valid_to !== undefined) {
    writer.add("DTM", "036", writer.date8(period.valid_to));
  }
}

function writeLine(
  writer: SetWriter,
  line: CatalogLine,
  path: string,
  contract: string | undefined,
): void {
  if (line.item === undefined) {
    const message = "the line names no item; X12 cannot do without it";
    writer.error("x12_missing", `${path}.item`, message);
  }
  const number = writer.code(line.line_number, 20, `${path}.line_number`);
  writer.add("LIN", number, ...writer.item(line.item, `${path}.item`));
  if (line.action !== undefined) writer.add("G53", ACTIONS[line.action]);
  writePeriod(writer, line);
  const prices = line.prices ?? [];
  const groups = new Set(prices.map((one) => one.buying_group_number));
  const [group] = groups;
  if (groups.size === 1 && group !== undefined) {
    const at = `${path}.prices[0].buying_group_number`;
    writer.add("REF", "BC", writer.code(group, 50, at));
  } else if (groups.size > 1) {
    const message = "X12 has one buying group's number for each item";
    writer.error("x12_not_carried", `${path}.prices`, message);
  }
  writeDescription(writer, line.description, `${path}.description`);
  if (line.brand !== undefined) {
    const brand = writer.text(line.brand, 80, `${path}.brand`);
    writer.add("PID", "F", "TRN", "", "", brand);
  }
  if (line.lead_time_days !== undefined) {
    writer.add("LDT", "AF", String(line.lead_time_days), "DA");
  }
  prices.forEach((price, index) =>
    writePrice(writer, price, line, `${path}.prices[${index}]`, contract),
  );
  writePackaging(writer, line, path);
  if (line.manufacturer !== undefined) {
    const name = writer.text(line.manufacturer, 60, `${path}.manufacturer`);
    writer.add("N1", "MF", name);
  }
}

/** CTP: 01 class of trade, 02 kind or tier, 03 price, 04 from, 05 unit, 09 basis. */
function writePrice(
  writer: SetWriter,
  price: CatalogPrice,
  line: CatalogLine,
  path: string,
  contract: string | undefined,
): void {
  if (price.kind === "cost_plus" || price.amount === undefined) {
    const message = "a price without an amount has no place in an 832";
    writer.error("x12_not_carried", path, message);
    return;
  }
  const unit = price.unit ?? line.unit;
  const [amount, basis] = writer.price(
    {
      amount: price.amount,
      ...(price.base_quantity === undefined
        ? {}
        : { base_quantity: price.base_quantity }),
    },
    unit,
    path,
  );
  const minimum = price.min_quantity ?? "1";
  const isStep = compare(minimum, "1") > 0;
  const trade = { gpo: "BG" } as Partial<Record<string, string>>;
  const className = trade[price.price_class ?? ""] ?? "";
  if (price.price_class !== undefined && className === "") {
    const message = `price class ${price.price_class} has no code in X12; it was left out`;
    writer.warn("x12_not_carried", `${path}.price_class`, message);
  }
  writer.add(
    "CTP",
    className,
    kindOf(writer, price, path),
    amount,
    writer.decimal(isStep ? plain(minimum) : "1", `${path}.min_quantity`),
    writer.unit(unit, `${path}.unit`),
    "",
    "",
    "",
    // Per unit of measure: then the quantity is where the price begins.
    basis === "" && isStep ? "UM" : basis,
  );
  writePeriod(writer, price);
  if (
    price.contract_number !== undefined &&
    price.contract_number !== contract
  ) {
    const at = `${path}.contract_number`;
    writer.add("G36", writer.code(price.contract_number, 16, at));
  }
  if (price.currency !== undefined) writer.add("CUR", "SE", price.currency);
}

function kindOf(writer: SetWriter, price: CatalogPrice, path: string): string {
  if (price.tier === undefined) return price.kind === "list" ? "LPR" : "NET";
  if (/^[A-Z]\d\d$/.test(price.tier)) return price.tier;
  const message = `tier "${price.tier.slice(0, 40)}" cannot be written; X12 has a letter and two digits, such as C01`;
  writer.error("x12_not_carried", `${path}.tier`, message);
  return "";
}

/** Levels from the largest pack down to the piece, with their GTINs. */
function writePackaging(
  writer: SetWriter,
  line: CatalogLine,
  path: string,
): void {
  const parsed = parsePackaging(line.packaging ?? "");
  const gtins = new Map(
    (line.gtins ?? []).map((one) => [one.unit ?? "", one.gtin]),
  );
  const levels = [...(parsed?.levels ?? [])].reverse();
  const [largest] = levels;
  const rows: { unit: string; quantity: number }[] = [];
  if (parsed !== undefined && largest !== undefined) {
    rows.push({ unit: largest.unit, quantity: 1 });
    levels.forEach(({ holds }, index) => {
      const below = levels[index + 1]?.unit ?? parsed.base;
      rows.push({ unit: below, quantity: holds });
    });
  } else {
    for (const unit of gtins.keys()) rows.push({ unit, quantity: 1 });
  }
  if (line.packaging !== undefined && parsed === undefined) {
    const message = `packaging "${line.packaging.slice(0, 60)}" cannot be read; it was left out`;
    writer.warn("x12_not_carried", `${path}.packaging`, message);
  }
  rows.forEach(({ unit, quantity }, index) => {
    const gtin = gtins.get(unit);
    gtins.delete(unit);
    writer.add(
      "SLN",
      "1",
      String(index + 1),
      "I",
      String(quantity),
      writer.unit(unit, `${path}.packaging`),
      "",
      "",
      "",
      ...(gtin === undefined ? [] : ["UK", gtin]),
    );
  });
  for (const [unit] of gtins) {
    const message = `the GTIN of ${unit} is of no packaging level; it was left out`;
    writer.warn("x12_not_carried", `${path}.gtins`, message);
  }
}
