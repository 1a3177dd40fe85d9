/**
 * Documents whose lines stand by themselves: what breaks the schema in one
 * line costs that line, and not the thousands beside it.
 */
import type { CanonicalDocument, Diagnostic } from "./types.ts";
import { validateDocument, validateLine } from "./validate.ts";

type Json = Record<string, unknown>;
type DocumentType = CanonicalDocument["document_type"];

/**
 * Price lists and contracts, whose handlers leave out a line with an error.
 * An order or a bill with a line less is another order or bill.
 */
const LINES_ALONE: readonly DocumentType[] = ["catalog", "contract"];

/** Longest `code` of the schemas. */
const MAX_CODE = 200;

/** A document that was checked. */
export interface Checked {
  document: Json;
  /** Empty: it is valid as it was. */
  diagnostics: Diagnostic[];
}

/**
 * Checks a document against its schema. Where nothing but single lines of a
 * catalog or contract breaks it, the document comes back valid, those lines
 * with what could be kept of them, and one error of scope `line` says of each
 * what is wrong. Anything else, and a document without a good line, comes back
 * as it was, with errors that concern the whole.
 */
export function checkDocument(document: Json): Checked {
  const diagnostics = validateDocument(document);
  if (diagnostics.length === 0) return { document, diagnostics };
  return separateLines(document) ?? { document, diagnostics };
}

function separateLines(document: Json): Checked | undefined {
  const type = LINES_ALONE.find((one) => one === document.document_type);
  const { lines } = document;
  if (type === undefined || !Array.isArray(lines)) return undefined;
  if (validateDocument({ ...document, lines: [] }).length > 0) return undefined;
  const number = document.number as string;
  const numbers = new Numbers(lines);
  const diagnostics: Diagnostic[] = [];
  const kept = (lines as unknown[]).map((line, index) => {
    const problems = validateLine(type, line);
    const [first] = problems;
    if (first === undefined) return line;
    const lineNumber = numbers.of(line, index);
    diagnostics.push({
      level: "error",
      code: "schema",
      message: sentence(lineNumber, problems),
      path: joined(`lines[${index}]`, first.path ?? ""),
      document: number.slice(0, MAX_CODE),
      scope: "line",
      line_number: lineNumber,
    });
    return whatIsGood(type, line, lineNumber);
  });
  const result = { ...document, lines: kept };
  const isUseless = diagnostics.length === lines.length;
  if (isUseless || validateDocument(result).length > 0) return undefined;
  return { document: result, diagnostics };
}

function sentence(lineNumber: string, problems: readonly Diagnostic[]): string {
  const [first] = problems;
  const more =
    problems.length === 1 ? "" : ` (and ${problems.length - 1} more)`;
  return (
    `line ${lineNumber}: ${first?.message ?? ""}${more}; the line was left out, ` +
    "the others were not. Correct it and send it again, alone, under the same number"
  );
}

/** Numbers under which broken lines are found again. */
class Numbers {
  private readonly counts = new Map<string, number>();

  constructor(lines: readonly unknown[]) {
    for (const line of lines) {
      const number = numberIn(line);
      if (number !== undefined)
        this.counts.set(number, (this.counts.get(number) ?? 0) + 1);
    }
  }

  /** The line's own where no other has it; else one by its position. */
  of(line: unknown, index: number): string {
    const own = numberIn(line);
    if (own !== undefined && this.counts.get(own) === 1) return own;
    let free = `#${index + 1}`;
    while (this.counts.has(free)) free = `#${free}`;
    this.counts.set(free, 1);
    return free;
  }
}

/** The line's number, also where it is no text as it should be. */
function numberIn(line: unknown): string | undefined {
  const number = isObject(line) ? line.line_number : undefined;
  if (typeof number === "number" && Number.isSafeInteger(number))
    return String(number);
  return typeof number === "string" && number && number.length <= MAX_CODE
    ? number
    : undefined;
}

/**
 * A copy of a line without what breaks the schema, so that a person sees which
 * item it was about; its number alone where that does not help.
 */
function whatIsGood(
  type: DocumentType,
  line: unknown,
  lineNumber: string,
): Json {
  const bare = { line_number: lineNumber };
  if (!isObject(line)) return bare;
  const copy = { ...structuredClone(line), ...bare };
  for (;;) {
    const [first] = validateLine(type, copy);
    if (first === undefined) return copy;
    if (!removed(copy, first.path ?? "")) return bare;
  }
}

/**
 * Takes out what stands at a path; where nothing does, because it is missing,
 * what it is missing in. False where that would be the line itself.
 */
function removed(line: Json, path: string): boolean {
  const steps = path.replaceAll(/\[(\d+)\]/g, ".$1").split(".");
  let holder: Json | unknown[] | undefined;
  let name = "";
  let value: unknown = line;
  for (const step of steps) {
    if (!isContainer(value) || !Object.hasOwn(value, step)) break;
    holder = value;
    name = step;
    value = (value as Json)[step];
  }
  if (holder === undefined) return false;
  if (Array.isArray(holder)) holder.splice(Number(name), 1);
  else Reflect.deleteProperty(holder, name);
  return true;
}

function joined(base: string, path: string): string {
  return path === "" ? base : `${base}.${path}`;
}

function isContainer(value: unknown): value is Json | unknown[] {
  return typeof value === "object" && value !== null;
}

function isObject(value: unknown): value is Json {
  return isContainer(value) && !Array.isArray(value);
}
