import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AodeError, isAodeError } from '@aode/base';
import { createSampling, type SamplingSettings } from './settings.ts';

const START: SamplingSettings = { probability: 0.01, tracesPerSecondMin: 0, keep: [] };

function refusal(change: unknown): AodeError {
  const sampling = createSampling(START);
  const { rules, limits } = sampling;
  try {
    sampling.apply(change as Partial<SamplingSettings>);
  } catch (error) {
    assert.ok(isAodeError(error));
    assert.equal(error.code, 'AODE_OPTION_INVALID');
    assert.equal(sampling.settings, START);
    assert.deepEqual([sampling.rules, sampling.limits], [rules, limits]);
    assert.equal(sampling.baseline.next(0).th, 'fd70a');
    return error;
  }
  return assert.fail(`not refused: ${JSON.stringify(change)}`);
}

test('what is named is replaced, the rest stays', () => {
  const sampling = createSampling(START);
  const { rules } = sampling;
  sampling.apply({ probability: 0.5 });
  assert.equal(sampling.baseline.next(0).th, '8');
  assert.equal(sampling.rules, rules);
  const keep = [{ name: 'pay', route: '/pay', limitPerSecond: 1 }];
  sampling.apply({ keep });
  assert.equal(sampling.rules.onRoute('/pay'), 'pay');
  assert.equal(sampling.baseline.next(0).th, '8');
  sampling.apply({ tracesPerSecondMin: 10 });
  assert.equal(sampling.baseline.next(0).th, '0');
  assert.deepEqual(sampling.settings, { probability: 0.5, tracesPerSecondMin: 10, keep });
  const { settings } = sampling;
  sampling.apply({});
  assert.deepEqual(sampling.settings, settings);
});

test('limits are by the reason of their rule; counts outlive a change', () => {
  const keep = [{ name: 'pay', route: '/pay', limitPerSecond: 1 }];
  const sampling = createSampling({ ...START, keep });
  const take = (): boolean => sampling.limits.take('rule:pay', 0);
  assert.deepEqual([take(), take()], [true, false]);
  sampling.apply({ probability: 0.5 });
  assert.equal(take(), false);
  sampling.apply({ keep });
  assert.equal(take(), true);
  assert.deepEqual(sampling.limits.refused(), { 'rule:pay': 2 });
});

test('what cannot be is refused by name, and nothing changes', () => {
  const cases: readonly (readonly [unknown, string, RegExp])[] = [
    [{ probability: 2 }, 'probability', /neither 0 nor/],
    [{ probability: '0.5' }, 'probability', /neither/],
    [{ probability: null }, 'probability', /neither/],
    [{ tracesPerSecondMin: -1 }, 'tracesPerSecondMin', /whole number/],
    [{ tracesPerSecondMin: 0.5 }, 'tracesPerSecondMin', /whole number/],
    [{ tracesPerSecondMin: 1_000_001 }, 'tracesPerSecondMin', /whole number/],
    [{ probability: 0.5, keep: [{ name: 'x' }] }, 'keep', /rule 1: it has no condition/],
    [{ probability: 0.5, rate: 1 }, 'rate', /none of probability/],
    [null, 'sampling', /no object/],
    [[], 'sampling', /no object/],
  ];
  for (const [change, option, why] of cases) {
    const { detail } = refusal(change);
    assert.equal(detail['option'], option);
    assert.match(String(detail['why']), why);
  }
});
