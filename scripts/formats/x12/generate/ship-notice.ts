/** `ship_notice` → 856: shipment, orders, tares, packs, items. */
import type {
  Lot,
  ShipNotice,
  ShipNoticeLine,
} from "../../../canonical/generated/documents.ts";
import { add } from "../../decimal.ts";
import {
  withReference,
  writeDescription,
  writeFreight,
  writeNotes,
  writeParties,
  writeReferences,
} from "./common.ts";
import { sameNumber, type SetWriter } from "./writer.ts";

type Package = NonNullable<ShipNotice["packages"]>[number];

/** Part of a line that goes into one HL item level. */
interface Portion {
  line: ShipNoticeLine;
  path: string;
  quantity?: string;
  lots?: Lot[];
}

/** BSN05: shipment–order–pack–item, or without packs. */
const STRUCTURES = { packed: "0001", loose: "0004" } as const;

export function writeShipNotice(writer: SetWriter, notice: ShipNotice): void {
  new ShipNoticeWriter(writer, notice).run();
}

class ShipNoticeWriter {
  private level = 0;
  private readonly packed = new Set<string>();
  private readonly lines: ReadonlyMap<string, Portion>;
  private readonly writer: SetWriter;
  private readonly notice: ShipNotice;

  constructor(writer: SetWriter, notice: ShipNotice) {
    this.writer = writer;
    this.notice = notice;
    this.lines = new Map(
      (notice.lines ?? []).map((line, index) => [
        line.line_number,
        { line, path: `lines[${index}]` },
      ]),
    );
    for (const { contents } of notice.packages ?? []) {
      for (const content of contents ?? [])
        this.packed.add(content.line_number);
    }
  }

  run(): void {
    const { writer, notice } = this;
    const number = writer.required(notice.number, 30, "number");
    const structure =
      this.packed.size > 0 ? STRUCTURES.packed : STRUCTURES.loose;
    writer.add("BSN", "00", number, writer.date, writer.time, structure);
    const shipment = this.hl("S");
    this.writeShipment();
    for (const order of this.orders()) this.writeOrder(order, shipment);
    writer.add("CTT", String(this.level));
  }

  private hl(code: string, parent?: number): number {
    this.level += 1;
    this.writer.add("HL", String(this.level), parent?.toString(), code);
    return this.level;
  }

  private writeShipment(): void {
    const { writer, notice } = this;
    const carrier = notice.carrier;
    if (carrier !== undefined) {
      if (/^[A-Z]{2,4}$/.test(carrier)) writer.add("TD5", "", "2", carrier);
      else
        writer.add("TD5", "", "", "", "", writer.text(carrier, 35, "carrier"));
    }
    const billed = withReference(
      notice.references,
      "bill_of_lading",
      notice.bill_of_lading,
    );
    const known = billed.some(({ type }) => type === "carrier_reference");
    const all = known
      ? billed
      : withReference(billed, "tracking", notice.tracking_number);
    writeReferences(writer, all);
    this.date("011", notice.shipped_at);
    this.date("017", notice.expected_at);
    writeFreight(writer, notice.freight_terms);
    writeParties(writer, notice.parties, notice.deliver_to);
    if (notice.currency !== undefined) writer.add("CUR", "SE", notice.currency);
    writeNotes(writer, notice.notes);
  }

  private date(qualifier: string, moment: string | undefined): void {
    if (moment === undefined) return;
    this.writer.add(
      "DTM",
      qualifier,
      this.writer.date8(moment),
      ...timeOf(moment),
    );
  }

  /** Orders in the order of their lines. */
  private orders(): string[] {
    const orders = [...this.lines.values()].map(({ line, path }) =>
      this.writer.required(
        line.order_number ?? this.notice.order_reference,
        22,
        `${path}.order_number`,
      ),
    );
    if (orders.length === 0) {
      this.writer.error("x12_missing", "lines", "an 856 has at least one line");
    }
    return [...new Set(orders)];
  }

  private orderOf(line: ShipNoticeLine | undefined): string | undefined {
    return line?.order_number ?? this.notice.order_reference;
  }

  private writeOrder(order: string, shipment: number): void {
    const level = this.hl("O", shipment);
    this.writer.add("PRF", order);
    const packages = (this.notice.packages ?? []).filter((item) => {
      const first = item.contents?.[0]?.line_number;
      const line =
        first === undefined ? undefined : this.lines.get(first)?.line;
      return first !== undefined && this.orderOf(line) === order;
    });
    this.writePackages(packages, level);
    for (const portion of this.lines.values()) {
      if (this.orderOf(portion.line) !== order) continue;
      if (this.packed.has(portion.line.line_number)) continue;
      const { quantity, lots } = portion.line;
      this.writeItem({ ...portion, quantity, lots }, level);
    }
  }

  /** Packages with a common parent stand below one tare level. */
  private writePackages(packages: readonly Package[], order: number): void {
    const tares = new Map<string, number>();
    for (const item of packages) {
      let parent = order;
      if (item.parent_sscc !== undefined) {
        parent =
          tares.get(item.parent_sscc) ??
          this.writeTare(item.parent_sscc, order);
        tares.set(item.parent_sscc, parent);
      }
      const pack = this.hl("P", parent);
      this.mark(item.sscc, "packages.sscc");
      for (const content of item.contents ?? []) {
        const portion = this.lines.get(content.line_number);
        if (portion === undefined) {
          this.writer.error(
            "x12_line_unknown",
            "packages",
            `a package holds line ${content.line_number}, which is not among the lines`,
          );
          continue;
        }
        const quantity = content.quantity ?? portion.line.quantity;
        const whole = sameNumber(quantity, portion.line.quantity);
        const lots = content.lots ?? (whole ? portion.line.lots : undefined);
        this.writeItem({ ...portion, quantity, lots }, pack);
      }
    }
  }

  private writeTare(sscc: string, order: number): number {
    const level = this.hl("T", order);
    this.mark(sscc, "packages.parent_sscc");
    return level;
  }

  /** MAN*GM: SSCC-18 behind application identifier 00. */
  private mark(sscc: string | undefined, path: string): void {
    if (sscc === undefined) return;
    const value = /^[0-9]{18}$/.test(sscc) ? `00${sscc}` : sscc;
    this.writer.add("MAN", "GM", this.writer.code(value, 48, path));
  }

  private writeItem(portion: Portion, parent: number): void {
    const { writer } = this;
    const { line, path, quantity } = portion;
    this.hl("I", parent);
    const number = line.order_line_number ?? line.line_number;
    writer.add(
      "LIN",
      writer.code(number, 20, `${path}.line_number`),
      ...writer.item(line.item, `${path}.item`),
    );
    const unit = writer.unit(line.unit, `${path}.unit`);
    writer.add(
      "SN1",
      "",
      writer.requiredDecimal(quantity, `${path}.quantity`),
      unit,
      ...this.backorder(line, quantity, unit, path),
    );
    writeDescription(writer, line.description, `${path}.description`);
    const contract = line.contract_reference?.number;
    if (contract !== undefined) {
      writer.add(
        "REF",
        "CT",
        writer.code(contract, 50, `${path}.contract_reference`),
      );
    }
    this.writeLots(portion);
  }

  /** SN105 what was ordered, SN106 its unit, SN108 that the rest is owed. */
  private backorder(
    line: ShipNoticeLine,
    quantity: string | undefined,
    unit: string,
    path: string,
  ): string[] {
    const rest = line.backordered_quantity;
    if (rest === undefined || quantity === undefined) return [];
    const ordered = this.writer.decimal(
      add(quantity, rest),
      `${path}.backordered_quantity`,
    );
    return ["", ordered, unit, "", "BP"];
  }

  /** Lots stand beside the item; with quantities of their own in CLD loops. */
  private writeLots({ lots = [], path, quantity }: Portion): void {
    const [only] = lots;
    const whole = lots.length === 1 && sameNumber(only?.quantity, quantity);
    if (whole || lots.every((lot) => lot.quantity === undefined)) {
      lots.forEach((lot, index) => {
        this.writeLot(lot, `${path}.lots[${index}]`, "DTM");
      });
      return;
    }
    lots.forEach((lot, index) => {
      const at = `${path}.lots[${index}]`;
      this.writer.add(
        "CLD",
        "1",
        this.writer.requiredDecimal(lot.quantity, `${at}.quantity`),
      );
      this.writeLot(lot, at, "DTP");
    });
  }

  private writeLot(lot: Lot, path: string, dateSegment: "DTM" | "DTP"): void {
    const { writer } = this;
    if (lot.number !== undefined) {
      writer.add("REF", "LT", writer.code(lot.number, 50, `${path}.number`));
    }
    for (const serial of lot.serials ?? []) {
      writer.add("REF", "SE", writer.code(serial, 50, `${path}.serials`));
    }
    if (lot.expires_on === undefined) return;
    const date = writer.date8(lot.expires_on);
    if (dateSegment === "DTM") writer.add("DTM", "036", date);
    else writer.add("DTP", "036", "D8", date);
  }
}

/** DTM03 and DTM04 of a date-time; X12 names only UTC without doubt. */
function timeOf(moment: string): string[] {
  if (moment.length <= 10) return [];
  const iso = new Date(moment).toISOString();
  // The date is written as given; its time is only given when it is UTC too.
  return /[Zz]$/.test(moment)
    ? [iso.slice(11, 19).replaceAll(":", ""), "UT"]
    : [];
}
