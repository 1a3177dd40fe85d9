/** What people of the demo hospital do when a test needs it done, over RPC, with their own rights. */
import type { Browser } from "playwright";
import { Person } from "./browser.ts";
import { eventually, sandbox, type Stack } from "./stack.ts";

export interface OrderLine {
  code: string;
  quantity: number;
}

/** An order as a clerk makes it. */
export async function order(
  clerk: Person,
  supplierRef: string,
  facilityCode: string,
  lines: OrderLine[],
): Promise<{ id: number; name: string }> {
  const [partner] = await clerk.call<{ id: number }[]>(
    "res.partner",
    "search_read",
    [[["ref", "=", supplierRef]], ["id"]],
  );
  const [facility] = await clerk.call<{ id: number }[]>(
    "healthcare.facility",
    "search_read",
    [[["code", "=", facilityCode]], ["id"]],
  );
  const products = await clerk.call<{ id: number; default_code: string }[]>(
    "product.product",
    "search_read",
    [
      [["default_code", "in", lines.map((line) => line.code)]],
      ["default_code"],
    ],
  );
  const byCode = new Map(products.map((one) => [one.default_code, one.id]));
  const id = await clerk.call<number>("purchase.order", "create", [
    {
      partner_id: partner?.id,
      facility_id: facility?.id,
      order_line: lines.map((line) => [
        0,
        0,
        {
          product_id: byCode.get(line.code),
          product_qty: line.quantity,
          tax_ids: [[5]],
        },
      ]),
    },
  ]);
  await clerk.call("purchase.order", "button_confirm", [[id]]);
  const [made] = await clerk.call<{ name: string }[]>(
    "purchase.order",
    "read",
    [[id], ["name"]],
  );
  return { id, name: made?.name ?? "" };
}

/** Waits until the sandbox partner has the order. */
export async function arrived(stack: Stack, name: string): Promise<void> {
  await eventually(`order ${name} at the supplier`, () =>
    sandbox(stack, "GET", `/orders/${encodeURIComponent(name)}`).then(
      () => true,
      () => false,
    ),
  );
}

/** Lets the sandbox partner answer an order now. */
export async function answer(
  stack: Stack,
  name: string,
  action: "acknowledge" | "ship" | "invoice",
  options: Record<string, unknown> = {},
): Promise<void> {
  await sandbox(
    stack,
    "POST",
    `/orders/${encodeURIComponent(name)}/${action}`,
    options,
  );
}

/** Receives what is announced for an order, as the storeroom does. */
export async function receive(
  storeroom: Person,
  name: string,
): Promise<number> {
  const picking = await eventually(`announced receipt of ${name}`, async () => {
    const found = await storeroom.call<{ id: number }[]>(
      "stock.picking",
      "search_read",
      [
        [
          ["origin", "=", name],
          ["state", "=", "assigned"],
        ],
        ["id"],
      ],
    );
    return found[0];
  });
  await storeroom.call("stock.picking", "button_validate", [[picking.id]]);
  return picking.id;
}

/** Waits for the bill of an order and returns it. */
export async function billOf(
  payable: Person,
  orderName: string,
): Promise<Bill> {
  return eventually(`bill of ${orderName}`, async () => {
    const found = await payable.call<Bill[]>("account.move", "search_read", [
      [
        ["move_type", "=", "in_invoice"],
        ["match_allocation_ids.purchase_line_id.order_id.name", "=", orderName],
        ["match_evaluated_at", "!=", false],
      ],
      ["ref", "state", "match_state", "payment_state", "amount_total"],
    ]);
    return found[0];
  });
}

export interface Bill {
  id: number;
  ref: string;
  state: string;
  match_state: string;
  payment_state: string;
  amount_total: number;
}

/** Pays a bill by the wizard. @throws Error with the payment gate's words */
export async function pay(payable: Person, billId: number): Promise<void> {
  const context = { active_model: "account.move", active_ids: [billId] };
  const wizard = await payable.call<number>(
    "account.payment.register",
    "create",
    [{}],
    { context },
  );
  await payable.call(
    "account.payment.register",
    "action_create_payments",
    [[wizard]],
    { context },
  );
}

/** The open request about a record, approved by clicks of somebody of a role. */
export async function approve(
  browser: Browser,
  stack: Stack,
  role: string,
  model: string,
  id: number,
): Promise<void> {
  const person = await Person.login(browser, stack, role);
  const [request] = await person.call<{ id: number }[]>(
    "healthcare.approval.request",
    "search_read",
    [
      [
        ["model", "=", model],
        ["res_id", "=", id],
        ["state", "=", "pending"],
      ],
      ["id"],
    ],
  );
  await person.open(
    `/odoo/action-healthcare_approval.action_healthcare_approval_request/${request?.id ?? 0}`,
  );
  const button = person.page.getByRole("button", { name: "Approve" }).first();
  await button.click();
  await button.waitFor({ state: "hidden" });
  await person.close();
}
