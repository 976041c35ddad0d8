import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type LogObservations, observeLogs } from './log-observation.ts';
import { excuseKey } from './observation.ts';
import { plantTraces } from './trace-forest.ts';
import type { WindowLog, WindowSpan } from './window.ts';

const span = (traceId: string, spanId: string, parentSpanId = ''): WindowSpan => ({
  traceId,
  spanId,
  parentSpanId,
  service: 'a',
  name: spanId,
  kind: 1,
  startMs: 0,
  endMs: 1,
  error: false,
  peerService: '',
  peerAddress: '',
});
const line = (traceId: string, spanId: string, body: string, more: Partial<WindowLog> = {}): WindowLog => ({
  id: '1',
  timeMs: 0,
  service: 'a',
  severityNumber: 9,
  body,
  traceId,
  spanId,
  ...more,
});
const spans = [span('t', 'serve'), span('t', 'inner', 'serve'), span('u', 'serve')];
const observed = (logs: readonly WindowLog[], excused = new Set<string>()): LogObservations =>
  observeLogs(plantTraces(spans), logs, excused);
const steps = ({ path }: LogObservations): string[] =>
  path.map(({ operation, context, symbol, trace }) => `${trace} ${operation} ${context} ${symbol}`);

test('each line given the one before it, with marks at both ends, in the order of time', () => {
  const logs = [
    line('t', 'serve', 'took 5 ms', { timeMs: 2 }),
    line('t', 'serve', 'asked', { timeMs: 1 }),
    line('u', 'serve', 'asked'),
  ];
  assert.deepEqual(steps(observed(logs)), [
    '0 >serve inner#^ asked',
    '0 >serve inner#asked took * ms',
    '0 >serve inner#took * ms $',
    '1 >serve #^ asked',
    '1 >serve #asked $',
  ]);
});

test('lines of one millisecond stand in the order of their ids, which are numbers', () => {
  const logs = [
    line('u', 'serve', 'third', { id: '10' }),
    line('u', 'serve', 'second', { id: '9' }),
    line('u', 'serve', 'first', { id: '1' }),
  ];
  fc.assert(
    fc.property(fc.shuffledSubarray(logs, { minLength: 3 }), (mixed) => {
      assert.deepEqual(
        observed(mixed).path.map(({ symbol }) => symbol),
        ['first', 'second', 'third', '$'],
      );
    }),
  );
});

test('a span of an operation that logs elsewhere is silent, one that never logs is not looked at', () => {
  const all = observed([
    line('t', 'serve', 'x'),
    line('u', 'inner', 'lost'),
    line('t', 'inner', 'y', { service: 'b' }),
  ]);
  assert.deepEqual(
    all.path.map(({ operation }) => operation),
    ['>serve', '>serve'],
  );
  assert.deepEqual(all.loggedBefore, [0, 1, 1]);
  const later = observeLogs(
    plantTraces([...spans, span('u', 'inner', 'serve')]),
    [line('t', 'inner', 'x'), line('u', 'serve', 'x')],
    new Set(),
  );
  assert.ok(steps(later).includes('1 serve>inner #^ $'));
});

test('a span that logs has an error line or not; a silent one has no share', () => {
  const { error } = observed([
    line('t', 'serve', 'x', { severityNumber: 16 }),
    line('u', 'serve', 'x'),
    line('u', 'serve', 'y', { severityNumber: 17 }),
  ]);
  assert.deepEqual(
    error.map(({ operation, hit }) => [operation, hit]),
    [
      ['serve', false],
      ['serve', true],
    ],
  );
});

test('an excused service in an excused trace is not counted', () => {
  const logs = [line('t', 'serve', 'x'), line('u', 'serve', 'x')];
  const all = observed(logs, new Set([excuseKey('t', 'a')]));
  assert.deepEqual(steps(all), ['1 >serve #^ x', '1 >serve #x $']);
});
