/** A stranger's text as lines that show what is there, and nothing else. */

/** A line with its number, as far as it has one in the file. */
export interface TextLine {
  number: number;
  text: string;
}

const SYMBOLS_FOR_CONTROLS = 0x2400;
/** Characters that reorder or hide text: bidi controls, zero widths, BOM. */
const DECEIVING = /[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** Control characters become their symbols, deceiving ones their code. */
export function visible(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000b-\u001f]/g, (character) =>
      String.fromCodePoint(SYMBOLS_FOR_CONTROLS + character.charCodeAt(0)),
    )
    .replace(/\u007f/g, "\u2421")
    .replace(
      DECEIVING,
      (character) =>
        `\u27e8U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}\u27e9`,
    );
}

/**
 * The character that ends a segment where the text is an X12 or EDIFACT file,
 * with the character that takes its meaning away; null for other files.
 */
export function segmentEnd(
  text: string,
): { terminator: string; release: string } | null {
  const start = text.trimStart();
  if (start.startsWith("ISA") && start.length > 106) {
    // ISA has a fixed length; what stands after it ends every segment.
    const terminator = start.charAt(105);
    return /[A-Za-z0-9 ]/.test(terminator) ? null : { terminator, release: "" };
  }
  if (start.startsWith("UNA") && start.length > 9) {
    const release = start.charAt(6);
    return {
      terminator: start.charAt(8),
      release: release === " " ? "" : release,
    };
  }
  return /^UNB[^A-Za-z0-9]/.test(start)
    ? { terminator: "'", release: "?" }
    : null;
}

/** Lines of a file; an EDI file gets a line per segment. */
export function textLines(text: string): TextLine[] {
  const ends = segmentEnd(text);
  const lines = ends
    ? segments(text, ends.terminator, ends.release)
    : text.split(/\r\n|\r|\n/);
  if (lines.length > 1 && lines.at(-1) === "") {
    lines.pop();
  }
  return lines.map((line, index) => ({
    number: index + 1,
    text: visible(line),
  }));
}

function segments(text: string, terminator: string, release: string) {
  const lines: string[] = [];
  let line = "";
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    line += character;
    if (release && character === release && character !== terminator) {
      at += 1;
      line += text.charAt(at);
    } else if (character === terminator) {
      lines.push(line);
      line = "";
      while (/[\r\n]/.test(text.charAt(at + 1))) {
        at += 1;
      }
    }
  }
  return [...lines, line];
}
