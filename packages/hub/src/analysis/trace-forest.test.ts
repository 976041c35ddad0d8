import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isCall, type Node, plantTraces } from './trace-forest.ts';
import type { WindowSpan } from './window.ts';

interface Part {
  readonly id: string;
  readonly parent?: string;
  readonly service?: string;
  readonly from?: number;
  readonly to?: number;
  readonly peer?: string;
  readonly address?: string;
}
const span = ({
  id,
  parent = '',
  service = 'a',
  from = 0,
  to = 10,
  peer = '',
  address = '',
}: Part): WindowSpan => ({
  traceId: 't',
  spanId: id,
  parentSpanId: parent,
  service,
  name: `op ${id}`,
  kind: 1,
  startMs: from,
  endMs: to,
  error: false,
  peerService: peer,
  peerAddress: address,
});
const plant = (...parts: readonly Part[]): Map<string, Node> =>
  new Map(plantTraces(parts.map(span))[0]?.nodes.map((node) => [node.span.spanId, node]));
const childIds = (node: Node | undefined): (string | undefined)[] =>
  (node?.children ?? []).map((child) => child.span.spanId);

test('own time is what no child covers: overlaps count once, what hangs over does not count', () => {
  const nodes = plant(
    { id: 'p', from: 0, to: 100 },
    { id: 'a', parent: 'p', from: 10, to: 40 },
    { id: 'b', parent: 'p', from: 30, to: 50 },
    { id: 'c', parent: 'p', from: 90, to: 130 },
    { id: 'd', parent: 'p', from: 200, to: 300 },
    { id: 'e', parent: 'p', from: 35, to: 38 },
  );
  assert.equal(nodes.get('p')?.selfMs, 100 - 40 - 10);
  assert.deepEqual(childIds(nodes.get('p')), ['a', 'b', 'e', 'c', 'd']);
});

test('a parent that is not here makes a root, in the same trace', () => {
  const nodes = plant({ id: 'p' }, { id: 'a', parent: 'lost', from: 2, to: 5 });
  assert.equal(nodes.get('a')?.parent, undefined);
  assert.equal(nodes.get('p')?.selfMs, 10);
});

test('a span that ends before it starts took no time', () => {
  assert.equal(plant({ id: 'p', from: 5, to: 1 }).get('p')?.durationMs, 0);
});

test('of two spans with one id the later stays', () => {
  for (const parts of [
    [
      { id: 'p', from: 0, to: 10 },
      { id: 'p', from: 3, to: 9 },
    ],
    [
      { id: 'p', from: 3, to: 9 },
      { id: 'p', from: 0, to: 10 },
    ],
  ]) {
    const nodes = plant(...parts);
    assert.equal(nodes.size, 1);
    assert.equal(nodes.get('p')?.durationMs, 6);
  }
});

test('a loop of parents is cut at its earliest span', () => {
  const nodes = plant(
    { id: 'a', parent: 'c', from: 2 },
    { id: 'b', parent: 'a', from: 1 },
    { id: 'c', parent: 'b', from: 3 },
    { id: 'd', parent: 'c', from: 4 },
    { id: 'self', parent: 'self', from: 5 },
  );
  assert.equal(nodes.get('b')?.parent, undefined);
  assert.equal(nodes.get('c')?.parent, nodes.get('b'));
  assert.equal(nodes.get('a')?.parent, nodes.get('c'));
  assert.deepEqual(childIds(nodes.get('c')), ['a', 'd']);
  assert.equal(nodes.get('self')?.parent, undefined);
});

test('traces stand in the order of their start', () => {
  const other = { ...span({ id: 'x', from: -5 }), traceId: 'u' };
  assert.deepEqual(
    plantTraces([span({ id: 'p' }), other]).map(({ traceId, startMs }) => [traceId, startMs]),
    [
      ['u', -5],
      ['t', 0],
    ],
  );
  assert.deepEqual(plantTraces([]), []);
});

test('a call goes to whoever answers, else to peer.service, else to nobody', () => {
  const answered = plant({ id: 'p', peer: 'x' }, { id: 'q', parent: 'p', service: 'b' }).get('p');
  const silent = plant({ id: 'p', peer: 'x' }).get('p');
  const inner = plant({ id: 'p' }, { id: 'q', parent: 'p' }).get('p');
  const itself = plant({ id: 'p', peer: 'a' }).get('p');
  assert.deepEqual(
    [answered, silent, inner, itself].map((node) => node && [node.callee, isCall(node)]),
    [
      ['b', true],
      ['x', true],
      ['', false],
      ['a', false],
    ],
  );
});

test('the shape is the set of what a span asks for, of sixty-four things at most', () => {
  const shape = plant({ id: 'p' }, { id: 'z', parent: 'p', service: 'b' }, { id: 'y', parent: 'p' }).get(
    'p',
  )?.shape;
  assert.equal(shape, 'b:op z;op y');
  const wide = (n: number): string | undefined =>
    plant({ id: 'p' }, ...Array.from({ length: n }, (_, i) => ({ id: String(i), parent: 'p' }))).get('p')
      ?.shape;
  assert.equal(wide(64)?.split(';').length, 64);
  assert.ok(!wide(64)?.includes('…'));
  assert.deepEqual(wide(65)?.split(';').slice(64), ['…']);
});

test('any set of spans becomes a forest: no loop, own time within the duration, order forgotten', () => {
  const id = fc.constantFrom('a', 'b', 'c', 'd', 'e', '');
  const part = fc.record({
    id,
    parent: id,
    service: fc.constantFrom('a', 'b'),
    from: fc.double({ min: -1e15, max: 1e15, noNaN: true }),
    to: fc.double({ min: -1e15, max: 1e15, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      const traces = plantTraces(parts.map(span));
      for (const node of traces.flatMap(({ nodes }) => nodes)) {
        assert.ok(node.selfMs >= 0 && node.selfMs <= node.durationMs);
        let steps = 0;
        for (let at: Node | undefined = node; at !== undefined; at = at.parent) assert.ok((steps += 1) <= 6);
        assert.equal(
          node.children.every((child) => child.parent === node),
          true,
        );
      }
      assert.deepEqual(plantTraces(parts.toReversed().map(span)), traces);
    }),
  );
});

test('who does not answer is told by who used to answer the same caller at the same address', () => {
  const calls: readonly (readonly [id: string, caller: string, address: string, answerer?: string])[] = [
    ['1', 'a', 'h:1', 'b'],
    ['2', 'a', 'h:1'],
    ['3', 'a', 'h:2'],
    ['4', 'c', 'h:1'],
    ['5', 'a', 'lb:1', 'd'],
    ['6', 'a', 'lb:1', 'e'],
    ['7', 'a', 'lb:1'],
    ['8', 'a', ''],
  ];
  const spans = calls.flatMap(([id, service, address, answerer]) => [
    { ...span({ id, service, address }), traceId: id },
    ...(answerer === undefined
      ? []
      : [{ ...span({ id: `${id}s`, parent: id, service: answerer }), traceId: id }]),
  ]);
  const callees = plantTraces(spans).map(({ traceId, nodes }) => [traceId, nodes[0]?.callee]);
  assert.deepEqual(Object.fromEntries(callees), {
    1: 'b',
    2: 'b', // As in 1.
    3: '', // Nobody has answered there.
    4: '', // The same address of another machine may be somebody else.
    5: 'd',
    6: 'e',
    7: '', // One of two: nobody can say which.
    8: '',
  });
});
