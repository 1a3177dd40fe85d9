/** The quality gates: each counts as one test. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";

import { run } from "../lib/commands.mjs";

/**
 * Runs programs that find faults, one after the other.
 * @param {import("./prepare.mjs").World} world
 * @param {string} suite
 * @param {[string, string[]][]} commands
 * @returns {Promise<Omit<import("./tally.mjs").SuiteResult, "milliseconds">>}
 */
async function gate(world, suite, commands) {
  const details = [];
  const began = Date.now();
  for (const [command, args] of commands) {
    const { code, output } = await run(world.ctx, command, args, {
      expected: Array.from({ length: 64 }, (_, code) => code),
      logFile: join(world.ctx.local, "log", "gates.log"),
    });
    if (code !== 0)
      details.push(...output.split("\n").filter(Boolean).slice(-20));
  }
  const failed = details.length ? 1 : 0;
  return {
    suite,
    passed: 1 - failed,
    failed,
    details,
    milliseconds: Date.now() - began,
  };
}

const node = (world, ...args) => [
  process.execPath,
  [join(world.ctx.root, ...args[0]), ...args.slice(1)],
];
const bin = (world, path, ...args) =>
  node(world, ["node_modules", ...path], ...args);

/** Generated files are what their sources say. */
export const genCheck = (world) =>
  gate(world, "generated files", [
    node(world, ["scripts", "build", "gen.mjs"], "--check"),
  ]);

/** TypeScript, strict: service and tests, then screens. */
export const typecheck = (world) =>
  gate(
    world,
    "typecheck",
    ["tsconfig.json", join("web_src", "tsconfig.json")].map((file) =>
      bin(world, ["typescript", "bin", "tsc"], "-p", file, "--noEmit"),
    ),
  );

/** The slim facade of Odoo's web client names what the real one has. */
export const facade = (world) =>
  gate(world, "facade of Odoo's web client", [
    node(world, ["scripts", "build", "facade-check.mjs"]),
  ]);

/** eslint with the import boundaries of the layers. */
export const eslint = (world) =>
  gate(world, "eslint", [bin(world, ["eslint", "bin", "eslint.js"], ".")]);

/** One way to lay code out. */
export const prettier = (world) =>
  gate(world, "prettier", [
    bin(world, ["prettier", "bin", "prettier.cjs"], "--check", "."),
  ]);

/** ruff and pylint-odoo over the addons and the Python of set-up. */
export const pythonLint = (world) =>
  gate(world, "ruff and pylint-odoo", pythonCommands(world.python));

/**
 * README.rst is made from readme/ when an addon is packaged; the engine has no
 * environment to translate with; a model in several files by topic is meant so. (`enable=odoolint` overrules the rc file.)
 */
const NOT_ASKED =
  "missing-readme,prefer-env-translation,consider-merging-classes-inherited";

/**
 * @param {string} python interpreter of the environment with the tools
 * @param {{ fix?: boolean }} [options]
 * @returns {[string, string[]][]}
 */
export function pythonCommands(python, { fix = false } = {}) {
  const ruff = join(dirname(python), "ruff");
  const folders = ["addons", join("scripts", "local", "py")].filter(existsSync);
  return [
    [ruff, ["check", ...(fix ? ["--fix"] : []), ...folders]],
    [
      python,
      [
        "-m",
        "pylint",
        "--rcfile=pyproject.toml",
        `--disable=${NOT_ASKED}`,
        "addons",
      ],
    ],
  ];
}
