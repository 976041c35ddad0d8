import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { anyTrace, SPAN, TRACE } from '../testing/remote.ts';
import { formatJaeger, parseJaeger } from './jaeger.ts';

test('what is valid', () => {
  const ids = { traceId: TRACE, spanId: SPAN };
  const keep = { sampled: true, debug: false };
  const drop = { sampled: false, debug: false };
  const debug = { sampled: true, debug: true };
  const short = { traceId: `${'0'.repeat(29)}abc`, spanId: `${'0'.repeat(15)}1` };
  const cases: readonly (readonly [string, unknown])[] = [
    [`${TRACE}:${SPAN}:0:1`, { ...ids, ...keep }],
    [`${TRACE}:${SPAN}:0:0`, { ...ids, ...drop }],
    [`${TRACE}:${SPAN}:0:3`, { ...ids, ...debug }],
    [`${TRACE}:${SPAN}:0:2`, { ...ids, ...debug }],
    [`${TRACE}:${SPAN}:0:09`, { ...ids, ...keep }],
    [`${TRACE}:${SPAN}:05e3ac9a4f6e3b90:01`, { ...ids, ...keep }],
    [`${TRACE}%3A${SPAN}%3a0%3A1`, { ...ids, ...keep }],
    [`${TRACE.toUpperCase()}:${SPAN.toUpperCase()}:0:1`, { ...ids, ...keep }],
    ['abc:1:0:1', { ...short, ...keep }],
  ];
  for (const [header, wanted] of cases) assert.deepEqual(parseJaeger(header), wanted, header);
});

test('what is not', () => {
  const cases = [
    '',
    'zz:yy:0:1',
    ':::',
    `${TRACE}:${SPAN}:0`,
    `${TRACE}:${SPAN}:0:`,
    `${TRACE}:${SPAN}::1`,
    `${TRACE}:${SPAN}:0:1:1`,
    `${TRACE}:${SPAN}:0:111`,
    `${TRACE}:${SPAN}:zz:1`,
    `${TRACE}0:${SPAN}:0:1`,
    `${TRACE}:${SPAN}0:0:1`,
    `0:${SPAN}:0:1`,
    `${TRACE}:0:0:1`,
    `:${SPAN}:0:1`,
    `${TRACE}%${SPAN}%0%1`,
    ':'.repeat(16_000),
  ];
  for (const header of cases) assert.equal(parseJaeger(header), undefined, header.slice(0, 100));
});

test('parse undoes format; undecided is not sampled', () => {
  fc.assert(
    fc.property(anyTrace, (trace) => {
      const wanted = { ...trace, sampled: trace.sampled ?? false };
      assert.deepEqual(parseJaeger(formatJaeger(trace)), wanted);
      assert.deepEqual(parseJaeger(encodeURIComponent(formatJaeger(trace))), wanted);
    }),
  );
});
