/**
 * Where Odoo's own code comes from: a tree that `HCP_ODOO_SOURCE` names, else
 * Debian's package `odoo-19`, unpacked into the shared folder. That package
 * is in Debian's suite sid only, whose Python is too new for Odoo 19, so it
 * is never installed.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

import { ODOO_PACKAGES, ODOO_STABLE_PACKAGES } from "./constants.mjs";
import { unpackDebian } from "./debian.mjs";
import { SetupError } from "./errors.mjs";
import { digest, makeFolder } from "./files.mjs";
import { runStep } from "./steps.mjs";

const SERIES = "19.0";

/**
 * A library of the video calls (background blur) that Debian leaves out while
 * Odoo's web bundle still names it: every page would log an error, at which
 * each of Odoo's browser tests fails.
 */
const LEFT_OUT = "mail/static/lib/selfie_segmentation/selfie_segmentation.js";

/**
 * @typedef {object} OdooSource
 * @property {string} path the folder that has the package `odoo`
 * @property {string[]} addons Odoo's own addons folders
 * @property {string} version
 */

/**
 * @param {import("./context.mjs").Context} ctx
 * @returns {Promise<OdooSource>}
 * @throws {SetupError} with what to do when there is none
 */
export async function ensureOdoo(ctx) {
  if (ctx.env.HCP_ODOO_SOURCE) return fromFolder(ctx.env.HCP_ODOO_SOURCE);
  const target = join(ctx.shared, "odoo");
  const path = join(target, "usr", "lib", "python3", "dist-packages");
  await runStep(ctx, {
    id: "odoo",
    title: "Odoo 19 (Debian package, unpacked)",
    folder: ctx.shared,
    digest: digest(...ODOO_PACKAGES, ...ODOO_STABLE_PACKAGES, LEFT_OUT),
    results: [join(path, "odoo", "release.py")],
    run: async (report) => {
      await makeFolder(target, async (folder) => {
        await unpackDebian(ctx, {
          target: folder,
          work: join(ctx.shared, "apt"),
          note: report.note,
          packages: [
            ...ODOO_PACKAGES.map((name) => ({ name, suite: "sid" })),
            ...ODOO_STABLE_PACKAGES.map((name) => ({ name })),
          ],
        });
        putPlaceholder(folder);
      });
    },
  });
  return {
    path,
    addons: [join(path, "odoo", "addons")],
    version: version(path),
  };
}

/** @param {string} folder into which the packages were unpacked */
function putPlaceholder(folder) {
  const addons = join(folder, "usr/lib/python3/dist-packages/odoo/addons");
  const file = join(addons, LEFT_OUT);
  if (existsSync(join(addons, "mail")) && !existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, "/* Not part of Debian's package of Odoo. */\n");
  }
}

/**
 * @param {string} folder a checkout of Odoo, or the folder with its package
 * @returns {OdooSource}
 * @throws {SetupError} when it is neither, or of another series
 */
export function fromFolder(folder) {
  const path = resolve(folder);
  if (!existsSync(join(path, "odoo", "release.py"))) {
    throw new SetupError(
      `HCP_ODOO_SOURCE names ${path}, which has no package \`odoo\` in it.`,
      "Set it to a checkout of Odoo 19.0, or to the folder that has the package `odoo`; or unset it.",
    );
  }
  const found = version(path);
  if (found !== SERIES) {
    throw new SetupError(
      `HCP_ODOO_SOURCE names Odoo ${found || "of an unknown version"}; the suite is made for Odoo ${SERIES}.`,
      `Check out branch ${SERIES} there, or unset HCP_ODOO_SOURCE.`,
    );
  }
  const addons = [join(path, "addons"), join(path, "odoo", "addons")];
  return {
    path,
    addons: addons.filter((one) => existsSync(one)),
    version: found,
  };
}

/** The series, read without running anything: `version_info = (19, 0, …`. */
function version(path) {
  const text = readFileSync(join(path, "odoo", "release.py"), "utf8");
  const match =
    /version_info\s*=\s*\(\s*['"]?(?:saas~)?(\d+)['"]?,\s*(\d+)/.exec(text);
  return match ? `${match[1]}.${match[2]}` : "";
}
