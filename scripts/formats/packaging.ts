/** Packaging strings, as canonical documents have them: `EA 10/XBX 25/XCS`. */

/** A pack and how many of the level below it holds. */
export interface PackLevel {
  unit: string;
  holds: number;
}

/** Levels above `base` as text; undefined when there are none. */
export function packagingText(
  base: string,
  levels: readonly PackLevel[],
): string | undefined {
  if (levels.length === 0) return undefined;
  const text = levels.map(({ unit, holds }) => `${holds}/${unit}`);
  return `${base} ${text.join(" ")}`;
}

/** The base unit and the levels above it; undefined for other text. */
export function parsePackaging(
  text: string,
): { base: string; levels: PackLevel[] } | undefined {
  const match = /^(\S+)((?: \d{1,7}\/\S+)+)$/.exec(text);
  if (match === null) return undefined;
  const levels = [...(match[2] ?? "").matchAll(/ (\d+)\/(\S+)/g)].map(
    ([, holds, unit]) => ({ unit: unit ?? "", holds: Number(holds) }),
  );
  return { base: match[1] ?? "", levels };
}
