/** `hcp` as a process: where it runs from, what it says, how it ends. */
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { temporaryFolder } from "../kit/context.ts";
import { hcp } from "../kit/live.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

const nowhere = () => ({
  HCP_RUN_FILE: join(folder.path, "none.json"),
  HCP_ODOO_URL: undefined,
  HCP_ODOO_DB: undefined,
  HCP_ODOO_API_KEY: undefined,
});

/** The project without what is installed, in a folder with spaces. */
function copyOfProject(packages: boolean): string {
  const target = join(folder.path, "a copy");
  mkdirSync(target);
  for (const name of ["package.json", "package-lock.json", "scripts"])
    cpSync(join(root, name), join(target, name), { recursive: true });
  if (packages)
    symlinkSync(join(root, "node_modules"), join(target, "node_modules"));
  return target;
}

describe("hcp", () => {
  it("lists its commands", async () => {
    const { code, stdout } = await hcp(root, ["--help"]);
    expect(code).toBe(0);
    for (const name of [
      "info",
      "convert",
      "ingest",
      "sync",
      "replay",
      "certify",
      "verify-audit",
      "package",
      "sandbox",
    ])
      expect(stdout).toContain(`  ${name}`);
  });

  it("builds itself in a folder with spaces and runs from anywhere", async () => {
    const copy = copyOfProject(true);
    const built = await hcp(copy, ["--build-only"], {}, folder.path);
    expect(built, built.stderr).toMatchObject({ code: 0, stdout: "" });
    expect(existsSync(join(copy, "build", "hcp", "cli.mjs"))).toBe(true);
    const { code, stdout } = await hcp(copy, ["errors"], {}, "/");
    expect(code).toBe(0);
    expect(stdout).toContain("connection_refused");
  });

  it("says in one sentence that packages are missing", async () => {
    const copy = copyOfProject(false);
    const { code, stderr } = await hcp(copy, ["info"]);
    expect(code).toBe(1);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).toContain("npm ci");
  });

  it.each([
    [["dance"], "unknown command"],
    [["ingest", "x.edi"], "--endpoint"],
    [["sync", "serve", "--port", "many"], "port"],
    [["replay"], "--message"],
  ])("ends with 1 for wrong usage: %j", async (args, message) => {
    const { code, stderr } = await hcp(root, args, nowhere());
    expect(code).toBe(1);
    expect(stderr).toContain(message);
  });

  it.each([
    [["sync", "once"]],
    [["verify-audit"]],
    [["certify", "--endpoint", "X"]],
    [["ingest", "--endpoint", "A", "package.json"]],
  ])("without an Odoo says what to set: %j", async (args) => {
    const { code, stderr } = await hcp(root, args, nowhere());
    expect(code).toBe(1);
    expect(stderr).toContain("HCP_ODOO_URL");
    expect(stderr).not.toContain("    at ");
  });

  it("info answers even when nothing is there", async () => {
    const { code, stdout } = await hcp(root, ["info", "--json"], {
      ...nowhere(),
      HCP_ODOO_URL: "http://127.0.0.1:9",
      HCP_ODOO_DB: "db",
      HCP_ODOO_API_KEY: "very-secret",
    });
    expect(code).toBe(0);
    expect(stdout).not.toContain("very-secret");
    expect(JSON.parse(stdout)).toMatchObject({
      odoo_url: "http://127.0.0.1:9",
      service_url: null,
      health: {
        odoo: { status: "failing" },
        rpc: { status: "failing" },
        service: { status: "not_configured" },
      },
    });
  });
});

describe("hcp package", () => {
  it("makes the same archives twice, which others can unpack", async () => {
    const sums: string[] = [];
    for (const name of ["one", "two"]) {
      const output = join(folder.path, name);
      const args = ["package", "--output", output];
      const { code, stderr } = await hcp(root, args);
      expect(code, stderr).toBe(0);
      sums.push(readFileSync(join(output, "SHA256SUMS"), "utf8"));
    }
    expect(sums[1]).toBe(sums[0]);
    const output = join(folder.path, "one");
    execFileSync("sha256sum", ["--check", "--quiet", "SHA256SUMS"], {
      cwd: output,
    });
    const [archive = ""] = /\S+healthcare_base\S+|healthcare_base\S+/.exec(
      sums[0] ?? "",
    ) ?? [""];
    const script =
      "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; print('\\n'.join(z.namelist()))";
    const names = execFileSync("python3", ["-c", script, join(output, archive)])
      .toString()
      .split("\n");
    expect(names).toContain("healthcare_base/__manifest__.py");
    expect(names.filter((name) => /__pycache__|\.pyc$/.test(name))).toEqual([]);
  }, 120_000);
});
