import fc from 'fast-check';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logRow, type MadeSpan, traceOf } from '../testing/trace-making.ts';
import { buildTree, type SpanNode, type TraceTree } from './trace-tree.ts';

function reached(tree: TraceTree): readonly SpanNode[] {
  const seen: SpanNode[] = [];
  const stack = [...tree.roots];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    seen.push(node);
    for (const child of node.children) stack.push(child);
  }
  return seen;
}

/** Few ids, so that parents are missing, repeated, circular and their own. */
const careless: fc.Arbitrary<readonly MadeSpan[]> = fc.array(
  fc.record({
    id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'),
    parent: fc.constantFrom('', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'missing', 'other'),
    from: fc.integer({ min: 0, max: 50 }),
    to: fc.integer({ min: 50, max: 100 }),
  }),
  { maxLength: 20 },
);

test('whatever the data say, each span is reached exactly once and lies one below its parent', () => {
  fc.assert(
    fc.property(careless, (spans) => {
      const tree = buildTree(traceOf(spans));
      const seen = reached(tree);
      assert.equal(seen.length, tree.nodes.length);
      assert.equal(new Set(seen).size, seen.length);
      assert.equal(seen.filter(({ row }) => row !== null).length, spans.length);
      for (const node of seen) assert.equal(node.depth, node.parent === null ? 0 : node.parent.depth + 1);
    }),
    { numRuns: 300 },
  );
});

test('a missing parent gets one stub for all its children, as long as they', () => {
  const tree = buildTree(
    traceOf([
      { id: 'a', parent: 'lost', from: 10, to: 40 },
      { id: 'b', parent: 'lost', from: 20, to: 70 },
    ]),
  );
  assert.equal(tree.stubCount, 1);
  const [stub] = tree.roots;
  assert.equal(stub?.row, null);
  assert.equal(stub?.spanId, 'lost');
  assert.deepEqual([stub?.from, stub?.to], [0, 60], 'counted from the earliest span');
  assert.deepEqual(
    stub?.children.map(({ spanId }) => spanId),
    ['a', 'b'],
  );
});

test('a circle is cut at its earliest span; a span that is its own parent is a root', () => {
  const circle = buildTree(
    traceOf([
      { id: 'a', parent: 'c', from: 5 },
      { id: 'b', parent: 'a', from: 1 },
      { id: 'c', parent: 'b', from: 9 },
    ]),
  );
  assert.deepEqual(
    circle.roots.map(({ spanId }) => spanId),
    ['b'],
  );
  const own = buildTree(traceOf([{ id: 'a', parent: 'a' }]));
  assert.deepEqual(
    own.roots.map(({ spanId }) => spanId),
    ['a'],
  );
});

test('an id used twice keeps both spans; children hang under the first', () => {
  const tree = buildTree(traceOf([{ id: 'a' }, { id: 'a' }, { id: 'b', parent: 'a' }]));
  assert.equal(tree.roots.length, 2);
  assert.equal(tree.nodes[0]?.children.length, 1);
  assert.equal(tree.nodes[1]?.children.length, 0);
});

test('lines lie under their span in the order of time; those without one are loose', () => {
  const tree = buildTree(
    traceOf([{ id: 'a' }], [logRow('2', 'a', 20), logRow('1', 'a', 10), logRow('3', 'nobody', 5)]),
  );
  assert.deepEqual(
    tree.nodes[0]?.logs.map(({ row }) => row.id),
    ['1', '2'],
  );
  assert.deepEqual(
    tree.looseLogs.map(({ row, at }) => [row.id, at]),
    [['3', 5]],
  );
});

test('own time is what no child covers', () => {
  const tree = buildTree(
    traceOf([
      { id: 'a', from: 0, to: 100 },
      { id: 'b', parent: 'a', from: 10, to: 30 },
      { id: 'c', parent: 'a', from: 20, to: 50 },
    ]),
  );
  assert.deepEqual(tree.nodes[0]?.own, [
    { from: 0, to: 10 },
    { from: 50, to: 100 },
  ]);
});

test('nothing at all, and lines alone, are trees too', () => {
  assert.equal(buildTree(traceOf([])).durationNano, 1);
  assert.equal(buildTree(traceOf([], [logRow('1', '', 0), logRow('2', '', 70)])).durationNano, 70);
});

test('a chain of 100 000 spans needs no stack', () => {
  const spans = Array.from({ length: 100_000 }, (_, i) => ({
    id: String(i),
    parent: i === 0 ? '' : String(i - 1),
    from: i,
    to: 300_000 - i,
  }));
  const tree = buildTree(traceOf(spans));
  assert.equal(tree.roots.length, 1);
  assert.equal(tree.nodes[99_999]?.depth, 99_999);
});

test('100 000 children of one span, and of one that is missing, are placed without delay', (t) => {
  for (const parent of ['0', 'lost']) {
    const spans = Array.from({ length: 100_000 }, (_, i) => ({
      id: String(i),
      parent: i === 0 ? '' : parent,
      from: i,
      to: i + 10,
    }));
    const before = performance.now();
    const tree = buildTree(traceOf(spans));
    const ms = performance.now() - before;
    t.diagnostic(`${ms.toFixed(0)} ms below ${parent}`);
    // Quadratic work takes minutes here; a hundred times the usual time is still no minute.
    assert.ok(ms < 20_000, `${ms} ms`);
    assert.equal(tree.bySpanId.get(parent)?.children.length, 99_999);
  }
});
