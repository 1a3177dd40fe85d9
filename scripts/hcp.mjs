#!/usr/bin/env node
/**
 * Starts the command line. Plain Node, for it must run before anything is
 * built: bundles `scripts/cli.ts` with esbuild when a source has changed (by
 * content), then runs the bundle with source maps. `--build-only` only builds.
 */
import { createHash, randomUUID } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const bundle = join(root, "build", "hcp", "cli.mjs");
const SOURCE = /\.(ts|json)$/;

/** Every source file below a folder, sorted, so that the digest is stable. */
function sources(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return sources(path);
      return SOURCE.test(entry.name) ? [path] : [];
    });
}

/** Digest over names and contents of what the bundle is made from. */
function digest() {
  const hash = createHash("sha256");
  const files = [
    join(root, "package-lock.json"),
    ...sources(join(root, "scripts")),
  ].filter((file) => existsSync(file));
  for (const file of files) {
    hash.update(relative(root, file)).update("\0");
    hash.update(readFileSync(file)).update("\0");
  }
  return hash.digest("hex");
}

/** True when the bundle on disk was built from exactly these sources. */
function isFresh(wanted) {
  if (!existsSync(bundle)) return false;
  const head = readFileSync(bundle, { encoding: "utf8", flag: "r" }).slice(
    0,
    80,
  );
  return head.startsWith(`// ${wanted}`);
}

/**
 * Builds beside the final name and renames, so that a second process never
 * reads half a bundle.
 */
async function build(wanted) {
  const esbuild = await import("esbuild");
  mkdirSync(dirname(bundle), { recursive: true });
  const unfinished = `${bundle}.${randomUUID()}.mjs`;
  try {
    await esbuild.build({
      entryPoints: [join(root, "scripts", "cli.ts")],
      outfile: unfinished,
      bundle: true,
      packages: "external",
      platform: "node",
      format: "esm",
      target: "node20",
      sourcemap: "inline",
      sourcesContent: false,
      banner: { js: `// ${wanted}` },
      logLevel: "error",
    });
    renameSync(unfinished, bundle);
  } finally {
    rmSync(unfinished, { force: true });
  }
}

/** A missing dependency is the most likely first failure: one sentence. */
function explain(error) {
  const missing = error.code === "ERR_MODULE_NOT_FOUND";
  if (missing || !existsSync(join(root, "node_modules", "esbuild"))) {
    return "hcp: packages are not installed; run `npm ci` (or `npm start`) in the project's folder first.";
  }
  return `hcp: the command line could not be built: ${error.message}`;
}

/** The command line's entry, built when needed. */
async function load() {
  const wanted = digest();
  if (!isFresh(wanted)) await build(wanted);
  if (process.argv.includes("--build-only")) return async () => {};
  process.setSourceMapsEnabled(true);
  const { main } = await import(pathToFileURL(bundle).href);
  return main;
}

let main;
try {
  main = await load();
} catch (error) {
  console.error(explain(error));
  process.exit(1);
}
await main(process.argv);
