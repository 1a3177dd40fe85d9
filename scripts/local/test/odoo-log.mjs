/**
 * Reads what Odoo's test runner logged. Pure functions over the log's text.
 */

const RESULT =
  /odoo\.tests\.result: (\d+) failed, (\d+) error\(s\) of (\d+) tests/g;
const FAILED =
  / (?:ERROR|CRITICAL) \S+ odoo\.addons\.[\w.]+: (?:FAIL|ERROR): (.+)$/gm;
const SKIPPED = /: skipped (.+)$/gm;
const HOOT_PASSED = /\[HOOT\] Passed (\d+) tests?/g;

/**
 * Counts of a run. A skipped test of one of our addons counts as failed: what
 * cannot run here has not been shown. HOOT's tests, many in one Python test,
 * are counted beside it.
 * @param {string} log
 * @returns {{ passed: number, failed: number, skipped: number, hoot: number, details: string[] }}
 *   `failed` includes `skipped`
 */
export function readOdooLog(log) {
  let run = 0;
  let failed = 0;
  for (const match of log.matchAll(RESULT)) {
    failed += Number(match[1]) + Number(match[2]);
    run += Number(match[3]);
  }
  const details = [...log.matchAll(FAILED)].map((match) => match[1] ?? "");
  const skipped = [...log.matchAll(SKIPPED)].map(
    (match) => `skipped ${match[1]}`,
  );
  let hoot = 0;
  for (const match of log.matchAll(HOOT_PASSED)) hoot += Number(match[1]);
  return {
    passed: Math.max(0, run - failed - skipped.length),
    failed: failed + skipped.length,
    skipped: skipped.length,
    hoot,
    details: [...new Set([...details, ...skipped])],
  };
}

/**
 * Findings of Odoo's own `test_lint` that name one of our addons. It runs over
 * Odoo and OCA as well and finds things there that are not ours to mend.
 * @param {string} log
 * @returns {string[]}
 */
export function ownLintFindings(log) {
  return log
    .split("\n")
    .filter((line) => /healthcare_[a-z_]+\/[\w/.-]+/.test(line))
    .filter(
      (line) =>
        !/ (?:INFO|DEBUG) \S+ odoo\.(?:modules|addons\.base)/.test(line),
    )
    .map((line) => line.trim().slice(0, 300));
}

/**
 * The end of a log of a run that failed without saying which test did.
 * @param {string} log
 * @param {number} code
 * @returns {string[]}
 */
export function odooLogDetails(log, code) {
  const errors = log
    .split("\n")
    .filter((line) => / (ERROR|CRITICAL) /.test(line));
  return [`Odoo ended with ${code}`, ...errors.slice(-10)];
}
