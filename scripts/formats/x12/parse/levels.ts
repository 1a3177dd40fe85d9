/** The tree of HL levels of an 856. */
import type { SetReader } from "../reader.ts";
import type { Segment } from "../segment.ts";

export interface Level {
  /** HL segment. */
  hl: Segment;
  /** HL03: S shipment, O order, T tare, P pack, I item. */
  code: string;
  parent?: Level;
  segments: Segment[];
}

/** Header segments, and levels with their parents. */
export function splitLevels(reader: SetReader): {
  header: Segment[];
  levels: Level[];
} {
  const header: Segment[] = [];
  const levels: Level[] = [];
  const byId = new Map<string, Level>();
  let ended = false;
  for (const segment of reader.body()) {
    if (segment.id === "HL") {
      const level = readLevel(reader, segment, byId, levels);
      levels.push(level);
      byId.set(reader.raw(segment, 1), level);
    } else if (segment.id === "CTT") {
      ended = true;
    } else if (!ended) {
      (levels.at(-1)?.segments ?? header).push(segment);
    }
  }
  return { header, levels };
}

/** A missing or wrong parent (HL02) is made up for by the order of levels. */
function readLevel(
  reader: SetReader,
  hl: Segment,
  byId: ReadonlyMap<string, Level>,
  before: readonly Level[],
): Level {
  const code = reader.raw(hl, 3).toUpperCase();
  const parentId = reader.raw(hl, 2);
  const told = byId.get(parentId);
  if (parentId !== "" && told === undefined) {
    const message = `HL02 names level ${parentId}, which does not come before it; the last level above was taken`;
    reader.add("warning", "x12_hl_parent", message, hl, 2);
  }
  const parent = told ?? (code === "S" ? undefined : lastAbove(before, code));
  return {
    hl,
    code,
    segments: [],
    ...(parent === undefined ? {} : { parent }),
  };
}

const RANKS = ["S", "O", "T", "P", "I"];

function lastAbove(before: readonly Level[], code: string): Level | undefined {
  return [...before].reverse().find((level) => isAbove(level, code));
}

function isAbove(level: Level, code: string): boolean {
  return RANKS.indexOf(level.code) < RANKS.indexOf(code);
}

/** The level itself, its parent, and so on; a circle ends it. */
export function ancestry(level: Level): Level[] {
  const path: Level[] = [];
  for (
    let current: Level | undefined = level;
    current !== undefined && !path.includes(current);
    current = current.parent
  ) {
    path.push(current);
  }
  return path;
}
