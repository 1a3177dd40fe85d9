/** A service context against a stand-in, with a log that can be read. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig, type Config } from "../../scripts/config.ts";
import { createOdooClient } from "../../scripts/odoo/client.ts";
import { ExchangeApi } from "../../scripts/odoo/exchange.ts";
import {
  EndpointDirectory,
  type SyncContext,
} from "../../scripts/sync/context.ts";
import { CredentialStore } from "../../scripts/sync/credentials.ts";
import { createLogger } from "../../scripts/sync/log.ts";
import { Tracing } from "../../scripts/sync/tracing.ts";
import { Metrics } from "../../scripts/sync/metrics.ts";

/** A new folder; `remove` takes it away again. */
export function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), "hcp test "));
  return {
    path,
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** Settings as the environment gives them, nothing of this machine. */
export function testConfig(
  odooUrl: string,
  dataDir: string,
  env: Record<string, string> = {},
): Config {
  return loadConfig(
    {},
    {
      HCP_ODOO_URL: odooUrl,
      HCP_ODOO_DB: "db",
      HCP_ODOO_API_KEY: "key",
      HCP_RUN_FILE: join(dataDir, "no-run.json"),
      HCP_DATA_DIR: dataDir,
      HCP_SERVICE_BEARER: "partner-token",
      ...env,
    },
  );
}

export interface TestContext {
  context: SyncContext;
  /** Everything that was logged, as text. */
  logged: () => string;
  close: () => Promise<void>;
}

export function testContext(config: Config): TestContext {
  let text = "";
  const client = createOdooClient(config.odoo());
  const exchange = new ExchangeApi(client);
  const log = createLogger({
    level: "debug",
    destination: { write: (line: string) => void (text += line) },
  });
  return {
    context: {
      config,
      exchange,
      endpoints: new EndpointDirectory(exchange),
      credentials: new CredentialStore(config, exchange, log),
      log,
      tracing: Tracing.off(),
      metrics: new Metrics(),
      worker: "test",
    },
    logged: () => text,
    close: () => client.close(),
  };
}

/** Waits until something is true; fails after ten seconds. */
export async function eventually(
  what: string,
  check: () => boolean | Promise<boolean>,
  limit = 10_000,
): Promise<void> {
  const until = Date.now() + limit;
  while (!(await check())) {
    if (Date.now() > until) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
