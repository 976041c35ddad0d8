import fc from 'fast-check';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { holesOf, type Piece, piecesOf } from './phrase.ts';

test('a phrase is taken apart into text, holes and forms', () => {
  assert.deepEqual(piecesOf('{n} of {m} {m|service|services} fail'), [
    { kind: 'hole', name: 'n' },
    { kind: 'text', text: ' of ' },
    { kind: 'hole', name: 'm' },
    { kind: 'text', text: ' ' },
    { kind: 'forms', name: 'm', one: 'service', other: 'services' },
    { kind: 'text', text: ' fail' },
  ]);
  assert.deepEqual(piecesOf(''), []);
});

test('forms alone make no hole; a name counts once', () => {
  assert.deepEqual(holesOf('{b} {a} {b} {c|x|y}'), ['a', 'b']);
});

const name = fc.stringMatching(/^[a-z]{1,5}$/);
const plain = fc.stringMatching(/^[^{}|]{1,8}$/);
const piece: fc.Arbitrary<Piece> = fc.oneof(
  fc.record({ kind: fc.constant('text' as const), text: plain }),
  fc.record({ kind: fc.constant('hole' as const), name }),
  fc.record({ kind: fc.constant('forms' as const), name, one: plain, other: plain }),
);

test('any phrase is read as it was written', () => {
  const written = (pieces: readonly Piece[]): string =>
    pieces
      .map((each) =>
        each.kind === 'text'
          ? each.text
          : each.kind === 'hole'
            ? `{${each.name}}`
            : `{${each.name}|${each.one}|${each.other}}`,
      )
      .join('');
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      assert.equal(written(piecesOf(written(pieces))), written(pieces));
    }),
  );
});
