/**
 * Finding the delimiters of an interchange from its ISA, also from one that is
 * not 106 characters long.
 */

/** What separates segments: a character, or the end of the line or a space. */
export type Terminator =
  { kind: "character"; value: string } | { kind: "line" } | { kind: "space" };

export interface Delimiters {
  element: string;
  /** Absent where ISA16 is missing or equals the terminator. */
  component?: string;
  terminator: Terminator;
}

export interface IsaHeader {
  delimiters: Delimiters;
  /** ISA and its elements 01–16; a missing one is empty. */
  elements: string[];
  /** Where the text after ISA's terminator starts. */
  end: number;
  /** False when the ISA is not 16 elements in 105 characters. */
  regular: boolean;
}

const ISA_ELEMENTS = 16;
/** Without terminator: `ISA`, 16 separators and 86 characters of data. */
const ISA_LENGTH = 105;
/** Real ISA segments with padding and indentation stay far below this. */
const SEARCH_WINDOW = 600;
/** Segments that may follow an ISA. */
const FOLLOWERS = "GS|TA1|ISB|ISE|IEA|ST";

/** True when an interchange starts at `position`. */
export function startsInterchange(text: string, position: number): boolean {
  if (text.slice(position, position + 3).toUpperCase() !== "ISA") return false;
  const separator = text[position + 3];
  return separator !== undefined && !/[A-Za-z0-9 \r\n]/.test(separator);
}

/** Reads the ISA at `position`, where `startsInterchange` is true. */
export function readIsa(text: string, position: number): IsaHeader {
  const separator = text.charAt(position + 3);
  const window = text.slice(position, position + SEARCH_WINDOW);
  const next = followerIndex(window, separator);
  const header =
    next === undefined ? untilIsa16(window, separator) : window.slice(0, next);
  const body = header.replace(/[ \t\r\n\u00A0]+$/, "");
  const gap = header.slice(body.length);
  const last = body.lastIndexOf(separator);
  const tail = body.slice(last + 1);
  const count = body.split(separator).length - 1;
  const found = fromTail(tail, gap, count, window.slice(header.length));
  const data = body.slice(0, last).split(separator).map(trimmed);
  const final = count >= ISA_ELEMENTS ? (found.component ?? "") : found.rest;
  const elements = [...data, final];
  while (elements.length <= ISA_ELEMENTS) elements.push("");
  const length = body.length - (found.terminator.kind === "character" ? 1 : 0);
  return {
    delimiters: {
      element: separator,
      terminator: found.terminator,
      ...(found.component === undefined ? {} : { component: found.component }),
    },
    elements,
    end: position + header.length,
    regular: count === ISA_ELEMENTS && length === ISA_LENGTH,
  };
}

/** Delimiters of a file that starts with GS or ST instead of ISA. */
export function guessDelimiters(
  text: string,
  position: number,
): Delimiters | undefined {
  const separator = text.charAt(position + 2);
  if (separator === "" || /[A-Za-z0-9\s]/.test(separator)) return undefined;
  const lineEnd = text.slice(position).search(/[\r\n]/);
  if (lineEnd > 0) {
    const final = text
      .slice(position, position + lineEnd)
      .trimEnd()
      .at(-1);
    const special = final !== undefined && !/[A-Za-z0-9]/.test(final);
    return {
      element: separator,
      terminator:
        special && final !== separator
          ? { kind: "character", value: final }
          : { kind: "line" },
    };
  }
  const value = ["~", "'", "|", "\u001C", "\\"].find(
    (character) => character !== separator && text.includes(character),
  );
  if (value === undefined) return undefined;
  return { element: separator, terminator: { kind: "character", value } };
}

interface Tail {
  component?: string;
  terminator: Terminator;
  /** Data in the last element where ISA is too short. */
  rest: string;
}

/** What stands after the last element separator of the ISA. */
function fromTail(
  tail: string,
  gap: string,
  count: number,
  following: string,
): Tail {
  const byGap: Terminator = /[\r\n]/.test(gap)
    ? { kind: "line" }
    : { kind: "space" };
  const first = tail.charAt(0);
  const second = tail.charAt(tail.length - 1);
  if (tail.length >= 2) {
    const terminator: Terminator = /[A-Za-z0-9]/.test(second)
      ? byGap
      : { kind: "character", value: second };
    if (count < ISA_ELEMENTS || /[A-Za-z0-9]/.test(first)) {
      const rest = terminator.kind === "character" ? tail.slice(0, -1) : tail;
      return { terminator, rest };
    }
    const end = terminator.kind === "character" ? second : "";
    // `*~~`: component separator and terminator are the same character.
    return first === end
      ? { terminator, rest: "" }
      : { component: first, terminator, rest: "" };
  }
  if (tail.length === 1 && !/[A-Za-z0-9]/.test(first)) {
    const line = following.split(/[\r\n]/, 1)[0] ?? "";
    if (gap === "" || line.trimEnd().endsWith(first)) {
      return { terminator: { kind: "character", value: first }, rest: "" };
    }
    return { component: first, terminator: byGap, rest: "" };
  }
  return { terminator: byGap, rest: tail };
}

/** Start of the segment after ISA; data may look like one, so count first. */
function followerIndex(window: string, separator: string): number | undefined {
  const escaped = escapeForRegExp(separator);
  const pattern = new RegExp(
    `(?<![A-Za-z0-9${escaped}])(?:${FOLLOWERS})${escaped}`,
    "gi",
  );
  for (const match of window.matchAll(pattern)) {
    const separators = window.slice(0, match.index).split(separator).length - 1;
    if (separators >= ISA_ELEMENTS - 1) return match.index;
  }
  return undefined;
}

/** The ISA of a file that ends before anything follows. */
function untilIsa16(window: string, separator: string): string {
  let position = -1;
  for (let count = 0; count < ISA_ELEMENTS; count += 1) {
    const found = window.indexOf(separator, position + 1);
    if (found < 0) return window;
    position = found;
  }
  return window.slice(0, position + 3);
}

export function escapeForRegExp(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}

function trimmed(text: string): string {
  return text.trim();
}
