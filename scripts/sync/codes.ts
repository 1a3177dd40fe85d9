/**
 * Code tables of an endpoint: our codes ↔ the partner's. Pure.
 *
 * Outbound they apply before the mapping, inbound after it, so that a mapping
 * deals with shapes and a table with words. A code that a table does not have
 * stays as it is: it is never guessed, and what depends on it says so later
 * (an unknown unit becomes a `uom_mismatch`).
 */
import type { Diagnostic } from "../canonical/types.ts";
import type { CanonicalJson, CodeTables } from "../odoo/exchange.ts";

/** A document in the other side's codes, and what was not found in a table. */
export interface Translated {
  document: CanonicalJson;
  diagnostics: Diagnostic[];
}

type Direction = "outbound" | "inbound";
type Json = Record<string, unknown>;

/** Which table a field's code belongs to, by the field's name. */
const FIELDS = new Map([
  ["unit", "unit"],
  ["carrier", "carrier"],
  ["reason_code", "reason"],
  ["backorder_reason", "reason"],
  ["reason", "reason"],
]);

/** Fields that may hold a sentence as well: one not in the table is no news. */
const FREE_TEXT = new Set(["reason", "backorder_reason"]);

/** Our codes → the partner's (`{table: {ours: theirs}}`). */
export function toPartnerCodes(
  document: CanonicalJson,
  tables: CodeTables,
): Translated {
  return new Translation(tables, "outbound").of(document);
}

/** The partner's codes → ours (`{table: {theirs: ours}}`). */
export function toOurCodes(
  document: CanonicalJson,
  tables: CodeTables,
): Translated {
  return new Translation(tables, "inbound").of(document);
}

/** One pass over one document. */
class Translation {
  private readonly diagnostics: Diagnostic[] = [];
  private readonly tables: Map<string, Map<string, string>>;
  private readonly results: Map<string, Set<string>>;
  private readonly direction: Direction;

  constructor(tables: CodeTables, direction: Direction) {
    this.direction = direction;
    this.tables = new Map(
      Object.entries(tables).map(([name, codes]) => [
        name,
        new Map(Object.entries(codes)),
      ]),
    );
    this.results = new Map(
      [...this.tables].map(([name, codes]) => [name, new Set(codes.values())]),
    );
  }

  of(document: CanonicalJson): Translated {
    if (this.tables.size === 0) return { document, diagnostics: [] };
    const copy = structuredClone(document);
    this.walk(copy, "");
    const { parties } = copy;
    if (isObject(parties)) this.parties(parties);
    const number = typeof copy.number === "string" ? copy.number : undefined;
    return {
      document: copy,
      diagnostics: this.diagnostics.map((one) =>
        number ? { ...one, document: number.slice(0, 200) } : one,
      ),
    };
  }

  private walk(value: unknown, path: string): void {
    if (Array.isArray(value))
      value.forEach((item, index) => this.walk(item, `${path}[${index}]`));
    if (!isObject(value)) return;
    this.units(value, path);
    for (const [name, child] of Object.entries(value)) {
      const below = path ? `${path}.${name}` : name;
      const table = FIELDS.get(name);
      if (table === "unit") continue;
      if (table !== undefined && typeof child === "string")
        value[name] = this.code(table, child, below, FREE_TEXT.has(name));
      else if (name === "accounting") this.accounts(child, below);
      else this.walk(child, below);
    }
  }

  /**
   * A unit. The partner's own code is kept beside ours (`unit_as_sent`), and
   * looked up first: a format may have read it as a standard one already.
   */
  private units(value: Json, path: string): void {
    const { unit, unit_as_sent: asSent } = value;
    if (typeof unit !== "string") return;
    const table = this.tables.get("unit");
    if (this.direction === "inbound" && typeof asSent === "string") {
      const ours = table?.get(asSent);
      value.unit = ours ?? this.code("unit", unit, join(path, "unit"));
      return;
    }
    const translated = this.code("unit", unit, join(path, "unit"));
    if (translated === unit) return;
    value.unit = translated;
    // Only lines have a place for it.
    if (this.direction === "inbound" && "line_number" in value)
      value.unit_as_sent = unit;
  }

  /** `accounting[]`: general-ledger accounts and cost centres. */
  private accounts(value: unknown, path: string): void {
    if (!Array.isArray(value)) return;
    value.forEach((item: unknown, index) => {
      if (!isObject(item)) return;
      const at = `${path}[${index}]`;
      if (typeof item.account === "string")
        item.account = this.code("gl_account", item.account, `${at}.account`);
      if (typeof item.cost_centre === "string")
        item.cost_centre = this.code(
          "cost_centre",
          item.cost_centre,
          `${at}.cost_centre`,
        );
    });
  }

  private parties(parties: Json): void {
    for (const [role, party] of Object.entries(parties)) {
      if (!isObject(party) || !Array.isArray(party.identifiers)) continue;
      const identifiers = party.identifiers.filter(isObject);
      identifiers.forEach((one, index) => {
        if (one.scheme === "account" && typeof one.value === "string")
          one.value = this.code(
            "account",
            one.value,
            `parties.${role}.identifiers[${index}].value`,
          );
      });
      if (role === "ship_to") party.identifiers = this.shipTo(identifiers);
    }
  }

  /**
   * A ship-to's number at the partner stands beside our own code, under its
   * own scheme. Inbound, a code of ours that the partner states itself stays.
   */
  private shipTo(identifiers: Json[]): Json[] {
    const outbound = this.direction === "outbound";
    const [from, to] = outbound
      ? ["buyer_assigned", "seller_assigned"]
      : ["seller_assigned", "buyer_assigned"];
    const table = this.tables.get("ship_to");
    const known = identifiers.find((one) => one.scheme === from);
    if (!table || typeof known?.value !== "string") return identifiers;
    const path = "parties.ship_to.identifiers";
    const value = this.code("ship_to", known.value, path);
    if (!table.has(known.value)) return identifiers;
    const stated = identifiers.some((one) => one.scheme === to);
    if (stated && !outbound) return identifiers;
    return [
      ...identifiers.filter((one) => one.scheme !== to),
      { scheme: to, value },
    ];
  }

  /** A code's counterpart; itself where the table has none. */
  private code(
    name: string,
    code: string,
    path: string,
    freeText = false,
  ): string {
    const table = this.tables.get(name);
    if (!table) return code;
    const found = table.get(code);
    if (found !== undefined) return found;
    const isCounterpart = this.results.get(name)?.has(code);
    if (this.direction === "inbound" && !freeText && !isCounterpart)
      this.diagnostics.push({
        level: "warning",
        code: "code_unknown",
        message:
          `${path}: the endpoint's table "${name}" has no code "${code.slice(0, 80)}"; ` +
          "it is taken as it is. Add it to the table if it is the partner's own.",
        path,
      });
    return code;
  }
}

function join(path: string, name: string): string {
  return path ? `${path}.${name}` : name;
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
