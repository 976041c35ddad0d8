import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatOtelState, otelStateOf, parseOtelState, withOtelState } from './otel-state.ts';
import { formatTracestate, parseTracestate } from './tracestate.ts';

test('th, rv and what else is there', () => {
  assert.deepEqual(parseOtelState('th:c;rv:6e6d1a75832a2f;p:8;x1:A.b_-'), {
    th: 'c',
    rv: '6e6d1a75832a2f',
    others: [
      ['p', '8'],
      ['x1', 'A.b_-'],
    ],
  });
  assert.deepEqual(parseOtelState('th:0'), { th: '0', rv: undefined, others: [] });
});

test('a threshold or randomness that cannot be is none; the others stay', () => {
  for (const th of ['', 'C', 'xyz', '0'.repeat(15)]) {
    assert.deepEqual(parseOtelState(`a:1;th:${th}`), { th: undefined, rv: undefined, others: [['a', '1']] });
  }
  for (const rv of ['', 'c', '6e6d1a75832a2', '6e6d1a75832a2f0', '6E6D1A75832A2F']) {
    assert.deepEqual(parseOtelState(`rv:${rv};a:1`)?.rv, undefined, rv);
  }
});

test('what is no list', () => {
  for (const value of [
    '',
    'th',
    ':c',
    'th:c;',
    ';th:c',
    'th:c;;a:1',
    'th:c;th:d',
    'T:1',
    'a:b:c',
    'a:\u00fc',
    '1a:1',
  ]) {
    assert.equal(parseOtelState(value), undefined, value);
  }
  assert.equal(parseOtelState(`a:${'x'.repeat(254)}`)?.others.length, 1);
  assert.equal(parseOtelState(`a:${'x'.repeat(255)}`), undefined);
});

test('editing: the member comes first, unknown sub-keys stay, an empty one goes', () => {
  const members = parseTracestate('a=1,ot=th:c;p:8;rv:6e6d1a75832a2f,b=2') ?? [];
  const edited = (given: { th?: string; rv?: string }): string =>
    formatTracestate(withOtelState(members, { th: given.th, rv: given.rv }));
  assert.equal(edited({ th: 'fd70a', rv: '6e6d1a75832a2f' }), 'ot=th:fd70a;rv:6e6d1a75832a2f;p:8,a=1,b=2');
  assert.equal(edited({}), 'ot=p:8,a=1,b=2');
  const plain = parseTracestate('a=1,ot=th:c') ?? [];
  assert.equal(formatTracestate(withOtelState(plain, { th: undefined, rv: undefined })), 'a=1');
  assert.deepEqual(withOtelState([], { th: undefined, rv: '6e6d1a75832a2f' }), [['ot', 'rv:6e6d1a75832a2f']]);
  assert.equal(otelStateOf(plain)?.th, 'c');
  assert.equal(otelStateOf([['ot', 'broken']]), undefined);
});

test('what is added never makes the member too long for the list', () => {
  const others = [['a', 'x'.repeat(254)]] as const;
  const value = formatOtelState({ th: 'c', rv: '6e6d1a75832a2f', others });
  assert.equal(value, 'th:c;rv:6e6d1a75832a2f');
  assert.deepEqual(parseTracestate(`ot=${value}`), [['ot', value]]);
});

test('parse undoes format, and no text throws', () => {
  const hex = (min: number, max: number): fc.Arbitrary<string> =>
    fc.string({ unit: fc.constantFrom(...'0123456789abcdef'.split('')), minLength: min, maxLength: max });
  const other = fc.tuple(
    fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/).filter((key) => key !== 'th' && key !== 'rv'),
    fc.stringMatching(/^[A-Za-z0-9._-]{0,8}$/),
  );
  const state = fc.record(
    {
      th: fc.option(hex(1, 14), { nil: undefined }),
      rv: fc.option(hex(14, 14), { nil: undefined }),
      others: fc.uniqueArray(other, { selector: ([key]) => key, maxLength: 8 }),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(state, (given) => {
      const value = formatOtelState(given);
      if (value !== '') assert.deepEqual(parseOtelState(value), given);
    }),
  );
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseOtelState(text)));
});
