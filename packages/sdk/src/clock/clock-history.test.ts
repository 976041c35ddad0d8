/**
 * A million steps of a machine and its servers for each row: readings never go back, the true time is inside the bound
 * at every step, and readings that say they are synchronised are within 10 ms of it.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { liveThrough, type WorldOptions } from '../testing/clock-world.ts';

const CALM: WorldOptions = {
  seed: 1,
  steps: 1_000_000,
  stepMs: 50,
  servers: 3,
  liars: 0,
  lie: () => 0,
  delayMs: 6,
  asymmetryMs: 0,
  lossPercent: 10,
  pollMsMax: 64_000,
  driftPpm: 100,
  sleepEvery: 0,
  wallStepEvery: 2000,
  rateMax: 500e-6,
  startOffMs: 300,
};

const ROWS: Readonly<Record<string, Partial<WorldOptions>>> = {
  'all honest, the wall clock is set by 800 ms every 100 s': {},
  '1 of 3 lies by 800 ms': { liars: 1, lie: () => 800 },
  '1 of 3 lies by a little, never the same': { liars: 1, lie: (_, random) => random.below(50) - 25 },
  '1 of 3 leads away slowly': { liars: 1, lie: (seconds) => Math.sin(seconds / 500) * 800 },
  '2 of 5 lie together': { servers: 5, liars: 2, lie: () => -800 },
  '2 of 5 lie now and then': {
    servers: 5,
    liars: 2,
    lie: (seconds) => (Math.floor(seconds / 300) % 2 === 0 ? 0 : 800),
  },
  'the way out takes 10 ms longer': { asymmetryMs: 10, liars: 1, lie: () => 800 },
  'half of all answers are lost': { lossPercent: 50 },
  'the machine sleeps': { sleepEvery: 100_000, liars: 1, lie: () => -800 },
  'polls every 17 minutes': { stepMs: 2000, pollMsMax: 1_024_000, sleepEvery: 200_000 },
  'one source, often asked': { servers: 1, pollMsMax: 16_000, sleepEvery: 100_000 },
  'begins 800 ms ahead': { startOffMs: 800, rateMax: 5000e-6 },
  'begins a minute behind': { startOffMs: -60_000 },
};

for (const [name, more] of Object.entries(ROWS)) {
  test(name, () => {
    const options = { ...CALM, ...more };
    const { backward, outsideBound, worstSynchronisedMs, byStatus, ...rest } = liveThrough(options);
    assert.equal(backward, 0);
    assert.equal(outsideBound, 0);
    assert.ok(worstSynchronisedMs <= 10, String(worstSynchronisedMs));
    assert.ok(byStatus.synchronised > 0.9 * options.steps, JSON.stringify(byStatus));
    assert.ok(rest.worstRate >= -options.rateMax - 1e-8);
    assert.equal(rest.sleeps > 0, options.sleepEvery > 0);
    assert.ok(rest.steps > 100);
  });
}

test('the same for other seeds', () => {
  for (let seed = 2; seed < 22; seed += 1) {
    const options = {
      ...CALM,
      seed,
      steps: 50_000,
      servers: 5,
      liars: 2,
      lie: () => 800,
      sleepEvery: 20_000,
    };
    const { backward, outsideBound, worstSynchronisedMs } = liveThrough(options);
    assert.deepEqual([backward, outsideBound], [0, 0], `seed ${seed}`);
    assert.ok(worstSynchronisedMs <= 10, `seed ${seed}: ${worstSynchronisedMs}`);
  }
});
