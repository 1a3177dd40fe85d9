/**
 * Units: X12 data element 355 ↔ UN/ECE Recommendation 20, with packages from
 * Recommendation 21 behind an X, as canonical documents use them.
 *
 * The traps: X12 `CA` is a case (XCS; XCA is a rectangular can), X12 `CS` is a
 * cassette, X12 `PL` a pallet (XPX; XPL is a pail), X12 `TR` ten square feet.
 */

import { table } from "../../table.ts";

const X12_TO_CANONICAL = table<string>({
  EA: "EA",
  PR: "PR",
  ST: "SET",
  KT: "KT",
  DZ: "DZN",
  GS: "GRO",
  HC: "CEN",
  TH: "MIL",
  PC: "H87",
  UN: "C62",
  LO: "LO",
  RM: "RM",
  SR: "SR",
  PD: "PD",
  CG: "CG",
  BX: "XBX",
  CA: "XCS",
  CT: "XCT",
  PK: "XPK",
  BO: "XBO",
  VI: "XVI",
  BG: "XBG",
  PL: "XPX",
  PA: "XPL",
  RO: "XRO",
  RL: "XRL",
  TB: "XTU",
  JR: "XJR",
  CQ: "XCQ",
  AM: "XAM",
  DR: "XDR",
  BR: "XBA",
  BD: "XBE",
  EV: "XEN",
  SH: "XST",
  TY: "XPU",
  CY: "XCY",
  KE: "XKG",
  SV: "XSI",
  LB: "LBR",
  OZ: "ONZ",
  FO: "OZA",
  KG: "KGM",
  GR: "GRM",
  ME: "MGM",
  LT: "LTR",
  ML: "MLT",
  GA: "GLL",
  PT: "PTL",
  QT: "QTL",
  FT: "FOT",
  IN: "INH",
  YD: "YRD",
  MR: "MTR",
  CM: "CMT",
  SF: "FTK",
  SY: "YDK",
  CF: "FTQ",
  TN: "STN",
  MM: "MMT",
  DK: "KMT",
  DH: "SMI",
  SM: "MTK",
  CR: "MTQ",
  CI: "INQ",
  MP: "TNE",
  KH: "KWH",
  MJ: "MIN",
  HR: "HUR",
  DA: "DAY",
  MO: "MON",
  YR: "ANN",
  P1: "P1",
  JB: "E51",
});

const CANONICAL_TO_X12 = table<string>(
  Object.fromEntries<string>(
    (Object.entries(X12_TO_CANONICAL) as [string, string][]).map(
      ([x12, canonical]) => [canonical, x12],
    ),
  ),
);

/** Marks an X12 unit that has no counterpart, so that it is never confused. */
const PREFIX = "x12:";

/**
 * The canonical unit of an X12 code: `CA` → `XCS`. A code without counterpart
 * comes back marked, `CS` → `x12:CS`, for it may mean another unit there.
 */
export function unitFromX12(code: string): { unit: string; known: boolean } {
  const upper = code.toUpperCase();
  const unit = X12_TO_CANONICAL[upper];
  return unit === undefined
    ? { unit: `${PREFIX}${upper}`, known: false }
    : { unit, known: true };
}

/** The X12 code of a canonical unit; undefined when there is none. */
export function unitToX12(unit: string): string | undefined {
  if (unit.startsWith(PREFIX)) {
    const code = unit.slice(PREFIX.length);
    return /^[A-Z0-9]{2}$/.test(code) ? code : undefined;
  }
  return CANONICAL_TO_X12[unit];
}
