/**
 * What JSON.parse lets pass and a document must not have: names that occur
 * twice (the last one would win silently), numbers that a computer would
 * change, and nesting that nobody means. Reads the text once, keeps one set of
 * names per open object, and calls nothing recursively.
 */

/** Nesting beyond which JSON is not looked at: no document is that deep. */
export const MAX_DEPTH = 32;

/** Significant digits that a number keeps in every reader (RFC 8259, 6). */
const MAX_DIGITS = 15;

/** What was found first, and where. */
export interface ScanFinding {
  code: "json_depth" | "json_duplicate_name" | "json_number";
  message: string;
  /** Offset into the text. */
  at: number;
}

interface Level {
  /** Names so far; undefined in a list. */
  names: Set<string> | undefined;
  /** The next string is a name. */
  expectsName: boolean;
}

type Found = Omit<ScanFinding, "at"> | undefined;

/**
 * The first thing in a text that is not to be taken.
 * @param text JSON or not: what is no JSON is left to the parser
 */
export function scanJson(text: string): ScanFinding | undefined {
  const levels: Level[] = [];
  let at = 0;
  while (at < text.length) {
    const end = endOfToken(text, at);
    const found = look(text, at, end, levels);
    if (found) return { ...found, at };
    at = end;
  }
  return undefined;
}

/** Where the token that begins here ends. Each character is read once. */
function endOfToken(text: string, at: number): number {
  const first = text.charAt(at);
  let end = at + 1;
  if (first === '"') {
    while (end < text.length && text.charAt(end) !== '"')
      end += text.charAt(end) === "\\" ? 2 : 1;
    return Math.min(end + 1, text.length);
  }
  if (/[-\d]/.test(first))
    while (end < text.length && /[\d.eE+-]/.test(text.charAt(end))) end++;
  return end;
}

function look(text: string, at: number, end: number, levels: Level[]): Found {
  const first = text.charAt(at);
  const top = levels.at(-1);
  switch (first) {
    case "{":
    case "[":
      levels.push(
        first === "{"
          ? { names: new Set(), expectsName: true }
          : { names: undefined, expectsName: false },
      );
      return levels.length > MAX_DEPTH
        ? {
            code: "json_depth",
            message: `nested deeper than ${MAX_DEPTH} levels`,
          }
        : undefined;
    case "}":
    case "]":
      levels.pop();
      return undefined;
    case ",":
      if (top?.names) top.expectsName = true;
      return undefined;
    case '"':
      return top?.names && top.expectsName
        ? named(text.slice(at, end), top)
        : undefined;
    default:
      return numbered(text.slice(at, end));
  }
}

function numbered(token: string): Found {
  return !/^-?\d/.test(token) || isKept(token)
    ? undefined
    : {
        code: "json_number",
        message: `the number ${shorten(token)} cannot be kept exactly; send it as a string`,
      };
}

function named(token: string, top: Level): Found {
  top.expectsName = false;
  const name = unescaped(token);
  if (name === undefined) return undefined;
  if (!top.names?.has(name)) {
    top.names?.add(name);
    return undefined;
  }
  return {
    code: "json_duplicate_name",
    message: `the name "${shorten(name)}" occurs twice in one object; which value is meant is not known`,
  };
}

/** The same name may be written in several ways. */
function unescaped(token: string): string | undefined {
  if (!token.includes("\\")) return token.slice(1, -1);
  try {
    return JSON.parse(token) as string;
  } catch {
    return undefined;
  }
}

/** What is no number is left to the parser. */
function isKept(token: string): boolean {
  const value = Number(token);
  if (Number.isNaN(value)) return true;
  const [mantissa = ""] = token.split(/e/i);
  const digits = mantissa.replace(/[-.]/g, "").replace(/^0+/, "");
  const vanished = value === 0 && digits !== "";
  return (
    digits.length <= MAX_DIGITS &&
    Math.abs(value) <= Number.MAX_SAFE_INTEGER &&
    !vanished
  );
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
