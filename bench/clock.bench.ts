/**
 * A reading of the process's clock against one bare reading of the monotonic clock, which it cannot do without. The
 * clock follows a course that was published for it, as with sources. Wall time would do here; processor time of the
 * thread is what others on the machine do not disturb.
 */
import { performance } from 'node:perf_hooks';
import { systemClock } from '@aode/base';
import { FusedClock } from '../packages/sdk/src/clock/fused-clock.ts';
import { frameOf, newTimeMemory, SharedTime } from '../packages/sdk/src/clock/shared-time.ts';
import { Timeline } from '../packages/sdk/src/trace/timeline.ts';
import { benchOptions, type Figure, figure, publish } from './measure.ts';

/** The system counts processor time in steps of 4 ms: so many take some forty of them. */
const READINGS = 2_000_000;
const WARMUP_TURNS = 3;

const shared = new SharedTime(newTimeMemory(systemClock));
const timeline = new Timeline(systemClock, shared);
const frame = frameOf(shared, systemClock);
const fused = new FusedClock({ sourceCount: 1, rateMax: 500e-6, drift: 200e-6, leadMs: 10 });
let wanted = 5;

/** Between turns: the agent corrects the clock, some times a minute. */
function correct(): void {
  const at = frame.now();
  wanted = -wanted;
  fused.sample({ source: 'one', askedAt: at, at, offsetMs: wanted, errorMs: 50, nextMs: 5000 }, false);
  shared.publish(fused.state);
}

/** Keeps results alive, so that no work can be optimised away. */
let kept = 0;

type Subject = () => void;
const subjects: Readonly<Record<string, Subject>> = {
  /** As each span takes its start. */
  moment: () => {
    timeline.at(timeline.ticks());
    kept += timeline.nano;
  },
  /** As a log line takes its time: nanoseconds in one integer. */
  now: () => {
    kept += timeline.now() === 0n ? 2 : 1;
  },
  /** With error bound and status, as a fresh object. */
  reading: () => {
    kept += timeline.reading().errorMs > 0 ? 2 : 1;
  },
  'performance.now': () => {
    kept += performance.now() > 0 ? 2 : 1;
  },
  'hrtime.bigint': () => {
    kept += process.hrtime.bigint() === 0n ? 2 : 1;
  },
  'Date.now': () => {
    kept += Date.now() > 0 ? 2 : 1;
  },
};

/** Nanoseconds of this thread's processor time for each reading. */
function turn(run: Subject): number {
  correct();
  const start = process.threadCpuUsage();
  for (let i = 0; i < READINGS; i += 1) run();
  const { user, system } = process.threadCpuUsage(start);
  return ((user + system) * 1000) / READINGS;
}

/** Bytes that a reading leaves on the heap until it is collected. */
function bytesOf(run: Subject): number {
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < HEAP_READINGS; i += 1) run();
  return Math.max(0, process.memoryUsage().heapUsed - before) / HEAP_READINGS;
}

/** Few enough for the young generation, which is not collected meanwhile. */
const HEAP_READINGS = 10_000;

const options = benchOptions(21);
const times = new Map(Object.keys(subjects).map((name) => [name, [] as number[]]));
for (let i = 0; i < WARMUP_TURNS; i += 1) for (const run of Object.values(subjects)) turn(run);
for (let i = 0; i < options.runs; i += 1) {
  for (const [name, run] of Object.entries(subjects)) times.get(name)?.push(turn(run));
}

const timesOf = (name: string): readonly number[] => times.get(name) ?? [];
const PEERS = ['performance.now', 'hrtime.bigint', 'Date.now'];
const OURS = ['moment', 'now', 'reading'];
const figures: Figure[] = OURS.map((name) =>
  figure(
    { name, unit: 'ns', better: 'lower' },
    timesOf(name),
    Object.fromEntries(PEERS.map((peer) => [peer, timesOf(peer)])),
  ),
);
const heaps: Figure[] = OURS.map((name) =>
  figure(
    { name: `heap, ${name}`, unit: 'bytes', better: 'lower' },
    Array.from({ length: options.runs }, () => bytesOf(subjects[name] ?? (() => undefined))),
  ),
);
publish('clock', options, [...figures, ...heaps]);
if (kept === 0) throw new Error('nothing was measured');
