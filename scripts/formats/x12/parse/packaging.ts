/**
 * Packaging levels of an item in an 832: subline items (SLN), multi-pack
 * configurations (PKL) and physical details (PO4).
 */
import type { CatalogLine } from "../../../canonical/generated/documents.ts";
import { packagingText, type PackLevel } from "../../packaging.ts";
import { unitFromX12 } from "../codes/units.ts";
import { itemOf } from "./lines.ts";
import type { SetReader } from "../reader.ts";
import type { Segment } from "../segment.ts";

type Gtin = NonNullable<CatalogLine["gtins"]>[number];

interface Level {
  unit: string;
  asSent: string;
  quantity: number;
  segment: Segment;
}

/** Two sizes of a pack are the same price per piece, within this share. */
const PRICE_TOLERANCE = 0.35;

/** Collects what the segments of one line say about its packs. */
export class Packaging {
  readonly gtins: Gtin[] = [];
  private readonly sublines: Level[] = [];
  /** Unit → pieces in it, as PKL and PO4 tell. */
  private readonly pieces = new Map<string, { count: number; base: string }>();

  /** SLN: 03 relationship, 04 quantity, 05 unit, 09 on the level's numbers. */
  subline(reader: SetReader, segment: Segment): string | undefined {
    const relation = reader.raw(segment, 3).toUpperCase();
    const unit = reader.unit(segment, 5);
    const quantity = reader.decimal(segment, 4);
    this.gtin(reader, segment, 9, unit);
    const count = wholeNumber(quantity);
    const isLevel = relation === "" || relation === "I" || relation === "O";
    if (unit !== undefined && count !== undefined && isLevel) {
      this.sublines.push({
        unit: unit.unit,
        asSent: unit.unit_as_sent,
        quantity: count,
        segment,
      });
    }
    return unit?.unit;
  }

  /** PKL: 01 and 02 the pack's number, 03 its unit, 04 pieces in it. */
  multiPack(reader: SetReader, segment: Segment): void {
    const unit = reader.unit(segment, 3);
    const count = wholeNumber(reader.decimal(segment, 4));
    this.gtin(reader, segment, 1, unit);
    if (unit !== undefined && count !== undefined) {
      this.pieces.set(unit.unit, { count, base: "EA" });
    }
  }

  /**
   * PO4: 01 inner packs in the pack, 02 and 03 what one of them holds, 14 the
   * number in an inner pack. It describes the unit that is sold.
   */
  physical(
    reader: SetReader,
    segment: Segment,
    soldIn: string | undefined,
  ): void {
    const packs = wholeNumber(reader.decimal(segment, 1));
    const size = wholeNumber(reader.decimal(segment, 2)) ?? 1;
    const inner = wholeNumber(reader.decimal(segment, 14)) ?? 1;
    const code = reader.raw(segment, 3).toUpperCase();
    const base = code === "" ? "EA" : unitFromX12(code).unit;
    if (packs === undefined || soldIn === undefined) return;
    // A size in ounces or feet says what a piece is like, not how many.
    const counted = ["EA", "H87", "C62"].includes(base);
    const count = packs * inner * (counted ? size : 1);
    const piece = counted ? base : "EA";
    if (count > 1 && soldIn !== piece && !this.pieces.has(soldIn)) {
      this.pieces.set(soldIn, { count, base: piece });
    }
  }

  /** `EA 20/XBX 4/XCS`; undefined when nothing tells. */
  text(
    reader: SetReader,
    prices: NonNullable<CatalogLine["prices"]>,
  ): string | undefined {
    return this.fromSublines(reader, prices) ?? this.fromPieces();
  }

  private gtin(
    reader: SetReader,
    segment: Segment,
    first: number,
    unit: { unit: string; unit_as_sent: string } | undefined,
  ): void {
    const gtin = itemOf(reader, segment, first, "drop")?.gtin;
    if (gtin === undefined || unit === undefined) return;
    if (this.gtins.some((one) => one.gtin === gtin)) return;
    this.gtins.push({ ...unit, gtin });
  }

  private fromPieces(): string | undefined {
    const all = [...this.pieces].sort(
      ([, left], [, right]) => left.count - right.count,
    );
    const base = all[0]?.[1].base;
    if (base === undefined) return undefined;
    const levels: PackLevel[] = [];
    let below = 1;
    for (const [unit, { count }] of all) {
      if (count % below !== 0 || (count === below && below > 1))
        return undefined;
      if (count > below) levels.push({ unit, holds: count / below });
      below = count;
    }
    return packagingText(base, levels);
  }

  /**
   * Levels come from the largest pack down or from the smallest up. Whether a
   * quantity is that in the next larger pack or in the largest, senders see
   * differently: prices or PKL decide where they can, else the next larger.
   */
  private fromSublines(
    reader: SetReader,
    prices: NonNullable<CatalogLine["prices"]>,
  ): string | undefined {
    const distinct = this.sublines.filter(
      (level, index) =>
        this.sublines.findIndex(({ unit }) => unit === level.unit) === index,
    );
    const [first, second] = distinct;
    if (first === undefined || second === undefined) return undefined;
    const down =
      first.unit !== "EA" || distinct.at(-1)?.unit === "EA"
        ? distinct
        : // From the smallest up: each says how many of the one before it holds.
          upwards(distinct);
    const relative = down.slice(1).map((level) => level.quantity);
    const total = totals(relative);
    const choice =
      relative.length < 2
        ? relative
        : this.decided(down, relative, total, prices);
    if (choice === undefined) {
      const [outer, , inner] = down;
      const message = `${inner?.quantity} ${inner?.asSent} is taken as what the next larger pack holds, not as what the ${outer?.asSent} holds in all; check it`;
      reader.add(
        "warning",
        "x12_packaging_read",
        message,
        down.at(-1)?.segment,
        4,
      );
    }
    const holds = choice ?? relative;
    const base = down.at(-1)?.unit ?? "EA";
    const levels = holds
      .map((count, index) => ({ unit: down[index]?.unit ?? "", holds: count }))
      .reverse()
      .filter((level) => level.holds > 1 || level.unit !== base);
    return packagingText(base, levels);
  }

  /** What prices or PKL say about the two readings; undefined for nothing. */
  private decided(
    down: readonly Level[],
    relative: number[],
    total: number[] | undefined,
    prices: NonNullable<CatalogLine["prices"]>,
  ): number[] | undefined {
    if (total === undefined) return relative;
    const [outer, base] = [down[0]?.unit ?? "", down.at(-1)?.unit ?? ""];
    const told = this.pieces.get(outer)?.count ?? ratio(prices, outer, base);
    if (told === undefined) return undefined;
    const fits = [relative, total].filter((counts) => {
      const product = counts.reduce((all, one) => all * one, 1);
      return Math.abs(product - told) <= told * PRICE_TOLERANCE;
    });
    return fits.length === 1 ? fits[0] : undefined;
  }
}

/** Levels given from the smallest up, turned round with their quantities. */
function upwards(levels: readonly Level[]): Level[] {
  return levels.map((_, index) => {
    const level = levels[levels.length - 1 - index];
    const above = levels[levels.length - index];
    if (level === undefined) throw new Error("levels are counted");
    return { ...level, quantity: above?.quantity ?? 1 };
  });
}

/** The same levels where every quantity is that in the largest pack. */
function totals(quantities: readonly number[]): number[] | undefined {
  const counts: number[] = [];
  let above = 1;
  for (const quantity of quantities) {
    if (quantity % above !== 0) return undefined;
    counts.push(quantity / above);
    above = quantity;
  }
  return counts;
}

/** How many times dearer the one unit is, in the same tier. */
function ratio(
  prices: NonNullable<CatalogLine["prices"]>,
  outer: string,
  base: string,
): number | undefined {
  for (const large of prices) {
    if (large.unit !== outer) continue;
    const small = prices.find(
      (one) =>
        one.unit === base && one.tier === large.tier && one.kind === large.kind,
    );
    const [top, bottom] = [Number(large.amount), Number(small?.amount)];
    if (top > 0 && bottom > 0) return top / bottom;
  }
  return undefined;
}

function wholeNumber(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,7}(\.0+)?$/.test(text)) return undefined;
  const value = Math.trunc(Number(text));
  return value > 0 ? value : undefined;
}
