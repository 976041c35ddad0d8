/** A thread that takes turns with another: reads the clock, and says when it has read less than was read before. */
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '@aode/base';
import { SharedTime } from '../clock/shared-time.ts';
import { Timeline } from '../trace/timeline.ts';

export interface TurnOrder {
  readonly time: SharedArrayBuffer;
  /** Turn, and how often a reading was not above the one before. */
  readonly turns: SharedArrayBuffer;
  /** The newest reading. */
  readonly newest: SharedArrayBuffer;
  readonly mine: number;
  readonly count: number;
}

export function takeTurns({ time, turns, newest, mine, count }: TurnOrder): void {
  const timeline = new Timeline(systemClock, new SharedTime(time));
  const words = new Int32Array(turns);
  const readings = new BigInt64Array(newest);
  for (let turn = Atomics.load(words, 0); turn < count; turn = Atomics.load(words, 0)) {
    if ((turn & 1) !== mine) {
      Atomics.wait(words, 0, turn, 1000);
      continue;
    }
    const now = timeline.now();
    if (now <= Atomics.load(readings, 0)) Atomics.add(words, 1, 1);
    Atomics.store(readings, 0, now);
    Atomics.store(words, 0, turn + 1);
    Atomics.notify(words, 0);
  }
}

if (parentPort !== null && workerData !== null) takeTurns(workerData as TurnOrder);
