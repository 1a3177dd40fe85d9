import type {
  Bill,
  BillHeader,
  Check,
  MatchException,
  MatchRow,
  QueueItem,
  QueuePage,
} from "../workbench/workbench_types";

/** Bills as Odoo would send them, for tests of the screen and its model. */

const COMPANY_CURRENCY = 1;

export function sampleItem(values: Partial<QueueItem> = {}): QueueItem {
  return {
    move_id: 1,
    name: "BILL/2026/11/0001",
    supplier: "Meridian Surgical Supply",
    reference: "INV-88121",
    date: "2026-11-20",
    due_date: "2026-12-20",
    amount: "672.00",
    currency: COMPANY_CURRENCY,
    match_state: "exception",
    exception_count: 1,
    families: ["price"],
    at_stake: "72.00",
    company_currency: COMPANY_CURRENCY,
    criticality: "medium",
    owner: "Avery Chen",
    deadline: "2026-11-25",
    facility: "Mercy General Hospital",
    ...values,
  };
}

export function samplePage(items: QueueItem[]): QueuePage {
  return {
    total: items.length,
    items,
    counts: {
      open: items.length,
      waiting: 2,
      matched: 38,
      released: 3,
      all: items.length + 43,
    },
  };
}

export function sampleCheck(values: Partial<Check> = {}): Check {
  return {
    state: "agree",
    expected: "5.00",
    billed: "5.00",
    difference: "0.00",
    difference_percent: "0.00",
    limit_lower: "0.00",
    limit_upper: "0.00",
    level: "No policy: exact",
    unit: null,
    ...values,
  };
}

export function sampleRow(values: Partial<MatchRow> = {}): MatchRow {
  return {
    row_id: "11-21",
    bill_line: {
      id: 11,
      line_number: "1",
      description: "NITRILE GLOVE MED PF",
      item_codes: [{ label: "Supplier code", value: "MS-4410" }],
      quantity: "120",
      unit: "EA",
      unit_as_sent: "EA",
      price: "5.00",
      price_basis: null,
      amount: "600.00",
      match_state: "matched",
    },
    order_line: {
      id: 21,
      order: { id: 7, name: "P00012" },
      line_number: "1",
      product: "Nitrile examination gloves, medium",
      quantity: "12",
      unit: "BX of 10",
      price: "50.00",
      agreed_price: "50.00",
      quantity_reference: "120 EA",
    },
    receipts: [
      {
        id: 31,
        picking: { id: 9, name: "MG/IN/00004" },
        date: "2026-11-18",
        quantity: "120",
        unit: "EA",
        lots: [{ name: "L-7781", expires_on: "2029-03-31" }],
        is_return: false,
      },
    ],
    compare: {
      price: sampleCheck({ unit: "EA" }),
      quantity: sampleCheck({ expected: "120", billed: "120", unit: "EA" }),
      unit: {
        state: "agree",
        billed_unit: "EA",
        order_unit: "BX of 10",
        text: "1 BX = 10 EA (packaging)",
      },
      amount: sampleCheck({ expected: "600.00", billed: "600.00" }),
    },
    allocation: {
      source: "Order line cited by the supplier",
      score: "1.00",
      margin: "0.80",
      runner_up: "P00009 · line 2",
    },
    exceptions: [],
    ...values,
  };
}

export function sampleException(
  values: Partial<MatchException> = {},
): MatchException {
  return {
    id: 501,
    type: "price_variance",
    label: "Price above the order",
    family: "price",
    family_label: "Price",
    severity: "medium",
    state: "open",
    holds: true,
    explanation:
      "Meridian bills 5.60 each for gloves that were ordered at 5.00: 12 % more, beyond the limit of 2 %.",
    arithmetic: [
      "billed   120 EA × 5.60 = 672.00",
      "agreed   120 EA × 5.00 = 600.00",
      "at stake               =  72.00",
    ],
    facts: [
      { label: "Agreed price", value: "5.00 per EA" },
      { label: "Billed price", value: "5.60 per EA" },
      { label: "Limit", value: "2 % (company)" },
    ],
    amount_at_stake: "72.00",
    owner: "Avery Chen",
    deadline: "2026-11-25",
    proposed_resolution: "request_credit",
    resolutions: [
      {
        code: "request_credit",
        label: "Request a credit",
        effect: "Asks the supplier for a credit of 72.00 and holds the bill.",
      },
      {
        code: "accept_variance",
        label: "Accept the difference",
        effect: "Releases the bill for payment as billed.",
      },
      {
        code: "dispute",
        label: "Dispute",
        effect: "Tells the supplier what was expected and holds the bill.",
      },
    ],
    can_resolve: true,
    needs_role: null,
    resolution_label: null,
    resolution_reason: null,
    resolved_by: null,
    resolved_at: null,
    ...values,
  };
}

export function sampleHeader(values: Partial<BillHeader> = {}): BillHeader {
  return {
    move_id: 1,
    name: "BILL/2026/11/0001",
    supplier: "Meridian Surgical Supply",
    reference: "INV-88121",
    date: "2026-11-20",
    due_date: "2026-12-20",
    amount: "672.00",
    currency: COMPANY_CURRENCY,
    company_currency: COMPANY_CURRENCY,
    match_state: "exception",
    state: "posted",
    payable: false,
    payable_reason: "Held: 1 open exception.",
    explanation: "1 of 2 lines differs from the order.",
    facility: "Mercy General Hospital",
    orders: [{ id: 7, name: "P00012" }],
    evaluated_at: "2026-11-20T14:05:00Z",
    ...values,
  };
}

/** A bill with one line in price exception and one that agrees. */
export function sampleBill(values: Partial<Bill> = {}): Bill {
  const base = sampleRow();
  return {
    header: sampleHeader(),
    rows: [
      sampleRow({
        bill_line: base.bill_line && {
          ...base.bill_line,
          price: "5.60",
          amount: "672.00",
          match_state: "exception",
        },
        compare: {
          ...base.compare,
          price: sampleCheck({
            state: "outside",
            billed: "5.60",
            difference: "0.60",
            difference_percent: "12.00",
            limit_upper: "0.10",
            level: "Company policy",
            unit: "EA",
          }),
          amount: sampleCheck({
            state: "outside",
            expected: "600.00",
            billed: "672.00",
            difference: "72.00",
            difference_percent: "12.00",
          }),
        },
        exceptions: [501],
      }),
      sampleRow({
        row_id: "12-22",
        bill_line: base.bill_line && {
          ...base.bill_line,
          id: 12,
          line_number: "2",
          description: "SUTURE VICRYL 3-0",
          item_codes: [],
        },
        order_line: base.order_line && {
          ...base.order_line,
          id: 22,
          line_number: "2",
          product: "Absorbable suture 3-0",
        },
      }),
    ],
    exceptions: [sampleException()],
    documents: [
      {
        message_id: 91,
        message_uuid: "0f2c8a52-0000-4000-8000-000000000091",
        name: "INV-88121.json",
        document_type: "invoice",
        label: "Invoice",
        date: "2026-11-20T14:04:30Z",
        raw_available: true,
      },
    ],
    history: [
      {
        date: "2026-11-20T14:05:00Z",
        author: "Matching",
        text: "Exception raised: price above the order.",
      },
    ],
    can: { evaluate: true },
    ...values,
  };
}
