import fc from 'fast-check';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFormat, flat } from './format.ts';

const en = createFormat('en', 'UTC');
const zh = createFormat('zh', 'UTC');
const both = [en, zh];
/** Narrow and ordinary spaces look alike in a failure: they are compared by name. */
const shown = (text: string): string => text.replaceAll('\u202f', '_').replaceAll('\u00a0', '~');

test('thousands stand apart by a narrow space in both languages', () => {
  for (const fmt of both) {
    assert.equal(shown(fmt.number(1_234_567)), '1_234_567');
    assert.equal(shown(fmt.number(12_400.5, 1)), '12_400.5');
    assert.equal(fmt.number(-3), '-3');
    assert.equal(fmt.number(0), '0');
  }
});

test('a duration has its fitting unit and up to three digits that count', () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, '0~ms'],
    [1, '1~ns'],
    [999, '999~ns'],
    [1_500, '1.5~µs'],
    [80_000, '80~µs'],
    [994_999, '995~µs'],
    [995_000, '1.0~ms'],
    [7_000_000, '7.0~ms'],
    [98_400_000, '98~ms'],
    [999_400_000, '999~ms'],
    [999_500_000, '1.00~s'],
    [1_840_000_000, '1.84~s'],
    [90_000_000_000, '1.5~min'],
    [5_400_000_000_000, '1.5~h'],
  ];
  for (const [nano, text] of cases) {
    for (const fmt of both) assert.equal(shown(flat(fmt.duration(nano))), text);
  }
});

test('a longer duration never reads as a shorter one', () => {
  const NANO: Readonly<Record<string, number>> = { ns: 1, µs: 1e3, ms: 1e6, s: 1e9, min: 60e9, h: 3600e9 };
  const read = (nano: number): number => {
    const { value, unit } = en.duration(nano);
    return Number(value.replaceAll('\u202f', '')) * (NANO[unit] ?? Number.NaN);
  };
  const nano = fc.integer({ min: 1, max: 1e14 });
  fc.assert(
    fc.property(nano, nano, (a, b) => {
      assert.ok(Math.abs(read(a) - a) <= a * 0.06, `${a} reads ${read(a)}`);
      if (a < b) assert.ok(read(a) <= read(b) * (1 + 1e-12), `${a} < ${b}`);
    }),
  );
});

test('a share in per cent shows small ones finer', () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, '0~%'],
    [0.0003, '0.03~%'],
    [0.0051, '0.51~%'],
    [0.0123, '1.2~%'],
    [0.1, '10~%'],
    [0.9366, '94~%'],
    [1, '100~%'],
  ];
  for (const [share, text] of cases) {
    for (const fmt of both) assert.equal(shown(flat(fmt.percent(share))), text);
  }
});

test('bytes go by thousands', () => {
  assert.equal(shown(flat(en.bytes(0))), '0~B');
  assert.equal(shown(flat(en.bytes(999))), '999~B');
  assert.equal(shown(flat(en.bytes(1_000))), '1.0~kB');
  assert.equal(shown(flat(en.bytes(55_000_000))), '55~MB');
  assert.equal(shown(flat(en.bytes(20_000_000_000))), '20~GB');
  assert.equal(shown(flat(en.bytes(3e16))), '30_000~TB');
});

test('times of day run from 00 to 23 in both languages', () => {
  const midnight = Date.UTC(2026, 10, 24, 0, 5, 9, 7);
  for (const fmt of both) {
    assert.equal(fmt.clock(midnight), '00:05');
    assert.equal(fmt.clock(midnight, 'second'), '00:05:09');
    assert.equal(fmt.clock(midnight, 'milli'), '00:05:09.007');
  }
  assert.match(en.dateTime(midnight), /24 Nov 2026/);
  assert.match(zh.dateTime(midnight), /2026年11月24日/);
  assert.equal(en.day(midnight), '24 Nov');
  assert.equal(zh.day(midnight), '11月24日');
});

test('English has a singular, Chinese needs none', () => {
  assert.equal(en.plural(1), 'one');
  for (const count of [0, 2, 21]) assert.equal(en.plural(count), 'other');
  assert.equal(zh.plural(1), 'other');
});
