import { unixNsOfMs } from '@aode/base';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesOf, countText, dateText, durationText, manyText } from './amount.ts';

test('durations keep three significant digits and find their unit', () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, '0 ns'],
    [999, '999 ns'],
    [1000, '1.00 µs'],
    [12_345, '12.3 µs'],
    [325_400_000, '325 ms'],
    [1_840_000_000, '1.84 s'],
    [99_999_999_999, '100 s'],
    [100_000_000_000, '1 min 40 s'],
    [3_725_000_000_000, '62 min 5 s'],
  ];
  for (const [nanos, text] of cases) assert.equal(durationText(nanos), text);
});

test('counts and plurals', () => {
  assert.equal(countText(0), '0');
  assert.equal(countText(1_234_567), '1 234 567');
  assert.equal(manyText(1, 'span'), '1 span');
  assert.equal(manyText(2000, 'span'), '2 000 spans');
});

test('a date has milliseconds and sorts as text', () => {
  const early = dateText(unixNsOfMs(1_772_366_400_007));
  assert.match(early, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.007$/);
  assert.ok(early < dateText(unixNsOfMs(1_772_366_401_000)));
});

test('sizes are read in powers of ten; what is none is refused', () => {
  const cases = {
    '1': 1,
    '500MB': 500e6,
    '500mb': 500e6,
    '1.5 GB': 1.5e9,
    '20g': 20e9,
    '2T': 2e12,
    '10B': 10,
  };
  for (const [text, bytes] of Object.entries(cases)) assert.equal(bytesOf('--disk', text), bytes);
  for (const text of ['', '0', 'GB', '-1GB', '1 XB', '1e9', '9999999999T', '1GB; rm']) {
    assert.throws(() => bytesOf('--disk', text), /AODE_CLI_USAGE/, text);
  }
});
