/**
 * One clear line instead of a syntax error when the pinned Node is missing. The scripts of package.json put
 * node_modules/.bin first on PATH, where `npm ci` has placed Node 24; `--omit=optional` or an unusual platform has not.
 * JavaScript, because a Node that is too old for the rest must be able to read this.
 */

/** The least Node that runs the unbuilt source. */
const NODE_MAJOR_MIN = 24;

const major = Number(process.versions.node.split('.')[0]);
if (major < NODE_MAJOR_MIN) {
  process.stderr.write(
    `Aode is built with Node ${NODE_MAJOR_MIN}, this is ${process.versions.node}: ` +
      `run \`npm ci\` without --omit=optional (Linux x64, arm64), or put Node ${NODE_MAJOR_MIN} on PATH\n`,
  );
  process.exit(1);
}
