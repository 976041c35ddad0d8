import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { isTraceId } from '@aode/base';
import fc from 'fast-check';
import { parseXTraceId, randomnessOf } from './x-trace-id.ts';

const sha = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);

test('one text, one trace id', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['0AF7651916CD43DD8448EB211C80319C', '0af7651916cd43dd8448eb211c80319c'],
    ['F81D4FAE-7dec-11d0-a765-00a0c91e6bf6', 'f81d4fae7dec11d0a76500a0c91e6bf6'],
    ['B7AD6B7169203331', '0000000000000000b7ad6b7169203331'],
    // SHA-256 of "abc", as published in FIPS 180.
    ['abc', 'ba7816bf8f01cfea414140de5dae2223'],
    ['ABC', sha('ABC')],
    ['order-7', sha('order-7')],
    ['f81d4fae7dec-11d0-a765-00a0c91e6bf6-', sha('f81d4fae7dec-11d0-a765-00a0c91e6bf6-')],
    ['0af7651916cd43dd8448eb211c80319', sha('0af7651916cd43dd8448eb211c80319')],
    ['x', sha('x')],
    ['~'.repeat(128), sha('~'.repeat(128))],
  ];
  for (const [text, wanted] of cases) assert.equal(parseXTraceId(text), wanted, text);
});

test('what is refused: empty, 129 characters, anything but visible ASCII, zeros', () => {
  for (const text of [
    '',
    'x'.repeat(129),
    'two words',
    'a\r\nb',
    '\u00fc',
    '\x7f',
    '0'.repeat(32),
    '0'.repeat(16),
    '00000000-0000-0000-0000-000000000000',
  ]) {
    assert.equal(parseXTraceId(text), undefined, JSON.stringify(text));
  }
});

test('any other text has a valid id, always the same, with 56 bits of randomness', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[!-~]{1,128}$/), (text) => {
      const found = parseXTraceId(text);
      if (found === undefined) return assert.match(text, /^[0-]+$/);
      assert.ok(isTraceId(found));
      assert.equal(parseXTraceId(text), found);
      assert.match(randomnessOf(found), /^[0-9a-f]{14}$/);
    }),
  );
});
