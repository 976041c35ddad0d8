import fc from 'fast-check';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logRow, type MadeSpan, traceOf } from '../testing/trace-making.ts';
import { keysToShow, rowsOf, spanKey, type TraceRow } from './trace-rows.ts';
import { buildTree, type SpanNode } from './trace-tree.ts';

const NONE: ReadonlySet<string> = new Set();
const shown = (rows: readonly TraceRow[]): readonly string[] =>
  rows.map((row) =>
    row.kind === 'log'
      ? `line ${row.log.row.id}`
      : row.kind === 'group'
        ? `${row.nodes.length} × ${row.nodes[0]?.name}`
        : `${row.kind} ${row.node.spanId}`,
  );

const like = (count: number, more: Partial<MadeSpan> = {}): readonly MadeSpan[] =>
  Array.from({ length: count }, (_, i) => ({
    id: `q${i}`,
    parent: 'root',
    name: 'SELECT',
    from: 10 + i,
    to: 11 + i,
    ...more,
  }));

test('spans and lines stand in one list in the order of time', () => {
  const tree = buildTree(
    traceOf(
      [{ id: 'root' }, { id: 'b', parent: 'root', from: 30 }, { id: 'a', parent: 'root', from: 10 }],
      [logRow('1', 'root', 20), logRow('2', 'a', 15), logRow('3', 'nobody', 90)],
    ),
  );
  const rows = rowsOf(tree, NONE);
  assert.deepEqual(shown(rows), ['span root', 'span a', 'line 2', 'line 1', 'span b', 'line 3']);
  assert.deepEqual(
    rows.map(({ depth }) => depth),
    [0, 1, 2, 1, 1, 0],
  );
});

test('five like siblings fold into one row, four do not', () => {
  const four = rowsOf(buildTree(traceOf([{ id: 'root' }, ...like(4)])), NONE);
  assert.equal(four.filter(({ kind }) => kind === 'group').length, 0);
  const five = rowsOf(buildTree(traceOf([{ id: 'root' }, ...like(5)])), NONE);
  assert.deepEqual(shown(five), ['span root', '5 × SELECT']);
});

test('what failed, has children or lines, or is called otherwise is not folded away', () => {
  const [first, ...rest] = like(6);
  const failed = rowsOf(
    buildTree(traceOf([{ id: 'root' }, { id: 'q0', ...first, failed: true }, ...rest])),
    NONE,
  );
  assert.deepEqual(shown(failed), ['span root', 'span q0', '5 × SELECT']);
  const logging = rowsOf(buildTree(traceOf([{ id: 'root' }, ...like(5)], [logRow('1', 'q2', 12)])), NONE);
  assert.equal(logging.filter(({ kind }) => kind === 'group').length, 0);
  const other = rowsOf(
    buildTree(traceOf([{ id: 'root' }, ...like(4), ...like(1, { id: 'x', service: 'b' })])),
    NONE,
  );
  assert.equal(other.filter(({ kind }) => kind === 'group').length, 0);
});

test('a toggled group is open, a toggled span closed', () => {
  const tree = buildTree(traceOf([{ id: 'root' }, ...like(5)]));
  const group = rowsOf(tree, NONE).find(({ kind }) => kind === 'group');
  assert.ok(group !== undefined);
  assert.equal(rowsOf(tree, new Set([group.key])).length, 7);
  const [root] = tree.roots;
  assert.ok(root !== undefined);
  assert.deepEqual(shown(rowsOf(tree, new Set([spanKey(root)]))), ['span root']);
});

const made: fc.Arbitrary<readonly MadeSpan[]> = fc
  .array(fc.record({ up: fc.nat({ max: 8 }), name: fc.constantFrom('a', 'b'), failed: fc.boolean() }), {
    minLength: 1,
    maxLength: 40,
  })
  .map((spans) =>
    spans.map(({ up, name, failed }, i) => ({
      id: String(i),
      parent: i === 0 ? '' : String(Math.max(0, i - 1 - up)),
      from: i,
      to: i + 5,
      name,
      failed,
    })),
  );

test('keysToShow opens what hides a span, whatever was open before; keys are unique', () => {
  fc.assert(
    fc.property(made, fc.nat(), fc.array(fc.nat()), (spans, which, closed) => {
      const tree = buildTree(traceOf(spans));
      const pick = (n: number): SpanNode => {
        const node = tree.nodes[n % tree.nodes.length];
        assert.ok(node !== undefined);
        return node;
      };
      const toggled = new Set(closed.map((n) => spanKey(pick(n))));
      const target = pick(which);
      for (const key of keysToShow(tree, target, toggled)) {
        if (!toggled.delete(key)) toggled.add(key);
      }
      const rows = rowsOf(tree, toggled);
      assert.ok(rows.some((row) => row.key === spanKey(target)));
      assert.equal(new Set(rows.map(({ key }) => key)).size, rows.length);
    }),
    { numRuns: 300 },
  );
});

test('unfolded, every span and line has its row', () => {
  fc.assert(
    fc.property(made, (spans) => {
      const tree = buildTree(traceOf(spans, [logRow('1', '0', 3), logRow('2', 'x', 4)]));
      const groups = rowsOf(tree, NONE).flatMap(({ kind, key }) => (kind === 'group' ? [key] : []));
      const rows = rowsOf(tree, new Set(groups));
      assert.equal(rows.filter(({ kind }) => kind === 'span').length, spans.length);
      assert.equal(rows.filter(({ kind }) => kind === 'log').length, 2);
    }),
  );
});

test('100 000 rows and a chain as deep are listed without a stack', () => {
  const wide = [{ id: 'root' }, ...like(100_000, { failed: true })].map((span, i) => ({
    ...span,
    id: i === 0 ? 'root' : `w${i}`,
  }));
  assert.equal(rowsOf(buildTree(traceOf(wide)), NONE).length, 100_001);
  const deep = Array.from({ length: 100_000 }, (_, i) => ({ id: `${i}`, parent: i === 0 ? '' : `${i - 1}` }));
  assert.equal(rowsOf(buildTree(traceOf(deep)), NONE).length, 100_000);
});

test('a call that nobody has answered has a row below it that says so, and is not folded away', () => {
  const gap = { spanId: 'q2', missing: 'callee', service: 'pay', reason: 'process_lost' } as const;
  const tree = buildTree(traceOf([{ id: 'root' }, ...like(6)], [logRow('1', 'q2', 13)], [gap]));
  const rows = rowsOf(tree, NONE);
  assert.deepEqual(shown(rows), ['span root', '5 × SELECT', 'span q2', 'gap q2', 'line 1']);
  const row = rows.find(({ kind }) => kind === 'gap');
  assert.ok(row?.kind === 'gap' && row.gap === gap && row.depth === 2);
});

test('a stub knows why it is none', () => {
  const gap = { spanId: 'a', missing: 'parent', service: null, reason: 'process_lost' } as const;
  const tree = buildTree(traceOf([{ id: 'a', parent: 'gone' }], [], [gap]));
  assert.deepEqual(
    tree.nodes.map(({ reason, lacks }) => [reason, lacks]),
    [
      [null, null],
      ['process_lost', null],
    ],
  );
});
