import fc from 'fast-check';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MadeSpan, traceOf } from '../testing/trace-making.ts';
import { clockErrorOf, shiftsOf } from './clock-shift.ts';
import { buildTree } from './trace-tree.ts';

const MS = 1_000_000;
/** As trace-making.ts has it. */
const BASE_MS = 1_795_000_000_000n;

/** A logical clock at so many milliseconds of the trace. */
const hlc = (ms: number): string => ((BASE_MS + BigInt(ms)) << 16n).toString(16).padStart(16, '0');

const client = (id: string, parent: string, fromMs: number, toMs: number): MadeSpan => ({
  id,
  parent,
  kind: 3,
  from: fromMs * MS,
  to: toMs * MS,
});
const server = (id: string, parent: string, times: readonly [number, number], hlcMs: number): MadeSpan => ({
  id,
  parent,
  kind: 2,
  from: times[0] * MS,
  to: times[1] * MS,
  attributes: { 'aode.clock.hlc': hlc(hlcMs) },
});

/** A request through three processes; the clock of the second is three seconds behind. */
const SKEWED = [
  server('a', '', [10_000, 10_100], 10_000),
  client('a-b', 'a', 10_010, 10_090),
  server('b', 'a-b', [7015, 7080], 10_010),
  client('b-c', 'b', 7020, 7070),
  server('c', 'b-c', [10_030, 10_060], 10_030),
];

test('what a process that is behind did is drawn later, as far as the next process', () => {
  const shifts = shiftsOf(traceOf(SKEWED).spans);
  assert.deepEqual(shifts, [0, 0, 2995 * MS, 2995 * MS, 0]);
});

test('in the tree no span begins before the one that has caused it, and durations stay', () => {
  const trace = traceOf(SKEWED);
  const tree = buildTree(trace);
  for (const node of tree.nodes) {
    assert.ok(node.parent === null || node.from >= node.parent.from, node.spanId);
    assert.equal(node.to - node.from, node.row?.durationNano);
  }
  assert.equal(tree.nodes.find(({ spanId }) => spanId === 'b')?.shift, 2995 * MS);
  assert.equal(tree.startNano, (BASE_MS + 10_000n) * 1_000_000n);
  assert.equal(tree.durationNano, 100 * MS);
});

test('a number that is ahead of both, by somebody whom they have heard of, moves nothing', () => {
  const sent = { attributes: { 'aode.clock.hlc': hlc(3000) } };
  const near = [{ ...client('c', '', 0, 90), ...sent }, server('s', 'c', [10, 80], 3001)];
  assert.deepEqual(shiftsOf(traceOf(near).spans), [0, 0]);
  const behind = [{ ...client('c', '', 2000, 2090), ...sent }, server('s', 'c', [10, 80], 3001)];
  assert.deepEqual(shiftsOf(traceOf(behind).spans), [0, 1990 * MS]);
  // Nothing is known of who has sent it.
  assert.deepEqual(shiftsOf(traceOf([server('s', 'missing', [10, 80], 3001)]).spans), [2991 * MS]);
});

test('a caller that was not followed moves nothing', () => {
  const ahead = { ...client('c', '', 60_000, 60_090), attributes: { 'aode.clock.hlc': hlc(60_000) } };
  assert.deepEqual(shiftsOf(traceOf([ahead, server('s', 'c', [10, 80], 10)]).spans), [0, 0]);
});

test('clocks that agree, and traces without a logical clock, stay as they are', () => {
  assert.deepEqual(
    shiftsOf(traceOf([server('a', '', [5, 9], 5), server('b', 'a', [6, 8], 6)]).spans),
    [0, 0],
  );
  assert.deepEqual(
    shiftsOf(
      traceOf([
        { id: 'a', from: 5 },
        { id: 'b', parent: 'a', from: 0 },
      ]).spans,
    ),
    [0, 0],
  );
  // Less than the millisecond that the clock counts by.
  assert.deepEqual(shiftsOf(traceOf([{ ...server('a', '', [4, 9], 5), from: 4 * MS + 1 }]).spans), [0]);
  assert.deepEqual(shiftsOf(traceOf([server('a', '', [4, 9], 5)]).spans), [MS]);
});

test('whatever the data say: a shift for each span, none back, and no endless circle', () => {
  const careless = fc.array(
    fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd'),
      parent: fc.constantFrom('', 'a', 'b', 'c', 'd', 'missing'),
      kind: fc.constantFrom(0, 1, 2, 3, 5),
      from: fc.nat(100),
      attributes: fc.constantFrom({}, { 'aode.clock.hlc': hlc(50) }, { 'aode.clock.hlc': 'ffff' }),
    }),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(careless, (spans) => {
      const shifts = shiftsOf(traceOf(spans).spans);
      assert.equal(shifts.length, spans.length);
      assert.ok(shifts.every((shift) => shift >= 0));
    }),
  );
});

test('an error bound is one where it is a number above 0', () => {
  const errorOf = (value: string | number): number => {
    const [span] = traceOf([{ id: 'a', attributes: { 'aode.clock.error_ms': value } }]).spans;
    return clockErrorOf(span ?? assert.fail());
  };
  assert.equal(errorOf(1.5), 1_500_000);
  assert.equal(errorOf('2'), 2_000_000);
  for (const value of [-1, 'Infinity', 'x', 0]) assert.equal(errorOf(value), 0);
});
