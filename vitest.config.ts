import { join } from "node:path";
import { defineConfig } from "vitest/config";

/**
 * One project per suite. `unit` and `corpus` need nothing but Node; `contract`
 * starts real servers on loopback; `integration` and `e2e` need the real Odoo
 * that `npm test` starts (HCP_RUN_FILE names it).
 */
const project = (name: string, extra: Record<string, unknown> = {}) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    ...extra,
  },
});

export const config = defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts", "web_src/**/*.test.ts"],
          // Those run in the browser, inside Odoo.
          exclude: ["**/node_modules/**", "web_src/**/tests/**"],
          testTimeout: 30_000,
        },
        // Odoo's names of modules.
        resolve: {
          alias: {
            "@healthcare_exchange": join(
              import.meta.dirname,
              "web_src/healthcare_exchange",
            ),
          },
        },
      },
      project("corpus"),
      project("contract"),
      project("integration", { fileParallelism: false, testTimeout: 120_000 }),
      project("e2e", {
        fileParallelism: false,
        testTimeout: 180_000,
        hookTimeout: 180_000,
      }),
      // Kills what it starts; at full size it takes as long as it takes.
      project("faults", {
        fileParallelism: false,
        testTimeout: 4 * 3_600_000,
        hookTimeout: 180_000,
      }),
    ],
  },
});

// Vitest reads the default export of its configuration file.
export default config;
