/**
 * The program that `crash.ts` kills: threads that make frames, and one that writes them to a journal and says, in a
 * line of three numbers, how far each thread's frames would survive the end of this process.
 */
import { writeSync } from 'node:fs';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { systemClock, systemRandom } from '@aode/base';
import { openDiskJournal } from '@aode/journal';
import { payloadOf, THREADS } from './crash-frame.ts';

interface Made {
  readonly thread: number;
  readonly number: number;
  readonly payload: Uint8Array;
}

/** Frames of one thread that are under way to the writer. */
const AHEAD_MAX = 200;

if (isMainThread) write();
else make(workerData as { readonly thread: number; readonly from: number });

function make({ thread, from }: { readonly thread: number; readonly from: number }): void {
  const port = parentPort;
  if (port === null) throw new Error('not a worker');
  let number = from;
  const more = (count: number): void => {
    for (let i = 0; i < count; i += 1, number += 1)
      port.postMessage({ thread, number, payload: payloadOf(thread, number) });
  };
  port.on('message', more);
  more(AHEAD_MAX);
}

function write(): void {
  const [directory = '', from = ''] = process.argv.slice(2);
  const journal = openDiskJournal({
    directory,
    bytesMax: 1 << 30,
    unwrittenBytesMax: 1 << 24,
    segmentBytesMax: 1 << 18,
    origin: new Uint8Array([1]),
    random: systemRandom,
    clock: systemClock,
    token: '',
    onDropped: ({ sequence }, reason) => {
      throw new Error(`frame ${sequence} was dropped: ${reason}`);
    },
    onTrouble: () => undefined,
  });
  const appended = from.split(',').map(Number);
  const workers = Array.from({ length: THREADS }, (_, thread) => {
    const worker = new Worker(new URL(import.meta.url), {
      workerData: { thread, from: appended[thread] ?? 0 },
    });
    worker.on('message', ({ number, payload }: Made) => {
      journal.append({ signal: 'logs', priority: thread % 2, recordCount: 1, payload });
      appended[thread] = number + 1;
    });
    return worker;
  });
  let turn = 0;
  const before = [...appended];
  const step = (): void => {
    turn += 1;
    const isGood = turn % 7 === 0 ? journal.sync() : journal.write();
    if (!isGood) throw new Error('the disk does not take it');
    if (!tell(appended.join(','))) {
      // Nobody has read what was said before, and nobody goes on until somebody has.
      setTimeout(step, 1);
      return;
    }
    for (const [i, worker] of workers.entries()) {
      worker.postMessage((appended[i] ?? 0) - (before[i] ?? 0));
      before[i] = appended[i] ?? 0;
    }
    setTimeout(step, turn % 3);
  };
  step();
}

/** False while the pipe is full. */
function tell(line: string): boolean {
  try {
    writeSync(1, `${line}\n`);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return false;
    throw error;
  }
}
