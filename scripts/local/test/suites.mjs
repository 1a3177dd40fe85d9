/** The suites, and which of them run beside each other. */
import { CORPUS_MISSING, hasCorpus } from "./corpus.mjs";
import {
  eslint,
  facade,
  genCheck,
  prettier,
  pythonLint,
  typecheck,
} from "./gates.mjs";
import { faults } from "./faults.mjs";
import { odooLint, odooTests } from "./odoo.mjs";
import { vitest } from "./vitest.mjs";

/**
 * @typedef {object} Suite
 * @property {string} title
 * @property {string[]} [needs] `browser`
 * @property {(world: import("./prepare.mjs").World) => Promise<(Omit<import("./tally.mjs").SuiteResult, "milliseconds"> & { milliseconds?: number })[]>} run
 */

/** @type {Record<string, Suite>} */
export const SUITES = {
  gates: {
    title: "Quality gates",
    run: async (world) => [
      await genCheck(world),
      await typecheck(world),
      await facade(world),
      await eslint(world),
      await prettier(world),
      await pythonLint(world),
    ],
  },
  unit: {
    title: "TypeScript: unit",
    run: (world) => vitest(world, "unit"),
  },
  contract: {
    title: "TypeScript: real servers",
    run: (world) => vitest(world, "contract"),
  },
  corpus: {
    title: "TypeScript: third-party messages",
    run: async (world) => {
      if (hasCorpus(world.ctx)) return vitest(world, "corpus");
      world.ctx.report.say(CORPUS_MISSING);
      return [];
    },
  },
  odoo: {
    title: "Odoo: the addons' tests, HOOT among them",
    needs: ["browser"],
    run: odooTests,
  },
  "odoo-lint": { title: "Odoo: its own lint over our addons", run: odooLint },
  integration: {
    title: "The service against a real Odoo",
    run: async (world) => vitest(world, "integration", await world.demo()),
  },
  e2e: {
    title: "People's work in a real browser",
    needs: ["browser"],
    run: async (world) => vitest(world, "e2e", await world.demo()),
  },
  faults: { title: "Crashes: service, Odoo and database killed", run: faults },
};

/** Suites of a lane run one after the other, lanes beside each other. */
export const LANES = [
  ["gates", "unit", "contract", "corpus"],
  ["odoo", "odoo-lint", "integration", "e2e", "faults"],
];

/**
 * @param {string} what
 * @param {Set<string> | undefined} only
 * @returns {boolean} whether a suite that will run needs it
 */
export function needs(what, only) {
  return Object.entries(SUITES).some(
    ([name, suite]) =>
      (!only || only.has(name)) && (suite.needs ?? []).includes(what),
  );
}
