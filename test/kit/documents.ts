/** Canonical documents for tests; valid as they are. */

type Document = Record<string, unknown>;

export function purchaseOrder(
  number: string,
  changes: Document = {},
): Document {
  return {
    document_type: "purchase_order",
    schema_version: "1.0",
    number,
    issued_at: "2026-01-31",
    currency: "USD",
    parties: {
      buyer: { name: "General Hospital" },
      supplier: { name: "Meridian Surgical Supply" },
    },
    lines: [
      {
        line_number: "1",
        item: { supplier_code: "S-GLV", buyer_code: "GLV-1" },
        description: "Nitrile gloves",
        quantity: "20",
        unit: "EA",
        price: { amount: "5.125", base_quantity: "1" },
      },
      {
        line_number: "2",
        item: { supplier_code: "S-SUT" },
        quantity: "4",
        unit: "XBX",
        price: { amount: "12.5" },
      },
    ],
    ...changes,
  };
}

export function invoice(number: string, changes: Document = {}): Document {
  return {
    document_type: "invoice",
    schema_version: "1.0",
    number,
    issued_at: "2026-02-10",
    currency: "USD",
    order_reference: "P00001",
    lines: [
      {
        line_number: "1",
        order_line_number: "1",
        item: { supplier_code: "S-GLV" },
        quantity: "20",
        unit: "EA",
        price: { amount: "5.125" },
        line_amount: "102.50",
      },
    ],
    totals: { payable: "102.50" },
    ...changes,
  };
}
