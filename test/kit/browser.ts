/** A person in front of Odoo, in a real Chromium. */
import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, chromium, type Locator, type Page } from "playwright";
import { loginOf, type Stack } from "./stack.ts";

/** Starts Chromium. @throws Error when there is none */
export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.HCP_CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/**
 * What people with a screen reader or weak eyes could not use: axe's serious
 * and critical findings, with the elements.
 * @param include selector of what is ours on the page
 */
export async function findings(page: Page, include: string): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .include(include)
    .analyze();
  return violations
    .filter((one) => one.impact === "serious" || one.impact === "critical")
    .flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html}`));
}

/** One person's browser window, logged in. */
export class Person {
  readonly page: Page;
  readonly problems: string[] = [];
  private readonly stack: Stack;

  private constructor(page: Page, stack: Stack) {
    this.page = page;
    this.stack = stack;
    page.on("pageerror", (error) => this.problems.push(error.message));
  }

  /** Opens a window of its own and logs in as the demo's user of a role. */
  static async login(
    browser: Browser,
    stack: Stack,
    role: string,
    options: { width?: number; height?: number; dark?: boolean } = {},
  ): Promise<Person> {
    const { width = 1440, height = 900, dark = false } = options;
    const context = await browser.newContext({
      viewport: { width, height },
      colorScheme: dark ? "dark" : "light",
      locale: "en-US",
    });
    if (dark) {
      await context.addCookies([
        { name: "color_scheme", value: "dark", url: stack.odooUrl },
      ]);
    }
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    const person = new Person(page, stack);
    const { login, password } = loginOf(stack, role);
    await page.goto(`${stack.odooUrl}/web/login`);
    await page.fill("input[name=login]", login);
    await page.fill("input[name=password]", password);
    await page.click("button[type=submit]");
    await page.waitForSelector(".o_main_navbar");
    return person;
  }

  /** Opens an address below Odoo's, such as `/odoo/action-module.action`. */
  async open(path: string): Promise<void> {
    await this.page.goto(`${this.stack.odooUrl}${path}`);
    await this.page.waitForSelector(".o_action_manager > *");
  }

  /**
   * Calls a model's method over RPC with this person's own session and rights.
   * @throws Error with Odoo's message when it refuses
   */
  async call<T>(
    model: string,
    method: string,
    args: unknown[] = [],
    kwargs: Record<string, unknown> = {},
  ): Promise<T> {
    const answer = await this.page.evaluate(
      async (params) => {
        const response = await fetch(
          `/web/dataset/call_kw/${params.model}/${params.method}`,
          {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: JSON.stringify({ jsonrpc: "2.0", method: "call", params }),
          },
        );
        return (await response.json()) as {
          result?: unknown;
          error?: { data?: { message?: string }; message: string };
        };
      },
      { model, method, args, kwargs },
    );
    if (answer.error) {
      throw new Error(answer.error.data?.message ?? answer.error.message);
    }
    return answer.result as T;
  }

  field(name: string): Locator {
    return this.page.locator(`.o_field_widget[name="${name}"]`).first();
  }

  /** Chooses a record in a many2one field by typing a part of its name. */
  async choose(field: Locator, text: string): Promise<void> {
    await field.locator("input").click();
    await field.locator("input").fill(text);
    await this.page
      .locator(".o-autocomplete--dropdown-item", { hasText: text })
      .first()
      .click();
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}
