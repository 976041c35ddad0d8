#!/usr/bin/env node
// Written so that old versions of Node can read it: they get one clear line instead of a syntax error.
var MINIMUM = [22, 15];
var version = process.versions.node.split('.').map(Number);
if (version[0] < MINIMUM[0] || (version[0] === MINIMUM[0] && version[1] < MINIMUM[1])) {
  process.stderr.write(
    'aode needs Node ' + MINIMUM.join('.') + ' or newer, this is ' + process.versions.node + '\n',
  );
  process.exitCode = 2;
} else {
  // `#main` is the compiled program, or the source under the condition @aode/source: see package.json.
  void import('#main').then(function (program) {
    return program.main(process.argv.slice(2));
  });
}
