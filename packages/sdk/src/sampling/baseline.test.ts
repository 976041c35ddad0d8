import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { newTraceId, seededRandom } from '@aode/base';
import fc from 'fast-check';
import { type BaselineSettings, createBaseline } from './baseline.ts';
import { decideRoot } from './decide.ts';
import { thresholdOf, thresholdOfTh } from './threshold.ts';

const DEFAULT: BaselineSettings = { probability: 0.01, tracesPerSecondMin: 10 };

/** The thresholds of so many roots within one second, at equal distances. */
function second(
  baseline: ReturnType<typeof createBaseline>,
  at: number,
  count: number,
): (string | undefined)[] {
  return Array.from({ length: count }, (_, i) => baseline.next(at + (i * 1000) / count).th);
}

describe('steps', () => {
  test('all are kept up to twice the minimum, then halves, then the probability', () => {
    const baseline = createBaseline(DEFAULT);
    const seen = second(baseline, 0, 2000);
    const wanted: (readonly [count: number, th: string])[] = [
      [20, '0'],
      [40, '8'],
      [80, 'c'],
      [160, 'e'],
      [320, 'f'],
      [640, 'f8'],
      [1280, 'fc'],
      [2000, 'fd70a'],
    ];
    let from = 0;
    for (const [to, th] of wanted) {
      assert.deepEqual(new Set(seen.slice(from, to)), new Set([th]), `${from} to ${to}`);
      from = to;
    }
  });

  test('a second begins at the step of the one before', () => {
    const baseline = createBaseline(DEFAULT);
    for (const [i, [count, first]] of (
      [
        [20, '0'],
        [21, '0'],
        [100, '8'],
        [5000, 'e'],
        [5000, 'fd70a'],
        [3, 'fd70a'],
        [3, '0'],
      ] as const
    ).entries()) {
      assert.equal(second(baseline, i * 1000, count)[0], first, `second ${i}`);
    }
  });

  test('after a second without any, all are kept again', () => {
    const baseline = createBaseline(DEFAULT);
    second(baseline, 0, 5000);
    assert.equal(baseline.next(1999.9).th, 'fd70a');
    second(baseline, 2000, 5000);
    assert.equal(baseline.next(4000).th, '0');
  });

  test('a clock that stands still or goes back changes nothing', () => {
    const baseline = createBaseline(DEFAULT);
    const seen = Array.from({ length: 30 }, (_, i) => baseline.next(1000 - i).th);
    assert.equal(seen[19], '0');
    assert.equal(seen[20], '8');
  });
});

describe('the settings', () => {
  test('a minimum of 0 is the probability and nothing else', () => {
    for (const probability of [0, 2 ** -56, 0.01, 1 / 3, 1]) {
      const baseline = createBaseline({ probability, tracesPerSecondMin: 0 });
      const { th } = thresholdOf(probability);
      for (const at of [0, 1, 2500]) assert.equal(baseline.next(at).th, th);
    }
  });

  test('a probability of 0 still has its minimum', () => {
    const baseline = createBaseline({ probability: 0, tracesPerSecondMin: 1 });
    assert.deepEqual(second(baseline, 0, 9), ['0', '0', '8', '8', 'c', 'c', 'c', 'c', 'e']);
  });

  test('adjusting takes effect at the next root', () => {
    const baseline = createBaseline(DEFAULT);
    second(baseline, 0, 5000);
    baseline.adjust({ probability: 0.5, tracesPerSecondMin: 10 });
    assert.equal(baseline.next(999).th, '8');
    baseline.adjust({ probability: 1, tracesPerSecondMin: 0 });
    assert.equal(baseline.next(999).th, '0');
    baseline.adjust({ probability: 0, tracesPerSecondMin: 0 });
    assert.equal(baseline.next(999).th, undefined);
  });

  test('the threshold is never above that of the probability', () => {
    const gaps = fc.array(fc.double({ min: 0, max: 400, noNaN: true }), { maxLength: 300 });
    const probability = fc.double({ min: 2 ** -20, max: 1, noNaN: true });
    fc.assert(
      fc.property(gaps, probability, fc.integer({ min: 0, max: 20 }), (all, p, tracesPerSecondMin) => {
        const baseline = createBaseline({ probability: p, tracesPerSecondMin });
        const { padded } = thresholdOf(p);
        let at = 0;
        for (const gap of all) assert.ok(baseline.next((at += gap)).padded <= padded);
      }),
    );
  });
});

test('at steady rates between the steps, the minimum to twice as many are sampled', () => {
  for (const rate of [15, 25, 50, 100, 333, 900]) {
    const random = seededRandom(rate);
    const baseline = createBaseline(DEFAULT);
    const seconds = 100;
    let sampled = 0;
    for (let i = 0; i < rate * seconds; i += 1) {
      const threshold = baseline.next((i * 1000) / rate);
      if (decideRoot(newTraceId(random), undefined, threshold).sampled) sampled += 1;
    }
    // What is allowed beside it: 4 sigma, and the first second.
    const slack = 4 * Math.sqrt(20 / seconds) + 100 / seconds;
    assert.ok(
      sampled / seconds > 10 - slack && sampled / seconds < 20 + slack,
      `${rate}: ${sampled / seconds}`,
    );
  }
});

test('estimates are unbiased: a million roots at rates from 1 to 20 000 a second', () => {
  const random = seededRandom(1);
  const baseline = createBaseline(DEFAULT);
  const truth = 1_000_000;
  const countByTh = new Map<string, number>();
  let estimate = 0;
  let variance = 0;
  let sampled = 0;
  let at = 0;
  let rate = 1;
  for (let i = 0; i < truth; i += 1) {
    if (random.chance(1, 500)) rate = 20_000 ** (random.below(1001) / 1000);
    at += 1000 / rate;
    const threshold = baseline.next(at);
    const { th } = decideRoot(newTraceId(random), undefined, threshold);
    // Var(1 / p, taken with probability p) = (1 - p) / p.
    variance += threshold.adjustedCount - 1;
    if (th === undefined) continue;
    sampled += 1;
    // What a reader of the data sees is the text.
    const count = countByTh.get(th) ?? thresholdOfTh(th).adjustedCount;
    countByTh.set(th, count);
    estimate += count;
  }
  assert.ok(sampled < truth / 2, `${sampled} sampled`);
  assert.ok(countByTh.size > 5, `${countByTh.size} thresholds`);
  assert.ok(Math.abs(estimate - truth) < 3 * Math.sqrt(variance), `${estimate} for ${truth}`);
});

test('services of the same arrivals are nested by their probabilities', () => {
  const random = seededRandom(9);
  const settings = [0.001, 0.01, 0.1, 0.5, 1].map((probability) => ({ probability, tracesPerSecondMin: 2 }));
  const baselines = settings.map(createBaseline);
  for (let i = 0; i < 50_000; i += 1) {
    const id = newTraceId(random);
    const sampled = baselines.map((one) => decideRoot(id, undefined, one.next(i / 10)).sampled);
    assert.ok(!sampled.includes(false, Math.max(0, sampled.indexOf(true))), `${id}: ${sampled.join()}`);
  }
});
