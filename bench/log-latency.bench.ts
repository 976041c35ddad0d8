/**
 * How long 64 lines may hold a thread up while the disk is saturated: another process writes and syncs as much as it
 * can in the same directory for the whole run. `none` works about as long and writes nothing, which says what the
 * machine does to any thread.
 *
 *   npm run bench -- log-latency [--json FILE] [--runs 7] [BATCHES, 1000] [EVERY MS, 5] [idle]
 *
 * With `idle` the disk is left alone.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { saturate } from './busy-disk.ts';
import type { Latency } from './log-latency-child.ts';
import type { How } from './log-sides.ts';
import { benchOptions, type Figure, figure, publish } from './measure.ts';

const REGISTER = new URL('../packages/sdk/src/register.ts', import.meta.url).href;

const SIDES = {
  'Aode’s call site': 'site',
  'Aode’s log': 'log',
  'pino as installed': 'sync',
  'pino at its fastest': 'tuned',
  none: 'none',
} as const satisfies Record<string, How>;
type SideName = keyof typeof SIDES;

const options = benchOptions(7);
const isIdle = options.rest.includes('idle');
const [batches = 1000, everyMs = 5] = options.rest.filter((one) => one !== 'idle').map(Number);
const folder = mkdtempSync(join(tmpdir(), 'aode-bench-latency-'));

async function run(how: How): Promise<Latency> {
  const file = join(folder, 'bench.log');
  const journal = join(folder, 'journal');
  const register = how === 'site' || how === 'log' ? ['--import', REGISTER] : [];
  const child = join(import.meta.dirname, 'log-latency-child.ts');
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=@aode/source', ...register, child, file, `${batches}`, `${everyMs}`, how],
    {
      env: {
        ...process.env,
        // Refuses at once: the journal keeps all of it.
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
        AODE_JOURNAL_DIRECTORY: journal,
        AODE_LOG_OUTPUT: 'off',
        AODE_EXIT_TIMEOUT: '1',
      },
    },
  );
  rmSync(file, { force: true });
  rmSync(journal, { recursive: true, force: true });
  return JSON.parse(stdout) as Latency;
}

const names = Object.keys(SIDES) as SideName[];
const all = new Map<SideName, Latency[]>(names.map((name) => [name, []]));
const busy = isIdle ? undefined : await saturate(join(folder, 'busy'));
const from = performance.now();
for (let i = 0; i < options.runs; i += 1) {
  for (const name of names) all.get(name)?.push(await run(SIDES[name]));
}
const seconds = (performance.now() - from) / 1000;
const written = (await busy?.written()) ?? 0;
await busy?.stop();
rmSync(folder, { recursive: true });

const of = (name: SideName, what: keyof Latency): number[] =>
  (all.get(name) ?? []).map((latency) => latency[what]);

function rows(own: SideName): Figure[] {
  const row = (title: string, what: keyof Latency): Figure =>
    figure(
      { name: `${own}: ${title}`, unit: 'ms', better: 'lower' },
      of(own, what),
      Object.fromEntries(names.slice(2).map((peer) => [peer, of(peer, what)])),
    );
  return [
    row('first batch', 'firstMs'),
    row('half of the batches', 'p50Ms'),
    row('p99', 'p99Ms'),
    row('p99.9', 'p999Ms'),
    row('worst', 'worstMs'),
  ];
}

publish('log-latency', options, names.slice(0, 2).flatMap(rows));
process.stdout.write(`beside it, written and synced: ${(written / seconds / 2 ** 20).toFixed(0)} MiB/s\n`);
