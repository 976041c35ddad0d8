// What `aode run` puts before every Node.js process: the SDK, unless the process is a package manager or a compiler.
// Plain JavaScript, because versions of Node that are too old for the SDK load it too: they run on without it.
var version = process.versions.node.split('.').map(Number);
if (version[0] > 22 || (version[0] === 22 && version[1] >= 15)) {
  try {
    const { preload } = await import('#preload');
    await preload(process.argv[1]);
  } catch (error) {
    process.stderr.write(`aode: this program runs without telemetry: ${error.message}\n`);
  }
} else {
  process.stderr.write(
    `aode: this program runs without telemetry: it needs Node 22.15 or newer, this is ${process.versions.node}\n`,
  );
}
