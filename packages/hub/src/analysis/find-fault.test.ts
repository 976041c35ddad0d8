import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cause, Evidence } from '@aode/wire/hub-api';
import { findFault, THRESHOLD_BITS } from './find-fault.ts';
import { type Fault, SERVICES, simulate, TRACE_EVERY_MS } from './system.sim.ts';
import type { Window } from './window.ts';

const START_MS = 1_000_000;
const CALM_TRACES = 300;
const FAULT_MS = START_MS + CALM_TRACES * TRACE_EVERY_MS;
const EMPTY: Window = { spans: [], logs: [], points: [] };

/** A minute of calm, then the fault; the lines are numbered through. */
function history(fault: Fault | undefined, faultTraces = 100, calmTraces = CALM_TRACES): Window {
  const startMs = FAULT_MS - calmTraces * TRACE_EVERY_MS;
  const before = simulate({ seed: 3, startMs, traces: calmTraces });
  const after = simulate({ seed: 4, startMs: FAULT_MS, traces: faultTraces, ...(fault && { fault }) });
  const logs = [...before.logs, ...after.logs].map((line, i) => ({ ...line, id: String(i) }));
  return { spans: [...before.spans, ...after.spans], logs, points: [...before.points, ...after.points] };
}

test('a fault is called, dated and charged without being told when it began', () => {
  for (const [kind, service] of [
    ['slow', 'stock'],
    ['late', 'pay'],
    ['failing', 'users'],
    ['silent', 'orders'],
    ['down', 'pay'],
  ] as const) {
    const report = findFault(history({ kind, service }));
    assert.equal(report.state, 'fault', kind);
    assert.equal(report.causes[0]?.service, service);
    assert.ok(Math.abs((report.faultUnixMs ?? 0) - FAULT_MS) <= 8000, `${kind}: ${report.faultUnixMs}`);
    assert.ok(report.thresholdBits > THRESHOLD_BITS);
    assert.ok(report.calmTraceCount >= 20 && report.faultTraceCount >= 5);
  }
});

/** Stretches one after the other, each of so many traces. */
function story(stretches: readonly (readonly [traces: number, fault?: Fault])[]): Window {
  const whole = { spans: [], logs: [], points: [] } as { [K in keyof Window]: Window[K][number][] };
  let startMs = START_MS;
  stretches.forEach(([traces, fault], i) => {
    const part = simulate({ seed: 10 + i, startMs, traces, ...(fault && { fault }) });
    whole.spans.push(...part.spans);
    whole.logs.push(...part.logs.map((line) => ({ ...line, id: `${i}${line.id.padStart(6, '0')}` })));
    whole.points.push(...part.points);
    startMs += traces * TRACE_EVERY_MS;
  });
  return whole;
}
const afterTraces = (count: number): number => START_MS + count * TRACE_EVERY_MS;

test('a fault that is over has an end', () => {
  for (const kind of ['failing', 'slow'] as const) {
    const report = findFault(story([[300], [150, { kind, service: 'pay' }], [200]]));
    assert.equal(report.state, 'fault', kind);
    assert.equal(report.causes[0]?.service, 'pay');
    const { faultUnixMs, faultEndUnixMs } = report;
    assert.ok(Math.abs((faultUnixMs ?? 0) - afterTraces(300)) <= 8000, `${kind} began ${faultUnixMs}`);
    // Found on the grid of moments that are tried: this far back they lie twelve seconds apart.
    const off = (faultEndUnixMs ?? 0) - afterTraces(450);
    assert.ok(off >= -2000 && off <= 20_000, `${kind} ended ${off} ms after its end`);
  }
});

test('a fault that goes on has no end, even one that shows in few traces', () => {
  for (const kind of ['failing', 'late', 'down'] as const) {
    assert.equal(findFault(story([[300], [400, { kind, service: 'users' }]])).faultEndUnixMs, null, kind);
  }
});

test('the next fault is named although the one before was stronger', () => {
  for (const seconds of [20, 40]) {
    const now = { kind: 'slow', service: 'stock' } as const;
    const before = { kind: 'failing', service: 'pay' } as const;
    const report = findFault(story([[300], [300, before], [300], [(seconds * 1000) / TRACE_EVERY_MS, now]]));
    assert.equal(report.causes[0]?.service, 'stock');
    assert.equal(report.faultEndUnixMs, null);
    assert.ok(Math.abs((report.faultUnixMs ?? 0) - afterTraces(900)) <= 8000);
  }
});

test('calm is no fault, whatever start is tried', () => {
  const report = findFault(history(undefined));
  assert.equal(report.state, 'calm');
  assert.equal(report.faultUnixMs, null);
  assert.equal(report.failedTraceCount, 0);
});

test('a known start is taken as it is, and pays for no search', () => {
  const report = findFault(history({ kind: 'failing', service: 'pay' }), { faultMs: FAULT_MS });
  assert.equal(report.faultUnixMs, FAULT_MS);
  assert.equal(report.thresholdBits, THRESHOLD_BITS);
  assert.equal(report.calmTraceCount, CALM_TRACES);
  // The youngest two seconds may be unfinished and are left out.
  assert.equal(report.faultTraceCount, 100 - 2000 / TRACE_EVERY_MS);
  assert.ok(report.failedTraceCount > 20 && report.failedTraceCount < 70);
});

test('too little data is an answer with its reason', () => {
  const empty = findFault(EMPTY);
  assert.equal(empty.state, 'not-enough-data');
  assert.match(empty.reason ?? '', /no traces/);
  const unfinished = 2000 / TRACE_EVERY_MS;
  const state = (calm: number, fault: number): string => {
    const report = findFault(history(undefined, fault + unfinished, calm), { faultMs: FAULT_MS });
    assert.deepEqual(report.state === 'not-enough-data', report.reason !== null);
    return report.state;
  };
  assert.equal(state(19, 5), 'not-enough-data');
  assert.equal(state(20, 4), 'not-enough-data');
  assert.equal(state(20, 5), 'calm');
  assert.match(findFault(history(undefined, 3, 3)).reason ?? '', /too few traces/);
});

test('traces whose root is not recorded are traces', () => {
  const window = history({ kind: 'slow', service: 'stock' });
  const spans = window.spans.map((span) =>
    span.parentSpanId === '' ? { ...span, parentSpanId: 'somewhere else' } : span,
  );
  const report = findFault({ ...window, spans });
  assert.equal(report.state, 'fault');
  assert.equal(report.causes[0]?.service, 'stock');
});

const rows = (causes: readonly Cause[]): readonly Evidence[] => causes.flatMap(({ evidence }) => evidence);

test('every row has words, finite numbers and examples that exist', () => {
  for (const kind of ['slow', 'late', 'failing', 'busy', 'silent'] as const) {
    for (const service of SERVICES) {
      const window = history({ kind, service });
      const { causes } = findFault(window, { faultMs: FAULT_MS });
      for (const row of rows(causes)) {
        assert.match(row.words, /\S.*\d/, JSON.stringify(row));
        assert.doesNotMatch(row.words, /NaN|Infinity|undefined|null/);
        for (const value of [row.bits, row.z, row.p, row.expected ?? 0, row.seen ?? 0])
          assert.ok(Number.isFinite(value));
        assert.equal(row.examples.length > 0, row.kind !== 'metric', row.words);
        for (const { traceId, spanId, logId } of row.examples) {
          assert.ok(
            window.spans.some((s) => s.traceId === traceId && s.spanId === spanId && s.startMs >= FAULT_MS),
          );
          if (logId !== null) assert.equal(window.logs[Number(logId)]?.traceId, traceId);
        }
      }
      for (const { summary, evidence } of causes) assert.equal(summary, evidence[0]?.words ?? '');
    }
  }
});

function first(fault: Fault): {
  readonly cause: Cause;
  readonly causes: readonly Cause[];
  readonly window: Window;
} {
  const window = history(fault);
  const { causes } = findFault(window, { faultMs: FAULT_MS });
  const [cause] = causes;
  assert.ok(cause !== undefined);
  return { cause, causes, window };
}

test('a slow service: own time in milliseconds, with typical slow traces', () => {
  const { cause, window } = first({ kind: 'slow', service: 'stock' });
  assert.equal(cause.confidence, 'very-likely');
  const [row] = cause.evidence;
  assert.equal(row?.kind, 'self');
  assert.equal(row.unit, 'ms');
  assert.ok((row.expected ?? 99) < 10 && (row.seen ?? 0) > 80);
  assert.match(row.words, /^own time of GET \/stock: 8\d\.\d ms instead of \d\.\d\d ms \(90 traces\)$/);
  for (const { traceId } of row.examples) {
    const span = window.spans.find((s) => s.traceId === traceId && s.spanId === 'stock in');
    assert.ok(span !== undefined && span.endMs - span.startMs > 80);
  }
});

test('a service that is reached late: the gap around the calls, told by the caller', () => {
  const { cause } = first({ kind: 'late', service: 'pay' });
  const [row] = cause.evidence;
  assert.equal(row?.kind, 'edge');
  assert.equal(row.from, 'orders');
  assert.match(row.words, /^gap around calls orders → pay \(call POST \/pay\): 6\d\.\d ms instead of/);
});

test('a failing service: the error row leads to the error line', () => {
  const { cause, window } = first({ kind: 'failing', service: 'pay' });
  const row = cause.evidence.find(({ kind }) => kind === 'error');
  assert.equal(row?.unit, 'share');
  assert.equal(row.expected, 0);
  const [example] = row.examples;
  const line = window.logs[Number(example?.logId ?? -1)];
  assert.deepEqual([line?.service, line?.body], ['pay', 'failed']);
});

/** Its load is its own, so that orders has a score beside what its callees explain. */
const busyOrders = (window: Window): Window => ({
  ...window,
  points: window.points.map((point) =>
    point.service === 'orders' && point.timeMs >= FAULT_MS ? { ...point, value: point.value + 60 } : point,
  ),
});

test('who only passes on has a row that speaks against it, in the unit of what explains it', () => {
  for (const [kind, unit, words] of [
    [
      'failing',
      'share',
      /^orders calls pay, whose answers explain \d+\.\d bits of this: .* % instead of 0\.0 % failed$/,
    ],
    [
      'slow',
      'ms',
      /^orders calls pay, whose answers explain \d+\.\d bits of this: \d.* ms instead of \d.* ms$/,
    ],
  ] as const) {
    const { causes } = findFault(busyOrders(history({ kind, service: 'pay' })), { faultMs: FAULT_MS });
    const row = rows(causes).find((one) => one.kind === 'explained' && one.from === 'orders');
    assert.ok(row !== undefined, kind);
    assert.deepEqual([row.direction, row.unit, row.detail], ['against', unit, 'pay']);
    assert.match(row.words, words);
  }
});

test('a wait below a millisecond is still told in milliseconds', () => {
  const window = busyOrders(history({ kind: 'slow', service: 'pay' }));
  const spans = window.spans.map((span) => ({
    ...span,
    endMs: span.startMs + (span.endMs - span.startMs) / 400,
  }));
  const { causes } = findFault({ ...window, spans }, { faultMs: FAULT_MS });
  const row = rows(causes).find(({ kind }) => kind === 'explained');
  assert.equal(row?.unit, 'ms');
  assert.ok((row.seen ?? 1) < 1);
});

test('a busy container and a line that stopped', () => {
  const busy = first({ kind: 'busy', service: 'users' }).cause.evidence[0];
  assert.deepEqual([busy?.kind, busy?.unit], ['metric', 'percent']);
  assert.match(busy?.words ?? '', /^container\.cpu\.utilization: 8\d % instead of 2\d %$/);
  const silent = first({ kind: 'silent', service: 'orders' }).cause.evidence[0];
  assert.equal(silent?.kind, 'log');
  assert.match(silent.words, /answered in \* ms|\$/);
});

test('an operation named * is an operation', () => {
  const window = history({ kind: 'slow', service: 'stock' });
  const spans = window.spans.map((span) => (span.spanId === 'stock in' ? { ...span, name: '*' } : span));
  const { causes } = findFault({ ...window, spans }, { faultMs: FAULT_MS });
  assert.match(causes[0]?.summary ?? '', /^own time of \*:/);
});

test('hostile names pass as they are: text for whoever shows it', () => {
  const evil = '\u001b]0;x\u0007<img src=x onerror=alert(1)>__proto__';
  const window = history({ kind: 'slow', service: 'stock' });
  const spans = window.spans.map((span) => ({
    ...span,
    service: span.service === 'stock' ? evil : span.service,
    peerService: span.peerService === 'stock' ? evil : span.peerService,
  }));
  const { causes } = findFault({ ...window, spans }, { faultMs: FAULT_MS });
  assert.equal(causes[0]?.service, evil);
});
