import importX from "eslint-plugin-import-x";
import tseslint from "typescript-eslint";

/**
 * Style is prettier's. Here are mistakes, and the layers of the architecture:
 * each folder of scripts/ may import only the folders listed for it.
 */

/** What each layer of the integration service may import, besides itself. */
const LAYERS = {
  canonical: [],
  formats: ["canonical"],
  transports: ["canonical", "sync/errors.ts", "timing.ts"],
  connectors: ["canonical", "formats", "transports"],
  odoo: ["canonical", "config.ts", "sync/errors.ts", "timing.ts"],
  sync: [
    "canonical",
    "formats",
    "transports",
    "connectors",
    "odoo",
    "config.ts",
    "timing.ts",
  ],
  certify: [
    "canonical",
    "formats",
    "transports",
    "connectors",
    "odoo",
    "sync",
    "timing.ts",
  ],
  bench: ["canonical", "odoo", "config.ts", "timing.ts"],
  sandbox: ["canonical", "formats", "transports", "config.ts", "timing.ts"],
};

/** Partner I/O belongs to transports/; these may talk for their own purpose. */
const NETWORK = [
  "node:http",
  "node:https",
  "node:http2",
  "node:net",
  "node:tls",
  "node:dgram",
  "undici",
];

const ODOO_BROWSER = ["@odoo/*", "@web/*", "@mail/*", "@healthcare_*/**"];

/** Zones for import-x/no-restricted-paths out of the table above. */
const zones = Object.entries(LAYERS).map(([layer, allowed]) => ({
  target: `./scripts/${layer}`,
  from: "./scripts",
  except: [layer, ...allowed].map((path) => `./${path}`),
  message: `scripts/${layer} may import only: ${["itself", ...allowed].join(", ")} (docs/architecture.md).`,
}));

const restrictedImports = (patterns, paths = []) => ({
  "no-restricted-imports": ["error", { patterns, paths }],
});

const noNode = {
  group: ["node:*"],
  message:
    "This code also runs in the browser: no Node modules (docs/architecture.md).",
};

const noNetwork = NETWORK.map((name) => ({
  name,
  message: "Only transports/ talks to partners (docs/architecture.md).",
  allowTypeImports: true,
}));

export const config = tseslint.config(
  {
    ignores: [
      "**/node_modules/**",
      ".local/**",
      "dist/**",
      "build/**",
      "coverage/**",
      "addons/**",
      "scripts/canonical/generated/**",
    ],
  },
  {
    files: ["**/*.{ts,mjs,js}"],
    linterOptions: { reportUnusedDisableDirectives: "error" },
    plugins: { "import-x": importX, "@typescript-eslint": tseslint.plugin },
    rules: {
      eqeqeq: "error",
      "no-async-promise-executor": "error",
      "no-cond-assign": "error",
      "no-constant-condition": ["error", { checkLoops: false }],
      "no-dupe-else-if": "error",
      "no-empty": "error",
      "no-eval": "error",
      "no-fallthrough": "error",
      "no-implied-eval": "error",
      "no-new-func": "error",
      "no-self-compare": "error",
      "no-sparse-arrays": "error",
      "no-unreachable": "error",
      "no-unsafe-finally": "error",
      "no-useless-catch": "error",
      "no-useless-escape": "error",
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
    },
  },
  {
    files: ["**/*.{mjs,js}"],
    languageOptions: { ecmaVersion: 2024, sourceType: "module" },
    rules: {
      "no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
    },
  },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ["./tsconfig.json", "./web_src/tsconfig.json"],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      "no-restricted-syntax": [
        "error",
        {
          selector: "ExportDefaultDeclaration",
          message: "Named exports only.",
        },
      ],
      "@typescript-eslint/consistent-type-imports": [
        "error",
        { fixStyle: "inline-type-imports" },
      ],
      // A promise handed to a handler that ignores it is how OWL, fastify and
      // commander work; a promise nobody waits for is still refused.
      "@typescript-eslint/no-misused-promises": [
        "error",
        { checksVoidReturn: false },
      ],
      "@typescript-eslint/no-unused-vars": [
        "error",
        {
          argsIgnorePattern: "^_",
          varsIgnorePattern: "^_",
          ignoreRestSiblings: true,
        },
      ],
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      // Checks at the edge (RPC answers, JSON) look needless to the compiler.
      "@typescript-eslint/no-unnecessary-condition": "off",
      // call<T>() says what an RPC is declared to answer.
      "@typescript-eslint/no-unnecessary-type-parameters": "off",
      // An interface is asynchronous even where one implementation is not.
      "@typescript-eslint/require-await": "off",
      "@typescript-eslint/no-confusing-void-expression": "off",
      "@typescript-eslint/no-extraneous-class": "off",
    },
  },

  // The integration service: layers, and who may touch the network.
  {
    files: ["scripts/**/*.ts"],
    rules: {
      "import-x/no-restricted-paths": [
        "error",
        { basePath: import.meta.dirname, zones },
      ],
      ...restrictedImports([
        {
          group: ODOO_BROWSER,
          message: "The service knows nothing of Odoo's web client.",
        },
      ]),
    },
  },
  {
    files: ["scripts/{canonical,formats}/**/*.ts"],
    rules: restrictedImports([noNode], noNetwork),
  },
  {
    files: ["scripts/connectors/**/*.ts"],
    rules: restrictedImports([], noNetwork),
  },

  // Odoo's screens.
  {
    files: ["web_src/**/*.ts"],
    rules: {
      ...restrictedImports([
        noNode,
        {
          group: ["**/scripts/**"],
          message: "Screens share code with the service as a library only.",
        },
      ]),
      "no-restricted-syntax": [
        "error",
        {
          selector: "ExportDefaultDeclaration",
          message: "Default exports break Odoo's transpiler.",
        },
        {
          selector: "ExportAllDeclaration[exported=null]",
          message: "Odoo's transpiler wants names: export { a } from ….",
        },
        {
          selector: "ImportExpression",
          message: "Odoo does not convert dynamic import(): use loadBundle.",
        },
        {
          selector: "TemplateElement[value.raw=/^\\s*(import|export)\\b/m]",
          message:
            "Odoo's transpiler rewrites a template line that begins with import or export.",
        },
        {
          selector: "PropertyDefinition[definite=true]",
          message:
            "Resets the property to undefined in OWL: write `declare x: T`.",
        },
        {
          selector:
            "PropertyDefinition CallExpression[callee.name=/^use[A-Z]/]",
          message: "Hooks work only in setup().",
        },
      ],
    },
  },
  {
    // Models and numbers run without a browser, and are tested so.
    files: ["web_src/**/*_model.ts", "web_src/**/decimal.ts"],
    rules: restrictedImports([
      noNode,
      {
        // `latest` and `outcome` are pure themselves, and shared by the screens.
        regex:
          "^@(odoo|web|mail)/|^@healthcare_(?!exchange/monitor/(latest|outcome)$)",
        message: "This code knows no screen.",
      },
    ]),
  },

  // Tests say what they expect without ceremony.
  {
    files: ["test/**/*.ts", "web_src/**/*.test.ts"],
    rules: {
      "@typescript-eslint/no-base-to-string": "off",
      "@typescript-eslint/no-invalid-void-type": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-unnecessary-type-assertion": "off",
      "@typescript-eslint/restrict-template-expressions": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/unbound-method": "off",
    },
  },
  {
    // Tools read the default export of their configuration, and a declaration
    // of somebody else's module says how that one exports.
    files: ["*.config.{ts,js}", "**/*.d.ts"],
    rules: { "no-restricted-syntax": "off" },
  },
);

export default config;
