/**
 * Counts what every suite said. A suite that ran nothing has failed: a test
 * run must not be green because something was left out.
 */
import { seconds } from "../lib/report.mjs";

/**
 * @typedef {object} SuiteResult
 * @property {string} suite name shown to people
 * @property {number} passed
 * @property {number} failed
 * @property {number} milliseconds
 * @property {string[]} [details] what failed, a line each
 */

/** @returns {{ add: (result: SuiteResult) => void, print: (say: (text: string) => void) => boolean }} */
export function createTally() {
  /** @type {SuiteResult[]} */
  const results = [];
  return {
    add(result) {
      const empty = result.passed + result.failed === 0;
      results.push(
        empty
          ? {
              ...result,
              failed: 1,
              details: ["it ran no test", ...(result.details ?? [])],
            }
          : result,
      );
    },
    /**
     * Prints a line for each suite and, last, the sum.
     * @returns {boolean} whether everything passed
     */
    print(say) {
      say("");
      for (const one of results) {
        const mark = one.failed ? "!!" : "ok";
        say(
          `  ${mark}  ${one.suite}: ${one.passed} passed, ${one.failed} failed (${seconds(one.milliseconds)})`,
        );
        for (const detail of one.details ?? []) say(`        ${detail}`);
      }
      const passed = results.reduce((sum, one) => sum + one.passed, 0);
      const failed = results.reduce((sum, one) => sum + one.failed, 0);
      say("");
      say(`${passed} passed, ${failed} failed`);
      return failed === 0 && passed > 0;
    },
  };
}
