/**
 * The running demo that integration and browser tests work against: Odoo,
 * service and sandbox, as `npm start` and `npm test` start them.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

export interface Login {
  login: string;
  password: string;
  role: string;
}

export interface Stack {
  odooUrl: string;
  odooDb: string;
  serviceUrl: string;
  sandboxUrl: string;
  logins: Login[];
  secrets: Record<string, string>;
}

interface RunFile {
  odoo_url: string;
  odoo_db: string;
  service_url: string;
  sandbox: { a_url: string };
  logins: Login[];
}

/**
 * Reads the run file that HCP_RUN_FILE names, or that of `npm start`.
 * @throws Error when nothing runs: these tests need the real thing
 */
export function readStack(): Stack {
  const file =
    process.env.HCP_RUN_FILE ??
    join(import.meta.dirname, "..", "..", ".local", "run.json");
  if (!existsSync(file)) {
    throw new Error(
      `${file} is not there: run these tests with npm test, or npm start first`,
    );
  }
  const run = JSON.parse(readFileSync(file, "utf8")) as RunFile;
  const secretsFile =
    process.env.HCP_SECRETS_FILE ?? join(dirname(file), "secrets.json");
  return {
    odooUrl: run.odoo_url,
    odooDb: run.odoo_db,
    serviceUrl: run.service_url,
    sandboxUrl: run.sandbox.a_url,
    logins: run.logins,
    secrets: JSON.parse(readFileSync(secretsFile, "utf8")) as Record<
      string,
      string
    >,
  };
}

/** The login of a role. @throws Error for a role that the demo has not */
export function loginOf(stack: Stack, role: string): Login {
  const found = stack.logins.find((one) => one.role === role);
  if (!found) throw new Error(`the demo has no login for ${role}`);
  return found;
}

/** Calls the sandbox partners' control address. */
export async function sandbox(
  stack: Stack,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const response = await fetch(`${stack.sandboxUrl}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${stack.secrets.sandbox_bearer ?? ""}`,
      "content-type": "application/json",
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) {
    throw new Error(`sandbox ${method} ${path}: ${response.status} ${text}`);
  }
  return text === "" ? undefined : (JSON.parse(text) as unknown);
}

/**
 * Asks again until the answer is there.
 * @throws Error after the limit, with the last answer
 */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined | false | null>,
  limit = 60_000,
): Promise<T> {
  const end = Date.now() + limit;
  let last: unknown;
  while (Date.now() < end) {
    const answer = await ask();
    if (answer) return answer;
    last = answer;
    await new Promise((resolve) => setTimeout(resolve, 400));
  }
  throw new Error(`${what} did not happen in ${limit} ms (last: ${last})`);
}
