import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type KeepRule, readKeepRules } from './keep-rule.ts';

test('objects and JSON mean the same', () => {
  const rules: readonly KeepRule[] = [
    { name: 'premium', baggage: { user_tier: 'premium', beta: true }, limitPerSecond: 0.5 },
    { name: 'pay', attribute: { 'http.route': '/pay/*' }, route: '/pay/*' },
  ];
  assert.deepEqual(readKeepRules(rules), rules);
  assert.deepEqual(readKeepRules(JSON.stringify(rules)), rules);
  assert.deepEqual(readKeepRules(` ${JSON.stringify(rules)}`), rules);
  assert.deepEqual(readKeepRules([]), []);
  assert.deepEqual(readKeepRules([{ name: 'n', attribute: { code: 42 } }]), [
    { name: 'n', attribute: { code: '42' } },
  ]);
});

test('a line of conditions', () => {
  assert.deepEqual(
    readKeepRules(
      ' baggage.user_tier=premium; attribute.http.route = /pay/*=1 ;route=/a;baggage.beta;route;',
    ),
    [
      { name: 'baggage.user_tier=premium', baggage: { user_tier: 'premium' } },
      { name: 'attribute.http.route = /pay/*=1', attribute: { 'http.route': '/pay/*=1' } },
      { name: 'route=/a', route: '/a' },
      { name: 'baggage.beta', baggage: { beta: true } },
      { name: 'route', route: '*' },
    ],
  );
  assert.deepEqual(readKeepRules(''), []);
});

test('what is no list of rules, and why', () => {
  const a = { name: 'a', route: '/a' };
  const cases: readonly (readonly [unknown, RegExp])[] = [
    [5, /no list/],
    [{}, /no list/],
    [null, /no list/],
    ['[{', /no JSON/],
    ['user_tier=premium', /user_tier is none of baggage\.KEY/],
    ['tag.a=b', /tag\.a is none/],
    ['=b', /none of/],
    ['baggage.=x', /key is no text/],
    ['route=', /route is no text/],
    ['route=/a;route=/a', /rule 2: its name is that of another/],
    [`baggage.k=${'x'.repeat(100)}`, /name is no text of 1 to 100/],
    [['x'], /rule 1: it is no object/],
    [[a, [a]], /rule 2: it is no object/],
    [[{ route: '/a' }], /name/],
    [[{ name: '', route: '/a' }], /name/],
    [[{ name: 'a\nb', route: '/a' }], /name/],
    [[{ name: 'a' }], /no condition/],
    [[{ name: 'a', baggage: {} }], /baggage: it has not 1 to 100 keys/],
    [[{ name: 'a', baggage: ['x'] }], /baggage: it is no object/],
    [[{ name: 'a', attribute: { x: false } }], /attribute: the value of x/],
    [[{ name: 'a', attribute: { x: '' } }], /value of x/],
    [[{ name: 'a', attribute: { '': 'x' } }], /key/],
    [[{ name: 'a', attributes: { x: 'y' } }], /attributes is none of name, baggage/],
    [[{ ...a, limitPerSecond: 0 }], /limitPerSecond/],
    [[{ ...a, limitPerSecond: '5' }], /limitPerSecond/],
    [[{ ...a, limitPerSecond: Number.NaN }], /limitPerSecond/],
    [[a, a], /rule 2: its name/],
  ];
  for (const [value, why] of cases) {
    const read = readKeepRules(value);
    assert.ok(typeof read === 'string', JSON.stringify(value));
    assert.match(read, why);
  }
});

test('last accepted and first refused', () => {
  const isRead = (value: unknown): boolean => typeof readKeepRules(value) !== 'string';
  const rules = (count: number): unknown =>
    Array.from({ length: count }, (_, i) => ({ name: `${i}`, route: '/' }));
  const keys = (count: number): unknown => [
    { name: 'n', baggage: Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, true])) },
  ];
  const cases: readonly (readonly [(size: number) => unknown, number])[] = [
    [rules, 100],
    [keys, 100],
    [(size) => [{ name: 'x'.repeat(size), route: '/' }], 100],
    [(size) => [{ name: 'n', route: 'x'.repeat(size) }], 256],
    [(size) => [{ name: 'n', baggage: { k: 'x'.repeat(size) } }], 256],
    [(size) => [{ name: 'n', baggage: { ['k'.repeat(size)]: true } }], 128],
    [(size) => [{ name: 'n', route: '/', limitPerSecond: size }], 1_000_000],
  ];
  for (const [make, max] of cases) {
    assert.ok(isRead(make(max)), String(max));
    assert.ok(!isRead(make(max + 1)), String(max));
  }
});

test('nothing throws, and what is read reads the same again', () => {
  const check = (value: unknown): void => {
    const read = readKeepRules(value);
    if (typeof read !== 'string') assert.deepEqual(readKeepRules(JSON.stringify(read)), read);
  };
  const word = fc.constantFrom('baggage.a', 'attribute.b.c', 'route', '=', ';', '*', '[', ' ', 'x');
  fc.assert(
    fc.property(
      fc.array(word).map((words) => words.join('')),
      check,
    ),
  );
  fc.assert(fc.property(fc.string({ unit: 'binary' }), check));
  fc.assert(fc.property(fc.jsonValue(), check));
});
