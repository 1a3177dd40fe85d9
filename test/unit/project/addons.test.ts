import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const ADDONS = join(import.meta.dirname, "..", "..", "..", "addons");

/**
 * The chain of docs/architecture.md, from the bottom up. An addon may depend
 * only on addons that stand before it.
 */
const CHAIN = [
  "healthcare_base",
  "healthcare_approval",
  "healthcare_exchange",
  "healthcare_supplier",
  "healthcare_catalog",
  "healthcare_contract",
  "healthcare_purchase",
  "healthcare_match",
  "healthcare_replenishment",
  "healthcare_procurement",
  "healthcare_demo",
];

const addons = readdirSync(ADDONS).filter((name) =>
  existsSync(join(ADDONS, name, "__manifest__.py")),
);

/** Reads `"depends": [...]` out of a manifest, a Python literal. */
function depends(addon: string): string[] {
  const manifest = readFileSync(join(ADDONS, addon, "__manifest__.py"), "utf8");
  const list = /["']depends["']\s*:\s*\[([^\]]*)\]/.exec(manifest)?.[1];
  if (list === undefined) {
    throw new Error(`${addon}/__manifest__.py has no "depends" list`);
  }
  return [...list.matchAll(/["']([^"']+)["']/g)].map((match) => match[1] ?? "");
}

describe("addons", () => {
  test("there are some", () => {
    expect(addons.length).toBeGreaterThan(0);
  });

  test.each(addons)("%s has its place in the chain", (addon) => {
    expect(CHAIN).toContain(addon);
  });

  test.each(addons)("%s depends only on addons above it", (addon) => {
    const above = CHAIN.slice(0, CHAIN.indexOf(addon));
    const ours = depends(addon).filter((name) => name.startsWith("healthcare"));
    for (const name of ours) {
      expect(above, `${addon} depends on ${name}`).toContain(name);
    }
  });

  test.each(addons)("%s says what it is and has its documents", (addon) => {
    const manifest = readFileSync(
      join(ADDONS, addon, "__manifest__.py"),
      "utf8",
    );
    expect(manifest).toMatch(/"license"\s*:\s*"AGPL-3"/);
    expect(manifest).toMatch(/"version"\s*:\s*"19\.0\.\d+\.\d+\.\d+"/);
    for (const part of ["DESCRIPTION", "CONFIGURE", "USAGE", "ROADMAP"]) {
      expect(
        existsSync(join(ADDONS, addon, "readme", `${part}.md`)),
        `${addon}/readme/${part}.md`,
      ).toBe(true);
    }
    expect(existsSync(join(ADDONS, addon, "i18n", `${addon}.pot`))).toBe(true);
  });
});
