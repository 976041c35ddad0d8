/**
 * `npm run crash -- --rounds N --seed S`: kill -9 of a real writer at random moments, again and again on the same
 * directory. Three threads hand frames to the journal of their process, which acknowledges what would survive its end;
 * after each kill the directory is opened, and every acknowledged frame must be there, once, whole, and in the order of
 * its thread. Some of what is found is settled, so that segments go and new ones come. The last line says it all, and
 * so does the exit code; the seed replays what can be: moments are the machine's.
 */
import '../tools/node-version.js';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Random, seededRandom, systemClock, systemRandom } from '@aode/base';
import { openDiskJournal } from '@aode/journal';
import { parseFrame, payloadOf, THREADS } from './crash-frame.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '100' }, seed: { type: 'string' } },
});
const rounds = Number(values.rounds);
const seed = Number(values.seed ?? systemRandom.below(1_000_000));

/** What the world knows of each thread's frames. */
interface Known {
  /** Number of the next frame that the thread would write. */
  next: number;
  /** Everything before this is settled, and may not come again. */
  settled: number;
  /** Everything before this must be there, unless it is settled. */
  acknowledged: number;
}

const totals = { acknowledged: 0, recovered: 0, lost: 0, doubled: 0, torn: 0, disordered: 0 };

async function main(): Promise<void> {
  const random = seededRandom(seed);
  const directory = mkdtempSync(join(tmpdir(), 'aode-crash-'));
  const threads = Array.from({ length: THREADS }, (): Known => ({ next: 0, settled: 0, acknowledged: 0 }));
  try {
    for (let round = 0; round < rounds; round += 1) {
      await writeAndKill(directory, threads, random);
      recover(directory, threads, random);
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  const said = Object.entries(totals).map(([name, count]) => `${name} ${count}`);
  process.stdout.write(`seed ${seed} rounds ${rounds} ${said.join(' ')}\n`);
  const { lost, doubled, torn, disordered } = totals;
  // A run in which nothing was acknowledged has shown nothing.
  process.exitCode = lost + doubled + torn + disordered === 0 && totals.acknowledged > 0 ? 0 : 1;
}

async function writeAndKill(directory: string, threads: readonly Known[], random: Random): Promise<void> {
  const writer = join(import.meta.dirname, 'crash-writer.ts');
  const from = threads.map(({ next }) => next).join(',');
  const child = spawn(process.execPath, ['--conditions=@aode/source', writer, directory, from], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface(child.stdout);
  const closed = once(lines, 'close');
  let areAllAtWork = false;
  lines.on('line', (line) => {
    const numbers = line.split(',').map(Number);
    for (const [i, thread] of threads.entries()) thread.acknowledged = numbers[i] ?? thread.acknowledged;
    areAllAtWork = threads.every(({ acknowledged, next }) => acknowledged > next);
  });
  const exited = once(child, 'exit');
  // Sometimes while it opens the directory, mostly while it writes.
  const isEarly = random.chance(1, 8);
  while (!isEarly && !areAllAtWork && child.exitCode === null)
    await Promise.race([once(lines, 'line'), exited]);
  await pause(random.below(60));
  child.kill('SIGKILL');
  const [code] = (await exited) as [number | null];
  if (code !== null) throw new Error(`the writer ended by itself with ${code}`);
  await closed;
}

function recover(directory: string, threads: readonly Known[], random: Random): void {
  const journal = openDiskJournal({
    directory,
    bytesMax: Infinity,
    unwrittenBytesMax: 1 << 20,
    segmentBytesMax: 1 << 18,
    origin: new Uint8Array([1]),
    random: systemRandom,
    clock: systemClock,
    token: '',
    onDropped: () => (totals.torn += 1),
    // What was written and not acknowledged may be torn.
    onTrouble: () => undefined,
  });
  const frames = journal.read(0, Infinity).map(({ sequence, payload }) => ({ sequence, payload }));
  const found = threads.map(() => new Set<number>());
  const last = threads.map(() => -1);
  for (const { payload } of frames) {
    const { thread, number } = parseFrame(payload);
    const seen = found[thread];
    if (seen === undefined || Buffer.compare(payload, payloadOf(thread, number)) !== 0) {
      totals.torn += 1;
      continue;
    }
    if (seen.has(number)) totals.doubled += 1;
    else if (number < (last[thread] ?? -1)) totals.disordered += 1;
    seen.add(number);
    last[thread] = number;
    totals.recovered += 1;
  }
  for (const [i, thread] of threads.entries()) {
    const seen = found[i] ?? new Set();
    for (let number = thread.settled; number < thread.acknowledged; number += 1) {
      totals.acknowledged += 1;
      if (!seen.has(number)) totals.lost += 1;
    }
    for (const number of seen) if (number < thread.settled) totals.doubled += 1;
    thread.next = Math.max(thread.next, thread.acknowledged, (last[i] ?? -1) + 1);
  }
  settle(journal, frames, threads, random);
  journal.close();
}

/** Part of what was found is done with, as if a receiver had taken it. */
function settle(
  journal: ReturnType<typeof openDiskJournal>,
  frames: readonly { readonly sequence: number; readonly payload: Uint8Array }[],
  threads: readonly Known[],
  random: Random,
): void {
  const count = random.chance(1, 3) ? frames.length : random.below(frames.length + 1);
  const done = frames.slice(0, count);
  const end = done.at(-1);
  if (end !== undefined) journal.acknowledge(end.sequence);
  for (const { payload } of done) {
    const { thread, number } = parseFrame(payload);
    const known = threads[thread];
    if (known !== undefined) known.settled = Math.max(known.settled, number + 1);
  }
  // What was neither acknowledged nor found is not waited for any more.
  const rest = frames.slice(count).map(({ payload }) => parseFrame(payload));
  for (const [i, known] of threads.entries()) {
    const numbers = rest.filter(({ thread }) => thread === i).map(({ number }) => number);
    known.settled = Math.min(...numbers, known.next);
    known.acknowledged = Math.max(known.acknowledged, known.next);
  }
}

await main();
