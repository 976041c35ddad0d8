/**
 * Headers of every malformed kind, all formats at once: never a throw, each header that came is either used or counted.
 * AODE_FUZZ_RUNS is how many times a hundred carriers are tried: 1000 in CI, so 10^5; a nightly run tries 10^6.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  isSpanContextValid,
  ROOT_CONTEXT,
  trace,
} from '@opentelemetry/api';
import fc from 'fast-check';
import { createLosses } from '../losses.ts';
import { HEADER_FORMATS } from './header-format.ts';
import { createPropagator } from './propagator.ts';
import { requestOf } from './request-context.ts';
import { fromOutside } from './trust-boundary.ts';

const RUNS = Math.min(10_000, Number(process.env['AODE_FUZZ_RUNS'] ?? 20));
const CARRIERS = 100;

const T = '0af7651916cd43dd8448eb211c80319c';
const S = 'b7ad6b7169203331';

/** Valid ones, from which the malformed are made. */
const VALID: Readonly<Record<string, readonly string[]>> = {
  traceparent: [`00-${T}-${S}-01`, `cc-${T}-${S}-03-more`],
  tracestate: ['a=1,ot=th:c;rv:6e6d1a75832a2f', 'dd=s:2;o:rum'],
  b3: [`${T}-${S}-1`, `${T.slice(16)}-${S}-d-${S}`, '0'],
  'x-b3-traceid': [T, T.slice(16)],
  'x-b3-spanid': [S],
  'x-b3-sampled': ['1', 'true'],
  'x-b3-flags': ['1'],
  'uber-trace-id': [`${T}:${S}:0:1`, `${T}%3A${S}%3A0%3A3`, 'abc:1:0:1'],
  'x-amzn-trace-id': [`Root=1-${T.slice(0, 8)}-${T.slice(8)};Parent=${S};Sampled=?;Self=a`],
  'x-datadog-trace-id': ['18446744073709551615', '7'],
  'x-datadog-parent-id': ['9007199254740993', '0'],
  'x-datadog-sampling-priority': ['-1', '2'],
  'x-datadog-origin': ['rum'],
  'x-datadog-tags': [`_dd.p.tid=${T.slice(0, 16)},_dd.p.dm=-4`],
  'x-trace-id': ['order-7', T, 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6'],
  baggage: ['tenant=blue;p=1,user=J%C3%BCrgen'],
  'uberctx-tenant': ['blue'],
};

const junk = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '',
    ' ',
    '\t',
    '-',
    ':',
    ';',
    ',',
    '=',
    '%',
    '%zz',
    '\0',
    '\r\n',
    '\ud800',
    '0'.repeat(400),
  ),
);

/** A valid text with a piece of it replaced, doubled, left out, in upper case, or nothing of it left. */
function malformed(valid: string): fc.Arbitrary<string> {
  const at = fc.nat({ max: valid.length });
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant(valid) },
    fc.tuple(at, at, junk).map(([from, to, piece]) => valid.slice(0, from) + piece + valid.slice(to)),
    fc.constantFrom(
      valid.toUpperCase(),
      ` ${valid}\t`,
      `${valid},${valid}`,
      valid.replaceAll(/[0-9a-f]/g, '0'),
    ),
    junk,
  );
}

const headerOf = (texts: readonly string[]): fc.Arbitrary<string | string[]> => {
  const one = fc.constantFrom(...texts).chain(malformed);
  return fc.oneof({ weight: 6, arbitrary: one }, fc.array(one, { maxLength: 3 }));
};

const carrier = fc.record(
  Object.fromEntries(Object.entries(VALID).map(([name, texts]) => [name, headerOf(texts)])),
  { requiredKeys: [], noNullPrototype: true },
);

const NAMES = [...HEADER_FORMATS.keys(), 'x-trace-id', 'baggage'];

function assertSound(context: Context): void {
  const parent = trace.getSpanContext(context);
  assert.ok(parent === undefined || isSpanContextValid(parent));
  assert.ok(parent === undefined || parent.traceFlags <= 3);
  const { correlationId, arrival } = requestOf(context) ?? {};
  assert.ok(correlationId === undefined || /^[!-~]{1,128}$/.test(correlationId));
  assert.ok(arrival?.seed?.traceId === undefined || /^[0-9a-f]{32}$/.test(arrival.seed.traceId));
}

test('no header throws, and what goes out is read back as it was', () => {
  const losses = createLosses();
  const propagator = createPropagator(NAMES, { losses, baggageAllow: [] });
  const send = (context: Context): Record<string, string> => {
    const headers: Record<string, string> = {};
    propagator.inject(context, headers, defaultTextMapSetter);
    return headers;
  };
  fc.assert(
    fc.property(fc.array(carrier, { minLength: CARRIERS, maxLength: CARRIERS }), (carriers) => {
      for (const headers of carriers) {
        const context = propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter);
        assertSound(context);
        const sent = send(context);
        for (const text of Object.values(sent)) assert.match(text, /^[\t -~]*$/);
        const before = losses.counts();
        const back = propagator.extract(ROOT_CONTEXT, sent, defaultTextMapGetter);
        assert.deepEqual(losses.counts(), before, 'what we send is never refused');
        assert.deepEqual(send(back), sent);
        assertSound(propagator.extract(fromOutside(ROOT_CONTEXT), headers, defaultTextMapGetter));
      }
    }),
    { numRuns: RUNS },
  );
  const reasons = ['baggage_dropped', 'baggage_invalid', 'correlation_id_invalid', 'propagation_invalid'];
  assert.deepEqual(Object.keys(losses.counts()).toSorted(), reasons);
});

/** The headers by which each format is known; the others only add to it. */
const MAIN: readonly (readonly [name: string, header: string])[] = [
  ['tracecontext', 'traceparent'],
  ['b3', 'b3'],
  ['jaeger', 'uber-trace-id'],
  ['xray', 'x-amzn-trace-id'],
  ['datadog', 'x-datadog-trace-id'],
  ['x-trace-id', 'x-trace-id'],
];

test('a header that came is used or counted, once', () => {
  const one = fc
    .constantFrom(...MAIN)
    .chain(([name, header]) =>
      fc.tuple(fc.constant(name), fc.constant(header), headerOf(VALID[header] ?? [])),
    );
  fc.assert(
    fc.property(fc.array(one, { minLength: CARRIERS, maxLength: CARRIERS }), (all) => {
      for (const [name, header, value] of all) {
        const losses = createLosses();
        const propagator = createPropagator([name], { losses, baggageAllow: [] });
        const context = propagator.extract(ROOT_CONTEXT, { [header]: value }, defaultTextMapGetter);
        const isUsed =
          trace.getSpanContext(context) !== undefined || requestOf(context)?.arrival !== undefined;
        const isAbsent = value.length === 0;
        const reason = name === 'x-trace-id' ? 'correlation_id_invalid' : 'propagation_invalid';
        const wanted = isUsed || isAbsent ? {} : { [reason]: 1 };
        assert.deepEqual(losses.counts(), wanted, JSON.stringify({ header, value }));
      }
    }),
    { numRuns: RUNS },
  );
});
