import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { writeOdooConf } from "../../../scripts/local/lib/odoo-server.mjs";
import { createReporter, seconds } from "../../../scripts/local/lib/report.mjs";
import {
  ensureSecrets,
  saveSecrets,
  secretsFile,
} from "../../../scripts/local/lib/secrets.mjs";
import { makeContext } from "./kit.ts";

const mode = (file: string) => (statSync(file).mode & 0o777).toString(8);

test("secrets are made once and read by their owner only", () => {
  const ctx = makeContext();
  const secrets = ensureSecrets(ctx);
  expect(mode(secretsFile(ctx))).toBe("600");
  expect(ensureSecrets(ctx)).toEqual(secrets);
  saveSecrets(ctx, { ...secrets, service_api_key: "k" });
  expect(ensureSecrets(ctx)).toEqual({ ...secrets, service_api_key: "k" });
  expect(ensureSecrets(makeContext()).postgres_password).not.toBe(
    secrets.postgres_password,
  );
  expect(new Set(Object.values(secrets.demo_passwords)).size).toBe(9);
});

test("Odoo's configuration is closed, local and private", () => {
  const ctx = makeContext();
  const secrets = ensureSecrets(ctx);
  const instance = {
    ctx,
    secrets,
    odoo: { path: "/odoo", addons: [], version: "19.0" },
    postgresPort: 5469,
  };
  const file = writeOdooConf(instance as never, "hcp", { httpPort: 8069 });
  expect(mode(file)).toBe("600");
  const lines = readFileSync(file, "utf8").split("\n");
  expect(lines).toEqual(
    expect.arrayContaining([
      "[options]",
      `data_dir = ${join(ctx.local, "odoo-data")}`,
      "dbfilter = ^hcp$",
      "list_db = False",
      "http_interface = 127.0.0.1",
      `addons_path = ${join(ctx.root, "addons")}`,
      `admin_passwd = ${secrets.odoo_master_password}`,
    ]),
  );
});

test("progress in a file: one line when a step begins, one when it ends", () => {
  const written: string[] = [];
  let clock = 0;
  const out = { write: (text: string) => written.push(text) };
  const report = createReporter(out as never, () => clock);
  const step = report.step("Unpack");
  step.note("file one");
  clock = 65_400;
  step.done("12 files");
  report.step("Load").failed();
  expect(written.join("")).toBe(
    "  …  Unpack\n  ok  Unpack: 12 files (1 min 05 s)\n  …  Load\n  !!  Load: failed (0.0 s)\n",
  );
  expect(seconds(59_940)).toBe("59.9 s");
});
