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
];

export const samples: InboundSample[] = DOCUMENTS.map((document) => ({
  document_type: String(document.document_type),
  text: JSON.stringify(document),
}));
