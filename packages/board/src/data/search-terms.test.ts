import fc from 'fast-check';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTerms } from './search-terms.ts';

test('filters, words and values in quotes are told apart', () => {
  assert.deepEqual(readTerms('service=pay error=true duration>500ms http.status=502 refused by bank', []), {
    traceId: null,
    changes: { service: 'pay', error: true, minNano: 5e8, attributes: ['http.status=502'] },
    words: 'refused by bank',
  });
  assert.deepEqual(readTerms('operation="POST /pay" "two words"', []), {
    traceId: null,
    changes: { operation: 'POST /pay' },
    words: 'two words',
  });
  assert.deepEqual(readTerms('a=1 b=2 duration<=2s level=warn trace=ab', []).changes, {
    attributes: ['a=1', 'b=2'],
    maxNano: 2e9,
    severity: 13,
    traceId: 'ab',
  });
});

test('a trace id alone is a place to go to, in small letters', () => {
  const id = '9F21A0774BE3D1C49F21A0774BE3D1C4';
  assert.equal(readTerms(`  ${id} `, []).traceId, id.toLowerCase());
  assert.equal(readTerms(`${id} x`, []).traceId, null);
});

test('a single known service is a service, other words are words', () => {
  assert.deepEqual(readTerms('pay', ['pay']), { traceId: null, changes: { service: 'pay' }, words: '' });
  assert.equal(readTerms('pay now', ['pay']).words, 'pay now');
});

test('what is no filter is searched as it stands', () => {
  for (const text of [
    'duration=5ms',
    'duration>soon',
    'level=loud',
    'a>b',
    'service=',
    '=x',
    'constructor',
  ]) {
    assert.deepEqual(readTerms(text, []), { traceId: null, changes: {}, words: text }, text);
  }
});

test('a value is read as it was, blanks and signs included', () => {
  const value = fc.stringMatching(/^[^\s"][^"]{0,20}$/);
  fc.assert(
    fc.property(value, (each) => {
      assert.equal(readTerms(`service="${each}"`, []).changes.service, each);
      assert.deepEqual(readTerms(`k.v="${each}"`, []).changes.attributes, [`k.v=${each}`]);
    }),
  );
});

test('any input is read without delay', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (each) => void readTerms(each, [each])));
  for (const nasty of ['"'.repeat(4_096), 'a '.repeat(2_048), ' '.repeat(4_096), `${' '.repeat(4_000)}=`]) {
    readTerms(nasty, []);
  }
});
