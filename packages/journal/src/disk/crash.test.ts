import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CrashSettings, type Failing, runCrashes, sweepFaults } from './crash.sim.ts';

const SEEDS = Math.min(100_000, Number(process.env['AODE_FUZZ_RUNS'] ?? 500));

function run(settings: CrashSettings): void {
  const sum = { appended: 0, recovered: 0, faults: 0 };
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    try {
      const { appended, recovered, faults } = runCrashes(seed, settings);
      sum.appended += appended;
      sum.recovered += recovered;
      sum.faults += faults;
    } catch (error) {
      throw new Error(`seed ${seed}, ${JSON.stringify(settings)}`, { cause: error });
    }
  }
  // A simulation in which nothing happens proves nothing.
  assert.ok(sum.appended > SEEDS && sum.recovered > SEEDS, JSON.stringify(sum));
  assert.equal(sum.faults > 0, settings.withFaults);
}

test('killed at any moment', () => run({ withFaults: false, withPowerCuts: false }));
test('cut from power at any moment', () => run({ withFaults: false, withPowerCuts: true }));
test('killed, on a disk that fails', () => run({ withFaults: true, withPowerCuts: false }));
test('cut from power, on a disk that fails', () => run({ withFaults: true, withPowerCuts: true }));

test('each operation of a life fails in turn, and what was promised holds', () => {
  const seeds = Math.max(2, Math.floor(SEEDS / 250));
  for (const code of ['EIO', 'ENOSPC'] as const) {
    for (const failing of ['once', 'thrice', 'always'] as const satisfies readonly Failing[]) {
      for (let seed = 1; seed <= seeds; seed += 1) {
        try {
          assert.ok(sweepFaults(seed, code, failing) > 50, 'a life has operations');
        } catch (error) {
          throw new Error(`seed ${seed}, ${code} ${failing}`, { cause: error });
        }
      }
    }
  }
});
