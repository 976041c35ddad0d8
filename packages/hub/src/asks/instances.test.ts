import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GONE_MAX, Instances, MEMORY_MS, SKEW_MS } from './instances.ts';

const at = (startMs: number, endMs = startMs): { startMs: number; endMs: number } => ({ startMs, endMs });
const DAY_MS = 86_400_000;

test('who goes and does not come again is lost to what it did then, and to nothing else', () => {
  const instances = new Instances();
  instances.joined('a', 'pay', 100_000);
  assert.equal(instances.hasLost('pay', at(100_000, DAY_MS)), false, 'it is there');
  instances.left('a', 200_000);
  assert.equal(instances.hasLost('pay', at(199_000, 200_100)), true);
  assert.equal(instances.hasLost('other', at(199_000, 200_100)), false);
  // The last moment that still fits, and the first that does not, at either end.
  assert.equal(instances.hasLost('pay', at(200_000 + SKEW_MS)), true);
  assert.equal(instances.hasLost('pay', at(200_000 + SKEW_MS + 1)), false);
  assert.equal(instances.hasLost('pay', at(0, 200_000 - MEMORY_MS)), true);
  assert.equal(instances.hasLost('pay', at(0, 200_000 - MEMORY_MS - 1)), false);
  instances.joined('b', 'pay', 200_500);
  assert.equal(instances.hasLost('pay', at(199_000, 200_100)), true, 'another one is not the same');
  instances.joined('a', 'pay', 201_000);
  assert.equal(instances.hasLost('pay', at(199_000, 200_100)), false, 'it was only cut off');
  assert.ok(instances.knows('pay') && !instances.knows('other'));
});

test('one that was not there yet has lost nothing; two streams of one process are one process', () => {
  const instances = new Instances();
  instances.joined('a', 'pay', 100_000);
  instances.joined('a', 'pay', 100_100);
  instances.left('a', 101_000);
  assert.equal(instances.hasLost('pay', at(100_500)), false);
  instances.left('a', 102_000);
  assert.equal(instances.hasLost('pay', at(100_500)), true);
  assert.equal(instances.hasLost('pay', at(100_000 - SKEW_MS - 1)), false);
  instances.left('a', 103_000);
  instances.left('nobody', 103_000);
});

test('as many as are remembered, the oldest goes first and none that listens', () => {
  const instances = new Instances();
  instances.joined('there', 'alive', 0);
  for (let i = 0; i <= GONE_MAX; i += 1) {
    instances.joined(`i${i}`, `s${i}`, 1000);
    instances.left(`i${i}`, 1000 + i);
  }
  assert.deepEqual(
    ['s0', 's1', `s${GONE_MAX}`, 'alive'].map((service) => instances.knows(service)),
    [false, true, true, true],
  );
});
