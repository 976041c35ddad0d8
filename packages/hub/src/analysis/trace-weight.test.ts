import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findFault } from './find-fault.ts';
import { sample } from './sampling.sim.ts';
import { type Fault, simulate } from './system.sim.ts';
import { plantTraces } from './trace-forest.ts';
import { weighTraces } from './trace-weight.ts';
import type { Window, WindowSpan } from './window.ts';

/** Minutes of a system take seconds to simulate, so a short run makes a share of them. */
const IS_LONG = process.env['AODE_FUZZ_RUNS'] !== undefined;

const ONE_IN = 100;
const START_MS = 1_000_000;
/** 160 requests a second for a minute and a half, of which half a minute is the fault. */
const EVERY_MS = 6;
const CALM_TRACES = 10_000;
const FAULT_TRACES = 5000;
const FAULT_MS = START_MS + CALM_TRACES * EVERY_MS;

/** One request in `failsOneIn` fails at all times, or one in `then` in the time of the fault. */
function history(seed: number, fault: Fault | undefined, failsOneIn: number, then = failsOneIn): Window {
  const everyMs = EVERY_MS;
  const before = simulate({ seed, startMs: START_MS, traces: CALM_TRACES, everyMs, failsOneIn });
  const after = simulate({
    seed: seed + 1000,
    startMs: FAULT_MS,
    traces: FAULT_TRACES,
    everyMs,
    failsOneIn: then,
    ...(fault && { fault }),
  });
  const logs = [...before.logs, ...after.logs].map((line, i) => ({ ...line, id: String(i) }));
  return { spans: [...before.spans, ...after.spans], logs, points: [...before.points, ...after.points] };
}

const FAULTS: readonly (readonly [Fault['kind'], string])[] = [
  ['failing', 'users'],
  ['silent', 'orders'],
  ['down', 'pay'],
  ['slow', 'stock'],
  ['late', 'pay'],
];

const sampled = (window: Window, seed: number): Window => sample(window, { seed, oneIn: ONE_IN });

test(
  'of one trace in a hundred and all that failed, the verdict is that of all traces',
  { timeout: 120_000 },
  () => {
    for (const [kind, service] of IS_LONG ? FAULTS : FAULTS.slice(0, 2)) {
      const whole = history(3, { kind, service }, 200);
      const few = sampled(whole, 7);
      // Of a callee that is down every request fails.
      assert.ok(
        few.spans.length < whole.spans.length * (kind === 'down' ? 0.4 : 0.25),
        `${kind}: little is stored`,
      );
      for (const [what, window] of [
        ['all', whole],
        ['few', few],
      ] as const) {
        if (what === 'all' && kind !== 'failing') continue;
        const report = findFault(window);
        assert.equal(report.state, 'fault', `${kind}, ${what}`);
        assert.equal(report.causes[0]?.service, service, `${kind}, ${what}`);
        assert.ok(Math.abs((report.faultUnixMs ?? 0) - FAULT_MS) <= 8000, `${kind}, ${what}`);
      }
    }
  },
);

test('calm stays calm when one in a hundred is drawn and every failure kept', { timeout: 120_000 }, () => {
  for (let seed = 1; seed <= (IS_LONG ? 4 : 2); seed += 1) {
    for (const failsOneIn of [50, 1000]) {
      const report = findFault(sampled(history(seed, undefined, failsOneIn), seed));
      assert.equal(report.state, 'calm', `seed ${seed}, one in ${failsOneIn} fails`);
    }
  }
});

test(
  'a rise too small to matter is none, however many of the stored traces failed',
  { timeout: 60_000 },
  () => {
    const whole = history(5, undefined, 500, 100);
    const few = sampled(whole, 5);
    assert.equal(findFault(whole).state, 'calm');
    assert.equal(findFault(few).state, 'calm');
    const unweighed = few.spans.map((span) => ({ ...span, adjustedCount: 1 }));
    assert.equal(
      findFault({ ...few, spans: unweighed }).state,
      'fault',
      'the weights are what tells them apart',
    );
  },
);

test('traces that were kept for being slow do not make a service slow', { timeout: 60_000 }, () => {
  const whole = history(6, undefined, 500);
  // Nobody kept slow ones before the second half.
  const few = sample(whole, { seed: 6, oneIn: ONE_IN });
  const withSlow = sample(whole, { seed: 6, oneIn: ONE_IN, slowMs: 40 });
  const late = (span: WindowSpan): boolean => span.startMs >= FAULT_MS;
  const spans = [...few.spans.filter((span) => !late(span)), ...withSlow.spans.filter(late)];
  assert.ok(spans.length > few.spans.length + 500, 'there are such traces');
  assert.equal(findFault({ ...few, spans }).state, 'calm');
});

const span = (traceId: string, over: Partial<WindowSpan>): WindowSpan => ({
  traceId,
  spanId: 'a',
  parentSpanId: '',
  service: 's',
  name: 'op',
  kind: 2,
  startMs: Number(traceId),
  endMs: Number(traceId) + 1,
  error: false,
  peerService: '',
  peerAddress: '',
  ...over,
});

/** Weights by trace; a trace that is left out has none. */
const weightsOf = (spans: readonly WindowSpan[]): Record<string, number> =>
  Object.fromEntries(weighTraces(plantTraces(spans)).map(({ trace, weight }) => [trace.traceId, weight]));

test('what each trace stands for', () => {
  const error = true;
  assert.deepEqual(weightsOf([span('1', {}), span('2', { error })]), { 1: 1, 2: 1 }, 'no sampling');
  assert.deepEqual(
    weightsOf([span('1', { adjustedCount: 100 }), span('2', { adjustedCount: 100, error })]),
    { 1: 100, 2: 100 },
    'sampling without keeping',
  );
  assert.deepEqual(
    weightsOf([
      span('1', { adjustedCount: 100 }),
      span('2', { adjustedCount: 100, error }),
      span('3', { adjustedCount: 0, error }),
      span('4', { adjustedCount: 0 }),
    ]),
    { 1: 100, 2: 1, 3: 1 },
    'every failure is kept, so each is one; what was kept without failing stands for nothing',
  );
  // 50 of 100 failures were drawn although one in a hundred is: whoever keeps them keeps few.
  const few = Array.from({ length: 100 }, (_, i) =>
    span(String(i), { error, adjustedCount: i < 50 ? 100 : 0 }),
  );
  assert.equal(weightsOf(few)['99'], 50);
});
