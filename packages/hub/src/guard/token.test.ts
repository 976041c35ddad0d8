import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { tokenGuard } from './token.ts';

test('without a token everybody may', () => {
  const guard = tokenGuard(undefined);
  assert.equal(guard(undefined), true);
  assert.equal(guard('Bearer anything'), true);
});

test('only the token itself opens', () => {
  const guard = tokenGuard('s3cret');
  for (const shown of ['Bearer s3cret', 'bearer s3cret', 'Bearer  s3cret '])
    assert.equal(guard(shown), true, shown);
  for (const shown of [
    undefined,
    '',
    's3cret',
    'Bearer',
    'Bearer ',
    'Basic s3cret',
    'Bearer s3cre',
    'Bearer s3crett',
  ]) {
    assert.equal(guard(shown), false, shown);
  }
  fc.assert(
    fc.property(fc.string(), (text) => {
      assert.equal(guard(`Bearer ${text}`), text.replace(/^ +| +$/g, '') === 's3cret');
    }),
  );
});

test('a token that no header can carry is refused', () => {
  const code = { code: 'AODE_TOKEN_INVALID' };
  for (const token of ['', 'a b', 'ü', 'a\n', 'x'.repeat(513)]) assert.throws(() => tokenGuard(token), code);
  assert.equal(tokenGuard('x'.repeat(512))(`Bearer ${'x'.repeat(512)}`), true);
});
