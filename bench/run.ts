/** `npm run bench -- NAME [--json FILE] [--runs N]`: runs bench/NAME.bench.ts; without a name, lists what there is. */
import '../tools/node-version.js';
import { spawnSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { basename } from 'node:path';

const [name, ...args] = process.argv.slice(2);
const file = `bench/${name}.bench.ts`;
if (name === undefined || !existsSync(file)) {
  const names = globSync('bench/*.bench.ts').map((path) => basename(path, '.bench.ts'));
  process.stderr.write(
    `usage: npm run bench -- NAME [--json FILE] [--runs N]\nbenches: ${names.sort().join(', ')}\n`,
  );
  process.exitCode = 2;
} else {
  const result = spawnSync(process.execPath, ['--conditions=@aode/source', '--expose-gc', file, ...args], {
    stdio: 'inherit',
  });
  process.exitCode = result.status ?? 1;
}
