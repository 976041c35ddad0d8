import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type Context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  propagation,
  ROOT_CONTEXT,
  trace,
} from '@opentelemetry/api';
import fc from 'fast-check';
import { createLosses, type Losses } from '../losses.ts';
import { createBaggagePropagator, joinPropagators } from './baggage-propagator.ts';
import { createTraceContextPropagator } from './propagator.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const PARENT = `00-${TRACE}-${SPAN}-03`;

type Headers = Record<string, string | string[]>;

function extract(headers: Headers, losses: Losses = createLosses()): Context {
  const both = joinPropagators([createTraceContextPropagator(losses), createBaggagePropagator()]);
  return both.extract(ROOT_CONTEXT, headers, defaultTextMapGetter);
}

function inject(context: Context): Headers {
  const headers: Headers = {};
  const both = joinPropagators([createTraceContextPropagator(createLosses()), createBaggagePropagator()]);
  both.inject(context, headers, defaultTextMapSetter);
  return headers;
}

describe('W3C trace context', () => {
  test('in and out again: ids, flags, state, and where it came from', () => {
    const context = extract({ traceparent: ` ${PARENT}`, tracestate: ['a=1', 'b=2'] });
    const parent = trace.getSpanContext(context);
    assert.equal(parent?.traceId, TRACE);
    assert.equal(parent?.spanId, SPAN);
    assert.equal(parent?.traceFlags, 3);
    assert.equal(parent?.isRemote, true);
    assert.deepEqual(inject(context), { traceparent: PARENT, tracestate: 'a=1,b=2' });
  });

  test('a future version is read, and passed on as 00', () => {
    assert.equal(
      inject(extract({ traceparent: `cc-${TRACE}-${SPAN}-01-more` }))['traceparent'],
      `00-${TRACE}-${SPAN}-01`,
    );
  });

  test('invalid, or more than one: none, its state neither, and counted', () => {
    for (const traceparent of [['bad'], [PARENT.toUpperCase()], [PARENT, PARENT]]) {
      const losses = createLosses();
      const context = extract({ traceparent, tracestate: 'a=1' }, losses);
      assert.equal(trace.getSpanContext(context), undefined);
      assert.deepEqual(losses.counts(), { propagation_invalid: 1 }, String(traceparent));
    }
  });

  test('a bad tracestate is dropped and counted, traceparent stands', () => {
    const losses = createLosses();
    const parent = trace.getSpanContext(extract({ traceparent: PARENT, tracestate: 'a=1,a=2' }, losses));
    assert.equal(parent?.traceId, TRACE);
    assert.equal(parent?.traceState, undefined);
    assert.deepEqual(losses.counts(), { propagation_invalid: 1 });
  });

  test('nothing there: nothing in, nothing out, nothing counted', () => {
    const losses = createLosses();
    assert.deepEqual(inject(extract({}, losses)), {});
    assert.deepEqual(losses.counts(), {});
  });
});

describe('W3C baggage', () => {
  const entries = (context: Context): unknown => propagation.getBaggage(context)?.getAllEntries();

  test('values are decoded and encoded, properties stay', () => {
    const context = extract({ baggage: ['user=J%C3%BCrgen%2C;secret;ttl=5 , empty=', 'more=1'] });
    assert.equal(propagation.getBaggage(context)?.getEntry('user')?.value, 'Jürgen,');
    assert.equal(inject(context)['baggage'], 'user=J%C3%BCrgen%2C;secret;ttl=5,empty=,more=1');
  });

  test('members that are none are passed over', () => {
    assert.deepEqual(entries(extract({ baggage: 'no pair,=x,in valid=1,bad=%zz,ok=1,,' })), [
      ['ok', { value: '1' }],
    ]);
    assert.equal(entries(extract({ baggage: '' })), undefined);
  });

  test('the 64th member is taken, the 65th is not, both ways', () => {
    const members = (count: number): [string, { value: string }][] =>
      Array.from({ length: count }, (_, i) => [`k${i}`, { value: 'v' }]);
    const header = members(65)
      .map(([key, { value }]) => `${key}=${value}`)
      .join(',');
    assert.deepEqual(entries(extract({ baggage: header })), members(64));
    const out = inject(
      propagation.setBaggage(ROOT_CONTEXT, propagation.createBaggage(Object.fromEntries(members(65)))),
    );
    assert.equal(String(out['baggage']).split(',').length, 64);
  });

  test('at most 8192 characters go out', () => {
    const big = (value: string): Headers =>
      inject(propagation.setBaggage(ROOT_CONTEXT, propagation.createBaggage({ k: { value } })));
    assert.equal(String(big('v'.repeat(8189))['baggage']).length, 8191);
    assert.equal(big('v'.repeat(8191))['baggage'], undefined);
  });

  test('what the application puts behind a value can break neither the list nor the header', () => {
    for (const text of ['a,evil=1', 'a\r\nevil: 1', 'ü', '\0']) {
      const metadata = { __TYPE__: Symbol('m'), toString: () => text } as never;
      const baggage = propagation.createBaggage({ k: { value: 'v', metadata } });
      assert.equal(
        inject(propagation.setBaggage(ROOT_CONTEXT, baggage))['baggage'],
        'k=v',
        JSON.stringify(text),
      );
    }
  });

  test('what goes out comes back, and no header throws', () => {
    const key = fc.stringMatching(/^[a-zA-Z0-9!#$%&'*+.^_`|~-]{1,10}$/);
    fc.assert(
      fc.property(fc.dictionary(key, fc.string({ unit: 'grapheme' }), { maxKeys: 10 }), (values) => {
        const given = Object.entries(values).map(([name, value]) => [name, { value }] as const);
        const baggage = propagation.createBaggage(Object.fromEntries(given));
        const back = entries(extract(inject(propagation.setBaggage(ROOT_CONTEXT, baggage)))) ?? [];
        assert.deepEqual(back, given);
      }),
    );
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (baggage) => void extract({ baggage })));
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (traceparent) => void extract({ traceparent })));
  });
});
