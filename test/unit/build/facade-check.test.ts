import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

let odoo: string;

function check() {
  return spawnSync(process.execPath, ["scripts/build/facade-check.mjs"], {
    encoding: "utf8",
    env: { ...process.env, HCP_ODOO_SOURCE: odoo },
  });
}

beforeEach(() => {
  odoo = mkdtempSync(join(tmpdir(), "odoo "));
});

afterEach(() => {
  rmSync(odoo, { recursive: true });
});

test("a folder without Odoo is refused", () => {
  const { status, stderr } = check();
  expect(status).toBe(1);
  expect(stderr).toContain("holds no Odoo source");
});

test("what Odoo does not have, or does not export, is named", () => {
  const files = {
    "core/registry.js": "export const other = 1;",
    "core/l10n/dates.js":
      "export const { deserializeDate, today } = f();\n" +
      "export function deserializeDateTime() {}\n" +
      "function toLocaleDateString() {}\n" +
      "export { toLocaleDateString, x as toLocaleDateTimeString };",
  };
  for (const [path, content] of Object.entries(files)) {
    const file = join(odoo, "addons/web/static/src", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  const { status, stderr } = check();
  expect(status).toBe(1);
  expect(stderr).toContain("@web/core/registry exports no registry");
  expect(stderr).toContain("Odoo has no module @web/core/currency");
  expect(stderr).not.toContain("@web/core/l10n/dates");
});
