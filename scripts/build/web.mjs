#!/usr/bin/env node
/**
 * Builds the Odoo screens: web_src/<addon>/** → addons/<addon>/static/.
 *
 *   node scripts/build/web.mjs [--watch] [--root DIR]
 *
 * TypeScript is transpiled file by file (no bundle, no minifying), so that
 * Odoo's module ids stay `@addon/path` and other addons can import or patch()
 * them. Templates, styles and images are carried over. What has no source any
 * more is removed: everything in static/src and static/tests is made here.
 *
 * Plain Node, because set-up runs it before anything else is built.
 */
import { existsSync, watch } from "node:fs";
import {
  mkdir,
  readFile,
  readdir,
  rm,
  rmdir,
  stat,
  writeFile,
} from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { transform } from "esbuild";

const COPIED = /\.(xml|scss|css|svg|png|webp|json|woff2?)$/;

/** What Odoo's own transpiler can live with (docs/decisions/0004). */
const ESBUILD = {
  format: "esm",
  target: "es2022",
  minify: false,
  // Terms to translate are looked up by their text: keep them as written.
  charset: "utf8",
  loader: "ts",
  tsconfigRaw: {
    compilerOptions: {
      target: "ES2022",
      useDefineForClassFields: true,
      verbatimModuleSyntax: true,
    },
  },
};

/**
 * What esbuild accepts and Odoo's transpiler breaks on or silently ignores,
 * looked for in esbuild's output, where the formatting is known.
 */
const FORBIDDEN = [
  {
    pattern: /^export default\b|\bas default\b/m,
    message: "default exports break Odoo's transpiler: export by name",
  },
  {
    pattern: /\bimport\(/m,
    message:
      "Odoo does not convert dynamic import(): use loadBundle or a static import",
  },
];

/** A source that cannot be built; its message names file, line and reason. */
class BuildError extends Error {}

/** Every file below a folder; none where the folder does not exist. */
async function filesBelow(folder) {
  if (!existsSync(folder)) {
    return [];
  }
  const entries = await readdir(folder, {
    recursive: true,
    withFileTypes: true,
  });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

async function foldersIn(folder) {
  if (!existsSync(folder)) {
    return [];
  }
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .map((entry) => entry.name)
    .sort();
}

/**
 * Where a source goes, as {output, kind}, or null for what stays here: types,
 * and unit tests that run in Node.
 */
function plan(file, source, target) {
  const path = relative(source, file).split(sep).join("/");
  const isTest = path.startsWith("tests/");
  const output = join(target, isTest ? "" : "src", path);
  if (path.endsWith(".d.ts") || (!isTest && path.endsWith(".test.ts"))) {
    return null;
  }
  if (path.endsWith(".ts")) {
    return { output: output.replace(/\.ts$/, ".js"), kind: "typescript" };
  }
  if (COPIED.test(path)) {
    return { output, kind: "copy" };
  }
  throw new BuildError(
    `${file}: this kind of file is not carried into an addon. ` +
      "Write .ts, .xml or .scss, or extend COPIED in scripts/build/web.mjs.",
  );
}

async function transpile(file) {
  let result;
  try {
    result = await transform(await readFile(file, "utf8"), {
      ...ESBUILD,
      sourcefile: file,
      logLevel: "silent",
    });
  } catch (error) {
    const lines = (error.errors ?? []).map(
      ({ location, text }) =>
        `${file}:${location?.line ?? 1}:${(location?.column ?? 0) + 1}: ${text}`,
    );
    throw new BuildError(lines.join("\n") || `${file}: ${error.message}`);
  }
  for (const { pattern, message } of FORBIDDEN) {
    if (pattern.test(result.code)) {
      throw new BuildError(`${file}: ${message}`);
    }
  }
  return Buffer.from(result.code, "utf8");
}

/** Writes only what changed, so that Odoo's asset cache keys stay the same. */
async function writeIfChanged(output, content) {
  try {
    if ((await readFile(output)).equals(content)) {
      return false;
    }
  } catch (error) {
    if (error.code !== "ENOENT") {
      throw error;
    }
  }
  await mkdir(dirname(output), { recursive: true });
  await writeFile(output, content);
  return true;
}

/** Removes what has no source any more, and the folders that became empty. */
async function removeStale(folders, outputs) {
  let removed = 0;
  for (const folder of folders) {
    for (const file of await filesBelow(folder)) {
      if (!outputs.has(file)) {
        await rm(file);
        removed += 1;
        let parent = dirname(file);
        while (parent.startsWith(folder) && !(await readdir(parent)).length) {
          await rmdir(parent);
          parent = dirname(parent);
        }
      }
    }
  }
  return removed;
}

/**
 * Builds everything below `root` once.
 *
 * `seen` remembers, between the rounds of watch mode, the state of each source
 * that has been built. Returns {written, removed, total}; throws BuildError
 * with all problems found, having removed nothing.
 */
async function build(root, seen = new Map()) {
  const webSource = join(root, "web_src");
  const addons = join(root, "addons");
  const outputs = new Set();
  const problems = [];
  const jobs = [];
  for (const addon of await foldersIn(webSource)) {
    if (addon === "types") {
      continue;
    }
    if (!existsSync(join(addons, addon, "__manifest__.py"))) {
      problems.push(
        `web_src/${addon}: there is no addon addons/${addon}. ` +
          "Name the folder after the addon that shows the screens.",
      );
      continue;
    }
    const source = join(webSource, addon);
    for (const file of await filesBelow(source)) {
      jobs.push({ file, source, target: join(addons, addon, "static") });
    }
  }
  let written = 0;
  await Promise.all(
    jobs.map(async ({ file, source, target }) => {
      try {
        const planned = plan(file, source, target);
        if (!planned) {
          return;
        }
        outputs.add(planned.output);
        const { mtimeMs, size } = await stat(file);
        const state = `${mtimeMs}:${size}`;
        if (seen.get(file) === state && existsSync(planned.output)) {
          return;
        }
        const content =
          planned.kind === "typescript"
            ? await transpile(file)
            : await readFile(file);
        if (await writeIfChanged(planned.output, content)) {
          written += 1;
        }
        seen.set(file, state);
      } catch (error) {
        if (!(error instanceof BuildError)) {
          throw error;
        }
        problems.push(error.message);
      }
    }),
  );
  if (problems.length) {
    throw new BuildError(problems.sort().join("\n"));
  }
  const made = (await foldersIn(addons)).flatMap((addon) => [
    join(addons, addon, "static", "src"),
    join(addons, addon, "static", "tests"),
  ]);
  const removed = await removeStale(made, outputs);
  return { written, removed, total: outputs.size };
}

function report({ written, removed, total }, milliseconds) {
  console.log(
    `web: ${total} files, ${written} written, ${removed} removed ` +
      `(${Math.round(milliseconds)} ms)`,
  );
}

async function buildAndReport(root, seen) {
  const start = performance.now();
  try {
    report(await build(root, seen), performance.now() - start);
    return true;
  } catch (error) {
    if (!(error instanceof BuildError)) {
      throw error;
    }
    console.error(error.message);
    return false;
  }
}

/** Builds again shortly after the last of a burst of changes, one at a time. */
async function watchForChanges(root) {
  const seen = new Map();
  let queue = buildAndReport(root, seen);
  let timer;
  watch(join(root, "web_src"), { recursive: true }, () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      queue = queue.then(() => buildAndReport(root, seen));
    }, 50);
  });
  await queue;
  console.log("web: watching web_src (Ctrl-C ends)");
}

const { values } = parseArgs({
  options: {
    watch: { type: "boolean", default: false },
    root: {
      type: "string",
      default: resolve(dirname(fileURLToPath(import.meta.url)), "../.."),
    },
  },
});
if (values.watch) {
  await watchForChanges(resolve(values.root));
} else if (!(await buildAndReport(resolve(values.root)))) {
  process.exitCode = 1;
}
