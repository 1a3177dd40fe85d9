#!/usr/bin/env node
/**
 * Compares the typed facade of Odoo's web client (web_src/types/) with Odoo.
 *
 *   node scripts/build/facade-check.mjs
 *
 * Each module that the facade declares must be a file of Odoo's, and each name
 * it declares must be exported there. Odoo's source is found through
 * HCP_ODOO_SOURCE (a checkout, or the folder with the package `odoo`), else
 * below .local. Exit 0: all there; 1: something is not, or no source is found.
 */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const MAX_DEPTH = 8;

/** Modules that Odoo gives under another name than their file's. */
const ALIASES = { "@odoo/hoot": "web/static/lib/hoot/hoot.js" };

/** The folder that holds `web/`, or null. */
function addonsIn(folder) {
  const candidates = ["addons", "odoo/addons", "."];
  const found = candidates
    .map((path) => join(folder, path))
    .filter((path) => existsSync(join(path, "web/static/src")));
  return found[0] ?? null;
}

/** Looks for `odoo/addons/web` below a folder, nearest first. */
function searchBelow(folder) {
  let level = existsSync(folder) ? [folder] : [];
  for (let depth = 0; depth < MAX_DEPTH && level.length; depth += 1) {
    const next = [];
    for (const path of level) {
      const addons = addonsIn(path);
      if (addons) {
        return addons;
      }
      for (const entry of readdirSync(path, { withFileTypes: true })) {
        if (entry.isDirectory() && !/^(\.|node_modules$)/.test(entry.name)) {
          next.push(join(path, entry.name));
        }
      }
    }
    level = next;
  }
  return null;
}

/** `@web/core/x` → web/static/src/core/x.js, `@web/../tests/x` → web/static/tests/x.js */
function fileOf(module) {
  if (module in ALIASES) {
    return ALIASES[module];
  }
  const [addon, ...path] = module.slice(1).split("/");
  return join(addon, "static/src", `${path.join("/")}.js`);
}

/** Modules of the facade with the values (not types) that they declare. */
function declared(file) {
  const source = ts.createSourceFile(
    file,
    readFileSync(file, "utf8"),
    ts.ScriptTarget.Latest,
  );
  return source.statements.filter(ts.isModuleDeclaration).map((module) => ({
    module: module.name.text,
    names: module.body.statements.flatMap((statement) => {
      if (ts.isVariableStatement(statement)) {
        return statement.declarationList.declarations.map((d) => d.name.text);
      }
      return ts.isFunctionDeclaration(statement) ||
        ts.isClassDeclaration(statement)
        ? [statement.name.text]
        : [];
    }),
  }));
}

/** Names that a file of Odoo's exports. */
function exportedBy(file) {
  const source = ts.createSourceFile(
    file,
    readFileSync(file, "utf8"),
    ts.ScriptTarget.Latest,
  );
  return new Set(
    source.statements.flatMap((statement) => {
      if (ts.isExportDeclaration(statement)) {
        return statement.exportClause?.elements?.map((e) => e.name.text) ?? [];
      }
      const isExported = statement.modifiers?.some(
        ({ kind }) => kind === ts.SyntaxKind.ExportKeyword,
      );
      if (!isExported) {
        return [];
      }
      return ts.isVariableStatement(statement)
        ? statement.declarationList.declarations.flatMap(namesOf)
        : [statement.name?.text];
    }),
  );
}

/** `const a = …` and `const { a, b: c } = …` */
function namesOf({ name }) {
  return name.elements ? name.elements.flatMap(namesOf) : [name.text];
}

const wanted = process.env.HCP_ODOO_SOURCE;
const addons = wanted
  ? addonsIn(resolve(wanted))
  : searchBelow(join(ROOT, ".local"));
if (!addons) {
  console.error(
    wanted
      ? `HCP_ODOO_SOURCE=${wanted} holds no Odoo source (no web/static/src).`
      : "No Odoo source: set HCP_ODOO_SOURCE to a checkout of Odoo 19.0, or run npm start once.",
  );
  process.exit(1);
}

const problems = [];
let checked = 0;
const types = join(ROOT, "web_src/types");
for (const name of readdirSync(types).filter((n) => n.endsWith(".d.ts"))) {
  for (const { module, names } of declared(join(types, name))) {
    const file = join(addons, fileOf(module));
    if (!existsSync(file)) {
      problems.push(`web_src/types/${name}: Odoo has no module ${module}`);
      continue;
    }
    const exported = exportedBy(file);
    checked += names.length;
    problems.push(
      ...names
        .filter((one) => !exported.has(one))
        .map((one) => `web_src/types/${name}: ${module} exports no ${one}`),
    );
  }
}
if (problems.length || !checked) {
  console.error(problems.join("\n") || "The facade declares nothing.");
  process.exitCode = 1;
} else {
  console.log(`facade: ${checked} names agree with Odoo`);
}
