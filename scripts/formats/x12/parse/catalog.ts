/**
 * 832 → `catalog`. Of each item the prices (CTP), their dates and contracts,
 * and its packs; a GTIN with a wrong check digit is left out and said.
 */
import { table } from "../../table.ts";
import type {
  Catalog,
  CatalogLine,
  CatalogPrice,
  Parties,
} from "../../../canonical/generated/documents.ts";
import { compare, multiply } from "../../decimal.ts";
import { PRICE_BASES } from "../codes/charges.ts";
import { dateFromX12 } from "../codes/dates.ts";
import { compact, type SetReader } from "../reader.ts";
import type { Segment } from "../segment.ts";
import {
  addReference,
  issuedAt,
  pickDate,
  readCurrency,
  readHeader,
  type Header,
} from "./header.ts";
import {
  LineNumbers,
  appendDescription,
  compareLineCount,
  itemOf,
  splitLines,
  type LineLoop,
} from "./lines.ts";
import { Packaging } from "./packaging.ts";
import { assignParties, takePartyLoops } from "./parties.ts";

/** DTM01 (element 374) that begin or end a price or a catalog, best first. */
const FROM_DATES = ["007", "196", "092", "152", "346", "150", "193"];
const TO_DATES = ["036", "197", "093", "347", "151", "194"];

/** BCT10 (element 353): what the catalog is to those before it. */
const SCOPES = table<Catalog["scope"]>({
  "02": "changes",
  "03": "changes",
  "04": "changes",
  "05": "full",
  "15": "full",
  "25": "changes",
});

/** G5301 (element 875). */
const ACTIONS = table<CatalogLine["action"]>({
  "001": "change",
  "002": "delete",
  "021": "add",
});

/** CTP02 (element 236) of prices before any discount. */
const LIST_PRICES = new Set(["LPR", "MSR", "SRP", "RTL", "CAT"]);
/** CTP02 of what is paid. */
const NET_PRICES = new Set(
  "NET CON UCP ACT INV PRO STA QTE CUP PUR SPE".split(" "),
);

/** CTP01 (element 687): classes of trade that are price classes of ours. */
const PRICE_CLASSES = table<CatalogPrice["price_class"]>({ BG: "gpo" });

/** What the header says about all prices. */
interface Terms {
  contract?: string;
  owner?: string;
  group?: string;
}

export function readCatalog(reader: SetReader): Catalog | undefined {
  const split = splitLines(reader, "LIN", ["CTT"]);
  const bct = split.header.find((segment) => segment.id === "BCT");
  const number = numberOf(reader, bct);
  reader.label = number;
  const { parties, owner, rest } = partiesOf(reader, split.header);
  const header = readHeader(reader, rest);
  mergeParties(parties, header);
  const terms = termsOf(reader, bct, header, owner);
  const numbers = new LineNumbers(
    split.loops.map(({ base }) => reader.raw(base, 1)),
  );
  const lines = split.loops.map((loop) =>
    readLine(reader, loop, numbers, terms),
  );
  reader.lineNumber = undefined;
  compareLineCount(reader, split.summary, split.loops.length, "LIN");
  const version = reader.code(bct, 3);
  const references = [...header.references];
  if (version !== undefined) {
    references.push({ type: "catalog_version", number: version });
  }
  const { contract } = terms;
  return compact({
    document_type: "catalog" as const,
    schema_version: "1.0" as const,
    number,
    name: reader.text(bct, 9),
    issued_at: issuedAt(reader, undefined),
    currency: header.currency,
    test: reader.transaction.interchange.test || undefined,
    references,
    notes: header.notes.length === 0 ? undefined : header.notes.join("\n"),
    parties: Object.keys(parties).length === 0 ? undefined : parties,
    payment_terms: header.payment_terms,
    freight_terms: header.freight_terms,
    scope: SCOPES[reader.raw(bct, 10)],
    valid_from: pickDate(reader, header.dates, FROM_DATES),
    valid_to: pickDate(reader, header.dates, TO_DATES),
    contract_reference:
      contract === undefined
        ? undefined
        : compact({ number: contract, owner: terms.owner }),
    lines,
  });
}

/** BCT02; a catalog without it is named after its envelope. */
function numberOf(reader: SetReader, bct: Segment | undefined): string {
  const own = reader.code(bct, 2) ?? reader.code(bct, 6);
  if (own !== undefined) return own;
  const { group, controlNumber, interchange } = reader.transaction;
  const parts = [interchange.controlNumber, group.controlNumber, controlNumber];
  const number = parts.filter((part) => part !== "").join("-") || "832";
  const message = `the catalog has no number (BCT02); it is called ${number} after its control numbers`;
  reader.add("warning", "x12_number_missing", message, bct, 2);
  return number;
}

/**
 * The maker of the catalog is its supplier where it names no other, and the
 * buying group owns the contract.
 */
function partiesOf(
  reader: SetReader,
  segments: readonly Segment[],
): { parties: Parties; owner: string | undefined; rest: Segment[] } {
  const { loops, rest } = takePartyLoops(reader, segments);
  const named = loops.some(({ code }) =>
    ["SE", "SU", "VN", "II"].includes(code),
  );
  const owner = loops.find(({ code }) => code === "BG")?.party.name;
  const adjusted = loops
    .filter(({ code }) => code !== "BG")
    .map((loop) =>
      !named && ["MF", "DS", "FR"].includes(loop.code)
        ? { ...loop, code: "SE" }
        : loop,
    );
  return { parties: assignParties(reader, adjusted), owner, rest };
}

/** REF*IA in the header is the buyer's number of the supplier. */
function mergeParties(parties: Parties, header: Header): void {
  const more = header.parties.supplier?.identifiers ?? [];
  if (more.length === 0) return;
  const supplier = (parties.supplier ??= {});
  supplier.identifiers = [...(supplier.identifiers ?? []), ...more];
}

function termsOf(
  reader: SetReader,
  bct: Segment | undefined,
  header: Header,
  owner: string | undefined,
): Terms {
  const find = (type: string) =>
    header.references.find((one) => one.type === type)?.number;
  const group = find("buying_group_contract");
  let contract = find("contract");
  if (contract === undefined && group !== undefined) {
    contract = reader.code(bct, 2);
    const message = `the catalog is a buying group's; its number ${contract ?? ""} is taken as the contract's`;
    reader.add("info", "x12_contract_number", message, bct, 2);
  }
  return compact({ contract, owner, group });
}

function readLine(
  reader: SetReader,
  loop: LineLoop,
  numbers: LineNumbers,
  terms: Terms,
): CatalogLine {
  const { base } = loop;
  const sent = reader.code(base, 1) ?? "";
  const number = numbers.take(reader, sent, base, 1);
  reader.lineNumber = number;
  const state = new LineReader(reader, terms);
  const line: CatalogLine = { line_number: number };
  line.item = itemOf(reader, base, 2, "drop");
  if (line.item === undefined) {
    const message = "the line names no item; it was kept without one";
    reader.add("error", "x12_item_missing", message, base, 2);
  }
  for (const segment of loop.segments) state.take(segment, line);
  const manufacturer = loop.parties.find(({ code }) => code === "MF");
  if (manufacturer?.party.name !== undefined) {
    line.manufacturer = manufacturer.party.name;
  }
  return compact({ ...line, ...state.finish() });
}

/** The segments of one LIN loop: what follows a price belongs to it. */
class LineReader {
  private readonly prices: { price: CatalogPrice; segment: Segment }[] = [];
  private readonly packaging = new Packaging();
  private readonly physical: Segment[] = [];
  private readonly dates: Pick<CatalogLine, "valid_from" | "valid_to"> = {};
  private current: CatalogPrice | undefined;
  /** Unit of the packaging level that prices stand under. */
  private levelUnit: string | undefined;
  private readonly terms: Terms;
  private readonly reader: SetReader;

  constructor(reader: SetReader, terms: Terms) {
    this.reader = reader;
    this.terms = { ...terms };
  }

  take(segment: Segment, line: CatalogLine): void {
    const { reader } = this;
    switch (segment.id) {
      case "PID":
        this.describe(segment, line);
        break;
      case "CTP":
        this.price(segment);
        break;
      case "DTM":
        this.date(segment);
        break;
      case "CUR":
        if (this.current) {
          this.current.currency ??= readCurrency(reader, segment);
        }
        break;
      case "G36":
        if (this.current) {
          this.current.contract_number = reader.code(segment, 1);
        }
        break;
      case "REF":
      case "N9":
        this.reference(segment);
        break;
      case "SLN":
        this.current = undefined;
        this.levelUnit = this.packaging.subline(reader, segment);
        break;
      case "PKL":
        this.current = undefined;
        this.packaging.multiPack(reader, segment);
        break;
      case "PO4":
        this.physical.push(segment);
        break;
      case "G53":
        line.action = ACTIONS[reader.raw(segment, 1)];
        break;
      case "LDT":
        if (/^(DA|CD|)$/i.test(reader.raw(segment, 3))) {
          line.lead_time_days ??= reader.days(segment, 2);
        }
        break;
      default:
    }
  }

  /** Everything that is clear only when the whole loop is known. */
  finish(): Partial<CatalogLine> {
    const { reader } = this;
    breaks(reader, this.prices);
    const prices = this.prices.map(({ price }) =>
      compact({
        ...price,
        contract_number: price.contract_number ?? this.terms.contract,
        contract_owner: this.terms.owner,
        buying_group_number: this.terms.group,
      }),
    );
    const soldIn = prices.find(({ unit }) => unit !== undefined)?.unit;
    for (const segment of this.physical) {
      this.packaging.physical(reader, segment, soldIn);
    }
    return {
      gtins: this.packaging.gtins,
      packaging: this.packaging.text(reader, prices),
      prices,
      ...this.dates,
    };
  }

  /** PID02: TRN is the trade name. */
  private describe(segment: Segment, line: CatalogLine): void {
    const text = this.reader.text(segment, 5);
    // Descriptions below a packaging level are the pack's.
    if (this.levelUnit !== undefined && line.description !== undefined) return;
    if (this.reader.raw(segment, 2).toUpperCase() === "TRN")
      line.brand ??= text;
    else appendDescription(line, text);
  }

  private reference(segment: Segment): void {
    const [found] = referencesOf(this.reader, segment);
    if (found?.number === undefined) return;
    if (found.type === "contract") {
      if (this.current) this.current.contract_number = found.number;
      else this.terms.contract = found.number;
    } else if (found.type === "buying_group_contract") {
      this.terms.group = found.number;
    }
  }

  /** DTM, also with a range (D8 or RD8 in 05 and 06). */
  private date(segment: Segment): void {
    const { reader } = this;
    const target = this.current ?? this.dates;
    const qualifier = reader.raw(segment, 1);
    const range = /^(\d{8})-(\d{8})$/.exec(reader.raw(segment, 6));
    if (range !== null) {
      const [from, to] = [
        dateFromX12(range[1] ?? ""),
        dateFromX12(range[2] ?? ""),
      ];
      if (from !== undefined) target.valid_from ??= from;
      if (to !== undefined) target.valid_to ??= to;
      return;
    }
    const isFrom = FROM_DATES.includes(qualifier);
    if (!isFrom && !TO_DATES.includes(qualifier)) return;
    const date = reader.dtmDate(segment);
    if (date === undefined) return;
    if (isFrom) target.valid_from ??= date;
    else if (!date.startsWith("9999")) target.valid_to ??= date;
  }

  /** CTP: 01 class of trade, 02 kind, 03 price, 04 and 05 per, 09 basis. */
  private price(segment: Segment): void {
    const { reader } = this;
    this.current = undefined;
    const amount = reader.decimal(segment, 3);
    if (amount === undefined) {
      const message = "the price is missing; it was left out";
      if (reader.raw(segment, 3) === "") {
        reader.add("warning", "x12_price_missing", message, segment, 3);
      }
      return;
    }
    const unit = reader.unit(segment, 5);
    const price: CatalogPrice = {
      amount: this.discounted(segment, amount),
      ...(unit ??
        (this.levelUnit === undefined ? {} : { unit: this.levelUnit })),
      price_class: PRICE_CLASSES[reader.raw(segment, 1).toUpperCase()],
    };
    this.kind(segment, price);
    const basis = reader.raw(segment, 9).toUpperCase();
    const known = basis === "" ? undefined : PRICE_BASES[basis];
    if (basis !== "" && known === undefined) {
      const message = `price basis ${basis} is not known; the price was taken as per unit`;
      reader.add("warning", "x12_price_basis", message, segment, 9);
    }
    if (known?.kind === "list") price.kind = "list";
    if (known?.quantity !== undefined && known.quantity !== "1") {
      price.base_quantity = known.quantity;
    }
    if (known?.unit !== undefined && unit === undefined)
      price.unit = known.unit;
    this.prices.push({ price, segment });
    this.current = price;
  }

  /** CTP06 DIS: the price is multiplied by 07 to be the one that is paid. */
  private discounted(segment: Segment, amount: string): string {
    const { reader } = this;
    const qualifier = reader.raw(segment, 6).toUpperCase();
    if (qualifier === "") return amount;
    const factor = reader.decimal(segment, 7);
    if (qualifier === "DIS" && factor !== undefined) {
      return multiply(amount, factor);
    }
    const message = `price multiplier ${qualifier} was not applied`;
    reader.add("warning", "x12_price_multiplier", message, segment, 6);
    return amount;
  }

  private kind(segment: Segment, price: CatalogPrice): void {
    const code = this.reader.raw(segment, 2).toUpperCase();
    if (code === "") return;
    if (LIST_PRICES.has(code)) price.kind = "list";
    else if (NET_PRICES.has(code)) price.kind = "net";
    else if (/^[A-Z]\d\d$/.test(code)) price.tier = code;
    else {
      const message = `price of kind ${code} has no counterpart; it was taken as a net price`;
      this.reader.add("info", "x12_price_kind", message, segment, 2);
    }
  }
}

function referencesOf(reader: SetReader, segment: Segment) {
  const references: Parameters<typeof addReference>[2] = [];
  addReference(reader, segment, references);
  return references;
}

/**
 * CTP04. Several prices that differ in it alone are steps (X12's own figure:
 * 0, 1000, 5000). One alone says how many units the price buys, unless its
 * basis (CTP09) says that already: then it is the smallest quantity.
 */
function breaks(
  reader: SetReader,
  all: readonly { price: CatalogPrice; segment: Segment }[],
): void {
  const key = ({ unit, tier, kind, price_class, valid_from }: CatalogPrice) =>
    [unit, tier, kind, price_class, valid_from].join();
  const groups = new Map<string, typeof all>();
  for (const one of all) {
    groups.set(key(one.price), [...(groups.get(key(one.price)) ?? []), one]);
  }
  for (const group of groups.values()) {
    for (const { price, segment } of group) {
      const quantity = reader.decimal(segment, 4);
      if (quantity === undefined || compare(quantity, "1") <= 0) continue;
      if (group.length > 1 || reader.raw(segment, 9) !== "") {
        price.min_quantity = quantity;
        continue;
      }
      price.base_quantity = quantity;
      const message = `the price was taken as per ${quantity} ${price.unit ?? ""}`;
      reader.add("warning", "x12_price_basis", message.trim(), segment, 4);
    }
  }
}
