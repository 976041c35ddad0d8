import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { anyTrace, SPAN, TRACE } from '../testing/remote.ts';
import { formatB3, formatB3Multi, parseB3, parseB3Multi } from './b3.ts';

const LOW = TRACE.slice(16);
const IDS = { traceId: TRACE, spanId: SPAN };
const NO_IDS = { traceId: undefined, spanId: undefined };
const OPEN = { sampled: undefined, debug: false };
const KEEP = { sampled: true, debug: false };
const DROP = { sampled: false, debug: false };
const DEBUG = { sampled: true, debug: true };
const ABSENT = { traceId: undefined, spanId: undefined, sampled: undefined, flags: undefined };

test('single: what is valid', () => {
  const cases: readonly (readonly [string, unknown])[] = [
    [`${TRACE}-${SPAN}-1`, { ...IDS, ...KEEP }],
    [`${TRACE}-${SPAN}-0`, { ...IDS, ...DROP }],
    [`${TRACE}-${SPAN}-d`, { ...IDS, ...DEBUG }],
    [`${TRACE}-${SPAN}`, { ...IDS, ...OPEN }],
    [`${TRACE}-${SPAN}-1-05e3ac9a4f6e3b90`, { ...IDS, ...KEEP }],
    [`${LOW}-${SPAN}-1`, { traceId: '0'.repeat(16) + LOW, spanId: SPAN, ...KEEP }],
    ['0', { ...NO_IDS, ...DROP }],
    ['1', { ...NO_IDS, ...KEEP }],
    ['d', { ...NO_IDS, ...DEBUG }],
  ];
  for (const [header, wanted] of cases) assert.deepEqual(parseB3(header), wanted, header);
});

test('single: what is not', () => {
  const cases = [
    '',
    '2',
    'true',
    '-',
    TRACE,
    `${TRACE}-`,
    `${TRACE}-${SPAN}-`,
    `${TRACE}-${SPAN}-2`,
    `${TRACE}-${SPAN}-true`,
    `${TRACE}-${SPAN}-1-`,
    `${TRACE}-${SPAN}-1-zz`,
    `${TRACE}-${SPAN}-1-${SPAN}-1`,
    `${TRACE}-${SPAN.slice(1)}-1`,
    `${TRACE.slice(1)}-${SPAN}-1`,
    `${TRACE.toUpperCase()}-${SPAN}-1`,
    `${'0'.repeat(32)}-${SPAN}-1`,
    `${TRACE}-${'0'.repeat(16)}-1`,
    '-'.repeat(16_000),
  ];
  for (const header of cases) assert.equal(parseB3(header), undefined, header.slice(0, 100));
});

test('several headers: what is valid', () => {
  const cases: readonly (readonly [Partial<typeof ABSENT> | object, unknown])[] = [
    [
      { traceId: TRACE, spanId: SPAN, sampled: '1' },
      { ...IDS, ...KEEP },
    ],
    [
      { traceId: TRACE, spanId: SPAN, sampled: 'true' },
      { ...IDS, ...KEEP },
    ],
    [
      { traceId: TRACE, spanId: SPAN, sampled: 'false' },
      { ...IDS, ...DROP },
    ],
    [
      { traceId: TRACE, spanId: SPAN },
      { ...IDS, ...OPEN },
    ],
    [
      { traceId: TRACE, spanId: SPAN, sampled: '0', flags: '1' },
      { ...IDS, ...DEBUG },
    ],
    [
      { traceId: TRACE, spanId: SPAN, sampled: '0', flags: '0' },
      { ...IDS, ...DROP },
    ],
    [
      { traceId: LOW, spanId: SPAN },
      { traceId: '0'.repeat(16) + LOW, spanId: SPAN, ...OPEN },
    ],
    [{ sampled: '0' }, { ...NO_IDS, ...DROP }],
    [{ flags: '1' }, { ...NO_IDS, ...DEBUG }],
  ];
  for (const [given, wanted] of cases) assert.deepEqual(parseB3Multi({ ...ABSENT, ...given }), wanted);
});

test('several headers: what is not', () => {
  const cases: readonly object[] = [
    {},
    { traceId: TRACE },
    { spanId: SPAN },
    { traceId: TRACE, spanId: SPAN, sampled: 'd' },
    { traceId: TRACE, spanId: SPAN, sampled: '' },
    { traceId: TRACE, spanId: 'zz' },
    { sampled: 'maybe' },
  ];
  for (const given of cases) assert.equal(parseB3Multi({ ...ABSENT, ...given }), undefined);
});

test('parse undoes format, in both forms', () => {
  fc.assert(
    fc.property(anyTrace, (trace) => {
      assert.deepEqual(parseB3(formatB3(trace)), trace);
      assert.deepEqual(parseB3Multi(formatB3Multi(trace)), trace);
    }),
  );
});
