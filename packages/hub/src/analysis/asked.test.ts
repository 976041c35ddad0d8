import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAsked } from './asked.ts';
import { type Node, plantTraces } from './trace-forest.ts';
import type { WindowSpan } from './window.ts';

/** `id parent service` triples, in the order of time. */
function plant(lines: readonly string[]): readonly Node[] {
  const spans = lines.map((line, i): WindowSpan => {
    const [spanId = '', parent = '', service = ''] = line.split(' ');
    return {
      traceId: 't',
      spanId,
      parentSpanId: parent === '-' ? '' : parent,
      service,
      name: spanId,
      kind: 1,
      startMs: i,
      endMs: i + 1,
      error: false,
      peerService: '',
      peerAddress: '',
    };
  });
  return plantTraces(spans)[0]?.nodes ?? [];
}
const texts = (...lines: readonly string[]): string[] => plant(lines).map(createAsked());

test('the nearest span of another service above, past the client span that only calls', () => {
  assert.deepEqual(texts('serve - a', 'call serve a', 'answer call b', 'inner answer b', 'deeper inner b'), [
    '',
    '',
    'a/serve/call',
    'a/serve/call',
    'a/serve/call',
  ]);
});

test('a span that does more than call is itself the asker', () => {
  assert.deepEqual(texts('serve - a', 'work serve a', 'step work a', 'answer work b').slice(3), [
    'a/work/b:answer;step',
  ]);
});

test('an asker without a parent, or below another service, is the asker', () => {
  assert.deepEqual(texts('call - a', 'answer call b'), ['', 'a/call/b:answer']);
  assert.deepEqual(texts('x - c', 'call x a', 'answer call b').slice(2), ['a/call/b:answer']);
});

test('a loop of parents inside one service ends', { timeout: 5000 }, () => {
  assert.deepEqual(texts('p q a', 'q p a', 'r q a'), ['', '', '']);
});

test(
  'a hundred thousand spans under one parent, or in one chain, cost no square of that',
  { timeout: 20_000 },
  () => {
    const count = 100_000;
    const wide = plant(['p - a', ...Array.from({ length: count }, (_, i) => `s${i} p b`)]).map(createAsked());
    assert.equal(wide[count], wide[1]);
    const deep = plant(Array.from({ length: count }, (_, i) => `s${i} ${i === 0 ? '-' : `s${i - 1}`} a`));
    assert.ok(deep.map(createAsked()).every((text) => text === ''));
  },
);
