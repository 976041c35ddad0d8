import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type Context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  propagation,
  ROOT_CONTEXT,
} from '@opentelemetry/api';
import fc from 'fast-check';
import { createLosses, type Losses } from '../losses.ts';
import { createPropagator } from './propagator.ts';

type Headers = Record<string, string | string[]>;

interface Rules {
  readonly propagators?: readonly string[];
  readonly losses?: Losses;
  readonly allow?: readonly string[];
}

const propagatorOf = ({ propagators = ['tracecontext', 'baggage'], losses, allow }: Rules) =>
  createPropagator(propagators, { losses: losses ?? createLosses(), baggageAllow: allow ?? [] });

function extract(headers: Headers, rules: Rules = {}): Context {
  return propagatorOf(rules).extract(ROOT_CONTEXT, headers, defaultTextMapGetter);
}

/** By the propagators given here, not by those with which the context came. */
function inject(context: Context, rules: Rules = {}): Headers {
  const headers: Headers = {};
  const baggage = propagation.getBaggage(context);
  const plain = baggage === undefined ? ROOT_CONTEXT : propagation.setBaggage(ROOT_CONTEXT, baggage);
  propagatorOf(rules).inject(plain, headers, defaultTextMapSetter);
  return headers;
}

const entries = (context: Context): unknown => propagation.getBaggage(context)?.getAllEntries();
const carrying = (values: Record<string, { value: string }>): Context =>
  propagation.setBaggage(ROOT_CONTEXT, propagation.createBaggage(values));

describe('W3C baggage', () => {
  test('values are decoded and encoded, properties stay', () => {
    const context = extract({ baggage: ['user=J%C3%BCrgen%2C;secret;ttl=5 , empty=', 'more=1'] });
    assert.equal(propagation.getBaggage(context)?.getEntry('user')?.value, 'Jürgen,');
    assert.equal(inject(context)['baggage'], 'user=J%C3%BCrgen%2C;secret;ttl=5,empty=,more=1');
  });

  test('members that are none are passed over, and counted; empty ones are nothing', () => {
    const losses = createLosses();
    assert.deepEqual(entries(extract({ baggage: 'no pair,=x,in valid=1,bad=%zz,ok=1, ,,' }, { losses })), [
      ['ok', { value: '1' }],
    ]);
    assert.deepEqual(losses.counts(), { baggage_invalid: 4 });
    assert.equal(entries(extract({ baggage: '' })), undefined);
  });

  test('the 64th member is taken, the 65th is not, both ways', () => {
    const members = (count: number): [string, { value: string }][] =>
      Array.from({ length: count }, (_, i) => [`k${i}`, { value: 'v' }]);
    const header = members(65)
      .map(([key, { value }]) => `${key}=${value}`)
      .join(',');
    const losses = createLosses();
    assert.deepEqual(entries(extract({ baggage: header }, { losses })), members(64));
    assert.deepEqual(losses.counts(), { baggage_dropped: 1 });
    const out = inject(
      propagation.setBaggage(ROOT_CONTEXT, propagation.createBaggage(Object.fromEntries(members(65)))),
      { losses },
    );
    assert.deepEqual(losses.counts(), { baggage_dropped: 2 });
    assert.equal(String(out['baggage']).split(',').length, 64);
  });
});

describe('limits of W3C baggage', () => {
  test('of more than 8192 characters only whole members are taken', () => {
    const losses = createLosses();
    const header = (chars: number): string => `a=1,b=${'v'.repeat(chars - 6)}`;
    const keys = (baggage: string): unknown =>
      (entries(extract({ baggage }, { losses })) as [string][]).map(([key]) => key);
    assert.deepEqual(keys(header(8192)), ['a', 'b']);
    assert.deepEqual(losses.counts(), {});
    assert.deepEqual(keys(header(8193)), ['a']);
    assert.deepEqual(losses.counts(), { baggage_dropped: 1 });
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
  });
});

describe('the allow-list', () => {
  const header = 'tenant=blue,user_tier=premium,secret=1';
  test('only its keys come in and go out, the others are counted', () => {
    const losses = createLosses();
    const rules = { losses, allow: ['tenant', 'user_tier'] };
    const context = extract({ baggage: header }, rules);
    assert.deepEqual(
      (entries(context) as [string, unknown][]).map(([key]) => key),
      ['tenant', 'user_tier'],
    );
    assert.deepEqual(losses.counts(), { baggage_dropped: 1 });
    const out = inject(carrying({ secret: { value: '1' }, tenant: { value: 'blue' } }), rules);
    assert.deepEqual(out, { baggage: 'tenant=blue' });
    assert.deepEqual(losses.counts(), { baggage_dropped: 2 });
  });

  test("Jaeger's form: a header an entry, under the same rules", () => {
    const losses = createLosses();
    const rules = { losses, allow: ['tenant'], propagators: ['jaeger'] };
    const context = extract({ 'uberctx-tenant': 'Gr%C3%BCn', 'uberctx-x': '1', 'Uberctx-': 'y' }, rules);
    assert.deepEqual(entries(context), [['tenant', { value: 'Grün' }]]);
    assert.deepEqual(losses.counts(), { baggage_dropped: 1, baggage_invalid: 1 });
    assert.deepEqual(inject(context, rules), { 'uberctx-tenant': 'Gr%C3%BCn' });
    const big = carrying({ tenant: { value: 'v'.repeat(8187) } });
    assert.deepEqual(inject(big, rules), {});
    assert.deepEqual(losses.counts(), { baggage_dropped: 2, baggage_invalid: 1 });
  });

  test('beside W3C baggage, which wins where both name a key', () => {
    const context = extract(
      { baggage: 'a=w3c', 'uberctx-a': 'jaeger', 'uberctx-b': 'jaeger' },
      { propagators: ['baggage', 'jaeger'] },
    );
    assert.equal(propagation.getBaggage(context)?.getEntry('a')?.value, 'w3c');
    assert.equal(propagation.getBaggage(context)?.getEntry('b')?.value, 'jaeger');
  });
});
