/**
 * Large catalogs in portions: each is a document of its own for Odoo, which
 * puts them together by `portion.feed`.
 */
import type { Diagnostic } from "../canonical/types.ts";
import type { CanonicalJson } from "../odoo/exchange.ts";
import { PORTION_LINES } from "./limits.ts";

/** A document, or a part of one, with the findings that concern it. */
export interface Portion {
  document: CanonicalJson;
  diagnostics: Diagnostic[];
}

/**
 * The document itself, or a large catalog's parts in their order. Header and
 * findings about the whole go with the first part; a finding about a line goes
 * with the part that has it, its path counted anew.
 * @param feed what tells this feed from any other; the same at each attempt
 */
export function portionsOf(
  document: CanonicalJson,
  diagnostics: readonly Diagnostic[],
  feed: string,
): Portion[] {
  const { lines } = document;
  const isLarge =
    document.document_type === "catalog" &&
    Array.isArray(lines) &&
    lines.length > PORTION_LINES;
  if (!isLarge) return [{ document, diagnostics: [...diagnostics] }];
  const all = lines as unknown[];
  const count = Math.ceil(all.length / PORTION_LINES);
  const sorted = byPortion(all, diagnostics);
  return Array.from({ length: count }, (_, index) => ({
    document: {
      ...document,
      portion: { number: index + 1, of: count, feed },
      lines: all.slice(index * PORTION_LINES, (index + 1) * PORTION_LINES),
    },
    diagnostics: sorted.get(index) ?? [],
  }));
}

function byPortion(
  lines: readonly unknown[],
  diagnostics: readonly Diagnostic[],
): Map<number, Diagnostic[]> {
  const positions = new Map(
    lines.map((line, index) => [
      (line as { line_number?: unknown } | null)?.line_number,
      index,
    ]),
  );
  const sorted = new Map<number, Diagnostic[]>();
  for (const one of diagnostics) {
    const match = /^lines\[(\d+)\](.*)$/.exec(one.path ?? "");
    const position =
      match === null ? (positions.get(one.line_number) ?? 0) : Number(match[1]);
    const portion = Math.floor(position / PORTION_LINES);
    const own =
      match === null
        ? one
        : {
            ...one,
            path: `lines[${position % PORTION_LINES}]${match[2] ?? ""}`,
          };
    const others = sorted.get(portion);
    if (others === undefined) sorted.set(portion, [own]);
    else others.push(own);
  }
  return sorted;
}
