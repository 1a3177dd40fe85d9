import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

/** Odoo runs only the test modules that `tests/__init__.py` imports. */

const addons = readdirSync("addons").filter((name) => {
  const folder = join("addons", name, "tests");
  return (
    existsSync(folder) &&
    readdirSync(folder).some((file) => file.endsWith(".py"))
  );
});

test("there are addons with tests", () => {
  expect(addons.length).toBeGreaterThan(0);
});

test.each(addons)("%s runs each of its test modules", (addon) => {
  const folder = join("addons", addon, "tests");
  const imported = readFileSync(join(folder, "__init__.py"), "utf8");
  const left = readdirSync(folder)
    .filter((name) => /^test_.*\.py$/.test(name))
    .map((name) => name.replace(/\.py$/, ""))
    .filter((name) => !new RegExp(`\\b${name}\\b`).test(imported));
  expect(left).toEqual([]);
});
