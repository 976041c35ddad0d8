import type { Cause, Evidence } from '@aode/wire/hub-api';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeOf, operationOf, speakingRow, timesOf } from './evidence.ts';

const row = (more: Partial<Evidence>): Evidence => ({
  kind: 'error',
  direction: 'for',
  bits: 8,
  from: 'pay',
  operation: 'POST /pay',
  expected: 0,
  seen: 0.9,
  unit: 'share',
  seenCount: 100,
  calmCount: 100,
  z: 30,
  p: 1e-6,
  detail: null,
  words: '',
  examples: [],
  ...more,
});

const cause = (evidence: readonly Evidence[]): Cause => ({
  service: 'pay',
  scoreBits: 20,
  confidence: 'very-likely',
  explainedBits: 0,
  summary: '',
  evidence,
});

test('the most tangible of the weighty rows speaks', () => {
  const error = row({ kind: 'error', bits: 8 });
  const shape = row({ kind: 'shape', bits: 9, expected: null, seen: null, detail: '- POST' });
  assert.equal(speakingRow(cause([shape, error])), error);
  const light = { ...error, bits: 4.4 };
  assert.equal(speakingRow(cause([shape, light])), shape, 'less than half of the weight does not speak');
  assert.equal(speakingRow(cause([shape, { ...error, bits: 4.5 }]))?.kind, 'error');
});

test('what speaks against does not speak for, and of equals the weightier speaks', () => {
  assert.equal(speakingRow(cause([row({ kind: 'explained', direction: 'against', bits: 30 })])), null);
  assert.equal(speakingRow(cause([row({ bits: 6 }), row({ bits: 7 })]))?.bits, 7);
  assert.equal(speakingRow(cause([])), null);
});

test('times are said from a fifth more on', () => {
  assert.equal(timesOf(row({ expected: 10, seen: 302 })), 30.2);
  assert.equal(timesOf(row({ expected: 10, seen: 12 })), 1.2);
  assert.equal(timesOf(row({ expected: 10, seen: 11.9 })), null);
  assert.equal(timesOf(row({ expected: 0, seen: 5 })), null);
  assert.equal(timesOf(row({ expected: null, seen: null })), null);
});

test('operations are named as a reader knows them', () => {
  assert.equal(operationOf(row({})), 'POST /pay');
  assert.equal(operationOf(row({ operation: '*' })), null);
  const order = { kind: 'log', seen: null, expected: null } as const;
  assert.equal(operationOf(row({ ...order, operation: 'GET>POST /pay' })), 'POST /pay');
  assert.equal(operationOf(row({ ...order, operation: '>POST' })), 'POST');
  assert.equal(operationOf(row({ kind: 'log', operation: 'a>b' })), 'a>b', 'shares of errors name one span');
});

test('a change of a mix says what and in which direction', () => {
  const shape = (detail: string | null): ReturnType<typeof changeOf> =>
    changeOf(row({ kind: 'shape', seen: null, expected: null, detail }));
  assert.deepEqual(shape('- POST'), { more: false, what: 'POST' });
  assert.deepEqual(shape('+ a;bank:b'), { more: true, what: 'a, bank:b' });
  assert.deepEqual(shape('+ '), { more: true, what: '' });
  assert.equal(shape(null), null);
  assert.equal(shape('odd'), null);
  const log = (detail: string): ReturnType<typeof changeOf> =>
    changeOf(row({ kind: 'log', seen: null, detail }));
  assert.deepEqual(log('+ $'), { more: true, what: null });
  assert.deepEqual(log('- a;b'), { more: false, what: 'a;b' });
  assert.equal(changeOf(row({ kind: 'explained', detail: 'bank' })), null);
});
