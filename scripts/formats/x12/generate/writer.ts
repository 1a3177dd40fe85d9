/** Writing one transaction set: strict about what the standard allows. */
import { table } from "../../table.ts";
import type {
  CanonicalDocument,
  Diagnostic,
} from "../../../canonical/types.ts";
import type { Item, Price } from "../../../canonical/generated/documents.ts";
import { compare, hundredths, plain } from "../../decimal.ts";
import { writeItem } from "../codes/items.ts";
import { unitToX12 } from "../codes/units.ts";
import { dateToX12 } from "../codes/dates.ts";

export const ELEMENT = "*";
export const COMPONENT = ">";
export const REPETITION = "^";
export const TERMINATOR = "~";

/** Digits of a number of type R, without sign and point. */
const MAX_DIGITS = 15;

/** Price bases that can be written (element 639). */
const BASES = table<string>({
  "10": "PN",
  "12": "PD",
  "100": "HP",
  "1000": "TP",
  "10000": "TT",
  "100000": "HT",
});
const BASIS_UNITS = table<string>({
  EA: "PE",
  LBR: "PP",
  ONZ: "PO",
  KGM: "PK",
  GRM: "PG",
  LTR: "PL",
  MLT: "ML",
  FOT: "PF",
  YRD: "PY",
});

export class SetWriter {
  readonly segments: string[][] = [];
  readonly diagnostics: Diagnostic[] = [];
  readonly document: CanonicalDocument;
  /** HHMM of the pinned document time. */
  readonly time: string;
  /** CCYYMMDD of the document, else of the pinned document time. */
  readonly date: string;

  constructor(document: CanonicalDocument, documentTime: string) {
    this.document = document;
    this.time = documentTime.slice(11, 16).replace(":", "");
    this.date = dateToX12(document.issued_at ?? documentTime);
  }

  /** Adds a segment; empty elements at its end fall away. */
  add(id: string, ...elements: (string | undefined)[]): void {
    const all = [id, ...elements.map((element) => element ?? "")];
    while (all.length > 1 && all.at(-1) === "") all.pop();
    this.segments.push(all);
  }

  error(code: string, path: string, message: string): void {
    this.report("error", code, path, message);
  }

  warn(code: string, path: string, message: string): void {
    this.report("warning", code, path, message);
  }

  private report(
    level: Diagnostic["level"],
    code: string,
    path: string,
    message: string,
  ): void {
    const document = this.document.number;
    this.diagnostics.push({ level, code, message, path, document });
  }

  /** Free text: cleaned, and cut at `max` with a warning. */
  text(value: string | undefined, max: number, path: string): string {
    if (value === undefined) return "";
    const clean = this.clean(value, path);
    if (clean.length <= max) return clean;
    this.warn("x12_text_cut", path, `only the first ${max} characters fit`);
    return clean.slice(0, max).trimEnd();
  }

  /** Free text in pieces of at most `max` characters, cut between words. */
  pieces(value: string | undefined, max: number, path: string): string[] {
    let rest = value === undefined ? "" : this.clean(value, path);
    const pieces: string[] = [];
    while (rest.length > max) {
      const space = rest.lastIndexOf(" ", max);
      const at = space > 0 ? space : max;
      pieces.push(rest.slice(0, at).trimEnd());
      rest = rest.slice(at).trimStart();
    }
    return rest === "" ? pieces : [...pieces, rest];
  }

  /**
   * A number or code that must arrive as it is: an error where a character or
   * its length does not fit.
   */
  code(value: string | undefined, max: number, path: string): string {
    if (value === undefined) return "";
    const text = value.trim();
    if (text.length > max) {
      this.error(
        "x12_too_long",
        path,
        `"${shown(text)}" is longer than ${max} characters; X12 has no room for it`,
      );
    } else if (!isPlain(text)) {
      this.error(
        "x12_character",
        path,
        `"${shown(text)}" has characters that X12 cannot carry here`,
      );
    }
    return text;
  }

  /** A required code. */
  required(value: string | undefined, max: number, path: string): string {
    const text = this.code(value, max, path);
    if (text === "")
      this.error(
        "x12_missing",
        path,
        `${path} is missing; X12 cannot do without it`,
      );
    return text;
  }

  /** A number of type R. */
  decimal(value: string | undefined, path: string): string {
    if (value === undefined) return "";
    const text = value.trim();
    if (text.replaceAll(/[^0-9]/g, "").length > MAX_DIGITS) {
      this.error(
        "x12_too_long",
        path,
        `${shown(value)} has more than ${MAX_DIGITS} digits`,
      );
    }
    return text;
  }

  requiredDecimal(value: string | undefined, path: string): string {
    if (value === undefined)
      this.error(
        "x12_missing",
        path,
        `${path} is missing; X12 cannot do without it`,
      );
    return this.decimal(value, path);
  }

  /** An amount of type N2: two implied decimals. */
  cents(value: string | undefined, path: string): string {
    if (value === undefined) return "";
    const cents = hundredths(value);
    if (cents !== undefined && cents.length <= MAX_DIGITS) return cents;
    this.error(
      "x12_amount",
      path,
      `${shown(value)} cannot be written in whole hundredths`,
    );
    return "";
  }

  date8(value: string | undefined): string {
    return value === undefined ? "" : dateToX12(value);
  }

  unit(value: string | undefined, path: string): string {
    if (value === undefined) {
      this.error(
        "x12_missing",
        path,
        `${path} is missing; X12 cannot do without it`,
      );
      return "";
    }
    const code = unitToX12(value);
    if (code === undefined) {
      this.error(
        "x12_unit_unmapped",
        path,
        `unit "${shown(value)}" has no X12 code; add it to the mapping of the endpoint`,
      );
    }
    return code ?? "";
  }

  /** Price and its basis (elements 212 and 639). */
  price(
    price: Price | undefined,
    unit: string | undefined,
    path: string,
  ): [string, string] {
    if (price?.amount === undefined) return ["", ""];
    return [
      this.decimal(price.amount, `${path}.amount`),
      this.basis(price, unit, path),
    ];
  }

  private basis(price: Price, unit: string | undefined, path: string): string {
    const base = plain(price.base_quantity ?? "1");
    const foreign = price.unit !== undefined && price.unit !== unit;
    if (base !== "1") {
      const code = BASES[base];
      if (code !== undefined && !foreign) return code;
      this.error(
        "x12_price_basis",
        `${path}.base_quantity`,
        `a price per ${shown(base)} ${shown(price.unit ?? "")} cannot be written in X12`,
      );
      return "";
    }
    if (price.unit !== undefined) {
      const code = BASIS_UNITS[price.unit];
      if (code !== undefined) return code;
      if (foreign) {
        this.error(
          "x12_price_basis",
          `${path}.unit`,
          `a price per ${shown(price.unit)} cannot be written in X12`,
        );
        return "";
      }
    }
    return price.kind === "list" ? "CA" : "";
  }

  /** Qualifier/value pairs; each value up to 48 characters (element 234). */
  item(item: Item | undefined, path: string): string[] {
    if (item?.udi_di !== undefined && item.gtin === undefined) {
      this.warn(
        "x12_not_carried",
        `${path}.udi_di`,
        "the UDI-DI has no place in X12; it was left out",
      );
    }
    return writeItem(item).map((value, index) =>
      index % 2 === 0 ? value : this.code(value, 48, path),
    );
  }

  private clean(value: string, path: string): string {
    const ascii = value.normalize("NFKD").replaceAll(/\p{Mark}/gu, "");
    const spaced = ascii
      .replaceAll(/[\s\u0000-\u001F\u007F]+/g, " ")
      .replaceAll(/[*~>^]/g, " ")
      .trim();
    const plainText = spaced.replaceAll(/[^\u0020-\u007E]/gu, "?");
    if (plainText !== value.trim()) {
      this.warn(
        "x12_text_changed",
        path,
        "characters that X12 cannot carry were replaced",
      );
    }
    return plainText;
  }
}

/** ASCII without delimiters and control characters. */
function isPlain(text: string): boolean {
  return /^[\u0020-\u007E]*$/.test(text) && !/[*~>^]/.test(text);
}

function shown(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/** True when both are given and equal as numbers. */
export function sameNumber(
  left: string | undefined,
  right: string | undefined,
): boolean {
  return (
    left !== undefined && right !== undefined && compare(left, right) === 0
  );
}
