/** Random canonical documents that X12 can carry without loss. */
import fc from "fast-check";

import type {
  Invoice,
  OrderAcknowledgement,
  PurchaseOrder,
  ShipNotice,
} from "../../../scripts/canonical/types.ts";
import { checkDigit } from "../../../scripts/formats/gtin.ts";

const LETTERS = "A B C D E F X Y Z 0 1 2 3 4 5 9 - / .".split(" ");
const DIGITS = "0 1 2 3 4 5 6 7 8 9".split(" ");

const code = (max: number) =>
  fc.string({
    unit: fc.constantFrom(...LETTERS),
    minLength: 1,
    maxLength: max,
  });

const words = fc
  .array(
    fc.string({
      unit: fc.constantFrom(...LETTERS),
      minLength: 1,
      maxLength: 12,
    }),
    {
      minLength: 1,
      maxLength: 4,
    },
  )
  .map((list) => list.join(" "));

const longText = fc
  .array(fc.constantFrom("NITRILE", "GLOVES", "MEDIUM", "STERILE", "10CM"), {
    minLength: 1,
    maxLength: 40,
  })
  .map((list) => list.join(" "));

/** Canonical decimals without trailing zeros. */
const decimal = (digits: number) =>
  fc
    .tuple(
      fc.integer({ min: 0, max: 999_999 }),
      fc.integer({ min: 0, max: 10 ** digits - 1 }),
    )
    .map(([whole, fraction]) => {
      const tail = String(fraction).padStart(digits, "0").replace(/0+$/, "");
      return tail === "" ? String(whole) : `${whole}.${tail}`;
    });

/** Amounts with two decimals, as implied decimals come back. */
const cents = fc
  .integer({ min: 0, max: 99_999_999 })
  .map(
    (value) =>
      `${Math.floor(value / 100)}.${String(value % 100).padStart(2, "0")}`,
  );

const date = fc
  .date({
    min: new Date("2001-01-01T00:00:00Z"),
    max: new Date("2048-12-31T00:00:00Z"),
    noInvalidDate: true,
  })
  .map((value) => value.toISOString().slice(0, 10));

/** GTIN-14s with their right check digit. */
export const gtinArbitrary = fc
  .string({
    unit: fc.constantFrom(...DIGITS),
    minLength: 13,
    maxLength: 13,
  })
  .map((digits) => digits + checkDigit(digits));

const item = fc
  .record(
    {
      buyer_code: code(20),
      supplier_code: code(20),
      manufacturer_code: code(20),
      gtin: gtinArbitrary,
      ndc: code(11),
    },
    { requiredKeys: ["supplier_code"] },
  )
  .map((value) => ({ ...value }));

const unit = fc
  .tuple(
    fc.constantFrom("EA", "XBX", "XCS", "XCT", "XPK", "XVI", "KGM", "x12:CS"),
    fc.constant(0),
  )
  .map(([canonical]) => canonical);

const X12_UNITS: Readonly<Record<string, string>> = {
  EA: "EA",
  XBX: "BX",
  XCS: "CA",
  XCT: "CT",
  XPK: "PK",
  XVI: "VI",
  KGM: "KG",
  "x12:CS": "CS",
};

const price = fc.oneof(
  decimal(4).map((amount) => ({ amount })),
  decimal(4).map((amount) => ({ amount, base_quantity: "100" })),
  decimal(4).map((amount) => ({ amount, unit: "EA" })),
  decimal(4).map((amount) => ({ amount, kind: "list" as const })),
);

const line = fc
  .record({ item, quantity: decimal(3), unit, price, description: longText })
  .map((value) => ({
    ...value,
    quantity_as_sent: value.quantity,
    unit_as_sent: X12_UNITS[value.unit] ?? "",
  }));

function numbered<T extends object>(
  lines: fc.Arbitrary<T>,
): fc.Arbitrary<(T & { line_number: string })[]> {
  return fc.array(lines, { minLength: 1, maxLength: 5 }).map((list) =>
    list.map((value, index) => ({
      line_number: String(index + 1),
      ...value,
    })),
  );
}

const party = fc
  .record({
    name: words,
    scheme: fc.constantFrom("gln", "duns", "hin", "buyer_assigned" as const),
    value: code(15),
    street: words,
    city: fc.constantFrom("DAYTON", "COLUMBUS"),
  })
  .map(({ name, scheme, value, street, city }) => ({
    name,
    identifiers: [{ scheme, value }],
    address: { street, city, state: "OH", postal_code: "45402", country: "US" },
  }));

const header = {
  schema_version: fc.constant("1.0" as const),
  number: code(20),
  issued_at: date,
  currency: fc.constantFrom("USD", "EUR"),
  test: fc.constant(true),
  parties: fc.record({ supplier: party, ship_to: party, bill_to: party }),
};

const terms = fc.record({
  code: fc.constantFrom("01", "05"),
  net_days: fc.integer({ min: 0, max: 120 }),
});

const charge = cents.map((amount) => ({
  indicator: "charge" as const,
  kind: "freight" as const,
  code: "D240",
  code_list: "x12_1300",
  amount,
}));

export const purchaseOrders: fc.Arbitrary<PurchaseOrder> = fc.record({
  document_type: fc.constant("purchase_order" as const),
  ...header,
  payment_terms: terms,
  order_kind: fc.constantFrom("standard", "release", "drop_ship" as const),
  backorder_policy: fc.constantFrom("allow", "fill_or_kill" as const),
  notes: longText.map((text) => text.slice(0, 200).trim()),
  lines: numbered(
    fc.record({ line, requested: date }).map(({ line: base, requested }) => ({
      ...base,
      schedules: [{ quantity: base.quantity, requested_date: requested }],
    })),
  ),
});

const response = fc
  .record({
    answer: fc.constantFrom(
      { status: "accepted", reason_code: "IA" },
      { status: "accepted_with_change", reason_code: "IQ" },
      { status: "backordered", reason_code: "IB" },
      { status: "rejected", reason_code: "R2" },
      { status: "on_hold", reason_code: "IH" },
      { status: "date_pending", reason_code: "SP" },
    ),
    quantity: decimal(2),
    promised_delivery_date: date,
    promised_ship_date: date,
  })
  .map(({ answer, ...rest }) => ({ ...answer, ...rest }));

export const orderAcknowledgements: fc.Arbitrary<OrderAcknowledgement> = fc
  .record({
    document_type: fc.constant("order_acknowledgement" as const),
    ...header,
    order_reference: code(20),
    supplier_order_number: code(20),
    lines: numbered(
      fc.record({
        line,
        responses: fc.array(response, { minLength: 1, maxLength: 3 }),
      }),
    ),
  })
  .map((document) => ({
    ...document,
    lines: document.lines.map(({ line: base, responses, line_number }) => ({
      line_number,
      ...base,
      order_line_number: line_number,
      responses: responses.map((value) => ({ ...value, unit: base.unit })),
    })),
  }));

export const shipNotices: fc.Arbitrary<ShipNotice> = fc
  .record({
    document_type: fc.constant("ship_notice" as const),
    ...header,
    order_reference: code(20),
    shipped_at: date,
    expected_at: date,
    carrier: fc.constantFrom("UPSN", "Northgate own fleet"),
    lines: numbered(
      fc.record({
        line,
        lots: fc.uniqueArray(
          fc.record({
            number: code(20),
            expires_on: date,
            quantity: decimal(1),
          }),
          { selector: (lot) => lot.number, minLength: 1, maxLength: 3 },
        ),
      }),
    ),
  })
  .map((document) => ({
    ...document,
    shipment_number: document.number,
    lines: document.lines.map(({ line: base, lots, line_number }) => {
      const { price: _price, ...rest } = base;
      const [only] = lots;
      return {
        line_number,
        ...rest,
        order_line_number: line_number,
        lots:
          lots.length === 1 && only !== undefined
            ? [{ ...only, quantity: base.quantity }]
            : lots,
      };
    }),
  }));

export const invoices: fc.Arbitrary<Invoice> = fc
  .record({
    document_type: fc.constant("invoice" as const),
    ...header,
    payment_terms: terms,
    order_reference: code(20),
    freight_terms: fc.record({
      payment: fc.constantFrom("prepay_and_add", "collect" as const),
    }),
    allowances_charges: fc.array(charge, { minLength: 1, maxLength: 2 }),
    totals: fc.record({ payable: cents }),
    lines: numbered(
      fc.record({ line, order_line_number: code(6), line_amount: decimal(2) }),
    ),
  })
  .map((document) => ({
    ...document,
    lines: document.lines.map(({ line: base, ...rest }) => ({
      ...rest,
      ...base,
    })),
  }));
