/**
 * `npm start`. This file is plain enough for any Node that knows modules, so
 * that an old one gets a sentence instead of a syntax error.
 */
const major = Number(process.versions.node.split(".")[0]);
if (major < 20) {
  console.error(
    `Node ${process.versions.node} is too old: Node 20 or later is needed. Install it (nodejs.org, or your distribution's package) and run npm start again.`,
  );
  process.exitCode = 1;
} else {
  import("./lib/start.mjs").then((start) => start.main());
}
