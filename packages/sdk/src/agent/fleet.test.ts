/** A few fleets from their seeds; `npm run sim` runs as many as one likes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runFleet } from '../testing/sim-fleet.ts';

test('fleets keep their promises, with something kept, asked for and given way in each dozen', async () => {
  const reports = [];
  for (let seed = 1; seed <= 12; seed += 1) reports.push(await runFleet(seed));
  for (const what of ['delivered', 'asked', 'complete', 'cut', 'evicted'] as const) {
    assert.ok(reports.reduce((sum, report) => sum + report[what], 0) > 0, what);
  }
});

test('a seed runs the same way each time, another one another way', async () => {
  const [first, again, other] = [await runFleet(7), await runFleet(7), await runFleet(8)];
  assert.deepEqual(first, again);
  assert.notEqual(first.digest, other.digest);
});
