/** A Python environment of our own with exactly the packages listed. */
import {
  existsSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { run } from "./commands.mjs";
import { unpackDebian } from "./debian.mjs";
import { SetupError } from "./errors.mjs";
import { digest, makeFolder } from "./files.mjs";
import { runStep } from "./steps.mjs";

/**
 * @param {import("./context.mjs").Context} ctx
 * @param {object} options
 * @param {{ python: string, pythonVersion: string }} options.machine
 * @param {import("./odoo-source.mjs").OdooSource} options.odoo put on the path
 * @param {boolean} [options.dev] with the tools of requirements-dev.txt; once
 *   there they stay, so that `npm start` and `npm test` share one environment
 * @returns {Promise<string>} the environment's interpreter
 * @throws {SetupError}
 */
export async function ensurePython(ctx, { machine, odoo, dev = false }) {
  const venv = join(ctx.shared, "venv");
  const python = join(venv, "bin", "python");
  const base = ["requirements-addons.txt", "requirements.txt"]
    .map((name) => readFileSync(requirements(ctx, name), "utf8"))
    .join("\n");
  const key = [machine.pythonVersion, machine.python, venv, odoo.path];
  await runStep(ctx, {
    id: "python",
    title: `Python packages (Python ${machine.pythonVersion})`,
    folder: ctx.shared,
    digest: digest(...key, base),
    results: [python],
    run: async (report) => {
      await makeVenv(ctx, machine, venv, report);
      report.note("downloading and installing");
      await install(ctx, python, "requirements.txt");
      writeFileSync(
        join(sitePackages(venv), "odoo-source.pth"),
        `${odoo.path}\n`,
      );
      await run(ctx, python, ["-c", "import odoo.release, psycopg2, lxml"]);
    },
  });
  if (!dev) return python;
  const tools = readFileSync(requirements(ctx, "requirements-dev.txt"));
  await runStep(ctx, {
    id: "python-dev",
    title: "Python tools for tests",
    folder: ctx.shared,
    digest: digest(...key, base, tools),
    results: [join(venv, "bin", "ruff")],
    run: () => install(ctx, python, "requirements-dev.txt"),
  });
  return python;
}

function requirements(ctx, name) {
  return join(ctx.root, "scripts", "local", name);
}

/**
 * `--no-deps`: the files list everything, so that nothing else is ever taken;
 * it also lets Odoo's own addons be satisfied by a source tree.
 */
function install(ctx, python, file) {
  return run(ctx, python, [
    ...[
      "-m",
      "pip",
      "install",
      "--no-deps",
      "--no-input",
      "--no-warn-script-location",
    ],
    ...["--disable-pip-version-check", "--prefer-binary"],
    ...["-r", requirements(ctx, file)],
  ]);
}

/** @param {string} venv @returns {string} its site-packages folder */
export function sitePackages(venv) {
  const lib = join(venv, "lib");
  const version = readdirSync(lib).find((name) => name.startsWith("python3."));
  return join(lib, version ?? "python3", "site-packages");
}

async function makeVenv(ctx, machine, venv, report) {
  rmSync(venv, { recursive: true, force: true });
  const { code } = await run(
    ctx,
    machine.python,
    ["-c", "import ensurepip, venv"],
    { expected: [0, 1] },
  );
  if (code === 0) {
    await run(ctx, machine.python, ["-m", "venv", venv]);
    return;
  }
  report.note("this Python has no pip: fetching Debian's");
  const wheel = await debianPip(ctx);
  await run(ctx, machine.python, ["-m", "venv", "--without-pip", venv]);
  const python = join(venv, "bin", "python");
  await run(ctx, python, [join(wheel, "pip"), "install", "--no-index", wheel]);
}

/** Debian's Python lacks pip; Debian's wheel of pip is a file of its own. */
async function debianPip(ctx) {
  const target = join(ctx.shared, "pip");
  const find = () => {
    const folder = join(target, "usr", "share", "python-wheels");
    if (!existsSync(folder)) return undefined;
    const name = readdirSync(folder).find((one) => /^pip-.*\.whl$/.test(one));
    return name && join(folder, name);
  };
  if (!find()) {
    await makeFolder(target, (folder) =>
      unpackDebian(ctx, {
        target: folder,
        work: join(ctx.shared, "apt"),
        packages: [{ name: "python3-pip-whl" }],
      }),
    );
  }
  const wheel = find();
  if (wheel) return wheel;
  throw new SetupError(
    "This Python has neither venv nor pip.",
    "Install them (on Debian: `apt-get install python3-venv`), or set HCP_PYTHON to a Python that has them.",
  );
}
