import type { Cause, CausesResponse, RedSeries, ServiceRow } from '@aode/wire/hub-api';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ERROR_SHARE_LEAST,
  errorShares,
  medianOf,
  type ServiceState,
  serviceStates,
  SLOW_TIMES,
} from './service-state.ts';

const MS = 1e6;
const INTERVALS = { startUnixMs: 0, stepSeconds: 60 };

const row = (name: string, errors = 0): ServiceRow => ({
  name,
  hue: 0,
  spanCount: 400,
  errorCount: errors,
  storedErrorCount: errors,
  requestCount: 400,
  requestErrorCount: errors,
  durationP50Nano: 5 * MS,
  durationP95Nano: 10 * MS,
  logCount: 0,
  logErrorCount: 0,
  topErrorCode: null,
});

/** Two calm minutes, two after: errors of 100 requests and P95 in milliseconds. */
const series = (service: string, errors: number, p95Ms: number): RedSeries => ({
  service,
  requests: [100, 100, 100, 100],
  errors: [0, 0, errors, errors],
  storedErrors: [0, 0, 0, 0],
  p50Nano: [null, null, null, null],
  p95Nano: [10 * MS, 10 * MS, p95Ms * MS, p95Ms * MS],
});

const cause = (service: string, confidence: Cause['confidence'] = 'likely'): Cause => ({
  service,
  scoreBits: 5,
  confidence,
  explainedBits: 0,
  summary: '',
  evidence: [],
});

const fault = (...causes: readonly Cause[]): CausesResponse => ({
  state: 'fault',
  reason: null,
  startUnixMs: 0,
  endUnixMs: 240_000,
  faultUnixMs: 120_000,
  faultEndUnixMs: null,
  calmTraceCount: 200,
  faultTraceCount: 200,
  failedTraceCount: 50,
  thresholdBits: 4,
  causes,
  hues: {},
  computedMs: 1,
});

const moods = (states: readonly ServiceState[]): readonly string[] =>
  states.map(({ row: { name }, mood }) => `${name} ${mood}`);

test('who is to blame fails, who fails behind it is hit, the rest is fine and by name', () => {
  const names = ['zoo', 'front', 'pay', 'art'];
  const red = [series('pay', 90, 10), series('front', 30, 10), series('art', 0, 10), series('zoo', 0, 10)];
  const states = serviceStates(
    names.map((name) => row(name)),
    red,
    fault(cause('pay')),
    INTERVALS,
  );
  assert.deepEqual(moods(states), ['pay fails', 'front hit', 'art fine', 'zoo fine']);
  assert.equal(states[0]?.errorShare, 0.9, 'since the fault, not over the whole range');
});

test('who is to blame without errors is slow, who got slow behind it is hit', () => {
  const red = [series('stock', 0, 900), series('front', 0, 850)];
  const states = serviceStates([row('front'), row('stock')], red, fault(cause('stock')), INTERVALS);
  assert.deepEqual(moods(states), ['stock slow', 'front hit']);
  assert.equal(states[0]?.timesBefore, 90);
  assert.equal(states[0]?.p95BeforeNano, 10 * MS);
});

test('a second cause counts when it is very likely', () => {
  const red = [series('a', 50, 10), series('b', 50, 10), series('c', 50, 10)];
  const states = serviceStates(
    [row('a'), row('b'), row('c')],
    red,
    fault(cause('a'), cause('b', 'very-likely'), cause('c', 'likely')),
    INTERVALS,
  );
  assert.deepEqual(moods(states), ['a fails', 'b fails', 'c hit']);
});

test('without a verdict whoever fails, fails', () => {
  const states = serviceStates([row('a', 100), row('b')], [], undefined, INTERVALS);
  assert.deepEqual(moods(states), ['a fails', 'b fine']);
  assert.equal(states[0]?.timesBefore, null);
});

test('thresholds are the last fine and the first not fine', () => {
  const at = (errors: number, p95Ms: number): string | undefined =>
    serviceStates([row('a')], [series('a', errors, p95Ms)], fault(cause('b')), INTERVALS)[0]?.mood;
  assert.equal(ERROR_SHARE_LEAST, 0.05);
  assert.equal(at(4, 10), 'fine');
  assert.equal(at(5, 10), 'hit');
  assert.equal(SLOW_TIMES, 2);
  assert.equal(at(0, 19.9), 'fine');
  assert.equal(at(0, 20), 'hit');
});

test('medians and shares know what is missing', () => {
  assert.equal(medianOf([null, 3, 1, null, 2]), 2);
  assert.equal(medianOf([null]), null);
  assert.deepEqual(errorShares({ ...series('a', 50, 1), requests: [0, 100, 100, 0] }), [null, 0, 0.5, null]);
});
