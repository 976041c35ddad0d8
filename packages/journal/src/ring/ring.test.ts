import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runRings } from './ring.sim.ts';

/** Five times as many as of other properties: threads have many ways to meet. */
const SEEDS = 5 * Math.min(20_000, Number(process.env['AODE_FUZZ_RUNS'] ?? 100));

test('lines go through rings into segments, wherever their threads are stopped or end', () => {
  const sum = { published: 0, refused: 0, turns: 0, ends: 0, recovered: 0 };
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    try {
      const outcome = runRings(seed);
      for (const what of Object.keys(sum) as (keyof typeof sum)[]) sum[what] += outcome[what];
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
  }
  // A simulation in which nothing happens proves nothing.
  for (const [what, count] of Object.entries(sum)) assert.ok(count > SEEDS / 4, `${what}: ${count}`);
});
