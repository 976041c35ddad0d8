import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTracestate, parseTracestate, withOtelState } from '@aode/wire';
import fc from 'fast-check';
import { adjustedCountOf } from './adjusted-count.ts';

const SAMPLED = 1;
const RANDOM = 2;
const IS_KNOWN = 0x100;

const near = (found: number, wanted: number): void =>
  assert.ok(Math.abs(found - wanted) <= 1e-9 * wanted, `${found} is not ${wanted}`);

test('a threshold says for how many a span stands', () => {
  const cases: readonly (readonly [string, number])[] = [
    ['ot=th:0', 1],
    ['ot=th:8', 2],
    ['ot=th:c', 4],
    ['ot=th:fd70a', 1 / (1 - 0xfd70a / 2 ** 20)],
    ['ot=th:c;rv:6e6d1a75832a2f', 4],
    ['ot=rv:6e6d1a75832a2f;th:c', 4],
    ['a=b, ot=th:c ,c=d', 4],
    ['ot=th:ffffffffffffff', 2 ** 56],
  ];
  for (const [state, count] of cases)
    for (const flags of [0, SAMPLED, RANDOM]) near(adjustedCountOf(state, flags), count);
});

test('without a threshold the flags say whether a span was drawn or kept', () => {
  assert.equal(adjustedCountOf('', 0), 1, 'a sender that knows no flags');
  assert.equal(adjustedCountOf('x=y', 0), 1);
  for (const flags of [SAMPLED, SAMPLED | RANDOM, SAMPLED | IS_KNOWN]) {
    assert.equal(adjustedCountOf('', flags), 1);
    assert.equal(adjustedCountOf('ot=rv:6e6d1a75832a2f', flags), 1);
  }
  for (const flags of [RANDOM, IS_KNOWN, IS_KNOWN | RANDOM]) assert.equal(adjustedCountOf('', flags), 0);
  assert.equal(adjustedCountOf('ot=rv:6e6d1a75832a2f', 0), 0);
});

test('what is no threshold is none', () => {
  for (const th of ['', 'C', 'g', '-1', '123456789abcdef']) {
    assert.equal(adjustedCountOf(`ot=th:${th}`, SAMPLED), 1, th);
    assert.equal(adjustedCountOf(`ot=th:${th}`, RANDOM), 0, th);
  }
  assert.equal(adjustedCountOf('aot=th:c', SAMPLED), 1);
  assert.equal(adjustedCountOf('x=ot=th:c', SAMPLED), 1);
});

test('it is found wherever a propagator puts it, and nothing hostile breaks it', () => {
  const key = fc.stringMatching(/^[a-z0-9][a-z0-9_]{0,8}$/).filter((one) => one !== 'ot');
  const member = fc.tuple(key, fc.stringMatching(/^[!-+\--:<>-~]{1,8}$/));
  const others = fc.uniqueArray(member, { selector: ([name]) => name, maxLength: 5 });
  const th = fc.stringMatching(/^[0-9a-f]{0,13}[1-9a-e]$/);
  fc.assert(
    fc.property(others, th, fc.boolean(), (members, threshold, last) => {
      const [ot, ...rest] = withOtelState(members, { th: threshold, rv: undefined });
      assert.ok(ot !== undefined);
      const text = formatTracestate(last ? [...rest, ot] : [ot, ...rest]);
      assert.ok(parseTracestate(text) !== undefined);
      near(
        adjustedCountOf(text, 0),
        2 ** 56 / Number((1n << 56n) - BigInt(`0x${threshold.padEnd(14, '0')}`)),
      );
    }),
  );
  fc.assert(
    fc.property(fc.string(), fc.nat(), (text, flags) => {
      const count = adjustedCountOf(text, flags);
      assert.ok(count === 0 || (count >= 1 && count <= 2 ** 56));
    }),
  );
});
