/**
 * `npm test`. Plain enough for any Node that knows modules, so that an old one
 * gets a sentence instead of a syntax error.
 */
const major = Number(process.versions.node.split(".")[0]);
if (major < 20) {
  console.error(
    `Node ${process.versions.node} is too old: Node 20 or later is needed. Install it and run npm test again.`,
  );
  process.exitCode = 1;
} else {
  import("./test/main.mjs").then((tests) => tests.main());
}
