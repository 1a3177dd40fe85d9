/** From text to segments, across all interchanges of a file. */
import {
  escapeForRegExp,
  guessDelimiters,
  readIsa,
  startsInterchange,
  type Delimiters,
} from "./delimiters.ts";
import type { Report } from "./report.ts";
import type { Segment } from "./segment.ts";

/**
 * Segment identifiers of the sets read here, and of those that stand around
 * them: only these show that a line break stands for a lost terminator.
 */
const KNOWN = new Set(
  (
    "ISA ISB ISE TA1 GS ST SE GE IEA BEG BAK BIG BSN BCA BCH BCT PKL G36 G39 CTB CRC CUR REF PER TAX FOB CTP PAM CSH SAC ITD " +
    "DTM LIN PID MEA PWK PKG TD1 TD5 TD3 TD4 MAN TXI AMT N9 MSG N1 N2 N3 N4 NX2 SPI PO1 SLN SDQ IT1 IT3 " +
    "IT8 PO3 PO4 PRF SN1 HL CLD SCH QTY ACK TDS CAD ISS CTT LDT NTE INC BAL DIS DTP PAL AK1 AK2 AK3 AK4 " +
    "AK5 AK9 IK3 IK4 IK5 CTX POC LM LQ V1 R4 FA1 FA2 G53 DD PCT ADV"
  ).split(" "),
);

/** Equal line lengths from here on mean that somebody wrapped the text. */
const WRAP_MIN = 40;

/**
 * Splits `text` into segments. Says where ISA, delimiters or terminators are
 * not as they should be; stops with an error at `maxSegments`.
 */
export function tokenize(
  text: string,
  maxSegments: number,
  report: Report,
): Segment[] {
  return new Tokenizer(text, maxSegments, report).run();
}

class Tokenizer {
  private readonly segments: Segment[] = [];
  private position = 0;
  private delimiters: Delimiters | undefined;
  private countedTo = 0;
  private line = 1;
  private readonly wrapped: boolean;
  private readonly text: string;
  private readonly maxSegments: number;
  private readonly report: Report;

  constructor(text: string, maxSegments: number, report: Report) {
    this.text = text;
    this.maxSegments = maxSegments;
    this.report = report;
    this.wrapped = isWrapped(text);
  }

  run(): Segment[] {
    if (!this.findStart()) return [];
    while (this.skipBlank()) {
      if (this.segments.length >= this.maxSegments) {
        const message = `more than ${this.maxSegments} segments; split the file`;
        this.report.add("error", "too_many_segments", message, this.last());
        return [];
      }
      if (startsInterchange(this.text, this.position)) this.takeIsa();
      else this.takeChunk();
    }
    return this.segments;
  }

  /** Goes to the first ISA, or to a GS or ST where the envelope is missing. */
  private findStart(): boolean {
    this.skipBlank();
    if (startsInterchange(this.text, this.position)) return true;
    const isa = /(?:^|[^A-Za-z0-9])(ISA)[^A-Za-z0-9\s]/i.exec(
      this.text.slice(this.position),
    );
    if (
      /^(GS|ST)[^A-Za-z0-9\s]/i.test(
        this.text.slice(this.position, this.position + 3),
      )
    ) {
      this.delimiters = guessDelimiters(this.text, this.position);
      if (this.delimiters !== undefined) {
        const message =
          "the interchange header ISA is missing; delimiters were guessed";
        this.finding("warning", "x12_missing_envelope", message);
        return true;
      }
    }
    if (isa !== null) {
      const message = "there is text before the first ISA; it was skipped";
      this.finding("warning", "x12_leading_data", message);
      this.position += isa.index + isa[0].indexOf(isa[1] ?? "");
      return true;
    }
    const message =
      "this is not X12: no ISA segment was found; check format and file";
    this.finding("error", "x12_not_found", message);
    return false;
  }

  private takeIsa(): void {
    const header = readIsa(this.text, this.position);
    this.delimiters = header.delimiters;
    const line = this.lineAt(this.position);
    this.position = header.end;
    this.push(header.elements, line, true);
    if (!header.regular) {
      const message =
        "ISA does not have 16 elements in 106 characters; delimiters were found all the same";
      this.report.add("warning", "x12_isa_length", message, this.last());
    }
  }

  private takeChunk(): void {
    const delimiters = this.delimiters;
    if (delimiters === undefined) {
      this.position = this.text.length;
      return;
    }
    const start = this.position;
    const { end, next, terminated } = this.chunkEnd(start, delimiters);
    this.position = next;
    const chunk = this.text.slice(start, end);
    const pieces =
      delimiters.terminator.kind === "character"
        ? this.atLostTerminators(chunk, delimiters.element)
        : [{ offset: 0, text: chunk }];
    pieces.forEach((piece, index) => {
      const content = piece.text.replaceAll(/[\r\n]+/g, "");
      const elements = content.split(delimiters.element).map((e) => e.trim());
      const isLast = index === pieces.length - 1;
      if (elements[0] === "" && elements.length === 1) return;
      this.push(
        elements,
        this.lineAt(start + piece.offset),
        terminated || !isLast,
      );
      if (isLast) return;
      const message =
        "the segment has no terminator; the line break was taken for it";
      this.report.add(
        "warning",
        "x12_missing_terminator",
        message,
        this.last(),
      );
    });
  }

  private chunkEnd(
    start: number,
    { terminator, element }: Delimiters,
  ): { end: number; next: number; terminated: boolean } {
    const { text } = this;
    if (terminator.kind === "character") {
      const end = text.indexOf(terminator.value, start);
      if (end < 0) {
        return { end: text.length, next: text.length, terminated: false };
      }
      return { end, next: end + terminator.value.length, terminated: true };
    }
    const escaped = escapeForRegExp(element);
    const pattern =
      terminator.kind === "line"
        ? /[\r\n]/g
        : new RegExp(`[\\r\\n]| (?=[A-Z][A-Z0-9]{1,2}${escaped})`, "g");
    pattern.lastIndex = start;
    for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
      const end = match.index;
      if (match[0] !== " " || KNOWN.has(this.wordAt(end + 1, element))) {
        return { end, next: end + 1, terminated: true };
      }
    }
    // A last line without a line break is how such files end.
    return { end: text.length, next: text.length, terminated: true };
  }

  private wordAt(position: number, element: string): string {
    const word = this.text.slice(position, position + 4);
    return word.split(element, 1)[0] ?? "";
  }

  /** Cuts where a line break is followed by a known segment. */
  private atLostTerminators(
    chunk: string,
    element: string,
  ): { offset: number; text: string }[] {
    if (this.wrapped || !/[\r\n]/.test(chunk)) {
      return [{ offset: 0, text: chunk }];
    }
    const escaped = escapeForRegExp(element);
    const pattern = new RegExp(
      `[\\r\\n]\\s*([A-Z][A-Z0-9]{1,2})${escaped}`,
      "g",
    );
    const pieces: { offset: number; text: string }[] = [];
    let from = 0;
    for (const match of chunk.matchAll(pattern)) {
      const id = match[1] ?? "";
      if (!KNOWN.has(id)) continue;
      const at = match.index + match[0].length - id.length - element.length;
      pieces.push({ offset: from, text: chunk.slice(from, at) });
      from = at;
    }
    pieces.push({ offset: from, text: chunk.slice(from) });
    return pieces;
  }

  private push(elements: string[], line: number, terminated: boolean): void {
    const component = this.delimiters?.component;
    const id = (elements[0] ?? "").toUpperCase();
    elements[0] = id;
    this.segments.push({
      id,
      elements,
      ...(component === undefined ? {} : { component }),
      index: this.segments.length + 1,
      line,
      occurrence: 1,
      terminated,
    });
  }

  /** Moves to the next character that is not blank; false at the end. */
  private skipBlank(): boolean {
    const blank = /[\s\uFEFF\u001A]/;
    while (
      this.position < this.text.length &&
      blank.test(this.text.charAt(this.position))
    ) {
      this.position += 1;
    }
    return this.position < this.text.length;
  }

  /** Line of a position; positions are asked for in ascending order. */
  private lineAt(position: number): number {
    for (; this.countedTo < position; this.countedTo += 1) {
      const character = this.text.charCodeAt(this.countedTo);
      const isCarriage =
        character === 13 && this.text.charCodeAt(this.countedTo + 1) !== 10;
      if (character === 10 || isCarriage) this.line += 1;
    }
    return this.line;
  }

  private finding(
    level: "error" | "warning",
    code: string,
    message: string,
  ): void {
    this.report.diagnostics.push({ level, code, message, line: 1, path: "" });
  }

  private last(): Segment | undefined {
    return this.segments.at(-1);
  }
}

/** True when all lines but the last have the same length, as after wrapping. */
function isWrapped(text: string): boolean {
  const lines = text.trimEnd().split(/\r\n|\r|\n/);
  const length = lines[0]?.length ?? 0;
  return (
    lines.length >= 3 &&
    length >= WRAP_MIN &&
    lines.slice(0, -1).every((line) => line.length === length)
  );
}
