/**
 * What tracing leaves in memory: the spans of a million requests, recorded as fast as they can be.
 *
 *   npm run bench -- memory [--json FILE] [--runs 3] [REQUESTS, 1000000]
 *
 * `heap` is the growth over the second half of the requests: flat is 0. `rss` is the process at the end, its agent
 * included; with eight threads each of them has an eighth of the requests. A process for each side and run.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { benchOptions, type Figure, figure, publish } from './measure.ts';
import type { MemoryUse } from './memory-child.ts';
import { startSink } from './otlp-sink.ts';
import { type SideName, SIDES } from './tracing-sides.ts';

const THREADS = 8;

const options = benchOptions(3);
const requests = Number(options.rest[0] ?? 1_000_000);
const sink = await startSink();

async function use(side: SideName, count: number, threads: number): Promise<MemoryUse> {
  const flags = ['--conditions=@aode/source', '--expose-gc'];
  const args = [...flags, 'bench/memory-child.ts', side, sink.endpoint, String(count), String(threads)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as MemoryUse;
}

const uses = new Map<SideName, { readonly one: MemoryUse[]; readonly eight: MemoryUse[] }>();
for (let run = 0; run < options.runs; run += 1) {
  for (const side of SIDES) {
    const of = uses.get(side) ?? { one: [], eight: [] };
    uses.set(side, of);
    of.one.push(await use(side, requests, 0));
    of.eight.push(await use(side, requests / THREADS, THREADS));
  }
}
await sink.stop();

function row(name: string, unit: string, of: (side: SideName) => number[]): Figure {
  const peers = SIDES.filter((side) => side !== 'aode 1 %').map((side) => [side, of(side)]);
  return figure({ name, unit, better: 'lower' }, of('aode 1 %'), Object.fromEntries(peers));
}
const one = (what: keyof MemoryUse) => (side: SideName) => uses.get(side)?.one.map((run) => run[what]) ?? [];
publish('memory', options, [
  row('heap, Aode at 1 %', 'bytes a request', one('heapBytesPerRequest')),
  row('rss, Aode at 1 %', 'MiB', one('rssMiB')),
  row(`rss with ${THREADS} threads, Aode at 1 %`, 'MiB', (side) =>
    (uses.get(side)?.eight ?? []).map(({ rssMiB }) => rssMiB),
  ),
]);
