import type { Cause, CausesResponse, Evidence } from '@aode/wire/hub-api';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { causesText } from './causes-text.ts';
import { paintFor } from './paint.ts';
import { recordingShell } from './recording-shell.ts';

const paint = paintFor(recordingShell(), false);

const row: Evidence = {
  kind: 'error',
  direction: 'for',
  bits: 9.25,
  from: 'inventory',
  operation: 'POST /payments',
  expected: 0.002,
  seen: 0.97,
  unit: 'share',
  seenCount: 97,
  calmCount: 180,
  z: 8,
  p: 1e-8,
  detail: null,
  words: 'calls to payment fail: 97 % instead of 0.2 %',
  examples: [{ traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: null, logId: null }],
};
const cause: Cause = {
  service: 'payment',
  scoreBits: 14.5,
  confidence: 'very-likely',
  explainedBits: 0,
  summary: 'payment answers 500',
  evidence: [row],
};
const answer: CausesResponse = {
  state: 'fault',
  reason: null,
  startUnixMs: 0,
  endUnixMs: 1,
  faultUnixMs: 1_772_366_400_000,
  faultEndUnixMs: null,
  calmTraceCount: 300,
  faultTraceCount: 100,
  failedTraceCount: 97,
  thresholdBits: 4,
  causes: [cause],
  hues: {},
  computedMs: 12,
};

test('a fault: when, how much, who, why, and where to look', () => {
  const [verdict = '', , title = '', summary = '', evidence = '', see = ''] = causesText(answer, paint).split(
    '\n',
  );
  assert.match(verdict, /^fault since 2026-\S+ \S+ · 97 of 100 traces failed, 300 before$/);
  assert.equal(title, '1. payment  very likely  +14.5 bits');
  assert.equal(summary, '   payment answers 500');
  assert.equal(evidence, '   for      +9.3 error     calls to payment fail: 97 % instead of 0.2 %');
  assert.equal(see, '   see aode explain 4bf92f3577b34da6a3ce929d0e0e4736');
});

test('what speaks against it is said, the rest of the rows counted, and a line is the best example', () => {
  const against: Evidence = { ...row, kind: 'explained', direction: 'against' };
  const withLine: Evidence = { ...row, examples: [{ traceId: 'f'.repeat(32), spanId: null, logId: '7' }] };
  const many = { ...cause, explainedBits: 3, evidence: [against, row, row, row, row, row, withLine] };
  const text = causesText({ ...answer, causes: [many] }, paint);
  assert.match(text, /, −3\.0 explained by its callees/);
  assert.match(text, /against {2}\+9\.3 explained calls to payment/);
  assert.match(text, /and 2 more rows of evidence/);
  assert.match(text, /see aode explain ffff/);
});

test('calm and too little data are answers of their own', () => {
  const none = { ...answer, causes: [], faultUnixMs: null };
  assert.equal(
    causesText({ ...none, state: 'calm' }, paint),
    'calm: nothing stands out above 4.0 bits in 400 traces\n',
  );
  const few = causesText({ ...none, state: 'not-enough-data', reason: '12 of 50 traces' }, paint);
  assert.equal(few, 'not enough data: 12 of 50 traces\n');
});

test('hostile names stay harmless', () => {
  const evil = '\u001b[31mpayment\r\n';
  const hostile = {
    ...cause,
    service: evil,
    summary: evil,
    evidence: [{ ...row, words: evil, examples: [{ traceId: evil, spanId: null, logId: null }] }],
  };
  const text = causesText({ ...answer, causes: [hostile] }, paint);
  // oxlint-disable-next-line no-control-regex -- finding control characters is what it is for
  assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f]/);
  assert.equal(text.trimEnd().split('\n').length, 6);
});
