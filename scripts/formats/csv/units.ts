/**
 * Units as people write them in sheets ↔ UN/ECE Recommendation 20, packages of
 * Recommendation 21 behind an X. In the trade's sheets CS is a case, unlike in
 * X12, where it is a cassette.
 */
import { packagingText, type PackLevel } from "../packaging.ts";
import { table } from "../table.ts";

const NAMES: Readonly<Record<string, string>> = {
  EA: "EA EACH EAS",
  C62: "UNIT UNITS UN C62 ONE",
  H87: "PC PCS PIECE PIECES PCE H87 STK ST STÜCK STUECK UNIDAD UNITE",
  PR: "PR PAIR PAIRS PAAR",
  SET: "SET SETS SATZ",
  KT: "KT KIT KITS",
  DZN: "DZ DZN DOZ DOZEN DUTZEND",
  GRO: "GROSS GRO GS",
  CEN: "HUNDRED CEN",
  MIL: "THOUSAND MIL TH",
  XBX: "BX BOX BOXES BXS XBX SCHACHTEL BOITE CAJA",
  XCS: "CS CA CASE CASES CSE XCS KISTE CAISSE",
  XCT: "CT CTN CARTON CARTONS XCT KARTON",
  XPK: "PK PKG PACK PACKS PACKAGE PCK PKT PACKET XPK PACKUNG PAQUET",
  XBG: "BG BAG BAGS XBG BEUTEL SAC",
  XBO: "BO BT BTL BOTTLE BOTTLES XBO FLASCHE FLACON",
  XVI: "VI VL VIAL VIALS XVI",
  XAM: "AM AMP AMPOULE AMPULE XAM",
  XRO: "RO RL ROLL ROLLS XRO ROLLE ROULEAU",
  XTU: "TU TB TUBE TUBES XTU",
  XJR: "JR JAR JARS XJR",
  XDR: "DR DRUM XDR",
  XPX: "PL PLT PALLET PALLETS XPX PALETTE",
  XPU: "TY TRAY TRAYS XPU",
  XBE: "BD BUNDLE BUNDLES XBE",
  XEN: "ENV ENVELOPE XEN",
  XSY: "SYR SYRINGE XSY",
  LBR: "LB LBS POUND LBR",
  ONZ: "OZ OUNCE ONZ",
  KGM: "KG KGM KILOGRAM",
  GRM: "GM GR GRAM GRM",
  LTR: "LT LTR LITER LITRE",
  MLT: "ML MLT MILLILITER",
  GLL: "GL GAL GALLON GLL",
  FOT: "FT FOOT FEET FOT",
  INH: "INCH INH",
  YRD: "YD YARD YRD",
  MTR: "MTR METER METRE",
  CMT: "CM CMT",
  FTK: "SF SQFT FTK",
  HUR: "HR HOUR HOURS HUR STUNDE HEURE",
  DAY: "DAY DAYS TAG JOUR",
  MON: "MO MON MONTH MONAT MOIS",
  ANN: "YR YEAR ANN JAHR ANNEE",
};

const UNITS = table<string>(
  Object.fromEntries(
    Object.entries(NAMES).flatMap(([unit, names]) =>
      names.split(" ").map((name) => [name, unit]),
    ),
  ),
);

/** The canonical unit of a word or code; undefined when it is not known. */
export function unitFromWord(text: string): string | undefined {
  const word = text.toUpperCase().replaceAll(/[.\s]/g, "");
  return UNITS[word];
}

/**
 * Canonical unit of a cell, and whether it is known: an unknown code is kept
 * as sent, for it may be known for the item.
 */
export function readUnit(text: string): { unit: string; known: boolean } {
  const known = unitFromWord(text);
  const code = text.toUpperCase();
  return known === undefined
    ? {
        unit: code.slice(0, 200),
        known:
          /^X?[A-Z0-9]{2}$/.test(code) &&
          code.startsWith("X") &&
          code.length === 3,
      }
    : { unit: known, known: true };
}

const LEVEL =
  /^(\d{1,7})\s*([A-Za-z]{1,12})?\s*(?:\/|per)\s*([A-Za-z][A-Za-z0-9]{0,11})$/i;

/**
 * A packaging cell (`EA 10/BX 25/CS`, `10 EA/BX, 25 BX/CS`, `10/BX`) in
 * canonical units; undefined when it is none. Without a first unit it is EA.
 */
export function readPackaging(text: string): string | undefined {
  const first = /^([A-Za-z][A-Za-z0-9]{0,11})\s+(?=\d)/.exec(text);
  let base = first ? unitFromWord(first[1] ?? "") : undefined;
  if (first && base === undefined) return undefined;
  const rest = text.slice(first?.[0].length ?? 0);
  const pieces = rest
    .replaceAll(/\s*(\/|\bper\b)\s*/gi, "/")
    .split(/[;,]|(?<=\/\s*[A-Za-z][A-Za-z0-9]*)\s+(?=\d)/)
    .map((piece) => piece.trim())
    .filter((piece) => piece !== "");
  const levels: PackLevel[] = [];
  for (const piece of pieces) {
    const match = LEVEL.exec(piece);
    const unit = unitFromWord(match?.[3] ?? "");
    const inner = match?.[2] ? unitFromWord(match[2]) : undefined;
    const holds = Number(match?.[1]);
    if (match === null || unit === undefined || holds < 1) return undefined;
    if (match[2] && inner === undefined) return undefined;
    const below = levels.at(-1)?.unit ?? base ?? inner ?? "EA";
    if (inner !== undefined && inner !== below) return undefined;
    base ??= below;
    levels.push({ unit, holds });
  }
  return packagingText(base ?? "EA", levels);
}
