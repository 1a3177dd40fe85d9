/// <reference lib="dom" />
/**
 * The integration monitor as people use it: live while orders leave, by
 * keyboard, on a phone, in the dark, and with what accessibility tools see.
 */
import { createHash } from "node:crypto";
import type { Browser } from "playwright";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadConfig } from "../../scripts/config.ts";
import { createOdooClient } from "../../scripts/odoo/client.ts";
import { ExchangeApi, type Envelope } from "../../scripts/odoo/exchange.ts";
import { findings, launch, Person } from "../kit/browser.ts";
import { arrived, order } from "../kit/hospital.ts";
import { eventually, readStack, type Stack } from "../kit/stack.ts";

let stack: Stack;
let browser: Browser;

/** Items that the demo's supplier A sells. */
const GAUZE = "GZE-2X2";

interface Row {
  uuid: string;
  number: string;
  state: string;
  sent_at: string | false;
}

beforeAll(async () => {
  stack = readStack();
  browser = await launch();
  const clerk = await Person.login(browser, stack, "clerk");
  const made = await order(clerk, "SUP-A", "RGH", [
    { code: GAUZE, quantity: 2 },
  ]);
  await arrived(stack, made.name);
  await clerk.close();
});

afterAll(async () => {
  await browser.close();
});

async function atMonitor(
  role = "administrator",
  options: { width?: number; height?: number; dark?: boolean } = {},
): Promise<Person> {
  const person = await Person.login(browser, stack, role, options);
  await person.open("/odoo/integration-monitor");
  await person.page.waitForSelector(".o_hcx_tile");
  return person;
}

async function atMessages(role = "administrator"): Promise<Person> {
  const person = await atMonitor(role);
  await person.page.locator("[data-view=messages]").click();
  await person.page.waitForSelector(".o_hcx_row");
  return person;
}

async function overflow(person: Person): Promise<number> {
  return person.page.evaluate(
    () => document.documentElement.scrollWidth - window.innerWidth,
  );
}

/** Files that cannot be read, from a partner: each a rejected message. */
async function unreadable(count: number): Promise<string[]> {
  const now = Date.now();
  const envelopes = Array.from({ length: count }, (_, index): Envelope => {
    const raw = Buffer.from(`not readable ${now} ${index}`);
    return {
      document: null,
      raw: raw.toString("base64"),
      raw_sha256: createHash("sha256").update(raw).digest("hex"),
      filename: "",
      diagnostics: [],
      idempotency_key: "",
      position: 0,
      trace_id: "",
    };
  });
  // The service hands in what partners sent; nobody else may.
  const client = createOdooClient(loadConfig().odoo());
  try {
    const answers = await new ExchangeApi(client).ingest(
      "SUPPLIER_A",
      envelopes,
    );
    return answers.map((one) => one.message_uuid);
  } finally {
    await client.close();
  }
}

describe.each([
  ["desktop", 1440, 900, false],
  ["desktop, dark", 1440, 900, true],
  ["phone", 390, 844, false],
])("%s", (_name, width, height, dark) => {
  test("has no serious accessibility finding and fits the width", async () => {
    const person = await atMonitor("administrator", { width, height, dark });
    const { page } = person;
    await page.waitForSelector("[data-chart=attempts] canvas");
    expect(await findings(person.page, ".o_action_manager")).toEqual([]);
    expect(await overflow(person)).toBeLessThanOrEqual(0);
    await page.locator("[data-view=messages]").click();
    await page.waitForSelector(".o_hcx_row");
    expect(await findings(person.page, ".o_action_manager")).toEqual([]);
    expect(await overflow(person)).toBeLessThanOrEqual(0);
    await page.locator(".o_hcx_open").first().click();
    await page.waitForSelector(".o_hcx_detail h2");
    expect(await findings(person.page, ".o_action_manager")).toEqual([]);
    expect(await overflow(person)).toBeLessThanOrEqual(0);
    expect(person.problems).toEqual([]);
    await person.close();
  });
});

test("what leaves appears by itself", async () => {
  const watcher = await atMessages();
  const clerk = await Person.login(browser, stack, "clerk");
  const made = await order(clerk, "SUP-A", "RGH", [
    { code: GAUZE, quantity: 1 },
  ]);
  const row = watcher.page.locator(".o_hcx_row", { hasText: made.name });
  await row.first().waitFor();
  await row
    .locator(".o_hcx_state", { hasText: "Acknowledged" })
    .first()
    .waitFor();
  expect(watcher.problems).toEqual([]);
  await clerk.close();
  await watcher.close();
});

test("the keyboard alone is enough", async () => {
  const person = await atMonitor();
  const { page } = person;
  await page.keyboard.press("m");
  await page.waitForSelector(".o_hcx_row[aria-current=true]");
  const current = () =>
    page.locator(".o_hcx_row[aria-current=true]").getAttribute("data-uuid");
  const first = await current();
  await page.keyboard.press("j");
  await eventually("the next row", async () => (await current()) !== first);
  await page.keyboard.press("k");
  await eventually("the row before", async () => (await current()) === first);
  await page.keyboard.press("x");
  await page.waitForSelector(".o_hcx_ticked");
  await page.keyboard.press("Escape");
  await page.waitForSelector(".o_hcx_ticked", { state: "detached" });
  await page.keyboard.press("Enter");
  await page.waitForSelector(".o_hcx_detail h2");
  const title = await page.locator(".o_hcx_detail h2").innerText();
  await page.keyboard.press("j");
  await eventually(
    "the next message",
    async () => (await page.locator(".o_hcx_detail h2").innerText()) !== title,
  );
  await page.keyboard.press("Escape");
  await page.waitForSelector(".o_hcx_detail", { state: "detached" });
  await page.keyboard.press("?");
  await page.waitForSelector(".o_hcx_keys");
  await page.keyboard.press("Escape");
  await page.waitForSelector(".o_hcx_keys", { state: "detached" });
  await page.keyboard.press("o");
  await page.waitForSelector(".o_hcx_tile");
  expect(person.problems).toEqual([]);
  await person.close();
});

test("an order's message shows what was sent, its attempts and its record", async () => {
  const person = await atMessages("clerk");
  const { page } = person;
  await page.locator("select[name=document_type]").selectOption({
    value: "purchase_order",
  });
  await page.locator("select[name=endpoint]").selectOption("SUPPLIER_A");
  await page.waitForFunction(() =>
    [...document.querySelectorAll(".o_hcx_row")].every((row) =>
      /Purchase order/.test(row.textContent ?? ""),
    ),
  );
  await page.locator(".o_hcx_row .o_hcx_open").first().click();
  await page.waitForSelector(".o_hcx_attempts [data-outcome=delivered]");
  const views = page.locator(".o_hcx_content_view");
  expect(await views.count()).toBe(2);
  expect(await views.nth(0).innerText()).toContain("schema_version");
  expect(await views.nth(1).innerText()).toContain("SHA-256");
  expect(await page.locator(".o_hcx_records").innerText()).toMatch(/P\d+/);
  expect(await page.locator(".o_hcx_detail [data-command]").count()).toBe(0);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.locator(".o_hcx_download").first().click(),
  ]);
  expect(download.suggestedFilename()).not.toBe("");
  await person.close();
});

test("many at once: asked for, done in slices, and summed up", async () => {
  const person = await atMessages();
  const { page } = person;
  const uuids = await unreadable(120);
  expect(uuids).toHaveLength(120);
  await page.locator("[data-state=attention]").click();
  await page.locator("select[name=endpoint]").selectOption("SUPPLIER_A");
  await page.waitForFunction(() =>
    [...document.querySelectorAll(".o_hcx_row")].every((row) =>
      /SUPPLIER_A.*(Rejected|Dead letter)/s.test(row.textContent ?? ""),
    ),
  );
  await page.locator(".o_hcx_rows thead input").click();
  await page.locator(".o_hcx_take_all").click();
  await page.locator(".o_hcx_bar [data-command=cancel]").click();
  await page.locator(".o_hcx_confirm").click();
  await page.waitForSelector(".o_hcx_result");
  expect(await page.locator(".o_hcx_result").innerText()).toMatch(
    /\d+ cancelled/,
  );
  await page.locator(".o_hcx_finish").click();
  const found = await person.call<{ items: Row[] }>(
    "healthcare.exchange.monitor",
    "load_messages",
    [{ endpoint: "SUPPLIER_A", state: "attention" }],
  );
  expect(found.items.filter((row) => uuids.includes(row.uuid))).toEqual([]);
  await person.close();
});

test("orders are replayed in bulk, and arrive once", async () => {
  const clerk = await Person.login(browser, stack, "clerk");
  const names: string[] = [];
  for (const quantity of [3, 4]) {
    const made = await order(clerk, "SUP-A", "RGH", [
      { code: GAUZE, quantity },
    ]);
    await arrived(stack, made.name);
    names.push(made.name);
  }
  await clerk.close();
  const person = await atMessages();
  const { page } = person;
  const states = async () => {
    const { items } = await person.call<{ items: Row[] }>(
      "healthcare.exchange.monitor",
      "load_messages",
      [{ endpoint: "SUPPLIER_A", document_type: "purchase_order" }],
    );
    return items
      .filter((row) => names.includes(row.number))
      .map((row) => `${row.state} ${row.sent_at !== false}`);
  };
  const acknowledged = ["acknowledged true", "acknowledged true"];
  const areAcknowledged = async () =>
    (await states()).join() === acknowledged.join();
  await eventually("both acknowledged", areAcknowledged);
  await page
    .locator("select[name=document_type]")
    .selectOption("purchase_order");
  for (const name of names) {
    await page.getByLabel(`Select ${name}`, { exact: true }).first().click();
  }
  await page.locator(".o_hcx_bar [data-command=replay]").click();
  await page.locator(".o_hcx_confirm").click();
  await page.waitForSelector(".o_hcx_result");
  expect(await page.locator(".o_hcx_result").innerText()).toBe("2 replayed");
  await page.locator(".o_hcx_finish").click();
  // The partner knows the key: each ends as it was.
  await eventually("both acknowledged again", areAcknowledged);
  expect(person.problems).toEqual([]);
  await person.close();
});

test("an auditor sees everything and changes nothing", async () => {
  const person = await atMessages("auditor");
  const { page } = person;
  await page.locator(".o_hcx_open").first().click();
  await page.waitForSelector(".o_hcx_detail h2");
  expect(await page.locator("[data-command]").count()).toBe(0);
  await expect(
    person.call("healthcare.exchange.monitor", "run_command", [
      "cancel",
      { uuids: [] },
    ]),
  ).rejects.toThrow(/administrators/);
  await person.close();
});

test("who has no business here is told so", async () => {
  const person = await Person.login(browser, stack, "requester");
  await expect(
    person.call("healthcare.exchange.monitor", "load_overview"),
  ).rejects.toThrow(/not part of your role/);
  await person.close();
});

test("search finds an order by its number and a message by its trace", async () => {
  const person = await atMessages();
  const { page } = person;
  const search = page.locator(".o_hcx_search_input");
  await search.fill("there is no such message");
  await page.waitForSelector(".o_hcx_empty");
  await page.locator(".o_hcx_clear_all").click();
  await page.waitForSelector(".o_hcx_row");
  await page.locator(".o_hcx_open").first().click();
  await page.locator(".o_hcx_trace h3 button").click();
  await page.waitForFunction(() =>
    /^[0-9a-f]{32}$/.test(
      document.querySelector<HTMLInputElement>(".o_hcx_search_input")?.value ??
        "",
    ),
  );
  await page.waitForSelector(".o_hcx_row");
  await person.close();
});
