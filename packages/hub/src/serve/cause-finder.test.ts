import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type Clock, monoNs, unixNs } from '@aode/base';
import { simulate, TRACE_EVERY_MS } from '../analysis/system.sim.ts';
import type { Window } from '../analysis/window.ts';
import type { TimeRange } from '../store/store.ts';
import { type CauseFinder, createCauseFinder } from './cause-finder.ts';

const CALM_TRACES = 100;
const FAULT_MS = 1_000_000 + CALM_TRACES * TRACE_EVERY_MS;
const RANGE: TimeRange = { startMs: 1_000_000, endMs: 1_060_000 };

const before = simulate({ seed: 1, startMs: RANGE.startMs, traces: CALM_TRACES });
const fault = { kind: 'slow', service: 'pay' } as const;
const during = simulate({ seed: 2, startMs: FAULT_MS, traces: 50, fault });
const WINDOW: Window = {
  spans: [...before.spans, ...during.spans],
  logs: [...before.logs, ...during.logs],
  points: [...before.points, ...during.points],
};
const PAY = {
  name: 'pay',
  hue: 7,
  spanCount: 1,
  errorCount: 0,
  storedErrorCount: 0,
  requestCount: 1,
  requestErrorCount: 0,
  durationP50Nano: 1,
  durationP95Nano: 1,
  logCount: 0,
  logErrorCount: 0,
  topErrorCode: null,
};

interface Bench {
  readonly finder: CauseFinder;
  /** How often the store was asked for a window. */
  readonly asked: () => number;
  readonly pass: (ms: number) => void;
}

const finders: CauseFinder[] = [];
after(() => Promise.all(finders.map((finder) => finder.close())));

function bench(window: () => Promise<Window>): Bench {
  let asked = 0;
  let mono = 0n;
  const clock: Clock = {
    now: () => unixNs(0n),
    mono: () => monoNs(mono),
    ticks: () => Number(mono) / 1e6,
    timer: () => ({ [Symbol.dispose]: () => undefined }),
  };
  const store = {
    window: (): Promise<Window> => {
      asked += 1;
      return window();
    },
    services: () => Promise.resolve({ services: [PAY] }),
  };
  const finder = createCauseFinder(store, clock);
  finders.push(finder);
  return { finder, asked: () => asked, pass: (ms) => void (mono += BigInt(ms) * 1_000_000n) };
}

test('the worker ranks what the store gives', async () => {
  const { finder } = bench(() => Promise.resolve(WINDOW));
  const known = await finder.find(RANGE, FAULT_MS);
  assert.equal(known.state, 'fault');
  assert.equal(known.faultUnixMs, FAULT_MS);
  assert.equal(known.causes[0]?.service, 'pay');
  assert.deepEqual(known.hues, { pay: 7 });
  assert.deepEqual([known.startUnixMs, known.endUnixMs], [RANGE.startMs, RANGE.endMs]);
  assert.equal((await finder.find(RANGE, undefined)).causes[0]?.service, 'pay');
});

test('the same question within three seconds is answered once, another one by itself', async () => {
  const { finder, asked, pass } = bench(() => Promise.resolve(WINDOW));
  const first = finder.find(RANGE, FAULT_MS);
  pass(3000);
  assert.equal(finder.find({ ...RANGE, endMs: RANGE.endMs + 999 }, FAULT_MS), first);
  await first;
  assert.equal(asked(), 1);
  await finder.find({ ...RANGE, endMs: RANGE.endMs + 1000 }, FAULT_MS);
  await finder.find(RANGE, FAULT_MS + 1);
  assert.equal(asked(), 3);
  pass(1);
  await finder.find(RANGE, FAULT_MS);
  assert.equal(asked(), 4);
});

test('a range that moves on shares the answer that is on its way, not one that is there', async () => {
  const { finder, asked } = bench(() => Promise.resolve(WINDOW));
  const moved = (ms: number): TimeRange => ({ startMs: RANGE.startMs + ms, endMs: RANGE.endMs + ms });
  const first = finder.find(RANGE, undefined);
  assert.equal(finder.find(moved(14_999), undefined), first);
  const [later, earlier, longer, dated] = [
    finder.find(moved(15_000), undefined),
    finder.find(moved(-1000), undefined),
    finder.find({ ...RANGE, endMs: RANGE.endMs + 1000 }, undefined),
    finder.find(moved(2000), FAULT_MS),
  ];
  assert.equal(new Set([first, later, earlier, longer, dated]).size, 5);
  await Promise.all([first, later, earlier, longer, dated]);
  assert.notEqual(finder.find(moved(2000), undefined), first);
  await finder.find(moved(2000), undefined);
  assert.equal(asked(), 6);
});

test('a failure of the store is told, not kept', async () => {
  let broken = true;
  const { finder } = bench(() => (broken ? Promise.reject(new Error('disk full')) : Promise.resolve(WINDOW)));
  await assert.rejects(finder.find(RANGE, FAULT_MS), /disk full/);
  broken = false;
  assert.equal((await finder.find(RANGE, FAULT_MS)).state, 'fault');
});

test('a bug in the analysis has a code, and the next question is answered', async () => {
  let spans: unknown = 7;
  const { finder } = bench(() => Promise.resolve({ ...WINDOW, spans } as Window));
  await assert.rejects(finder.find(RANGE, FAULT_MS), { code: 'AODE_INTERNAL' });
  ({ spans } = WINDOW);
  assert.equal((await finder.find(RANGE, FAULT_MS)).state, 'fault');
});

test('closing answers who still waits, with a code', async () => {
  const { finder } = bench(() => Promise.resolve(WINDOW));
  await finder.find(RANGE, FAULT_MS);
  const waiting = assert.rejects(finder.find(RANGE, FAULT_MS + 1), { code: 'AODE_INTERNAL' });
  // The store has answered and the worker has the question once the queue of this turn has run.
  await new Promise(setImmediate);
  await finder.close();
  await waiting;
});

test('what the store answers after the end starts no worker', async () => {
  const { promise, resolve } = Promise.withResolvers<Window>();
  const { finder } = bench(() => promise);
  const asked = finder.find(RANGE, undefined);
  await finder.close();
  const workers = (): number =>
    process.getActiveResourcesInfo().filter((one) => one === 'MessagePort').length;
  const atEnd = workers();
  resolve(WINDOW);
  await assert.rejects(asked, {
    code: 'AODE_INTERNAL',
    detail: { part: 'analysis', why: 'the hub is closed' },
  });
  assert.equal(workers(), atEnd);
});
