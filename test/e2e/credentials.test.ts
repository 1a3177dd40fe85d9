/// <reference lib="dom" />
/** Credentials as an administrator handles them on an endpoint's form. */
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launch, Person } from "../kit/browser.ts";
import { readStack, type Stack } from "../kit/stack.ts";

const stamp = `e2e ${Date.now()}`;

let stack: Stack;
let browser: Browser;
let person: Person;

beforeAll(async () => {
  stack = readStack();
  browser = await launch();
  person = await Person.login(browser, stack, "administrator");
  await person.open(
    "/odoo/action-healthcare_exchange.exchange_endpoint_action",
  );
  const { page } = person;
  await page.locator("td", { hasText: "SUPPLIER_B" }).first().click();
  await page.locator("a.nav-link", { hasText: "Credentials" }).click();
});

afterAll(async () => {
  const model = "healthcare.exchange.credential";
  const mine = await person.call<number[]>(model, "search", [
    [["name", "ilike", stamp]],
  ]);
  await person.call(model, "action_revoke", [mine]);
  await browser.close();
});

/** Opens the dialog and names what is to be made. */
async function newCredential(name: string) {
  const { page } = person;
  await page.locator("button", { hasText: "New Credential" }).click();
  const dialog = page.locator(".modal").last();
  await dialog.locator("div[name=name] input").fill(`${stamp} ${name}`);
  return dialog;
}

/** Everything that the browser would still have after a reload. */
const kept = () =>
  person.page.evaluate(() =>
    [
      location.href,
      ...Object.values(sessionStorage),
      ...Object.values(localStorage),
    ].join("\n"),
  );

test("a generated secret is shown once, and the browser keeps none of it", async () => {
  const { page } = person;
  const dialog = await newCredential("made");
  await dialog
    .locator("div[name=origin] label", { hasText: "Generated" })
    .click();
  await dialog.locator("button", { hasText: "Generate and Show" }).click();
  const shown = page.locator(".modal", { hasText: "Copy it now" });
  const secret = (await shown.locator("div[name=secret]").innerText()).trim();
  expect(secret).toMatch(/^[\w-]{43}$/);
  expect(await kept()).not.toContain(secret);
  const { violations } = await new AxeBuilder({ page })
    .include(".modal")
    .analyze();
  const serious = violations.filter((one) =>
    ["serious", "critical"].includes(one.impact ?? ""),
  );
  // Odoo's own: its dialogs and its copy button have no accessible name.
  const ours = serious
    .flatMap((one) => one.nodes)
    .filter((one) => !/o_technical_modal|o_clipboard_button/.test(one.html));
  expect(ours.map((one) => one.html)).toEqual([]);
  await shown.locator("button", { hasText: "Close" }).click();
  const row = page.locator(".o_data_row", { hasText: `${stamp} made` });
  await row.getByText("Valid", { exact: true }).waitFor();
  expect(await page.content()).not.toContain(secret);
});

test("a typed secret is gone from the screen when it is kept, and can be revoked", async () => {
  const { page } = person;
  const dialog = await newCredential("typed");
  // The form asks Odoo what the choice changes; its answer comes first.
  const answered = page.waitForResponse(/\/onchange/);
  await dialog
    .locator("div[name=direction] label", { hasText: "We present" })
    .click();
  await answered;
  const field = dialog.locator("div[name=secret] input");
  await field.fill("typed-in-the-browser-0123456789");
  expect(await field.getAttribute("type")).toBe("password");
  await dialog.locator("button", { hasText: "Seal and Keep" }).click();
  const row = page.locator(".o_data_row", { hasText: `${stamp} typed` });
  await row.waitFor();
  expect(await page.content()).not.toContain("typed-in-the-browser");
  expect(await kept()).not.toContain("typed-in-the-browser");
  await row.locator("button", { hasText: "Revoke" }).click();
  await page.locator(".modal button", { hasText: /^Ok$/i }).click();
  const gone = page.locator(".o_data_row", { hasText: `${stamp} typed` });
  await gone.getByText("Revoked", { exact: true }).waitFor();
  expect(person.problems).toEqual([]);
});
