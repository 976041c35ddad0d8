/**
 * What log lines cost, and how many a process writes: unchanged pino under `--import @aode/sdk/register`, pino with
 * Aode's destination, Aode's own logger and a call site of it, against pino as it is installed and pino at its
 * fastest. Each side until all of it is where it goes: a file, or the journal and that on stable storage.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogUse } from './log-child.ts';
import type { How } from './log-sides.ts';
import { benchOptions, figure, publish } from './measure.ts';
import { startSink } from './otlp-sink.ts';

const REGISTER = new URL('../packages/sdk/src/register.ts', import.meta.url).href;

interface Side {
  readonly how: How;
  /** Where the SDK delivers to; `away`: nobody is there, and the journal keeps all of it. Undefined: without an SDK. */
  readonly sdk?: 'there' | 'away';
}

/** As a service that answers requests: some lines, then others have their turn. */
const SERVICE = {
  linesATurn: 10,
  lines: 200_000,
  sides: {
    aode: { how: 'pino', sdk: 'there' },
    pino: { how: 'pino' },
    'pino with ids': { how: 'ids' },
  } satisfies Record<string, Side>,
};

/** As much as there is. */
const LOAD = {
  linesATurn: 64,
  lines: 500_000,
  sides: {
    'Aode’s call site': { how: 'site', sdk: 'away' },
    'Aode’s log': { how: 'log', sdk: 'away' },
    'pino(aode())': { how: 'aode', sdk: 'away' },
    'pino as installed': { how: 'pino' },
    'pino at its fastest': { how: 'tuned' },
    none: { how: 'none' },
  } satisfies Record<string, Side>,
};

const sink = await startSink();
const folder = mkdtempSync(join(tmpdir(), 'aode-bench-log-'));

function run(
  { how, sdk }: Side,
  { lines, linesATurn }: { readonly lines: number; readonly linesATurn: number },
): LogUse {
  const file = join(folder, 'bench.log');
  const child = join(import.meta.dirname, 'log-child.ts');
  const register = sdk === undefined ? [] : ['--import', REGISTER];
  const { stdout, status, stderr } = spawnSync(
    process.execPath,
    ['--conditions=@aode/source', '--expose-gc', ...register, child, file, `${lines}`, `${linesATurn}`, how],
    {
      encoding: 'utf8',
      env: {
        ...process.env,
        // Port 1 refuses at once.
        OTEL_EXPORTER_OTLP_ENDPOINT: sdk === 'there' ? sink.endpoint : 'http://127.0.0.1:1',
        AODE_JOURNAL_DIRECTORY: join(folder, 'journal'),
        AODE_JOURNAL_BYTES: String(4 * 2 ** 30),
        AODE_LOG_OUTPUT: 'off',
        AODE_LOG_OVERFLOW: 'block',
        AODE_EXIT_TIMEOUT: '1',
      },
    },
  );
  rmSync(file, { force: true });
  rmSync(join(folder, 'journal'), { recursive: true, force: true });
  if (status !== 0) throw new Error(`${how} ended with ${status}\n${stderr}`);
  return JSON.parse(stdout) as LogUse;
}

const options = benchOptions(7);

/** All sides in turn, as often as wanted. */
function runs(bench: {
  readonly lines: number;
  readonly linesATurn: number;
  readonly sides: Record<string, Side>;
}) {
  const names = Object.keys(bench.sides);
  const uses = new Map<string, LogUse[]>(names.map((name) => [name, []]));
  for (let i = 0; i < options.runs; i += 1) {
    for (const [name, side] of Object.entries(bench.sides)) uses.get(name)?.push(run(side, bench));
  }
  return (name: string, key: keyof LogUse): number[] => (uses.get(name) ?? []).map((use) => use[key]);
}

const service = runs(SERVICE);
const load = runs(LOAD);
rmSync(folder, { recursive: true });
await sink.stop();

const PEERS = ['pino as installed', 'pino at its fastest'];
const OURS = ['Aode’s call site', 'Aode’s log', 'pino(aode())'];

const teed = (key: keyof LogUse): readonly [number[], Record<string, number[]>] => [
  service('aode', key),
  { pino: service('pino', key), 'pino with ids': service('pino with ids', key) },
];
const against = (name: string, key: keyof LogUse): readonly [number[], Record<string, number[]>] => [
  load(name, key),
  Object.fromEntries(PEERS.map((peer) => [peer, load(peer, key)])),
];

publish('log', options, [
  figure(
    { name: 'register: thread that logs', unit: 'ns/line', better: 'lower' },
    ...teed('threadNsPerLine'),
  ),
  figure({ name: 'register: whole process', unit: 'ns/line', better: 'lower' }, ...teed('processNsPerLine')),
  figure({ name: 'register: heap', unit: 'B/line', better: 'lower' }, ...teed('heapBytesPerLine')),
  ...OURS.flatMap((name) => [
    figure(
      { name: `${name}: durable; written`, unit: '/s', better: 'higher' },
      ...against(name, 'linesPerSecond'),
    ),
    figure(
      { name: `${name}: durable on both`, unit: '/s', better: 'higher' },
      ...against(name, 'syncedPerSecond'),
    ),
    figure(
      { name: `${name}: thread that logs`, unit: 'ns/line', better: 'lower' },
      ...against(name, 'threadNsPerLine'),
    ),
    figure({ name: `${name}: heap`, unit: 'B/line', better: 'lower' }, ...against(name, 'heapBytesPerLine')),
    figure(
      { name: `${name}: worst turn of 64`, unit: 'ms', better: 'lower' },
      load(name, 'worstTurnMs'),
      Object.fromEntries([...PEERS, 'none'].map((peer) => [peer, load(peer, 'worstTurnMs')])),
    ),
  ]),
]);
