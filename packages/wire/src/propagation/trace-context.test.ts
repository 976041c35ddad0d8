import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { SpanId, TraceId } from '@aode/base';
import { formatTraceparent, parseTraceparent } from './traceparent.ts';
import { formatTracestate, parseTracestate } from './tracestate.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

test('traceparent: what is valid', () => {
  const cases: readonly (readonly [string, number])[] = [
    [`00-${TRACE}-${SPAN}-00`, 0],
    [`00-${TRACE}-${SPAN}-01`, 1],
    [`00-${TRACE}-${SPAN}-03`, 3],
    [`00-${TRACE}-${SPAN}-ff`, 3],
    [`cc-${TRACE}-${SPAN}-01`, 1],
    [`cc-${TRACE}-${SPAN}-01-what-the-future-brings`, 1],
  ];
  for (const [header, flags] of cases) {
    assert.deepEqual(parseTraceparent(header), { traceId: TRACE, spanId: SPAN, flags }, header);
  }
});

test('traceparent: what is not', () => {
  const cases = [
    '',
    `00-${TRACE}-${SPAN}`,
    `00-${TRACE}-${SPAN}-01-`,
    `00-${TRACE}-${SPAN}-01-x`,
    `00-${TRACE}-${SPAN}-1`,
    `00-${TRACE}-${SPAN}-0x`,
    `ff-${TRACE}-${SPAN}-01`,
    `0-${TRACE}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-01 `,
    ` 00-${TRACE}-${SPAN}-01`,
    `cc-${TRACE}-${SPAN}-01x`,
    `00_${TRACE}_${SPAN}_01`,
  ];
  for (const header of cases) assert.equal(parseTraceparent(header), undefined, JSON.stringify(header));
});

const hex = (digits: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'.split('')), minLength: digits, maxLength: digits });

test('traceparent: parse undoes format, and no text throws', () => {
  fc.assert(
    fc.property(hex(32), hex(16), fc.integer({ min: 0, max: 3 }), (trace, span, flags) => {
      fc.pre(!/^0+$/.test(trace) && !/^0+$/.test(span));
      const parent = { traceId: trace as TraceId, spanId: span as SpanId, flags };
      assert.deepEqual(parseTraceparent(formatTraceparent(parent)), parent);
    }),
  );
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseTraceparent(text)));
});

test('tracestate: members in order, blanks around them gone, empty ones passed over', () => {
  assert.deepEqual(parseTracestate('rojo=00f0,congo=t61 x, ,\t a@b=1 ,'), [
    ['rojo', '00f0'],
    ['congo', 't61 x'],
    ['a@b', '1'],
  ]);
  assert.deepEqual(parseTracestate(''), []);
});

test('tracestate: what makes the whole list void', () => {
  const cases = [
    'a',
    'a=',
    '=1',
    'A=1',
    'a=1,a=2',
    'a=1=2',
    'a=é',
    `${'k'.repeat(257)}=1`,
    `a=${'v'.repeat(257)}`,
  ];
  for (const header of cases) assert.equal(parseTracestate(header), undefined, header);
});

test('tracestate: keys of level 2 may begin with a digit; all characters that are allowed', () => {
  const value = Array.from({ length: 0x7f - 0x20 }, (_, i) => String.fromCharCode(0x20 + i))
    .join('')
    .replace(/[,=]/g, '');
  assert.deepEqual(parseTracestate(`1abc=x,a-z_*/@0=${value}`), [
    ['1abc', 'x'],
    ['a-z_*/@0', value],
  ]);
});

test('tracestate: a run of blanks is walked once', () => {
  // Tried at each place of the run, this would take seconds.
  const blanks = ' '.repeat(500_000);
  assert.equal(parseTracestate(`a=${blanks}\u00fc,b=1`), undefined);
  assert.deepEqual(parseTracestate(`${blanks}a=1${blanks}`), [['a', '1']]);
});

test('tracestate: 32 members are taken, 33 are not', () => {
  const members = (count: number): string => Array.from({ length: count }, (_, i) => `k${i}=v`).join(',');
  assert.equal(parseTracestate(members(32))?.length, 32);
  assert.equal(parseTracestate(members(33)), undefined);
});

test('tracestate: over 512 characters long members go first, then the oldest', () => {
  const long = 'v'.repeat(130);
  const out = formatTracestate([
    ['own', '1'],
    ['long', long],
    ...Array.from({ length: 30 }, (_, i) => [`key${i}`, 'v'.repeat(12)] as const),
  ]);
  assert.ok(out.length <= 512);
  assert.ok(out.startsWith('own=1,key0='));
  assert.ok(!out.includes('long='));
});

test('tracestate: 512 characters go out whole, of 513 the oldest member is left out; 128 are not long yet', () => {
  const of = (last: number): string =>
    formatTracestate([
      ['a', 'v'.repeat(126)],
      ['b', 'v'.repeat(126)],
      ['c', 'v'.repeat(126)],
      ['d', 'v'.repeat(last)],
    ]);
  assert.equal(of(123).length, 512);
  assert.equal(of(124).length, 386);
  assert.ok(of(124).startsWith('a='));
});

test('tracestate: parse undoes format, and no text throws', () => {
  const key = fc.stringMatching(/^[a-z0-9][a-z0-9_\-*/@]{0,8}$/);
  const value = fc.stringMatching(/^[!-+\--<>-~]{1,8}$/);
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(key, value), { selector: ([k]) => k, maxLength: 20 }), (members) => {
      assert.deepEqual(parseTracestate(formatTracestate(members)), members);
    }),
  );
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseTracestate(text)));
});
