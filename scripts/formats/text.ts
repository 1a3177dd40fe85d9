/** From bytes to text, for formats whose senders do not say their encoding. */
import type { Diagnostic } from "../canonical/types.ts";

export interface Decoded {
  /** Absent when the bytes are no text; a diagnostic says why. */
  text?: string;
  diagnostics: Diagnostic[];
}

const UTF8_BOM = [0xef, 0xbb, 0xbf];

/** Control characters that EDI uses as delimiters, and ends of line. */
const USUAL_CONTROLS = new Set([
  0x07, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x15, 0x1a, 0x1c, 0x1d, 0x1e, 0x1f,
]);

/**
 * Decodes UTF-8, else UTF-16 with a byte-order mark, else Windows-1252 (a
 * superset of Latin-1). Empty, oversized and binary input gives an error.
 */
export function decodeText(bytes: Uint8Array, maxBytes: number): Decoded {
  if (bytes.length === 0) {
    return failed("empty", "the file is empty; send it again");
  }
  if (bytes.length > maxBytes) {
    const message = `the file has ${bytes.length} bytes; at most ${maxBytes} are read. Split it`;
    return failed("too_large", message);
  }
  const utf16 = utf16Encoding(bytes);
  if (utf16 !== undefined) {
    const text = new TextDecoder(utf16).decode(bytes);
    const message = `the file is ${utf16}; UTF-8 was expected`;
    return checked(text, [warning("encoding", message)]);
  }
  const hasBom = UTF8_BOM.every((byte, index) => bytes[index] === byte);
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const message = "the file starts with a byte-order mark; it was skipped";
    return checked(
      text,
      hasBom
        ? [{ level: "info", code: "byte_order_mark", message, line: 1 }]
        : [],
    );
  } catch {
    const message = "the file is not UTF-8; it was read as Windows-1252";
    const text = new TextDecoder("windows-1252").decode(bytes);
    return checked(text, [warning("encoding", message)]);
  }
}

function utf16Encoding(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  return undefined;
}

function checked(text: string, diagnostics: Diagnostic[]): Decoded {
  if (text.trim() === "") {
    return failed("empty", "the file holds no text; send it again");
  }
  if (looksBinary(text)) {
    const message = "the file is binary, not text; check what was sent";
    return failed("binary", message);
  }
  return { text, diagnostics };
}

/** A NUL, or more than one in a hundred unusual control characters. */
function looksBinary(text: string): boolean {
  let unusual = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 0) return true;
    if (code < 0x20 && !USUAL_CONTROLS.has(code)) unusual += 1;
  }
  return unusual * 100 > text.length;
}

function warning(code: string, message: string): Diagnostic {
  return { level: "warning", code, message, line: 1 };
}

function failed(code: string, message: string): Decoded {
  return {
    diagnostics: [{ level: "error", code, message, line: 1, path: "" }],
  };
}
