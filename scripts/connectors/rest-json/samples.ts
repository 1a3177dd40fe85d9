/** What a partner of this kind may send: one document of each type. */
import type { InboundSample } from "../connector.ts";

const header = (document_type: string, number: string) => ({
  document_type,
  schema_version: "1.0",
  number,
  issued_at: "2026-01-31",
  test: true,
});

const line = {
  line_number: "1",
  order_line_number: "1",
  item: { supplier_code: "SAMPLE-1" },
  quantity: "20",
  unit: "EA",
};

const DOCUMENTS: Record<string, unknown>[] = [
  {
    ...header("order_acknowledgement", "ACK-1"),
    order_reference: "TEST",
    lines: [
      {
        ...line,
        responses: [{ status: "accepted", quantity: "20" }],
      },
    ],
  },
  {
    ...header("ship_notice", "SHP-1"),
    order_reference: "TEST",
    lines: [{ ...line, lots: [{ number: "LOT-1", quantity: "20" }] }],
  },
  {
    ...header("invoice", "INV-1"),
    currency: "USD",
    order_reference: "TEST",
    lines: [{ ...line, price: { amount: "5.125" }, line_amount: "102.5" }],
    totals: { payable: "102.5" },
  },
  {
    ...header("credit_note", "CRN-1"),
    currency: "USD",
    order_reference: "TEST",
    original_invoice_reference: "INV-1",
    lines: [{ ...line, quantity: "1", price: { amount: "5.125" } }],
    totals: { payable: "5.125" },
  },
  {
    ...header("functional_acknowledgement", "FA-1"),
    status: "accepted",
    acknowledges: { document_type: "purchase_order", number: "TEST" },
  },
  {
    ...header("supplier", "V-100"),
    legal_name: "Sample Supplier Ltd",
    identifiers: [{ scheme: "tax_id", value: "12-3456789" }],
    addresses: [
      { street: "1 Sample Street", city: "Sampleton", country: "US" },
    ],
    payment_terms: { code: "NET30", net_days: 30 },
    qualifications: [
      { kind: "insurance", number: "INS-1", valid_to: "2026-12-31" },
    ],
    status: "approved",
  },
  {
    ...header("contract", "C-100"),
    kind: "gpo",
    owner: "Sample Buying Group",
    price_date_basis: "order",
    valid_from: "2026-01-01",
    valid_to: "2026-12-31",
    tiers: [{ code: "1" }, { code: "2", conditions: "90 % of volume" }],
    lines: [
      {
        line_number: "1",
        item: { supplier_code: "SAMPLE-1" },
        prices: [
          { tier: "1", amount: "10.50", unit: "XBX" },
          { tier: "2", amount: "9.75", unit: "XBX" },
        ],
      },
    ],
  },
  {
    ...header("catalog", "PL-2026-01"),
    currency: "USD",
    lines: [
      {
        line_number: "1",
        item: { supplier_code: "SAMPLE-1" },
        description: "Gloves, nitrile",
        packaging: "EA 100/XBX",
        prices: [{ amount: "10.50", unit: "XBX", valid_from: "2026-02-01" }],
      },
    ],
  },
];

export const samples: InboundSample[] = DOCUMENTS.map((document) => ({
  document_type: String(document.document_type),
  text: JSON.stringify(document),
}));
