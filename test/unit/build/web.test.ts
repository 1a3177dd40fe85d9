import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

let root: string;

function put(path: string, content = "") {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

function read(path: string) {
  return readFileSync(join(root, path), "utf8");
}

function build() {
  const result = spawnSync(
    process.execPath,
    ["scripts/build/web.mjs", "--root", root],
    { encoding: "utf8" },
  );
  return {
    status: result.status,
    out: result.stdout,
    errors: result.stderr,
  };
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "web build "));
  put("addons/healthcare_x/__manifest__.py", "{}");
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

test("each kind of source goes to its place in the addon", () => {
  put(
    "web_src/healthcare_x/board/board.ts",
    'import { _t } from "@web/core/l10n/translation";\n' +
      'import type { Row } from "./types";\n' +
      "interface Props { row: Row }\n" +
      "export class Board {\n" +
      "  declare props: Props;\n" +
      '  title = _t("Ünit…");\n' +
      "}\n",
  );
  put("web_src/healthcare_x/board/board.xml", "<templates/>");
  put("web_src/healthcare_x/board/board.scss", ".o_board {}");
  put("web_src/healthcare_x/board/types.d.ts", "export interface Row {}");
  put("web_src/healthcare_x/board/model.test.ts", "this is not even code");
  put("web_src/healthcare_x/tests/board.test.ts", "export const x: number = 1;");
  put("web_src/types/web.d.ts", "declare module '@web/x' {}");

  expect(build()).toMatchObject({ status: 0, errors: "" });

  const script = read("addons/healthcare_x/static/src/board/board.js");
  expect(script).toContain('from "@web/core/l10n/translation"');
  expect(script).toContain('_t("Ünit…")');
  expect(script).not.toContain("./types");
  expect(script).not.toContain("props");
  expect(read("addons/healthcare_x/static/src/board/board.xml")).toBe(
    "<templates/>",
  );
  expect(read("addons/healthcare_x/static/src/board/board.scss")).toBe(
    ".o_board {}",
  );
  expect(read("addons/healthcare_x/static/tests/board.test.js")).toContain(
    "const x = 1",
  );
  for (const left of ["board/types.d.ts", "board/model.test.js", "types"]) {
    expect(existsSync(join(root, "addons/healthcare_x/static/src", left))).toBe(
      false,
    );
  }
});

test("a second build writes nothing, and what lost its source goes", () => {
  put("web_src/healthcare_x/a/a.ts", "export const a = 1;");
  put("web_src/healthcare_x/b/b.ts", "export const b = 2;");
  build();
  const output = join(root, "addons/healthcare_x/static/src/a/a.js");
  const { mtimeMs } = statSync(output);
  expect(build().out).toContain("2 files, 0 written, 0 removed");
  expect(statSync(output).mtimeMs).toBe(mtimeMs);

  rmSync(join(root, "web_src/healthcare_x/b"), { recursive: true });
  expect(build().out).toContain("1 files, 0 written, 1 removed");
  expect(existsSync(join(root, "addons/healthcare_x/static/src/b"))).toBe(
    false,
  );
});

test("a mistake is named with file and line, and removes nothing", () => {
  put("web_src/healthcare_x/a/a.ts", "export const a = 1;");
  build();
  rmSync(join(root, "web_src/healthcare_x/a/a.ts"));
  put("web_src/healthcare_x/b.ts", "export const b = 1;\nconst = 2;\n");
  put("web_src/healthcare_x/c.ts", "export default class C {}\n");
  put("web_src/healthcare_x/d.ts", 'export const d = import("./b");\n');
  put("web_src/healthcare_x/e.psd", "");
  put("web_src/healthcare_y/f.ts", "export const f = 1;\n");

  const { status, errors } = build();

  expect(status).toBe(1);
  expect(errors).toMatch(/b\.ts:2:\d+: Expected identifier/);
  expect(errors).toMatch(/c\.ts: default exports/);
  expect(errors).toMatch(/d\.ts: Odoo does not convert dynamic import/);
  expect(errors).toMatch(/e\.psd: this kind of file/);
  expect(errors).toMatch(/web_src\/healthcare_y: there is no addon/);
  expect(
    existsSync(join(root, "addons/healthcare_x/static/src/a/a.js")),
  ).toBe(true);
});
