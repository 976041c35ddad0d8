import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isAodeError } from './errors.ts';
import { isSpanId, isTraceId, newSpanId, newTraceId, spanId, traceId } from './ids.ts';
import { type Random, seededRandom, systemRandom } from './random.ts';

const hex = (length: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'.split('')), minLength: length, maxLength: length });

test('ids: so many lower-case hex digits, not all zero; nothing else', () => {
  for (const [isId, length] of [
    [isTraceId, 32],
    [isSpanId, 16],
  ] as const) {
    fc.assert(fc.property(hex(length), (text) => assert.equal(isId(text), !/^0+$/.test(text))));
    assert.equal(isId('0'.repeat(length - 1) + '1'), true);
    const cases = [
      '0'.repeat(length),
      'a'.repeat(length - 1),
      'a'.repeat(length + 1),
      'A'.repeat(length),
      'g'.repeat(length),
      `${'a'.repeat(length)}\n`,
      '',
    ];
    for (const text of cases) assert.equal(isId(text), false, JSON.stringify(text));
  }
});

test('parsers give the id, or their code with the text', () => {
  assert.equal(traceId('a'.repeat(32)), 'a'.repeat(32));
  assert.equal(spanId('a'.repeat(16)), 'a'.repeat(16));
  for (const [parse, code] of [
    [traceId, 'AODE_TRACE_ID_INVALID'],
    [spanId, 'AODE_SPAN_ID_INVALID'],
  ] as const) {
    assert.throws(
      () => parse('no'),
      (error) => isAodeError(error) && error.code === code && error.detail['text'] === 'no',
    );
  }
});

test('new ids are valid and use every bit', () => {
  for (const random of [seededRandom(1), systemRandom]) {
    const seen = new Set<string>();
    const ones = Array.from({ length: 128 }, () => 0);
    for (let i = 0; i < 1000; i += 1) {
      const id = newTraceId(random);
      assert.ok(isTraceId(id));
      assert.ok(isSpanId(newSpanId(random)));
      seen.add(id);
      const bits = BigInt(`0x${id}`);
      for (let bit = 0; bit < 128; bit += 1) if ((bits >> BigInt(bit)) & 1n) ones[bit] = (ones[bit] ?? 0) + 1;
    }
    assert.equal(seen.size, 1000);
    // Half of a thousand, give or take seven standard deviations.
    for (const count of ones) assert.ok(count > 390 && count < 610, `${count}`);
  }
});

test('an all-zero draw is drawn again, leading zeros stay', () => {
  const words = [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0xf];
  const random: Random = { ...seededRandom(1), next: () => words.shift() ?? assert.fail('too many draws') };
  assert.equal(newTraceId(random), `${'0'.repeat(31)}1`);
  assert.equal(newSpanId(random), `${'0'.repeat(15)}f`);
});
