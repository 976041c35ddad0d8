import assert from 'node:assert/strict';
import { test } from 'node:test';
import { excuseKey, observe, type Observations } from './observation.ts';
import { plantTraces } from './trace-forest.ts';
import type { WindowSpan } from './window.ts';

type Part = Partial<WindowSpan> & { readonly spanId: string };
const span = (part: Part): WindowSpan => ({
  traceId: 't',
  parentSpanId: '',
  service: 'a',
  name: part.spanId,
  kind: 1,
  startMs: 0,
  endMs: 10,
  error: false,
  peerService: '',
  peerAddress: '',
  ...part,
});
const observed = (...parts: readonly Part[]): Observations =>
  observe(plantTraces(parts.map(span)), new Set());
const charges = (
  list: readonly { readonly service: string; readonly from: string; readonly operation: string }[],
): string[] => list.map(({ service, from, operation }) => `${operation}: ${from} charges ${service}`);

test('own time is charged to the service, the gap around an answered call to the callee', () => {
  const all = observed(
    { spanId: 'serve', endMs: 100 },
    { spanId: 'call', parentSpanId: 'serve', startMs: 10, endMs: 90 },
    { spanId: 'answer', parentSpanId: 'call', service: 'b', startMs: 20, endMs: 80 },
  );
  assert.deepEqual(charges(all.self), ['serve: a charges a', 'answer: b charges b']);
  assert.deepEqual(charges(all.edge), ['call: a charges b']);
  assert.deepEqual(all.blind, []);
  assert.deepEqual(
    [all.self, all.edge, all.wait].map(([first]) => first?.value),
    [Math.log(21), Math.log(21), Math.log(81)],
  );
});

test('a call without an answer is charged to who should have answered, by peer.service', () => {
  const all = observed(
    { spanId: 'serve' },
    { spanId: 'call', parentSpanId: 'serve', peerService: 'b', error: true },
  );
  assert.deepEqual(charges(all.blind), ['call: a charges b']);
  assert.deepEqual(
    all.error.filter(({ hit }) => hit).map((one) => one.service),
    ['b'],
  );
  assert.deepEqual(charges(all.fail), ['call: a charges b']);
});

test('an error that a child has too is explained, but the call failed nevertheless', () => {
  const all = observed(
    { spanId: 'serve', error: true },
    { spanId: 'call', parentSpanId: 'serve', error: true, startMs: 1 },
    { spanId: 'answer', parentSpanId: 'call', service: 'b', error: true, startMs: 2 },
  );
  assert.deepEqual(
    all.error.map(({ operation, hit }) => [operation, hit]),
    [
      ['serve', false],
      ['call', false],
      ['answer', true],
    ],
  );
  assert.deepEqual(
    all.fail.map(({ hit }) => hit),
    [true],
  );
});

test('the shape is observed given who asked and as part of what; calls and excused services have none', () => {
  const parts: Part[] = [
    { spanId: 'serve' },
    { spanId: 'call', parentSpanId: 'serve', startMs: 1 },
    { spanId: 'answer', parentSpanId: 'call', service: 'b', startMs: 2 },
    { spanId: 'inner', parentSpanId: 'answer', service: 'b', startMs: 3 },
  ];
  const { shape } = observed(...parts);
  assert.deepEqual(
    shape.map(({ operation, symbol, context }) => [operation, symbol, context]),
    [
      ['serve', 'call', ''],
      ['answer', 'inner', 'a/serve/call'],
      ['inner', '', 'a/serve/call'],
    ],
  );
  const excused = observe(plantTraces(parts.map(span)), new Set([excuseKey('t', 'b')]));
  assert.deepEqual(charges(excused.shape), ['serve: a charges a']);
  assert.equal(excused.self.length, 3);
});
