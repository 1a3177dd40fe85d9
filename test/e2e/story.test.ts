/**
 * One order from end to end, as the people of a hospital live it: the clerk
 * orders, suppliers A (REST) and B (X12 files) answer, the storeroom receives
 * with lots, accounts payable and the approver settle what does not agree.
 */
import type { Browser } from "playwright";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launch, Person } from "../kit/browser.ts";
import {
  answer,
  arrived,
  billOf,
  order,
  pay,
  receive,
} from "../kit/hospital.ts";
import { eventually, readStack, sandbox, type Stack } from "../kit/stack.ts";

let stack: Stack;
let browser: Browser;
let clerk: Person;
let storeroom: Person;
let payable: Person;
let approver: Person;

beforeAll(async () => {
  stack = readStack();
  await sandbox(stack, "PUT", "/behaviour", { auto: false });
  browser = await launch();
  const login = (role: string) => Person.login(browser, stack, role);
  clerk = await login("clerk");
  storeroom = await login("storeroom");
  payable = await login("accounts_payable");
  approver = await login("approver");
});

afterAll(async () => {
  await sandbox(stack, "PUT", "/behaviour", { auto: true });
  await browser.close();
});

/** Opens the workbench on one bill. */
async function openBill(person: Person, billId: number): Promise<void> {
  await person.open(`/odoo/match-workbench/${billId}`);
  await person.page.waitForSelector(".o_hcm_decision");
}

/** What the order form says of a field. */
async function orderState(name: string): Promise<Record<string, unknown>> {
  const [found] = await clerk.call<Record<string, unknown>[]>(
    "purchase.order",
    "search_read",
    [[["name", "=", name]], ["exchange_state", "acknowledgement_state"]],
  );
  return found ?? {};
}

/** Orders, has it answered and received; the bill is still to come. */
async function receivedOrder(
  supplier: string,
  code: string,
  quantity: number,
): Promise<string> {
  const made = await order(clerk, supplier, "RGH", [{ code, quantity }]);
  await arrived(stack, made.name);
  await answer(stack, made.name, "acknowledge");
  await answer(stack, made.name, "ship");
  await eventually(`ship notice of ${made.name}`, async () => {
    const found = await clerk.call<unknown[]>(
      "healthcare.ship.notice",
      "search",
      [[["line_ids.order_id.name", "=", made.name]]],
    );
    return found.length > 0;
  });
  await receive(storeroom, made.name);
  return made.name;
}

describe.each([
  ["A, by REST", "SUP-A", "Meridian", "DRS-FOAM10", "Foam dressing", 20],
  ["B, by X12 files", "SUP-B", "Northgate", "SYR-10ML", "Syringe", 200],
])("supplier %s", (_how, _ref, supplier, code, item, quantity) => {
  let name = "";

  test("gets the order that a clerk confirms in Odoo", async () => {
    const { page } = clerk;
    await clerk.open(
      "/odoo/action-healthcare_purchase.purchase_order_action/new",
    );
    await clerk.choose(clerk.field("partner_id"), supplier);
    await clerk.choose(clerk.field("facility_id"), "Riverside");
    await page.getByRole("button", { name: "Add a product" }).click();
    const row = page.locator(".o_selected_row");
    await row.locator("[name=product_id] input").fill(code);
    // By the supplier's own code the item is listed; ours finds it.
    await page
      .locator(".o-autocomplete--dropdown-item", { hasText: item })
      .first()
      .click();
    await row.locator("[name=product_qty] input").fill(String(quantity));
    await page.locator("button[name=button_confirm]:visible").first().click();
    await page.waitForSelector(
      ".o_statusbar_status .o_arrow_button_current:has-text('Purchase Order')",
    );
    name = (await page.locator(".o_form_view h1").first().innerText()).trim();
    expect(name).toMatch(/^P\d+/);
    await arrived(stack, name);
    await eventually(`${name} counted as sent`, async () =>
      ["sent", "acknowledged"].includes(
        String((await orderState(name)).exchange_state),
      ),
    );
  });

  test("acknowledges it", async () => {
    await answer(stack, name, "acknowledge");
    await eventually(
      `acknowledgement of ${name}`,
      async () => (await orderState(name)).acknowledgement_state === "accepted",
    );
  });

  test("announces lots, which the storeroom receives", async () => {
    await answer(stack, name, "ship");
    const { page } = storeroom;
    const picking = await eventually(`ship notice of ${name}`, async () => {
      const found = await storeroom.call<{ id: number }[]>(
        "stock.picking",
        "search_read",
        [
          [
            ["origin", "=", name],
            ["move_line_ids.lot_name", "!=", false],
          ],
          ["id"],
        ],
      );
      return found[0];
    });
    await storeroom.open(
      `/odoo/action-healthcare_purchase.stock_picking_action_receipts/${picking.id}`,
    );
    await page.locator("button[name=button_validate]:visible").first().click();
    await page.waitForSelector(
      ".o_statusbar_status .o_arrow_button_current:has-text('Done')",
    );
    const lots = await storeroom.call<
      { lot_id: unknown; expiration_date: unknown }[]
    >("stock.move.line", "search_read", [
      [["picking_id", "=", picking.id]],
      ["lot_id", "expiration_date"],
    ]);
    expect(lots.length).toBeGreaterThan(0);
    for (const line of lots) {
      expect(line.lot_id).toBeTruthy();
      expect(line.expiration_date).toBeTruthy();
    }
  });

  test("bills it; the bill matches and accounts payable pays it", async () => {
    await answer(stack, name, "invoice");
    const bill = await billOf(payable, name);
    expect(bill.match_state).toBe("matched");
    await openBill(payable, bill.id);
    const { page } = payable;
    expect(await page.locator(".o_hcm_decision").innerText()).toContain(
      "No exceptions",
    );
    await payable.open(
      `/odoo/action-healthcare_match.action_match_bill/${bill.id}`,
    );
    await page
      .locator(
        "button[name=action_force_register_payment]:visible, button[name=action_register_payment]:visible",
      )
      .first()
      .click();
    await page.locator(".modal button[name=action_create_payments]").click();
    await eventually(
      "payment",
      async () => (await billOf(payable, name)).payment_state !== "not_paid",
    );
  });
});

describe("a bill with a wrong price, above the limit of accounts payable", () => {
  let billId = 0;

  test("stands as a named exception with the arithmetic, and cannot be paid", async () => {
    const name = await receivedOrder("SUP-A", "NPWT-KIT-M", 400);
    await answer(stack, name, "invoice", { price_change: "2.50" });
    const bill = await billOf(payable, name);
    billId = bill.id;
    expect(bill.match_state).toBe("exception");
    await expect(pay(payable, billId)).rejects.toThrow(/payment gate holds/);
    await openBill(payable, billId);
    const panel = await payable.page.locator(".o_hcm_decision").innerText();
    expect(panel).toContain("Price Variance");
    expect(panel).toMatch(/49(\.00)? − 46\.50 = 2\.50 \/ EA/);
    expect(panel).toContain("1,000.00");
  });

  test("accounts payable sees who decides, and may not", async () => {
    const { page } = payable;
    expect(
      await page.locator("[data-resolution=accept_variance]").count(),
    ).toBe(0);
    expect(await page.locator(".o_hcm_decision").innerText()).toContain(
      "an approver decides",
    );
    const [open] = await payable.call<number[]>(
      "healthcare.match.exception",
      "search",
      [[["move_id", "=", billId]]],
    );
    await expect(
      payable.call("healthcare.match.exception", "action_resolve", [
        [open],
        "accept_variance",
        "I would like to",
      ]),
    ).rejects.toThrow(/approver/);
  });

  test("the approver resolves it with a reason; then it can be paid", async () => {
    const { page } = approver;
    await openBill(approver, billId);
    await page.locator("[data-resolution=accept_variance]").first().click();
    await page.locator(".modal .btn-primary").click();
    await page.waitForSelector("#hcm_reason_error");
    await page.fill(
      "#hcm_reason",
      "Price increase of 1 November, letter on file",
    );
    await page.locator(".modal .btn-primary").click();
    await page.waitForSelector(".modal", { state: "detached" });
    await eventually("release", async () => {
      const [bill] = await payable.call<{ match_state: string }[]>(
        "account.move",
        "read",
        [[billId], ["match_state"]],
      );
      return bill?.match_state === "released";
    });
    await payable.call("account.move", "action_post", [[billId]]);
    await pay(payable, billId);
    const [paid] = await payable.call<{ payment_state: string }[]>(
      "account.move",
      "read",
      [[billId], ["payment_state"]],
    );
    expect(paid?.payment_state).not.toBe("not_paid");
  });
});

describe("a bill with a wrong unit", () => {
  test("stands as a unit mismatch; converting the unit releases it", async () => {
    const name = await receivedOrder("SUP-B", "IVC-18", 100);
    await answer(stack, name, "invoice", { unit: "BX" });
    const bill = await billOf(payable, name);
    expect(bill.match_state).toBe("exception");
    expect(bill.state).toBe("draft");
    await expect(pay(payable, bill.id)).rejects.toThrow();
    await openBill(payable, bill.id);
    const { page } = payable;
    expect(await page.locator(".o_hcm_decision").innerText()).toContain(
      "Unit Mismatch",
    );
    await page.locator("[data-resolution=convert_unit]").first().click();
    await page.fill(
      "#hcm_reason",
      "Supplier confirmed by phone: each, not box",
    );
    await page.locator(".modal .btn-primary").click();
    await page.waitForSelector(".modal", { state: "detached" });
    await eventually(
      "release",
      async () => (await billOf(payable, name)).match_state === "released",
    );
  });
});

test("no page had a script error", () => {
  for (const person of [clerk, storeroom, payable, approver]) {
    expect(person.problems).toEqual([]);
  }
});
