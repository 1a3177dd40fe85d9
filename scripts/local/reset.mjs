/** `npm run reset`: begin anew, keeping what was downloaded. */
const major = Number(process.versions.node.split(".")[0]);
if (major < 20) {
  console.error(
    `Node ${process.versions.node} is too old: Node 20 or later is needed. Install it (nodejs.org, or your distribution's package) and run npm run reset again.`,
  );
  process.exitCode = 1;
} else {
  import("./lib/reset.mjs").then((reset) => reset.main(process.argv.slice(2)));
}
