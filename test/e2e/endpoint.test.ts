/**
 * An administrator connects a new supplier in the browser: the guided form,
 * what is missing, and the service's answer appearing by itself.
 */
import { randomUUID } from "node:crypto";
import type { Browser } from "playwright";
import { afterAll, beforeAll, expect, it } from "vitest";
import { findings, launch, Person } from "../kit/browser.ts";
import { HttpPartner, reply } from "../kit/http-partner.ts";
import { readStack } from "../kit/stack.ts";

const stack = readStack();
const stamp = randomUUID().slice(0, 6).toUpperCase();
let browser: Browser;
let partner: HttpPartner;
let partnerUrl: string;

beforeAll(async () => {
  browser = await launch();
  partner = new HttpPartner();
  partner.answer = reply(200, { reference: "R-1" });
  partnerUrl = await partner.start();
});

afterAll(async () => {
  await browser.close();
  await partner.stop();
});

it("sets an endpoint up, and sees the service's answer come", async () => {
  const person = await Person.login(browser, stack, "administrator");
  const { page } = person;
  await page.goto(
    `${stack.odooUrl}/odoo/action-healthcare_exchange.exchange_endpoint_action`,
  );
  await page.getByRole("button", { name: "Set Up a Partner" }).click();
  const dialog = page.locator(".modal");
  await dialog.getByLabel("REST with JSON").check();
  await dialog.locator("[name=code] input").fill(`CLICK_${stamp}`);
  await dialog.locator("[name=name] input").fill(`By clicks ${stamp}`);
  await dialog.getByRole("button", { name: "Next" }).click();
  const address = dialog.locator("tr.o_data_row", { hasText: "base_url" });
  const row = (await address.count())
    ? address
    : dialog.locator("tr.o_data_row").first();
  await row.locator("td[name=value]").click();
  await row.locator("td[name=value] input").fill(partnerUrl);
  await dialog.getByRole("button", { name: "Next" }).click();
  await dialog.getByText("Purchase order").first().waitFor();
  await dialog.getByRole("button", { name: "Save Endpoint" }).click();
  await page.getByText("What is missing until it can be active").waitFor();
  await page.getByText("Certify it").first().waitFor();

  await page.getByRole("button", { name: "Test Connection" }).click();
  // No reload by hand: the form learns of the answer by itself.
  await page
    .locator("[name=last_command_message]", { hasText: "answered 200" })
    .waitFor({ timeout: 60_000 });

  // What is ours on the form; the rest of it is Odoo's.
  expect(await findings(page, ".o_form_view .alert")).toEqual([]);
  if (process.env.HCP_SCREENSHOTS)
    await page.screenshot({
      path: `${process.env.HCP_SCREENSHOTS}/endpoint.png`,
      fullPage: true,
    });
  expect(person.problems).toEqual([]);
});
