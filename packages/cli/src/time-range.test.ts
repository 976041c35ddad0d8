import { isAodeError } from '@aode/base';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordingShell, STANDING_MS } from './recording-shell.ts';
import { lengthMsOf, timeRange } from './time-range.ts';

const { clock } = recordingShell();

test('without options it is the last 15 minutes', () => {
  assert.deepEqual(timeRange({}, clock), { startMs: STANDING_MS - 900_000, endMs: STANDING_MS });
});

test('lengths and moments, mixed', () => {
  assert.deepEqual(timeRange({ since: '2h', until: '30m' }, clock), {
    startMs: STANDING_MS - 7_200_000,
    endMs: STANDING_MS - 1_800_000,
  });
  assert.deepEqual(timeRange({ since: '2026-02-28', until: '2026-02-28T01:00:00.5Z' }, clock), {
    startMs: Date.parse('2026-02-28'),
    endMs: Date.parse('2026-02-28T01:00:00.500Z'),
  });
  assert.equal(timeRange({ since: '1.5d' }, clock).startMs, STANDING_MS - 129_600_000);
});

for (const since of ['', '15', 'm', '-5m', '5 m', 'yesterday', '2026-13-45', '5m; rm', '9']) {
  test(`'${since}' is refused`, () => {
    assert.throws(
      () => timeRange({ since }, clock),
      (e: unknown) => isAodeError(e) && e.code === 'AODE_CLI_USAGE',
    );
  });
}

test('a range that ends before it starts is refused', () => {
  assert.throws(() => timeRange({ since: '5m', until: '10m' }, clock), /AODE_CLI_USAGE/);
});

test('a length of time by itself is more than none', () => {
  assert.equal(lengthMsOf('--keep', '30d'), 30 * 86_400_000);
  for (const text of ['0d', '', 'forever', '2026-02-28'])
    assert.throws(() => lengthMsOf('--keep', text), /AODE_CLI_USAGE/);
});
