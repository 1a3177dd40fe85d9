/// <reference lib="dom" />
/**
 * The match workbench as people use it: by keyboard, on a phone, in the dark,
 * and with what accessibility tools see.
 */
import type { Browser } from "playwright";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findings, launch, Person } from "../kit/browser.ts";
import { readStack, type Stack } from "../kit/stack.ts";

let stack: Stack;
let browser: Browser;

beforeAll(async () => {
  stack = readStack();
  browser = await launch();
});

afterAll(async () => {
  await browser.close();
});

async function atWorkbench(
  role: string,
  options: { width?: number; height?: number; dark?: boolean } = {},
): Promise<Person> {
  const person = await Person.login(browser, stack, role, options);
  await person.open("/odoo/match-workbench");
  await person.page.waitForSelector(".o_hcm_item");
  return person;
}

describe.each([
  ["desktop", 1440, 900, false],
  ["desktop, dark", 1440, 900, true],
  ["phone", 390, 844, false],
])("%s", (_name, width, height, dark) => {
  test("has no serious accessibility finding and fits the width", async () => {
    const person = await atWorkbench("accounts_payable", {
      width,
      height,
      dark,
    });
    expect(await findings(person.page, ".o_action_manager")).toEqual([]);
    await person.page.locator(".o_hcm_item").first().click();
    await person.page.waitForSelector(".o_hcm_decision");
    expect(await findings(person.page, ".o_action_manager")).toEqual([]);
    const overflow = await person.page.evaluate(
      () => document.documentElement.scrollWidth - window.innerWidth,
    );
    expect(overflow).toBeLessThanOrEqual(0);
    expect(person.problems).toEqual([]);
    await person.close();
  });
});

test("the keyboard alone is enough", async () => {
  const person = await atWorkbench("accounts_payable");
  const { page } = person;
  const selected = () =>
    page.locator(".o_hcm_item[aria-current=true]").getAttribute("data-move-id");
  await page.waitForSelector(".o_hcm_item[aria-current=true]");
  const first = await selected();
  await page.keyboard.press("j");
  await page.waitForFunction(
    (id) =>
      document
        .querySelector(".o_hcm_item[aria-current=true]")
        ?.getAttribute("data-move-id") !== id,
    first,
  );
  await page.keyboard.press("k");
  await page.waitForFunction(
    (id) =>
      document
        .querySelector(".o_hcm_item[aria-current=true]")
        ?.getAttribute("data-move-id") === id,
    first,
  );
  await page.keyboard.press("?");
  await page.waitForSelector(".modal");
  await page.keyboard.press("Escape");
  await page.waitForSelector(".modal", { state: "detached" });
  await person.close();
});

test("search and filters find a bill; nothing found says what to do", async () => {
  const person = await atWorkbench("accounts_payable");
  const { page } = person;
  const search = page.locator(".o_cp_searchview input, .o_control_panel input");
  await search.first().fill("MS-100611");
  await search.first().press("Enter");
  await page.waitForFunction(
    () => document.querySelectorAll(".o_hcm_item").length === 1,
  );
  await search.first().fill("there is no such bill");
  await search.first().press("Enter");
  await page.waitForSelector(".o_hcm_empty");
  await page.getByRole("button", { name: "Clear the search" }).click();
  await page.waitForSelector(".o_hcm_item");
  await page.locator("[data-filter=matched]").click();
  await page.waitForSelector("[data-filter=matched][aria-pressed=true]");
  await person.close();
});

test("a bill's address opens the bill, with one step in the path", async () => {
  const person = await atWorkbench("accounts_payable");
  const { page } = person;
  await page.waitForURL(/match-workbench\/\d+/);
  const address = new URL(page.url()).pathname;
  await person.open(address);
  await page.waitForSelector(".o_hcm_decision");
  expect(await page.locator(".o_control_panel").innerText()).not.toContain(
    "Unnamed",
  );
  await person.close();
});

test("an auditor sees everything and decides nothing", async () => {
  const person = await atWorkbench("auditor");
  await person.page.waitForSelector(".o_hcm_decision");
  expect(await person.page.locator("[data-resolution]").count()).toBe(0);
  await person.close();
});

test("who has no business here is told so", async () => {
  const person = await Person.login(browser, stack, "requester");
  await expect(
    person.call("healthcare.match.workbench", "load_queue"),
  ).rejects.toThrow(/not part of your role/);
  await person.close();
});
