import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { attributeHash, valueText } from './index.ts';
import type { Value } from './index.ts';

const low = (hash: bigint): number => Number(hash & 0xffff_ffffn);

describe('attributeHash', () => {
  // The hash of an empty key is 0, so that the lower lane is MurmurHash3_x86_32 of the text with seed 0.
  it('has the published values of MurmurHash3_x86_32 in its lower half', () => {
    assert.equal(low(attributeHash('', '')), 0);
    assert.equal(low(attributeHash('', 'test')), 0xba6bd213);
    assert.equal(low(attributeHash('', 'Hello, world!')), 0xc0363e43);
    assert.equal(low(attributeHash('', 'The quick brown fox jumps over the lazy dog')), 0x2e4ff723);
  });

  it('never changes, because it is stored', () => {
    const golden: [string, string, bigint][] = GOLDEN;
    for (const [key, text, hash] of golden) assert.equal(attributeHash(key, text), hash, `${key}=${text}`);
  });

  it('tells key from text, and fits 64 bits', () => {
    assert.notEqual(attributeHash('a', 'bc'), attributeHash('ab', 'c'));
    fc.assert(
      fc.property(fc.string(), fc.string(), (key, text) => {
        const hash = attributeHash(key, text);
        return hash >= 0n && hash < 2n ** 64n && hash === attributeHash(key, text);
      }),
    );
  });

  it('has no collision in 200 000 near neighbours', () => {
    const seen = new Set<bigint>();
    for (let i = 0; i < 200_000; i += 1) seen.add(attributeHash(`key${i % 10}`, String(i)));
    assert.equal(seen.size, 200_000);
  });

  it('takes texts beyond its scratch memory', () => {
    const text = '奥'.repeat(5000);
    assert.notEqual(attributeHash('k', text), attributeHash('k', `${text}x`));
  });
});

const GOLDEN: [string, string, bigint][] = [
  ['http.request.method', 'GET', 10_751_265_185_437_723_010n],
  ['http.response.status_code', '200', 11_734_568_769_039_623_614n],
  ['name', '奥德', 7_186_511_365_011_494_011n],
  ['', 'value', 15_047_038_980_212_735_854n],
];

describe('valueText', () => {
  const table: [Value, string][] = [
    ['as it is', 'as it is'],
    ['', ''],
    [null, ''],
    [true, 'true'],
    [200n, '200'],
    [200, '200'],
    [-(2n ** 63n), '-9223372036854775808'],
    [0.1, '0.1'],
    [Number.NaN, 'NaN'],
    [-Infinity, '-Infinity'],
    [new Uint8Array([0, 255]), 'AP8='],
    [['a', 1n, null, [true]], '["a",1,null,[true]]'],
    [[2n ** 63n - 1n, Number.NaN], '["9223372036854775807","NaN"]'],
    [
      { entries: [{ key: '__proto__', value: { entries: [{ key: 'k', value: 1.5 }] } }] },
      '{"__proto__":{"k":1.5}}',
    ],
  ];
  for (const [value, text] of table) it(`writes ${text}`, () => assert.equal(valueText(value), text));
});
