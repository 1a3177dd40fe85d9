/**
 * Loads the first screens once, as a person's browser would, so that Odoo
 * builds and stores its asset bundles before anybody waits for them.
 */
import { SetupError } from "./errors.mjs";

/**
 * @param {string} url Odoo's address
 * @param {{ login: string, password: string }} user who logs in
 * @returns {Promise<number>} how many bundles were fetched
 * @throws {SetupError} when a screen or a bundle does not come
 */
export async function warmAssets(url, user) {
  const browser = new Browser(url);
  const loginPage = await browser.get("/web/login");
  const fetched = await browser.bundles(loginPage);
  const token = /name="csrf_token" value="([^"]+)"/.exec(loginPage)?.[1] ?? "";
  await browser.post("/web/login", {
    csrf_token: token,
    login: user.login,
    password: user.password,
  });
  const home = await browser.get("/odoo");
  if (/name="csrf_token"[^>]*>[\s\S]*name="password"/.test(home)) {
    throw new SetupError(
      `Odoo refused the login ${user.login}: its password was changed.`,
      "Log in with your own password; only the warming-up of the first screen is left out.",
    );
  }
  return fetched + (await browser.bundles(home));
}

/** Keeps cookies; a dozen lines instead of a dependency. */
class Browser {
  constructor(url) {
    this.url = url;
    this.cookies = new Map();
  }

  async get(path) {
    return (await this.fetch(path)).text();
  }

  async post(path, form) {
    await this.fetch(path, { method: "POST", body: new URLSearchParams(form) });
  }

  async fetch(path, options = {}) {
    const response = await fetch(new URL(path, this.url), {
      ...options,
      redirect: "manual",
      headers: {
        cookie: [...this.cookies].map(([k, v]) => `${k}=${v}`).join("; "),
      },
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (name) this.cookies.set(name, value);
    }
    if (response.status >= 300 && response.status < 400) {
      await response.arrayBuffer();
      return this.fetch(response.headers.get("location") ?? "/");
    }
    if (response.status >= 400) {
      throw new SetupError(
        `Odoo answers ${response.status} to ${path}.`,
        "Its log, odoo.log, says why.",
      );
    }
    return response;
  }

  /** Fetches every script and style that a page links to. */
  async bundles(page) {
    const links = [
      ...page.matchAll(/(?:src|href)="(\/web\/assets\/[^"]+)"/g),
    ].map((match) => match[1]);
    for (const link of new Set(links))
      await (await this.fetch(link)).arrayBuffer();
    return links.length;
  }
}
