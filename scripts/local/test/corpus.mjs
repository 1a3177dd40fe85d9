/** Third-party messages, which are reference data and not part of the project. */
import { existsSync } from "node:fs";
import { join } from "node:path";

export const CORPUS_MISSING =
  "  Third-party messages: not run, their folder is not here (HCP_CORPUS names it).";

/**
 * @param {import("../lib/context.mjs").Context} ctx
 * @returns {boolean} whether the folder is there
 */
export function hasCorpus(ctx) {
  const folder = ctx.env.HCP_CORPUS ?? join(ctx.root, "..", "shared", "corpus");
  return existsSync(join(folder, "x12"));
}
