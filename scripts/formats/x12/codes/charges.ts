/** Allowances, charges and taxes: X12 data element 1300 (SAC02). */
import { table } from "../../table.ts";
import type { AllowanceCharge } from "../../../canonical/generated/documents.ts";

type Kind = NonNullable<AllowanceCharge["kind"]>;

const KINDS = table<Kind>({
  D210: "freight",
  D230: "freight",
  D240: "freight",
  D242: "freight",
  E340: "freight",
  G821: "freight",
  G830: "freight",
  I500: "freight",
  D260: "fuel_surcharge",
  D270: "fuel_surcharge",
  D500: "handling",
  H090: "handling",
  D530: "hazardous_material",
  D540: "hazardous_material",
  D550: "hazardous_material",
  G470: "restocking",
  G970: "small_order",
});

const CODES: Readonly<Record<Kind, string>> = {
  freight: "D240",
  fuel_surcharge: "D270",
  handling: "D500",
  hazardous_material: "D540",
  restocking: "G470",
  small_order: "G970",
  other: "F050",
};

/** Name of the code list in `code_list`. */
export const CHARGE_CODE_LIST = "x12_1300";

export function kindOf(code: string): Kind {
  return KINDS[code] ?? "other";
}

export function codeOf(kind: Kind | undefined): string {
  return CODES[kind ?? "other"];
}

/** H610–H800, H830–H850 are taxes, not charges. */
export function isTax(code: string): boolean {
  return /^H(6[1-9]0|625|7[0-9]0|800|8[345]0)$/.test(code) || code === "D360";
}

/** Basis of unit price (element 639) → how many of which unit. */
export const PRICE_BASES = table<{
  quantity?: string;
  unit?: string;
  kind?: "list" | "net";
}>({
  PE: { quantity: "1", unit: "EA" },
  QE: { quantity: "1", unit: "EA" },
  TE: { quantity: "1", unit: "EA" },
  LE: { quantity: "1", unit: "EA", kind: "list" },
  WE: { quantity: "1", unit: "EA" },
  RE: { quantity: "1", unit: "EA" },
  PD: { quantity: "12" },
  TD: { quantity: "12" },
  WD: { quantity: "12" },
  LD: { quantity: "12", kind: "list" },
  PN: { quantity: "10" },
  HP: { quantity: "100" },
  QH: { quantity: "100" },
  TC: { quantity: "100" },
  WC: { quantity: "100" },
  LC: { quantity: "100", kind: "list" },
  TP: { quantity: "1000" },
  QS: { quantity: "1000" },
  TM: { quantity: "1000" },
  WM: { quantity: "1000" },
  LM: { quantity: "1000", kind: "list" },
  TT: { quantity: "10000" },
  HT: { quantity: "100000" },
  PP: { quantity: "1", unit: "LBR" },
  PO: { quantity: "1", unit: "ONZ" },
  PK: { quantity: "1", unit: "KGM" },
  PG: { quantity: "1", unit: "GRM" },
  PL: { quantity: "1", unit: "LTR" },
  ML: { quantity: "1", unit: "MLT" },
  PF: { quantity: "1", unit: "FOT" },
  HF: { quantity: "100", unit: "FOT" },
  TF: { quantity: "1000", unit: "FOT" },
  PY: { quantity: "1", unit: "YRD" },
  UM: {},
  NT: { kind: "net" },
  CT: {},
  CP: {},
  QT: {},
  FX: {},
  ST: {},
  CA: { kind: "list" },
  NC: {},
});
