/** Generated files are what the generator makes now, and it notices when not. */
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, expect, it } from "vitest";

const root = join(import.meta.dirname, "..", "..", "..");
const copy = mkdtempSync(join(tmpdir(), "gen "));
const canonical = join("scripts", "canonical");
const odoo = join("addons", "healthcare_exchange", "data", "schemas");

afterAll(() => rmSync(copy, { recursive: true }));

function generate(folder: string, ...flags: string[]) {
  const script = join(folder, "scripts", "build", "gen.mjs");
  return spawnSync(process.execPath, [script, ...flags], { encoding: "utf8" });
}

/** Exit code of a check, and the names of the files that it complains of. */
function check(folder: string): { status: number | null; lines: string[] } {
  const { status, stderr } = generate(folder, "--check");
  const names = stderr.matchAll(/^out of date: .*?([\w.]+);/gm);
  return { status, lines: [...names].map(([, name = ""]) => name).sort() };
}

it("the project's are up to date", () => {
  expect(check(root)).toEqual({ status: 0, lines: [] });
}, 60_000);

it("a changed, a missing and a surplus file are noticed and mended", () => {
  for (const folder of ["scripts", join(odoo, ".."), "docs"])
    cpSync(join(root, folder), join(copy, folder), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  appendFileSync(join(copy, canonical, "generated", "documents.ts"), " ");
  rmSync(join(copy, odoo, "invoice.schema.json"));
  writeFileSync(join(copy, odoo, "old.schema.json"), "{}");
  expect(check(copy).lines).toEqual([
    "documents.ts",
    "invoice.schema.json",
    "old.schema.json",
  ]);
  expect(generate(copy).status).toBe(0);
  expect(check(copy)).toEqual({ status: 0, lines: [] });
}, 60_000);
