import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { HOSTILE } from '../testing/hostile.ts';
import { jsonLine } from './json-line.ts';

test('what JSON has stays as JSON.stringify writes it', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), (record) => {
      assert.equal(jsonLine(record), JSON.stringify(record));
    }),
  );
});

test('one object in two places is there twice, where a cycle closes it is named', () => {
  const shared = { a: 1 };
  const cyclic: Record<string, unknown> = { one: shared, two: shared };
  cyclic['self'] = cyclic;
  cyclic['list'] = [cyclic];
  assert.equal(jsonLine(cyclic), '{"one":{"a":1},"two":{"a":1},"self":"[Circular]","list":["[Circular]"]}');
});

test('numbers beyond JSON, getters and toJSON that throw: the rest stays', () => {
  const record = {
    big: 2n ** 70n,
    get bad() {
      throw new Error('getter');
    },
    worse: {
      toJSON() {
        throw new Error('own');
      },
    },
    fine: 1,
  };
  assert.deepEqual(JSON.parse(jsonLine(record) ?? ''), {
    big: '1180591620717411303424',
    bad: '[unreadable: getter]',
    worse: '[unreadable: own]',
    fine: 1,
  });
});

test('objects that are made while they are read end', () => {
  const endless = (): object => ({
    get next() {
      return endless();
    },
  });
  assert.match(jsonLine(endless()) ?? '', /"\[Deeper\]"/);
});

test('nothing throws, and what comes is JSON', () => {
  for (const value of HOSTILE) {
    const text = jsonLine({ value });
    assert.ok(text !== undefined);
    JSON.parse(text);
    if (typeof value === 'object' && value !== null) jsonLine(value);
  }
  fc.assert(
    fc.property(
      fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }),
      (value) => {
        JSON.parse(jsonLine({ value }) ?? '');
      },
    ),
  );
});
