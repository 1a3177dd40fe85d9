/**
 * Rows → lines with prices. All rows of one item become one line: a row adds a
 * price (another unit, quantity, tier, contract or period), a GTIN or a pack.
 * A row whose price is for the very same case is a line of its own, so that
 * the contradiction is seen and nobody's price wins silently.
 */
import type {
  CatalogLine,
  CatalogPrice,
  Item,
} from "../../canonical/generated/documents.ts";
import { packagingText } from "../packaging.ts";
import type { Column } from "./columns.ts";
import type { Field } from "./names.ts";
import type { CsvRow } from "./records.ts";
import type { Place, Sheet } from "./sheet.ts";
import { readPackaging } from "./units.ts";
import { short } from "./values.ts";

type Price = CatalogPrice;

/** A line while its rows are read. */
export interface LineDraft {
  line: CatalogLine;
  prices: Price[];
  gtins: { unit: string; unit_as_sent?: string; gtin: string }[];
  /** Unit → how many of the smallest unit it holds. */
  packs: Map<string, number>;
  base: string | undefined;
  /** What tells prices apart. */
  keys: Set<string>;
  place: Place;
}

const ITEM_FIELDS = [
  "buyer_code",
  "supplier_code",
  "manufacturer_code",
  "ndc",
  "hibc",
  "udi_di",
  "unspsc",
] as const;

const PRICE_CLASSES: Readonly<Record<string, Price["price_class"]>> = {
  own_use: "own_use",
  ownuse: "own_use",
  own: "own_use",
  gpo: "gpo",
  "340b": "340b",
  wac: "wac",
};

const ACTIONS: Readonly<Record<string, CatalogLine["action"]>> = {
  a: "add",
  add: "add",
  new: "add",
  n: "add",
  c: "change",
  change: "change",
  changed: "change",
  update: "change",
  u: "change",
  m: "change",
  d: "delete",
  delete: "delete",
  remove: "delete",
  discontinue: "delete",
  del: "delete",
};

/** Collects lines by item. */
export class Lines {
  private readonly drafts: LineDraft[] = [];
  private readonly byItem = new Map<string, LineDraft[]>();
  private readonly numbers = new Set<string>();
  private readonly sheet: Sheet;
  /** Contract sheets keep dates and contract at their header. */
  private readonly kind: "catalog" | "contract";

  constructor(sheet: Sheet, kind: "catalog" | "contract") {
    this.sheet = sheet;
    this.kind = kind;
  }

  /** Takes a row; false when it says nothing about an item. */
  take(row: CsvRow): boolean {
    const { sheet } = this;
    const sent = sheet.code(row, "line_number") ?? String(row.line);
    const place: Place = { line: row.line, lineNumber: sent };
    const item = this.itemOf(row, place);
    const description = sheet.text(row, "description");
    const before = sheet.diagnostics.length;
    const prices = this.pricesOf(row, place);
    const hasItem = Object.keys(item).length > 0;
    const isBroken = sheet.diagnostics.length > before;
    if (!hasItem && prices.length === 0 && !isBroken) return false;
    if (!hasItem) {
      const message =
        "the row has a price and no item: no code, no GTIN. Add the item's number";
      sheet.add("error", "csv_item_missing", message, place);
    }
    const identity = identityOf(item, sheet.text(row, "manufacturer"));
    const keys = prices.map(priceKey);
    const known = identity === "" ? [] : (this.byItem.get(identity) ?? []);
    // A row whose price cannot be read stays visible as a line of its own.
    const isLost = isBroken && prices.length === 0;
    const free = isLost
      ? undefined
      : known.find((draft) => keys.every((key) => !draft.keys.has(key)));
    if (known.length > 0 && free === undefined && !isLost) {
      const first = known[0]?.place.line ?? 0;
      const message = `item ${short(nameOfItem(item))} is in line ${first} already, for the same unit, quantity, contract and date; both are kept. Leave one of them out`;
      sheet.add("warning", "csv_duplicate_item", message, place);
    }
    const draft =
      free ?? this.begin(row, sent, item, description, identity, place);
    this.fill(draft, row, item, prices, keys, place);
    return true;
  }

  /** The lines, in the order of their first rows. */
  finish(): { line: CatalogLine; prices: Price[] }[] {
    return this.drafts.map((draft) => {
      const { line, prices, gtins } = draft;
      const packaging = line.packaging ?? this.packagingOf(draft);
      if (packaging !== undefined) line.packaging = packaging;
      if (gtins.length > 0) line.gtins = gtins;
      if (prices.length > 0) line.prices = prices;
      return { line, prices };
    });
  }

  private begin(
    row: CsvRow,
    sent: string,
    item: Item,
    description: string | undefined,
    identity: string,
    place: Place,
  ): LineDraft {
    const { sheet } = this;
    let number = sent;
    for (let again = 2; this.numbers.has(number); again += 1) {
      number = `${sent}.${again}`;
    }
    this.numbers.add(number);
    const line: CatalogLine = { line_number: number };
    if (Object.keys(item).length > 0) line.item = item;
    if (description !== undefined) line.description = description;
    const manufacturer = sheet.text(row, "manufacturer");
    if (manufacturer !== undefined) line.manufacturer = manufacturer;
    const brand = sheet.text(row, "brand");
    if (brand !== undefined) line.brand = brand;
    const action = ACTIONS[(sheet.code(row, "action") ?? "").toLowerCase()];
    if (action !== undefined) line.action = action;
    const status = sheet.code(row, "item_status");
    if (status !== undefined) {
      line.status = status.toLowerCase().replaceAll(/[\s-]+/g, "_");
    }
    const days = sheet.number(row, "lead_time_days", place);
    if (days !== undefined && /^\d{1,4}$/.test(days)) {
      line.lead_time_days = Number(days);
    }
    const unit = sheet.unit(row, "unit", place);
    if (unit !== undefined) Object.assign(line, unit);
    const draft: LineDraft = {
      line,
      prices: [],
      gtins: [],
      packs: new Map(),
      base: undefined,
      keys: new Set(),
      place: { ...place, lineNumber: number },
    };
    this.drafts.push(draft);
    if (identity !== "") {
      this.byItem.set(identity, [...(this.byItem.get(identity) ?? []), draft]);
    }
    return draft;
  }

  private fill(
    draft: LineDraft,
    row: CsvRow,
    item: Item,
    prices: readonly Price[],
    keys: readonly string[],
    place: Place,
  ): void {
    prices.forEach((price, index) => {
      const key = keys[index] ?? "";
      if (draft.keys.has(key)) return;
      draft.keys.add(key);
      draft.prices.push(price);
    });
    if (draft.line.item !== undefined) {
      draft.line.item = { ...item, ...draft.line.item };
    }
    this.addGtins(draft, row, item, place);
    this.addPacks(draft, row, place);
    if (prices.length === 0) {
      const { valid_from, valid_to } = this.period(row, place);
      if (valid_from !== undefined) draft.line.valid_from ??= valid_from;
      if (valid_to !== undefined) draft.line.valid_to ??= valid_to;
    }
  }

  private itemOf(row: CsvRow, place: Place): Item {
    const item: Item = {};
    for (const field of ITEM_FIELDS) {
      const code = this.sheet.code(row, field, place);
      if (code !== undefined) item[field] = code;
    }
    const column = this.sheet.columns("gtin").find(({ unit }) => !unit);
    const gtin = column && this.sheet.gtin(row, column, place);
    if (gtin !== undefined) item.gtin = gtin;
    return item;
  }

  private addGtins(
    draft: LineDraft,
    row: CsvRow,
    item: Item,
    place: Place,
  ): void {
    const add = (
      unit: { unit: string; unit_as_sent?: string } | undefined,
      gtin: string | undefined,
    ) => {
      if (gtin === undefined || unit === undefined) return;
      if (draft.gtins.some((one) => one.gtin === gtin)) return;
      draft.gtins.push({ ...unit, gtin });
    };
    add(this.sheet.unit(row, "unit", place), item.gtin);
    for (const column of this.sheet.columns("gtin")) {
      if (column.unit === undefined) continue;
      add({ unit: column.unit }, this.sheet.gtin(row, column, place));
    }
    // The item's own number is that of its smallest unit.
    const each =
      draft.gtins.find(({ unit }) => unit === "EA") ?? draft.gtins[0];
    if (each !== undefined && draft.line.item?.gtin === undefined) {
      draft.line.item = { ...draft.line.item, gtin: each.gtin };
    }
  }

  private addPacks(draft: LineDraft, row: CsvRow, place: Place): void {
    const { sheet } = this;
    const own = sheet.text(row, "packaging");
    const base = sheet.unit(row, "base_unit", place)?.unit;
    draft.base ??= base;
    if (own !== undefined) {
      const packaging = readPackaging(own);
      if (packaging !== undefined) draft.line.packaging ??= packaging;
      else {
        const message = `"${short(own)}" is no packaging such as EA 10/BX 25/CS; it was left out`;
        sheet.add("warning", "csv_packaging", message, place);
      }
    }
    const unit = sheet.unit(row, "unit", place)?.unit;
    for (const column of sheet.columns("pack_quantity")) {
      this.addPack(draft, row, column, column.unit ?? unit, place);
    }
  }

  private addPack(
    draft: LineDraft,
    row: CsvRow,
    column: Column,
    unit: string | undefined,
    place: Place,
  ): void {
    const text = this.sheet.text(row, column);
    if (text === undefined) return;
    const packaging = /[a-z]/i.test(text) ? readPackaging(text) : undefined;
    if (packaging !== undefined) {
      draft.line.packaging ??= packaging;
      return;
    }
    const factor = this.sheet.readNumber(text)?.replace(/\.0+$/, "");
    if (factor === undefined || !/^[1-9]\d{0,6}$/.test(factor)) {
      const message = `"${short(text)}" is no whole number of units in a pack; it was left out`;
      this.sheet.add("warning", "csv_packaging", message, {
        ...place,
        column: column.name,
      });
      return;
    }
    if (unit !== undefined) draft.packs.set(unit, Number(factor));
  }

  /** A chain of packs where each holds a whole number of the one before. */
  private packagingOf(draft: LineDraft): string | undefined {
    const single = [...draft.packs].find(([, factor]) => factor === 1)?.[0];
    const base = draft.base ?? single ?? "EA";
    const packs = [...draft.packs]
      .filter(([unit]) => unit !== base)
      .filter(([, factor]) => factor > 1)
      .sort(([, left], [, right]) => left - right);
    let below = 1;
    const levels: { unit: string; holds: number }[] = [];
    for (const [unit, factor] of packs) {
      if (factor % below !== 0 || factor === below) {
        const message = `packs of ${below} and ${factor} do not fit into each other; the packaging was left out`;
        this.sheet.add("warning", "csv_packaging", message, draft.place);
        return undefined;
      }
      levels.push({ unit, holds: factor / below });
      below = factor;
    }
    return packagingText(base, levels);
  }

  private period(
    row: CsvRow,
    place: Place,
  ): Pick<Price, "valid_from" | "valid_to"> {
    const from = this.sheet.date(row, "valid_from", place);
    const to = this.sheet.date(row, "valid_to", place);
    return {
      ...(from === undefined ? {} : { valid_from: from }),
      ...(to === undefined ? {} : { valid_to: to }),
    };
  }

  private pricesOf(row: CsvRow, place: Place): Price[] {
    const { sheet } = this;
    const amounts = [
      ...sheet.columns("price").map((column) => ({ column, kind: "net" })),
      ...sheet
        .columns("list_price")
        .map((column) => ({ column, kind: "list" })),
    ];
    const prices: Price[] = [];
    for (const { column, kind } of amounts) {
      const amount = sheet.number(row, column, place);
      if (amount === undefined) continue;
      const named: Price = { amount };
      if (kind === "list") named.kind = "list";
      prices.push({ ...named, ...this.around(row, column, place) });
    }
    const markup = sheet.number(row, "markup_percent", place);
    if (markup !== undefined) {
      const net = prices.find(({ kind }) => kind === undefined);
      const fee = sheet.number(row, "fee", place);
      const plus = {
        markup_percent: markup,
        ...(fee === undefined ? {} : { fee }),
      };
      if (net === undefined) {
        prices.push({
          kind: "cost_plus",
          ...plus,
          ...this.around(row, undefined, place),
        });
      } else Object.assign(net, plus);
    }
    return prices.length === 0
      ? prices
      : prices.map((price) => ({ ...price, ...this.period(row, place) }));
  }

  /** What goes with a price: unit, quantities, tier, contract. */
  private around(row: CsvRow, column: Column | undefined, place: Place): Price {
    const { sheet } = this;
    const part = (field: Field): Column | Field =>
      (column?.part === undefined
        ? undefined
        : sheet.columns(field).find((one) => one.part === column.part)) ??
      field;
    const price: Price = {};
    const unit =
      column?.unit === undefined
        ? sheet.unit(row, part("unit"), place)
        : { unit: column.unit };
    Object.assign(price, unit);
    const base = sheet.number(row, part("base_quantity"), place);
    if (base !== undefined && !/^1(\.0+)?$/.test(base)) {
      price.base_quantity = base;
    }
    const minimum = sheet.number(row, part("min_quantity"), place);
    if (minimum !== undefined && !/^0+(\.0+)?$/.test(minimum)) {
      price.min_quantity = minimum;
    }
    const tier = column?.tier ?? sheet.code(row, "tier", place);
    if (tier !== undefined) price.tier = tier;
    const name = sheet.code(row, "price_class", place);
    const key = name?.toLowerCase().replaceAll(/[\s-]+/g, "_") ?? "";
    const priceClass = PRICE_CLASSES[key];
    if (priceClass !== undefined) price.price_class = priceClass;
    else if (/^(list|catalog|msrp)/.test(key)) price.kind ??= "list";
    const currency = sheet.code(row, "currency", place)?.toUpperCase();
    if (currency !== undefined && /^[A-Z]{3}$/.test(currency)) {
      price.currency = currency;
    }
    if (this.kind === "contract") return price;
    const contract = sheet.code(row, "contract_number", place);
    if (contract !== undefined) price.contract_number = contract;
    const owner = sheet.text(row, "contract_owner");
    if (owner !== undefined) price.contract_owner = owner;
    const group = sheet.code(row, "buying_group_number", place);
    if (group !== undefined) price.buying_group_number = group;
    return price;
  }
}

/** What two rows of one item have in common. */
function identityOf(item: Item, manufacturer: string | undefined): string {
  const code =
    item.supplier_code ??
    item.manufacturer_code ??
    item.buyer_code ??
    item.ndc ??
    item.hibc ??
    item.gtin;
  if (code === undefined) return "";
  // Codes of two manufacturers may be the same.
  const owner = item.supplier_code === undefined ? (manufacturer ?? "") : "";
  return `${code}\u0000${owner}`.toLowerCase();
}

function nameOfItem(item: Item): string {
  return (
    item.supplier_code ??
    item.manufacturer_code ??
    item.buyer_code ??
    item.gtin ??
    "?"
  );
}

function priceKey(price: Price): string {
  const { kind, unit, tier, price_class, currency, min_quantity } = price;
  return [
    kind,
    unit,
    tier,
    price_class,
    currency,
    min_quantity,
    price.contract_number,
    price.valid_from,
  ].join("\u0000");
}
