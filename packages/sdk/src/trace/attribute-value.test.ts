import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VALUE_DEPTH_MAX } from '@aode/base';
import fc from 'fast-check';
import { HOSTILE } from '../testing/hostile.ts';
import {
  ATTRIBUTES_MAX,
  ITEMS_MAX,
  otlpAttributes,
  otlpValue,
  textOf,
  VALUE_CHARS_MAX,
} from './attribute-value.ts';

test('types of the API are kept', () => {
  const cases: readonly (readonly [unknown, unknown])[] = [
    ['text', 'text'],
    ['', ''],
    [true, true],
    [1, 1n],
    [-1, -1n],
    [1.5, 1.5],
    [-0, -0],
    [Number.NaN, Number.NaN],
    [Infinity, Infinity],
    [Number.MAX_SAFE_INTEGER, 9007199254740991n],
    [2 ** 63 - 1024, 9223372036854774784n],
    [2 ** 63, 2 ** 63],
    [-(2 ** 63), -(2n ** 63n)],
    [-(2 ** 63) - 2048, -(2 ** 63) - 2048],
    [null, null],
    [5n, 5n],
    [-(2n ** 63n), -(2n ** 63n)],
    [2n ** 63n, '9223372036854775808'],
    [
      ['a', null, 1, undefined, [1], {}],
      ['a', null, 1n, null, [1n], { entries: [] }],
    ],
    [
      { a: { b: [1.5, undefined] }, none: undefined, when: new Date(0) },
      { entries: [{ key: 'a', value: { entries: [{ key: 'b', value: [1.5, null] }] } }] },
    ],
    [[], []],
    [new Uint8Array([1, 2]), new Uint8Array([1, 2])],
  ];
  for (const [given, wanted] of cases) assert.deepStrictEqual(otlpValue(given), wanted);
  for (const none of [undefined, () => 1, Symbol('s'), new Date(), new Map(), new Error('x')])
    assert.equal(otlpValue(none), undefined);
});

test('texts, bytes and arrays are cut: the last whole and the first cut size', () => {
  const whole = 'x'.repeat(VALUE_CHARS_MAX);
  assert.equal(otlpValue(whole), whole);
  assert.equal(otlpValue(`${whole}y`), whole);
  assert.equal(textOf(`${whole}y`), whole);
  assert.equal((otlpValue(new Uint8Array(VALUE_CHARS_MAX)) as Uint8Array).length, VALUE_CHARS_MAX);
  assert.equal((otlpValue(new Uint8Array(VALUE_CHARS_MAX + 1)) as Uint8Array).length, VALUE_CHARS_MAX);
  const items = (length: number): unknown => otlpValue(Array.from({ length }, () => 1));
  assert.equal((items(ITEMS_MAX) as unknown[]).length, ITEMS_MAX);
  assert.equal((items(ITEMS_MAX + 1) as unknown[]).length, ITEMS_MAX);
});

test('what is nested ends: at its depth, and by the number of all its values', () => {
  const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);
  const depthOf = (value: unknown): number => (Array.isArray(value) ? 1 + depthOf(value[0]) : 0);
  const innermost = (value: unknown): unknown => (Array.isArray(value) ? innermost(value[0]) : value);
  const whole = otlpValue(nested(VALUE_DEPTH_MAX - 1));
  assert.deepEqual([depthOf(whole), innermost(whole)], [VALUE_DEPTH_MAX - 1, 1n]);
  assert.equal(innermost(otlpValue(nested(VALUE_DEPTH_MAX))), null);
  const cyclic: unknown[] = [];
  cyclic.push(cyclic, cyclic, { cyclic });
  const count = (value: unknown): number =>
    typeof value !== 'object' || value === null
      ? 0
      : (Array.isArray(value) ? value : (value as { entries: { value: unknown }[] }).entries).reduce<number>(
          (sum: number, item: unknown) =>
            sum + 1 + count(Array.isArray(value) ? item : (item as { value: unknown }).value),
          0,
        );
  assert.equal(count(otlpValue(cyclic)), ITEMS_MAX);
});

test('bytes are copied, also out of a Buffer', () => {
  const buffer = Buffer.from('abc');
  const value = otlpValue(buffer) as Uint8Array;
  buffer.fill(0);
  assert.equal(Buffer.from(value).toString(), 'abc');
});

test('attributes: the 128th is taken, the 129th counted; empty keys and values that are none are neither', () => {
  const of = (count: number): Record<string, number> =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, i]));
  assert.equal(otlpAttributes(of(ATTRIBUTES_MAX)).dropped, 0);
  const over = otlpAttributes(of(ATTRIBUTES_MAX + 1));
  assert.equal(over.attributes.length, ATTRIBUTES_MAX);
  assert.equal(over.dropped, 1);
  assert.deepEqual(otlpAttributes({ '': 1, a: undefined, b: 2 }), {
    attributes: [{ key: 'b', value: 2n }],
    dropped: 0,
  });
});

test('a getter that throws costs itself alone, and is counted', () => {
  const { attributes, dropped } = otlpAttributes({
    before: 1,
    get bad(): never {
      throw new Error('mine');
    },
    after: 2,
  });
  assert.deepEqual(
    attributes.map(({ key }) => key),
    ['before', 'after'],
  );
  assert.equal(dropped, 1);
});

test('nothing throws', () => {
  for (const value of HOSTILE) {
    otlpValue(value);
    otlpValue([value]);
    otlpAttributes(value);
    otlpAttributes({ value });
    textOf(value);
  }
  fc.assert(
    fc.property(
      fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true, withTypedArray: true }),
      (value) => {
        otlpValue(value);
        otlpAttributes(value);
      },
    ),
  );
});
