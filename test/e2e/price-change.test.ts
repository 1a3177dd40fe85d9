/**
 * A price change goes from a file to an order line to a bill: the clerk gives
 * the supplier's price file in and refuses what slipped, a second person
 * approves the rest, the next order has the new price, and the supplier's bill
 * agrees with it.
 */
import { randomUUID } from "node:crypto";
import type { Browser } from "playwright";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findings, launch, Person } from "../kit/browser.ts";
import {
  answer,
  approve,
  arrived,
  billOf,
  order,
  receive,
} from "../kit/hospital.ts";
import { eventually, readStack, sandbox } from "../kit/stack.ts";

const stack = readStack();
const stamp = randomUUID().slice(0, 6).toUpperCase();
/** Vinyl gloves of supplier A: on no contract, 0.06 each before. */
const CHANGED = { item: "GLV-VX-M", code: "MS-VXM", price: "0.063" };
const SLIPPED = { item: "GLV-VX-L", code: "MS-VXL", price: "0.60" };
const UNKNOWN = "MS-NOT-THERE";

let browser: Browser;
let clerk: Person;
let storeroom: Person;
let payable: Person;
let feedId: number;
let made: { id: number; name: string };

beforeAll(async () => {
  await sandbox(stack, "PUT", "/behaviour", { auto: false });
  browser = await launch();
  clerk = await Person.login(browser, stack, "clerk");
  storeroom = await Person.login(browser, stack, "storeroom");
  payable = await Person.login(browser, stack, "accounts_payable");
});

afterAll(async () => {
  await sandbox(stack, "PUT", "/behaviour", { auto: true });
  await browser.close();
});

/** A price file as the supplier's office makes it. */
function file(): Buffer {
  const rows = [
    ["Item No", "Description", "UOM", "Price", "Currency", "Price List Number"],
    [CHANGED.code, "Vinyl M", "EA", CHANGED.price, "USD", `PL-${stamp}`],
    [SLIPPED.code, "Vinyl L", "EA", SLIPPED.price, "USD", `PL-${stamp}`],
    [UNKNOWN, "Something new", "EA", "1.00", "USD", `PL-${stamp}`],
  ];
  return Buffer.from(rows.map((row) => `${row.join(",")}\r\n`).join(""));
}

interface LinePrice {
  price_unit: number;
  price_source: string;
}

async function linePrice(orderId: number): Promise<LinePrice | undefined> {
  const lines = await clerk.call<LinePrice[]>(
    "purchase.order.line",
    "search_read",
    [[["order_id", "=", orderId]], ["price_unit", "price_source"]],
  );
  return lines[0];
}

/** Gives a reason and confirms. */
async function because(reason: string): Promise<void> {
  await clerk.page.locator("#o_hpf_reason").fill(reason);
  await clerk.page.locator(".o_hpf_confirm").click();
}

describe("a price change", () => {
  test("is given in as a file, and read by the service", async () => {
    const { page } = clerk;
    await clerk.open("/odoo/action-healthcare_exchange.exchange_upload_action");
    await page.getByRole("button", { name: "Import File" }).click();
    const dialog = page.locator(".modal");
    await dialog.getByLabel("Price File").check();
    await clerk.choose(
      dialog.locator(".o_field_widget[name=partner_id]"),
      "Meridian",
    );
    await dialog
      .locator("input[type=file]")
      .setInputFiles({ name: "a.csv", mimeType: "text/csv", buffer: file() });
    await dialog.getByRole("button", { name: "Import" }).click();
    // The form learns of the answer by itself.
    await page
      .locator(".o_arrow_button_current", { hasText: /^\s*Taken In\s*$/ })
      .waitFor({ timeout: 60_000 });
    feedId = await eventually("the price list in review", async () => {
      const found = await clerk.call<{ id: number; state: string }[]>(
        "healthcare.price.feed",
        "search_read",
        [[["number", "=", `PL-${stamp}`]], ["state"]],
      );
      return found[0]?.state === "review" ? found[0].id : undefined;
    });
  });

  test("is a difference on the screen: what slipped, what is unknown", async () => {
    const { page } = clerk;
    await clerk.open(`/odoo/healthcare.price.feed/${feedId}`);
    await page.getByRole("button", { name: "Review", exact: true }).click();
    const row = page.locator(".o_hpf_row", { hasText: SLIPPED.code });
    await row.waitFor();
    await page
      .getByText(/power of ten/)
      .first()
      .waitFor();
    expect(await findings(page, ".o_hpf_review")).toEqual([]);
    await shot("price-feed-review");
    await page.locator("[data-kind=broken]").click();
    await page.locator(".o_hpf_row", { hasText: UNKNOWN }).waitFor();
    await page
      .getByText(/No item has the code/)
      .first()
      .waitFor();
  });

  test("what slipped is refused, the rest asked for: the file is the clerk's own", async () => {
    const { page } = clerk;
    await page.locator("[data-kind=suspicious]").click();
    const row = page.locator(".o_hpf_row", { hasText: SLIPPED.code });
    await row.locator(".o_hpf_open").click();
    await page.locator(".o_hpf_refuse").click();
    await because("Ten times too much");
    await row.getByText("Refused").waitFor();
    await page.getByText("another person approves it").waitFor();
    expect(await page.locator(".o_hpf_unflagged").count()).toBe(0);
    await page.locator(".o_hpf_ask").click();
    await because("Agreed by phone");
    await page.getByRole("button", { name: "Open Request" }).waitFor();
    await page.setViewportSize({ width: 390, height: 844 });
    await shot("price-feed-review-phone");
    await page.setViewportSize({ width: 1440, height: 900 });
    expect(clerk.problems).toEqual([]);
  });

  test("a second person approves, and it holds at once", async () => {
    await approve(browser, stack, "approver", "healthcare.price.feed", feedId);
    const applied = await eventually("the new price applied", async () => {
      const rows = await clerk.call<{ exact_price: string }[]>(
        "product.supplierinfo",
        "search_read",
        [[["feed_id", "=", feedId]], ["exact_price"]],
      );
      return rows.length > 0 && rows.map((one) => Number(one.exact_price));
    });
    expect(applied).toEqual([Number(CHANGED.price)]);
  });

  test("is the price of the next order line", async () => {
    made = await order(clerk, "SUP-A", "RGH", [
      { code: CHANGED.item, quantity: 1000 },
      { code: SLIPPED.item, quantity: 1000 },
    ]);
    expect(await linePrice(made.id)).toMatchObject({
      price_unit: Number(CHANGED.price),
      price_source: "catalog",
    });
    const lines = await clerk.call<LinePrice[]>(
      "purchase.order.line",
      "search_read",
      [[["order_id", "=", made.id]], ["price_unit"]],
    );
    expect(lines.map((line) => line.price_unit).sort()).toEqual([0.06, 0.063]);
  });

  test("is what the supplier bills, and the bill agrees", async () => {
    await arrived(stack, made.name);
    await answer(stack, made.name, "acknowledge");
    await answer(stack, made.name, "ship");
    await receive(storeroom, made.name);
    await answer(stack, made.name, "invoice");
    const bill = await billOf(payable, made.name);
    await eventually("the bill matched", async () => {
      const [now] = await payable.call<{ match_state: string }[]>(
        "account.move",
        "read",
        [[bill.id], ["match_state"]],
      );
      return now?.match_state === "matched";
    });
    expect(bill.amount_total).toBeCloseTo(123, 6);
  });

  test("its way is one timeline on the order line", async () => {
    const [line] = await clerk.call<{ id: number; product_id: [number] }[]>(
      "purchase.order.line",
      "search_read",
      [
        [
          ["order_id", "=", made.id],
          ["product_id.default_code", "=", CHANGED.item],
        ],
        ["product_id"],
      ],
    );
    const timeline = await clerk.call<{ events: { kind: string }[] }>(
      "healthcare.price.timeline",
      "load",
      [],
      { product_id: line?.product_id[0], order_line_id: line?.id },
    );
    const kinds = new Set(timeline.events.map((event) => event.kind));
    for (const kind of ["feed", "order", "acknowledgement", "bill"])
      expect(kinds).toContain(kind);
  });
});

async function shot(name: string): Promise<void> {
  if (process.env.HCP_SCREENSHOTS)
    await clerk.page.screenshot({
      path: `${process.env.HCP_SCREENSHOTS}/${name}.png`,
      fullPage: true,
    });
}
