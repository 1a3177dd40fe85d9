import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { CommandError, explain } from "../../../scripts/local/lib/errors.mjs";
import {
  checkDisk,
  checkMachine,
  findPython,
  supported,
} from "../../../scripts/local/lib/machine.mjs";
import { fromFolder } from "../../../scripts/local/lib/odoo-source.mjs";
import { LIB, makeContext, makeFolderWithSpaces } from "./kit.ts";

/** A program that answers as a Python of some version would. */
function fakePython(version: string): string {
  const path = join(makeFolderWithSpaces(), "python");
  writeFileSync(path, `#!/bin/sh\necho ${version}\necho "$0"\n`);
  chmodSync(path, 0o755);
  return path;
}

describe("Python", () => {
  test.each([
    ["3.9.18", false],
    ["3.10.0", true],
    ["3.13.9", true],
    ["3.14.0", false],
    ["4.0.0", false],
  ])("%s: %s", (version, expected) => {
    expect(supported(version)).toBe(expected);
  });

  test("the real one of this machine is found", async () => {
    const found = await findPython(makeContext());
    const said = execFileSync(found.python, ["--version"]).toString();
    expect(said.trim()).toBe(`Python ${found.pythonVersion}`);
  });

  test("HCP_PYTHON is taken, and its path may have spaces", async () => {
    const python = fakePython("3.12.4");
    const found = await findPython(makeContext({ HCP_PYTHON: python }));
    expect(found).toEqual({ python, pythonVersion: "3.12.4" });
  });

  test("HCP_PYTHON too old or missing is refused, not replaced", async () => {
    const { PATH } = process.env;
    const python = fakePython("3.9.2");
    await expect(
      findPython(makeContext({ PATH, HCP_PYTHON: python })),
    ).rejects.toThrow(
      `HCP_PYTHON: ${python} is 3.9.2; Odoo 19 needs Python 3.10 to 3.13. Set HCP_PYTHON`,
    );
    await expect(
      findPython(makeContext({ PATH, HCP_PYTHON: "/no/python" })),
    ).rejects.toThrow("HCP_PYTHON names /no/python, which is not a Python");
  });

  test("none at all", async () => {
    await expect(
      findPython(makeContext({ PATH: makeFolderWithSpaces() })),
    ).rejects.toThrow(
      "Odoo 19 needs Python 3.10 to 3.13; none was found. Install one",
    );
  });
});

describe("before anything is installed", () => {
  test("an old Node gets a sentence", () => {
    const start = join(LIB, "..", "start.mjs");
    const old = `data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"18.20.1"}})`;
    const { status, stderr } = spawnSync(
      process.execPath,
      ["--import", old, start],
      { encoding: "utf8" },
    );
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^Node 18\.20\.1 is too old: Node 20 or later is needed\. .*npm start again\.\n$/,
    );
  });

  test("too little disk, for the first time and later", () => {
    expect(() => checkDisk(2999, false)).toThrow(
      "Only 2999 MB are free on this disk; the installation needs 3000 MB. Free some space",
    );
    expect(() => checkDisk(299, true)).toThrow("running needs 300 MB");
    checkDisk(2999, true);
    checkDisk(3000, false);
  });

  test("an existing Odoo: nothing is installed, and no password is shown", async () => {
    const ctx = makeContext({
      HCP_ODOO_URL: "https://me:secret@odoo.example",
    });
    const refused = expect(checkMachine(ctx)).rejects;
    await refused.toThrow(
      /^HCP_ODOO_URL names an Odoo that exists \(https:\/\/odoo\.example\), so nothing is installed\. Run `npx hcp package`/,
    );
  });
});

describe("HCP_ODOO_SOURCE", () => {
  function tree(release: string): string {
    const folder = makeFolderWithSpaces();
    mkdirSync(join(folder, "odoo", "addons"), { recursive: true });
    mkdirSync(join(folder, "addons"));
    writeFileSync(join(folder, "odoo", "release.py"), release);
    return folder;
  }

  test("a checkout", () => {
    const folder = tree("version_info = (19, 0, 0, FINAL, 0, '')\n");
    expect(fromFolder(folder)).toEqual({
      path: folder,
      addons: [join(folder, "addons"), join(folder, "odoo", "addons")],
      version: "19.0",
    });
  });

  test("another series, or something else", () => {
    expect(() => fromFolder(tree("version_info = (18, 0, 0)\n"))).toThrow(
      "HCP_ODOO_SOURCE names Odoo 18.0; the suite is made for Odoo 19.0.",
    );
    expect(() =>
      fromFolder(tree("version_info = ('saas~19', 1, 0)\n")),
    ).toThrow("names Odoo 19.1");
    expect(() => fromFolder("/nowhere")).toThrow(
      "HCP_ODOO_SOURCE names /nowhere, which has no package `odoo` in it.",
    );
  });
});

describe("a failed command", () => {
  const told = (output: string) =>
    explain("Fetch", new CommandError("apt-get", 100, output), "setup.log")
      .message;

  test.each([
    "E: Failed to fetch http://x/y  Temporary failure resolving 'x'",
    "npm error code ENOTFOUND",
    "NewConnectionError('<pip...>: [Errno 101] Network is unreachable')",
  ])("without network: %s", (output) => {
    expect(told(output)).toMatch(
      /^Nothing could be downloaded \(Fetch\): there is no network connection.*Connect, or set HTTP_PROXY/,
    );
  });

  test.each([
    "tar: x: Cannot write: No space left on device",
    "npm error code ENOSPC",
  ])("without disk: %s", (output) => {
    expect(told(output)).toMatch(
      /^The disk is full \(Fetch\)\. Free some space/,
    );
  });

  test("for another reason shows its last lines and the log", () => {
    expect(told("one\ntwo\n\nthree\n")).toMatch(
      /^Fetch failed: apt-get ended with 100\.\n {2}one\n {2}two\n {2}three\n The whole story is in setup\.log/,
    );
  });
});

test("every Python requirement is pinned to one version", () => {
  const names = [
    "requirements-addons.txt",
    "requirements.txt",
    "requirements-dev.txt",
  ];
  const lines = names
    .flatMap((name) => readFileSync(join(LIB, "..", name), "utf8").split("\n"))
    .filter((line) => line && !line.startsWith("#") && !line.startsWith("-r "));
  expect(lines.length).toBeGreaterThan(80);
  for (const line of lines)
    expect(line).toMatch(
      /^[\w.-]+==[\w.]+(; python_version (<|>=) "3\.\d+")?$/,
    );
});
