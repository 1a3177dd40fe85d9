/**
 * A supplier onboards itself: it registers, confirms its e-mail address, hands
 * its documents in and submits; compliance verifies them, and procurement,
 * compliance and finance approve. Only then can it be ordered from.
 */
import { randomUUID } from "node:crypto";
import type { Browser, Page } from "playwright";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createOdooClient,
  type OdooClient,
} from "../../scripts/odoo/client.ts";
import { findings, launch, Person } from "../kit/browser.ts";
import { approve } from "../kit/hospital.ts";
import { eventually, readStack } from "../kit/stack.ts";

const stack = readStack();
const stamp = randomUUID().slice(0, 6);
const COMPANY = `Larkfield Wound Care ${stamp}`;
const EMAIL = `mara.quist.${stamp}@larkfield.example`;
const PDF = Buffer.from("%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n");

let browser: Browser;
let admin: OdooClient;
let page: Page;
let supplierId: number;

beforeAll(async () => {
  browser = await launch();
  admin = createOdooClient({
    url: stack.odooUrl,
    db: stack.odooDb,
    protocol: "xmlrpc",
    login: "admin",
    apiKey: stack.secrets.admin_password ?? "",
  });
  const context = await browser.newContext({ locale: "en-US" });
  page = await context.newPage();
  page.setDefaultTimeout(30_000);
});

afterAll(async () => {
  await browser.close();
});

/** The link in the e-mail that the applicant gets. */
async function confirmationLink(): Promise<string> {
  return eventually("the e-mail with the link", async () => {
    const mails = await admin.call<{ body_html: string }[]>(
      "mail.mail",
      "search_read",
      {
        domain: [["email_to", "=", EMAIL]],
        fields: ["body_html"],
        limit: 1,
      },
    );
    return /\/supplier\/confirm\?token=[\w-]+/.exec(
      mails[0]?.body_html ?? "",
    )?.[0];
  });
}

async function shot(name: string): Promise<void> {
  if (process.env.HCP_SCREENSHOTS)
    await page.screenshot({
      path: `${process.env.HCP_SCREENSHOTS}/${name}.png`,
      fullPage: true,
    });
}

/** Tries to order from the supplier, as a clerk. @returns what is said */
async function order(): Promise<string> {
  const clerk = await Person.login(browser, stack, "clerk");
  try {
    const [product] = await clerk.call<{ id: number }[]>(
      "product.product",
      "search_read",
      [
        [
          ["default_code", "!=", false],
          ["purchase_ok", "=", true],
          ["type", "=", "service"],
        ],
        ["id"],
      ],
      { limit: 1 },
    );
    const [facility] = await clerk.call<{ id: number }[]>(
      "healthcare.facility",
      "search_read",
      [[], ["id"]],
      { limit: 1 },
    );
    const id = await clerk.call<number>("purchase.order", "create", [
      {
        partner_id: supplierId,
        facility_id: facility?.id,
        order_line: [
          [0, 0, { product_id: product?.id, product_qty: 1, price_unit: 10 }],
        ],
      },
    ]);
    try {
      await clerk.call("purchase.order", "button_confirm", [[id]]);
    } catch (error) {
      return String(error);
    }
    const [made] = await clerk.call<{ state: string }[]>(
      "purchase.order",
      "read",
      [[id], ["state"]],
    );
    return made?.state ?? "";
  } finally {
    await clerk.close();
  }
}

describe("a supplier onboards itself", () => {
  test("it registers, and confirms its e-mail address", async () => {
    await page.goto(`${stack.odooUrl}/web/login`);
    await page.getByRole("link", { name: "Register as a supplier" }).click();
    expect(await findings(page, "#wrap")).toEqual([]);
    await shot("registration");
    await page.getByLabel("Company name").fill(COMPANY);
    await page.getByLabel("Street").fill("9 Mill Lane");
    await page.getByLabel("ZIP").fill("04101");
    await page.getByLabel("City").fill("Portland");
    await page.getByLabel("Country").selectOption("US");
    await page.getByLabel("Your name").fill("Mara Quist");
    await page.getByLabel("E-mail").fill(EMAIL);
    await page.getByLabel("Phone").fill("+1 207 555 0134");
    await page.getByRole("button", { name: "Register" }).click();
    await page.getByText("Look into your mailbox").waitFor();

    await page.goto(stack.odooUrl + (await confirmationLink()));
    await page.getByRole("button", { name: "Confirm" }).click();
    await page.fill("input[name=password]", `larkfield-${stamp}`);
    await page.fill("input[name=confirm_password]", `larkfield-${stamp}`);
    await page.locator("button[type=submit]").click();
    await page.waitForURL(/\/my\/supplier/);
    await page.getByRole("heading", { name: COMPANY }).waitFor();

    const [supplier] = await admin.call<
      { id: number; supplier_state: string }[]
    >("res.partner", "search_read", {
      domain: [["name", "=", COMPANY]],
      fields: ["supplier_state"],
    });
    expect(supplier?.supplier_state).toBe("draft");
    supplierId = supplier?.id ?? 0;
  });

  test("it completes its profile and hands its documents in", async () => {
    await page.getByRole("link", { name: "Profile", exact: true }).click();
    const category = page.getByLabel("Category");
    await category.selectOption({ index: 1 });
    expect(await findings(page, "#wrap")).toEqual([]);
    await shot("supplier-profile");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Your profile is saved").waitFor();

    for (;;) {
      const open = page.getByRole("link", { name: /^Hand in/ }).first();
      if ((await open.count()) === 0) break;
      await open.click();
      await page.getByLabel("File").setInputFiles({
        name: "proof.pdf",
        mimeType: "application/pdf",
        buffer: PDF,
      });
      await page.getByLabel("Number").fill(`N-${stamp}`);
      await page.getByLabel("Valid until").fill("2099-12-31");
      await page.getByRole("button", { name: "Hand in" }).click();
      await page.getByText("was handed in").waitFor();
    }
    expect(await findings(page, "#wrap")).toEqual([]);
  });

  test("its bank account is a request, not a change", async () => {
    await page.getByRole("link", { name: "Bank account" }).click();
    await page.getByLabel("Account holder").fill(COMPANY);
    await page.getByLabel("Account number").fill(`77${Date.now()}`);
    await page.getByLabel("Routing number (ABA)").fill("021000022");
    await page.getByRole("button", { name: "Ask for the change" }).click();
    await page.getByText("ABA number has nine digits").waitFor();
    await page.getByLabel("Routing number (ABA)").fill("021000021");
    await page.getByRole("button", { name: "Ask for the change" }).click();
    await page.getByText("Your change waits").waitFor();
    expect(await findings(page, "#wrap")).toEqual([]);
    await shot("supplier-bank");
  });

  test("it submits; before the approval nobody can order from it", async () => {
    await page.goto(`${stack.odooUrl}/my/supplier`);
    await page.getByRole("button", { name: "Submit for approval" }).click();
    await page.getByText("review your company now").waitFor();
    await page.setViewportSize({ width: 390, height: 844 });
    await shot("supplier-overview-phone");
    expect(await order()).toMatch(/not an approved supplier/);
  });

  test("compliance verifies the documents, and three approve", async () => {
    const compliance = await Person.login(browser, stack, "compliance");
    await compliance.open(`/odoo/res.partner/${supplierId}`);
    await compliance.page.getByRole("tab", { name: "Qualification" }).click();
    for (;;) {
      const verify = compliance.page.locator("button[name=action_verify]");
      const left = await verify.count();
      if (left === 0) break;
      await verify.first().click();
      await eventually(
        "one document verified",
        async () => (await verify.count()) < left,
      );
    }
    await compliance.close();
    for (const role of ["approver", "compliance", "accounts_payable"])
      await approve(browser, stack, role, "res.partner", supplierId);

    await page.goto(`${stack.odooUrl}/my/supplier`);
    await page.getByText("You are an approved supplier").waitFor();
    await shot("supplier-approved-phone");
  });

  test("then it can be ordered from", async () => {
    expect(await order()).toBe("purchase");
  });
});
