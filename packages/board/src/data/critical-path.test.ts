import fc from 'fast-check';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MadeSpan, traceOf } from '../testing/trace-making.ts';
import { criticalShareOf, criticalShares, markCriticalPath } from './critical-path.ts';
import { lengthOf } from './intervals.ts';
import { buildTree, type TraceTree } from './trace-tree.ts';

function marked(spans: readonly MadeSpan[]): TraceTree {
  const tree = buildTree(traceOf(spans));
  markCriticalPath(tree);
  return tree;
}

test('the path goes back into the child that finished last, and to the parent between children', () => {
  const tree = marked([
    { id: 'root', from: 0, to: 100, service: 'front' },
    { id: 'early', parent: 'root', from: 10, to: 40, service: 'early' },
    { id: 'hidden', parent: 'root', from: 15, to: 35, service: 'hidden' },
    { id: 'late', parent: 'root', from: 50, to: 90, service: 'late' },
  ]);
  const path = Object.fromEntries(tree.nodes.map(({ spanId, critical }) => [spanId, critical]));
  assert.deepEqual(path['root'], [
    { from: 0, to: 10 },
    { from: 40, to: 50 },
    { from: 90, to: 100 },
  ]);
  assert.deepEqual(path['early'], [{ from: 10, to: 40 }]);
  assert.deepEqual(path['hidden'], []);
  assert.deepEqual(path['late'], [{ from: 50, to: 90 }]);
  assert.deepEqual(criticalShares(tree), [
    { service: 'late', share: 0.4 },
    { service: 'front', share: 0.3 },
    { service: 'early', share: 0.3 },
  ]);
});

test('a child that outlives its parent is cut to it', () => {
  const tree = marked([
    { id: 'root', from: 0, to: 50 },
    { id: 'child', parent: 'root', from: 20, to: 90 },
  ]);
  assert.deepEqual(tree.nodes[1]?.critical, [{ from: 20, to: 50 }]);
});

const spans: fc.Arbitrary<readonly MadeSpan[]> = fc
  .array(fc.record({ up: fc.nat({ max: 5 }), from: fc.nat({ max: 100 }), length: fc.nat({ max: 120 }) }), {
    minLength: 1,
    maxLength: 25,
  })
  .map((made) =>
    made.map(({ up, from, length }, i) => ({
      id: String(i),
      parent: i === 0 ? '' : String(Math.max(0, i - 1 - up)),
      from: i === 0 ? 0 : from,
      to: i === 0 ? 100 : from + length,
    })),
  );

test('the path covers the root from its beginning to its end, each moment once', () => {
  fc.assert(
    fc.property(spans, (made) => {
      const tree = marked(made);
      const all = tree.nodes.flatMap(({ critical }) => critical).sort((a, b) => a.from - b.from);
      let at = 0;
      for (const part of all) {
        assert.equal(part.from, at);
        assert.ok(part.to > part.from);
        at = part.to;
      }
      assert.equal(at, 100);
      assert.equal(lengthOf(all), 100);
      const [root] = tree.roots;
      assert.ok(root !== undefined);
      assert.equal(criticalShareOf(root), 1);
    }),
    { numRuns: 300 },
  );
});

test('a span of 200 000 children has its share, and an empty trace no path', () => {
  const many = Array.from({ length: 200_000 }, (_, i) => ({
    id: String(i),
    parent: i === 0 ? '' : '0',
    from: i,
    to: i === 0 ? 200_000 : i + 1,
  }));
  const tree = marked(many);
  const [root] = tree.roots;
  assert.ok(root !== undefined);
  assert.equal(criticalShareOf(root), 1);
  assert.deepEqual(criticalShares(marked([])), []);
});
