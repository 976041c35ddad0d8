/**
 * What unchanged pino code costs under `--import @aode/sdk/register`, where each line gets the ids of its request and
 * goes to the hub as well, against the same program alone. Both write the same lines to a file; the other side does not
 * deliver anything.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogUse } from './log-child.ts';
import { benchOptions, figure, publish } from './measure.ts';
import { startSink } from './otlp-sink.ts';

const LINES = '200000';
const REGISTER = new URL('../packages/sdk/src/register.ts', import.meta.url).href;

const sink = await startSink();
const folder = mkdtempSync(join(tmpdir(), 'aode-bench-log-'));

function run(side: 'aode' | 'pino'): LogUse {
  const file = join(folder, `${side}.log`);
  const child = join(import.meta.dirname, 'log-child.ts');
  const register = side === 'aode' ? ['--import', REGISTER] : [];
  const { stdout, status, stderr } = spawnSync(
    process.execPath,
    ['--conditions=@aode/source', '--expose-gc', ...register, child, file, LINES],
    {
      encoding: 'utf8',
      env: {
        ...process.env,
        OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint,
        AODE_JOURNAL_DIRECTORY: join(folder, 'journal'),
      },
    },
  );
  rmSync(file, { force: true });
  if (status !== 0) throw new Error(`${side} ended with ${status}\n${stderr}`);
  return JSON.parse(stdout) as LogUse;
}

const options = benchOptions(7);
const aode: LogUse[] = [];
const pino: LogUse[] = [];
for (let i = 0; i < options.runs; i += 1) {
  aode.push(run('aode'));
  pino.push(run('pino'));
}
rmSync(folder, { recursive: true });
await sink.stop();

const both = (key: keyof LogUse): readonly [number[], { pino: number[] }] => [
  aode.map((use) => use[key]),
  { pino: pino.map((use) => use[key]) },
];
publish('log', options, [
  figure({ name: 'thread that logs', unit: 'ns/line', better: 'lower' }, ...both('threadNsPerLine')),
  figure({ name: 'whole process', unit: 'ns/line', better: 'lower' }, ...both('processNsPerLine')),
  figure({ name: 'lines until all is there', unit: '/s', better: 'higher' }, ...both('linesPerSecond')),
  figure({ name: 'heap', unit: 'B/line', better: 'lower' }, ...both('heapBytesPerLine')),
]);
