import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { textCache } from './text-cache.ts';

test('what Buffer decodes, whatever was asked for before', () => {
  const cache = textCache();
  // Few distinct texts, so that hits happen, and of one length, so that slots collide.
  const piece = fc.oneof(
    fc.stringMatching(/^[ab]{4}$/).map((text) => Buffer.from(text)),
    fc.string({ unit: 'grapheme', maxLength: 80 }).map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const source = Buffer.concat(pieces);
      let start = 0;
      for (const { length } of pieces) {
        assert.equal(
          cache.text(source, start, start + length),
          source.toString('utf8', start, start + length),
        );
        start += length;
      }
    }),
    { numRuns: 300 },
  );
});

test('lengths around the largest that is remembered', () => {
  const cache = textCache();
  for (const length of [0, 1, 2, 3, 63, 64, 65, 200]) {
    const text = 'x'.repeat(length);
    const source = Buffer.from(`[${text}]`);
    for (let again = 0; again < 2; again += 1) assert.equal(cache.text(source, 1, 1 + length), text);
  }
});
