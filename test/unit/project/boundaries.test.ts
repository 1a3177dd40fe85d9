import { ESLint } from "eslint";
import { configs } from "typescript-eslint";
import { beforeAll, expect, test } from "vitest";

/**
 * The layers of the architecture, as eslint.config.js enforces them: each case
 * is a line that must not be written in that file.
 */

let eslint: ESLint;

beforeAll(() => {
  // The boundaries need no types, and loading those takes a quarter of a minute.
  eslint = new ESLint({ overrideConfig: [configs.disableTypeChecked] });
});

async function complaints(path: string, code: string) {
  const [result] = await eslint.lintText(code, { filePath: path });
  return (result?.messages ?? []).map(({ message }) => message).join("\n");
}

test.each([
  ["scripts/formats/index.ts", 'import "node:fs";', /no Node modules/],
  ["scripts/canonical/types.ts", 'import "node:path";', /no Node modules/],
  ["scripts/formats/index.ts", 'import "undici";', /Only transports\//],
  [
    "scripts/formats/index.ts",
    'import "../sync/relay.ts";',
    /scripts\/formats may import only/,
  ],
  [
    "scripts/canonical/types.ts",
    'import "../formats/index.ts";',
    /scripts\/canonical may import only/,
  ],
  [
    "scripts/transports/index.ts",
    'import "../sync/relay.ts";',
    /scripts\/transports may import only/,
  ],
  [
    "scripts/odoo/client.ts",
    'import "../sync/relay.ts";',
    /scripts\/odoo may import only/,
  ],
  [
    "scripts/sync/relay.ts",
    'import "../sandbox/server.ts";',
    /scripts\/sync may import only/,
  ],
  ["scripts/connectors/connector.ts", 'import "node:http";', /transports\//],
  [
    "web_src/healthcare_match/workbench/workbench_model.ts",
    'import "@web/core/registry";',
    /knows no screen/,
  ],
  [
    "web_src/healthcare_match/workbench/workbench.ts",
    'import "node:fs";',
    /no Node modules/,
  ],
  [
    "web_src/healthcare_match/workbench/workbench.ts",
    "export default 1;",
    /Default exports break/,
  ],
  [
    "web_src/healthcare_match/workbench/workbench.ts",
    "export const a = `\nimport x`;",
    /template line/,
  ],
  [
    "web_src/healthcare_match/workbench/workbench.ts",
    "export class A { props!: object }",
    /declare x: T/,
  ],
  [
    "web_src/healthcare_match/workbench/workbench.ts",
    'declare function useService(n: string): object;\nexport class A { orm = useService("orm") }',
    /Hooks work only in setup/,
  ],
])("%s: %s", async (path, code, message) => {
  expect(await complaints(path, code)).toMatch(message);
});

test("what a layer may do is not complained about", async () => {
  expect(
    await complaints(
      "scripts/sync/relay.ts",
      'import "../transports/index.ts";\nimport "node:fs";\n',
    ),
  ).toBe("");
});
