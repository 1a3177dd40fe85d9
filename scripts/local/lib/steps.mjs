/**
 * Steps that can be killed at any point and repeated. A step is done when its
 * marker, written after its work, holds the digest of what went in; and when
 * its result is still there.
 */
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";

import { explain } from "./errors.mjs";
import { readJson, writeJson } from "./files.mjs";

/**
 * @typedef {object} Step
 * @property {string} id name of the marker
 * @property {string} title shown to people
 * @property {string} [folder] where the marker is kept; default: the local one
 * @property {string} [digest] of what the result depends on; a step without
 *   one runs each time
 * @property {string[]} [results] paths that must exist for the step to count
 * @property {(report: import("./report.mjs").StepReport) => any} run the work;
 *   what it returns must be JSON and is returned by later, kept runs too
 * @property {(value: any) => string} [say] a word for the end of the line
 */

/**
 * Runs a step, or keeps what an earlier run made.
 * @param {import("./context.mjs").Context} ctx
 * @param {Step} step
 * @returns {Promise<any>} what `run` returned, now or then
 * @throws {import("./errors.mjs").SetupError} with what to do
 */
export async function runStep(ctx, step) {
  const marker = markerFile(step.folder ?? ctx.local, step.id);
  const kept = step.digest === undefined ? undefined : readJson(marker);
  if (
    kept &&
    kept.digest === step.digest &&
    (step.results ?? []).every(existsSync)
  )
    return kept.value;
  const report = ctx.report.step(step.title);
  try {
    rmSync(marker, { force: true });
    const value = (await step.run(report)) ?? null;
    if (step.digest !== undefined)
      writeJson(marker, { digest: step.digest, value });
    report.done(step.say?.(value));
    return value;
  } catch (error) {
    report.failed();
    throw explain(step.title, error, ctx.logFile);
  }
}

/**
 * @param {string} folder local or shared folder
 * @param {string} id
 * @returns {string} path of a step's marker
 */
export function markerFile(folder, id) {
  return join(folder, "state", `${id}.json`);
}
