import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AodeError, errorLine } from '@aode/base';
import { createHubSampling } from './hub-settings.ts';
import { createSampling } from './settings.ts';

const START = { probability: 0.01, tracesPerSecondMin: 0, keep: [] };

test('the hub has the last word, and what it names no more is as it was applied', () => {
  const sampling = createSampling(START);
  const said = createHubSampling(sampling, { warn: () => assert.fail() });
  said({ probability: 0.5, keep: [{ name: 'pay', route: '/pay' }] });
  const { rules } = sampling;
  sampling.apply({ probability: 0.25, tracesPerSecondMin: 7 });
  said({ probability: 0.5, keep: [{ name: 'pay', route: '/pay' }] });
  assert.equal(sampling.rules, rules, 'the same again begins no limits anew');
  assert.deepEqual([sampling.settings.probability, sampling.settings.tracesPerSecondMin], [0.5, 7]);
  assert.equal(sampling.baseline.next(0).th, '0', 'seven a second are kept');
  said({});
  assert.deepEqual(sampling.settings, { probability: 0.25, tracesPerSecondMin: 7, keep: [] });
  assert.equal(sampling.rules.onRoute('/pay'), undefined);
});

test('what cannot be is said once, and changes nothing', () => {
  const sampling = createSampling(START);
  const lines: string[] = [];
  const said = createHubSampling(sampling, { warn: (error: AodeError) => lines.push(errorLine(error)) });
  for (const settings of [{ probability: 7 }, { probability: 7 }, 'nonsense', null]) said(settings);
  assert.equal(lines.length, 3);
  assert.match(lines[0] ?? '', /AODE_OPTION_INVALID.*probability of the hub/);
  assert.deepEqual(sampling.settings, START);
});
