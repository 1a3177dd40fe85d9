/** References: X12 data element 128 (REF01) ↔ names of canonical references. */

import { table } from "../../table.ts";

const NAMES = table<string>({
  CT: "contract",
  PO: "purchase_order",
  VN: "supplier_order",
  PR: "supplier_quotation",
  CO: "buyer_order",
  BM: "bill_of_lading",
  MB: "master_bill_of_lading",
  PK: "packing_list",
  CN: "carrier_reference",
  "2I": "tracking",
  SI: "shipment",
  IV: "invoice",
  OI: "original_invoice",
  DP: "department",
  IA: "supplier_number",
  LT: "lot",
  SE: "serial",
  RZ: "return_authorisation",
  BC: "buying_group_contract",
  FJ: "line_item",
});

const QUALIFIERS = table<string>(
  Object.fromEntries<string>(
    (Object.entries(NAMES) as [string, string][]).map(([qualifier, name]) => [
      name,
      qualifier,
    ]),
  ),
);

const PREFIX = "x12:";

/** `CT` → `contract`; one without a name keeps its code, as `x12:ZZ`. */
export function referenceType(qualifier: string): string {
  return NAMES[qualifier] ?? `${PREFIX}${qualifier}`;
}

/** REF01 of a reference; `ZZ` (mutually defined) where there is none. */
export function referenceQualifier(type: string | undefined): string {
  if (type?.startsWith(PREFIX)) return type.slice(PREFIX.length);
  return QUALIFIERS[type ?? ""] ?? "ZZ";
}

/** Marks the acknowledgement's own number, for which X12 has no place. */
export const ACKNOWLEDGEMENT_NUMBER = "ACKNOWLEDGEMENT NUMBER";
