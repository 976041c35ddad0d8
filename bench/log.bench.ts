/**
 * What unchanged pino code costs under `--import @aode/sdk/register`, where each line gets the ids of its request and
 * goes to the hub as well, against the same program alone, and with a mixin that adds ids that never change. All write
 * to a file; the others deliver nothing.
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

const SIDES = ['aode', 'pino', 'pino with ids'] as const;
type Side = (typeof SIDES)[number];

function run(side: Side): LogUse {
  const file = join(folder, `${side}.log`);
  const child = join(import.meta.dirname, 'log-child.ts');
  const how = side === 'pino with ids' ? 'ids' : '';
  const register = side === 'aode' ? ['--import', REGISTER] : [];
  const { stdout, status, stderr } = spawnSync(
    process.execPath,
    ['--conditions=@aode/source', '--expose-gc', ...register, child, file, LINES, how],
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
const uses = new Map<Side, LogUse[]>(SIDES.map((side) => [side, []]));
for (let i = 0; i < options.runs; i += 1) for (const side of SIDES) uses.get(side)?.push(run(side));
rmSync(folder, { recursive: true });
await sink.stop();

const of = (side: Side, key: keyof LogUse): number[] => (uses.get(side) ?? []).map((use) => use[key]);
const all = (key: keyof LogUse): readonly [number[], Record<string, number[]>] => [
  of('aode', key),
  { pino: of('pino', key), 'pino with ids': of('pino with ids', key) },
];
publish('log', options, [
  figure({ name: 'thread that logs', unit: 'ns/line', better: 'lower' }, ...all('threadNsPerLine')),
  figure({ name: 'whole process', unit: 'ns/line', better: 'lower' }, ...all('processNsPerLine')),
  figure({ name: 'lines until all is there', unit: '/s', better: 'higher' }, ...all('linesPerSecond')),
  figure({ name: 'heap', unit: 'B/line', better: 'lower' }, ...all('heapBytesPerLine')),
]);
