/** What a partner of this kind may send: one sheet of each kind. */
import type { InboundSample } from "../connector.ts";

const sheet = (...rows: string[]) => rows.map((row) => `${row}\r\n`).join("");

export const samples: InboundSample[] = [
  {
    document_type: "supplier",
    text: sheet(
      "Vendor No;Vendor Name;Federal Tax ID;Address;City;Zip;Country;Payment Terms",
      "V-100;Sample Supplier Ltd;12-3456789;1 Sample Street;Sampleton;12345;US;Net 30",
    ),
  },
  {
    document_type: "contract",
    text: sheet(
      "Contract Number,Contract Type,Contract Start Date,Contract End Date,Tier,Mfr Item No,Description,UOM,Price",
      'C-100,GPO,2026-01-01,2026-12-31,1,SAMPLE-1,"Gloves, nitrile",BX,10.50',
      'C-100,GPO,2026-01-01,2026-12-31,2,SAMPLE-1,"Gloves, nitrile",BX,9.75',
    ),
  },
  {
    document_type: "catalog",
    text: sheet(
      "Sample Supplier: price list 2026",
      "Price list number: PL-2026-01",
      "Item No,Description,UOM,Qty per UOM,Unit Price,Currency,Effective Date",
      'SAMPLE-1,"Gloves, nitrile",BX,100,10.50,USD,2026-02-01',
      "SAMPLE-2,Suture 3-0,BX,12,48.00,USD,2026-02-01",
    ),
  },
];
