/** Packages of an 856: their SSCC, what they stand in, what they hold. */
import type {
  ShipNotice,
  ShipNoticeLine,
} from "../../../canonical/generated/documents.ts";
import { compact, type SetReader } from "../reader.ts";
import { ancestry, type Level } from "./levels.ts";

export type Package = NonNullable<ShipNotice["packages"]>[number];
type Content = NonNullable<Package["contents"]>[number];

/** Pack and tare levels with an SSCC or contents, and SSCCs on item levels. */
export function readPackages(
  reader: SetReader,
  levels: readonly Level[],
  lineOf: ReadonlyMap<Level, ShipNoticeLine>,
): Package[] {
  const packages: Package[] = [];
  for (const level of levels) {
    const marks = ssccsOf(reader, level);
    if (level.code === "P" || level.code === "T") {
      const contents = contentsOf(level, levels, lineOf);
      const parent = ancestry(level)
        .slice(1)
        .find((item) => item.code === "T" || item.code === "P");
      const parentMark = parent === undefined ? [] : ssccsOf(reader, parent);
      for (const sscc of marks.length > 0 ? marks : [undefined]) {
        const entry: Package = compact({
          sscc,
          parent_sscc: parentMark[0],
          contents: marks.length > 1 ? [] : contents,
        });
        if (Object.keys(entry).length > 0) packages.push(entry);
      }
    } else if (level.code === "I") {
      const line = lineOf.get(level);
      if (line === undefined) continue;
      const contents = [contentOf(line, marks.length === 1)];
      for (const sscc of marks) packages.push({ sscc, contents });
    }
  }
  return packages;
}

/** Items directly in the package, or the item the package is a part of. */
function contentsOf(
  level: Level,
  levels: readonly Level[],
  lineOf: ReadonlyMap<Level, ShipNoticeLine>,
): Content[] {
  const below = levels.filter(
    (item) => item.code === "I" && item.parent === level,
  );
  const lines = below.map((item) => lineOf.get(item));
  if (level.parent?.code === "I") {
    const siblings = levels.filter(
      (item) => item.parent === level.parent && item.code === level.code,
    );
    const line = lineOf.get(level.parent);
    return line === undefined ? [] : [contentOf(line, siblings.length === 1)];
  }
  return lines.flatMap((line) =>
    line === undefined ? [] : [contentOf(line, true)],
  );
}

/** `whole`: all of the line is in this package. */
function contentOf(line: ShipNoticeLine, whole: boolean): Content {
  return compact({
    line_number: line.line_number,
    quantity: whole ? line.quantity : undefined,
    lots: whole ? line.lots : undefined,
  });
}

/** MAN*GM (SSCC-18 with application identifier 00) and MAN*AA (SSCC-18). */
function ssccsOf(reader: SetReader, level: Level): string[] {
  return level.segments
    .filter(({ id }) => id === "MAN")
    .flatMap((segment) => [
      { qualifier: reader.raw(segment, 1), value: reader.code(segment, 2) },
      { qualifier: reader.raw(segment, 4), value: reader.code(segment, 5) },
    ])
    .filter(({ qualifier }) =>
      ["GM", "AA", "AI"].includes(qualifier.toUpperCase()),
    )
    .flatMap(({ value }) => (value === undefined ? [] : [withoutAi(value)]));
}

function withoutAi(value: string): string {
  const digits = value.replaceAll(/[\s()]/g, "");
  return /^00[0-9]{18}$/.test(digits) ? digits.slice(2) : digits;
}
