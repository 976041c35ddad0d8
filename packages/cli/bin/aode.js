#!/usr/bin/env node
// Written so that old versions of Node can read it: they get one clear line instead of a syntax error.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

var MINIMUM = [22, 15];
var version = process.versions.node.split('.').map(Number);
// A checkout has what an installed package leaves out, and runs its source, which nobody has to build.
var checkout = existsSync(new URL('../tsconfig.json', import.meta.url));
var SOURCE = '--conditions=@aode/source';

if (version[0] < MINIMUM[0] || (version[0] === MINIMUM[0] && version[1] < MINIMUM[1])) {
  process.stderr.write(
    'aode needs Node ' + MINIMUM.join('.') + ' or newer, this is ' + process.versions.node + '\n',
  );
  process.exitCode = 2;
} else if (checkout && process.execArgv.indexOf(SOURCE) < 0) {
  // Conditions are given to a process at its start: this one begins again, under the same process id.
  var self = [process.execPath, SOURCE].concat(process.execArgv, fileURLToPath(import.meta.url));
  process.execve(process.execPath, self.concat(process.argv.slice(2)), process.env);
} else {
  // `#main` is the compiled program, or the source under the condition: see package.json.
  void import('#main').then(function (program) {
    return program.main(process.argv.slice(2));
  });
}
