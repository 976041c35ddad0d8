import type { AttributeRow, LogRow, SpanRow, TraceResponse } from '@aode/wire/hub-api';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { paintFor } from './paint.ts';
import { recordingShell } from './recording-shell.ts';
import { traceText } from './trace-text.ts';

const plain = { paint: paintFor(recordingShell(), false), columns: 100 };
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const START = 1_772_366_400_000_000_000n;

function span(id: string, parent: string, over: Partial<SpanRow> = {}): SpanRow {
  return {
    spanId: id,
    parentSpanId: parent,
    service: `service-${id}`,
    name: `GET /${id}`,
    kind: 2,
    startUnixNano: String(START + BigInt(id.charCodeAt(0)) * 1_000_000n),
    durationNano: 5_000_000,
    statusCode: 0,
    statusMessage: '',
    errorCode: null,
    resource: 0,
    scopeName: '',
    scopeVersion: '',
    traceState: '',
    attributes: [],
    events: [],
    links: [],
    dropped: { attributes: 0, events: 0, links: 0 },
    ...over,
  };
}

function log(spanId: string, body: string, over: Partial<LogRow> = {}): LogRow {
  return {
    id: `log of ${spanId}`,
    timeUnixNano: String(START + 200_000_000n),
    service: 'any',
    severityNumber: 9,
    severityText: 'INFO',
    body,
    traceId: TRACE,
    spanId,
    eventName: '',
    attributes: [],
    resource: 0,
    ...over,
  };
}

function trace(spans: readonly SpanRow[], logs: readonly LogRow[] = []): TraceResponse {
  return { traceId: TRACE, spans, logs, resources: [], partial: false, hues: {}, cause: null, gaps: [] };
}

const linesOf = (text: string): string[] => text.trimEnd().split('\n');

test('children stand under their parents, lines under their spans, in order of time', () => {
  const spans = [span('c', 'a'), span('a', ''), span('b', 'a'), span('d', 'b')];
  const tree = linesOf(traceText(trace(spans, [log('b', 'said by b')]), plain)).slice(3);
  const shown = tree.map((line) => line.slice(21));
  assert.deepEqual(shown.toSpliced(2, 1), [
    'service-a GET /a',
    '├ service-b GET /b',
    '│ └ service-d GET /d',
    '└ service-c GET /c',
  ]);
  assert.match(tree[2] ?? '', /│ │ \d\d:\d\d:\d\d\.200 info said by b$/);
  assert.match(tree[1] ?? '', /\+1\.00 ms +5\.00 ms/);
});

test('the cause is a sentence with the words of its log line', () => {
  const spans = [span('a', '', { errorCode: '502' }), span('b', 'a', { errorCode: '500', statusCode: 2 })];
  const cause = {
    spanId: 'b',
    service: 'payment',
    name: 'POST /payments',
    code: '500',
    message: 'fallback',
    logId: 'log of b',
  };
  const text = traceText(
    { ...trace(spans, [log('b', 'pool exhausted', { severityNumber: 17 })]), cause },
    plain,
  );
  assert.match(text, /^cause: payment POST \/payments 500 — pool exhausted$/m);
  assert.match(
    text,
    /^service-a: GET \/a {2}502 {2}5\.00 ms {2}2 services · 2 spans · 1 log line · 2 errors$/m,
  );
  assert.match(text, /service-b GET \/b {2}✕ 500$/m);
});

test('a missing parent is said; lines of no span come at the end; a cut trace says so', () => {
  const text = traceText({ ...trace([span('b', 'gone')], [log('', 'lost line')]), partial: true }, plain);
  assert.match(text, /service-b GET \/b {2}its parent is missing/);
  assert.match(text, /lost line\n\nThe trace is larger/);
});

test('what is missing is said with its reason, below the call that it should answer', () => {
  const spans = [span('a', '', { kind: 3 }), span('b', 'gone')];
  const gaps = [
    { spanId: 'a', missing: 'callee', service: 'pay', reason: 'process_lost' },
    { spanId: 'b', missing: 'parent', service: null, reason: 'not_sampled' },
  ] as const;
  const text = traceText({ ...trace(spans), gaps }, plain);
  assert.match(text, /GET \/a\n {21} {2}pay no answer recorded · process lost\n/);
  assert.match(text, /its parent is missing · not sampled there\n/);
});

test('spans that are their own ancestors are all shown, once', () => {
  const text = traceText(trace([span('a', 'b'), span('b', 'a'), span('c', 'c'), span('d', 'b')]), plain);
  for (const id of ['a', 'b', 'c', 'd']) assert.equal(text.split(`GET /${id}`).length - 1 >= 1, true, id);
  assert.equal(linesOf(text).filter((line) => line.includes('service-d GET')).length, 1);
});

test('a trace deeper than the stack is shown', () => {
  const id = (i: number): string => i.toString(16).padStart(16, '0');
  const spans = Array.from({ length: 3000 }, (_, i) => span(id(i + 1), i === 0 ? '' : id(i)));
  assert.equal(linesOf(traceText(trace(spans), plain)).length, 3003);
});

test('long lines are cut to the terminal, wide characters counted as two columns', () => {
  const text = traceText(trace([span('a', '')], [log('a', '付款失败'.repeat(40))]), {
    ...plain,
    columns: 80,
  });
  const line = linesOf(text).at(-1) ?? '';
  assert.ok(line.endsWith('…'));
  const columns = Array.from(line).reduce((sum, c) => sum + (c > '\u2fff' ? 2 : 1), 0);
  assert.ok(columns <= 80 && columns >= 77, `${columns} columns`);
});

test('whatever telemetry says, no control character reaches the terminal', () => {
  const hostile = fc.string({ unit: 'binary', maxLength: 30 });
  const evil = ['\u001b[2J', '\r', '\u0007', '\u009b31m', '\u202e', '\u2028', '\u200b'];
  fc.assert(
    fc.property(hostile, fc.constantFrom(...evil), (noise, escape) => {
      const text = noise + escape;
      const row = { service: text, name: text, errorCode: text, statusMessage: text, statusCode: 2 };
      const lines = [log('a', text, { severityText: text }), log('', text)];
      const cause = { spanId: 'a', service: text, name: text, code: text, message: text, logId: null };
      const shown = traceText({ ...trace([span('a', '', row)], lines), traceId: text, cause }, plain);
      // oxlint-disable-next-line no-control-regex -- finding control characters is what it is for
      assert.doesNotMatch(shown, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u2028\u202e]/);
      assert.ok(linesOf(shown).length <= 9);
    }),
  );
});

test('a span says how many lines its process has written in it, and how loud they are', () => {
  const counts = (given: Readonly<Record<string, number>>): readonly AttributeRow[] =>
    Object.entries(given).map(([level, value]) => ({
      key: `aode.log.count.${level}`,
      type: 'int',
      value: String(value),
    }));
  const spans = [
    span('a', '', { attributes: counts({ info: 1200, warn: 2, error: 1 }) }),
    span('b', 'a', { attributes: counts({ debug: 1 }) }),
    span('c', 'a', { attributes: counts({ info: Number.NaN }) }),
  ];
  const [, , , a, b, c] = linesOf(traceText(trace(spans), plain));
  assert.match(a ?? '', / {2}1 203 lines, 1 error, 2 warn$/);
  assert.match(b ?? '', / {2}1 line$/);
  assert.doesNotMatch(c ?? '', /line/);
});
