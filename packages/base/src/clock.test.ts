import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { systemClock } from './clock.ts';
import { durationMs } from './units.ts';

const MS = 1_000_000n;

/** Both clocks of the platform under the hands of the test, in nanoseconds. */
function withClocks(use: (set: (wallNs: bigint, monoNs: bigint) => void) => void): void {
  let wall = 0n;
  let mono = 0n;
  const hands = [
    mock.method(Date, 'now', () => Number(wall / MS)),
    mock.method(process.hrtime, 'bigint', () => mono),
  ];
  try {
    use((wallNs, monoNs) => {
      wall = wallNs;
      mono = monoNs;
    });
  } finally {
    for (const hand of hands) hand.mock.restore();
  }
}

test('now() advances with the monotonic clock, below the millisecond', () => {
  withClocks((set) => {
    const wall = 1_700_000_000_000n * MS;
    set(wall, 10n ** 15n);
    assert.equal(systemClock.now(), wall, 'anchored');
    set(wall, 10n ** 15n + 123n);
    assert.equal(systemClock.now(), wall + 123n);
    set(wall + 5n * MS, 10n ** 15n + 5n * MS + 999_999n);
    assert.equal(systemClock.now(), wall + 5n * MS + 999_999n);
    assert.equal(systemClock.mono(), 10n ** 15n + 5n * MS + 999_999n);
  });
});

test('a new anchor when the wall clock has parted by 2 ms, in either direction, and not before', () => {
  withClocks((set) => {
    const wall = 1_700_000_000_000n * MS;
    let mono = 2n * 10n ** 15n;
    set(wall, mono);
    assert.equal(systemClock.now(), wall);
    set(wall, mono + 2n * MS - 1n);
    assert.equal(systemClock.now(), wall + 2n * MS - 1n, 'still the old one');
    set(wall, mono + 2n * MS);
    assert.equal(systemClock.now(), wall, 'ahead of the wall clock');
    mono += 2n * MS;
    const later = wall + 3_600_000n * MS;
    set(later, mono);
    assert.equal(systemClock.now(), later, 'the wall clock was set forward');
    set(later, mono + 7n);
    assert.equal(systemClock.now(), later + 7n, 'and it goes on from there');
    set(wall, mono + 8n);
    assert.equal(systemClock.now(), wall, 'and back');
  });
});

test('a timer runs once, and not after it was disposed of', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const run: string[] = [];
  systemClock.timer(durationMs(10), () => run.push('kept'));
  const disposed = systemClock.timer(durationMs(10), () => run.push('disposed'));
  disposed[Symbol.dispose]();
  t.mock.timers.tick(9);
  assert.deepEqual(run, []);
  t.mock.timers.tick(100);
  assert.deepEqual(run, ['kept']);
});
