import assert from 'node:assert/strict';
import { test } from 'node:test';
import { propagation } from '@opentelemetry/api';
import fc from 'fast-check';
import { compileKeepRules } from './rules.ts';

const baggageOf = (pairs: Record<string, string>): ReturnType<typeof propagation.createBaggage> =>
  propagation.createBaggage(
    Object.fromEntries(Object.entries(pairs).map(([key, value]) => [key, { value }])),
  );

test('no rule keeps nothing', () => {
  const rules = compileKeepRules([]);
  assert.equal(rules.atStart(baggageOf({ a: '1' })), undefined);
  assert.equal(rules.atStart(undefined), undefined);
  assert.equal(rules.onAttribute('a', '1'), undefined);
  assert.equal(rules.onRoute('/'), undefined);
});

test('baggage, attributes and routes; of several conditions one is enough', () => {
  const rules = compileKeepRules([
    { name: 'premium', baggage: { user_tier: 'premium', vip: true }, attribute: { tier: 'gold' } },
    { name: 'slow', attribute: { 'db.rows': '1*', slow: 'true', any: true } },
    { name: 'pay', route: '/pay/*' },
  ]);
  assert.equal(rules.atStart(baggageOf({ user_tier: 'premium' })), 'premium');
  assert.equal(rules.atStart(baggageOf({ user_tier: 'free', vip: '' })), 'premium');
  assert.equal(rules.atStart(baggageOf({ user_tier: 'free', tier: 'gold' })), undefined);
  assert.equal(rules.atStart(undefined), undefined);
  assert.equal(rules.onAttribute('tier', 'gold'), 'premium');
  assert.equal(rules.onAttribute('tier', 'silver'), undefined);
  assert.equal(rules.onAttribute('user_tier', 'premium'), undefined);
  assert.equal(rules.onAttribute('db.rows', 1000), 'slow');
  assert.equal(rules.onAttribute('db.rows', 2000), undefined);
  assert.equal(rules.onAttribute('db.rows', ['1000']), undefined);
  assert.equal(rules.onAttribute('slow', true), 'slow');
  assert.equal(rules.onAttribute('slow', false), undefined);
  assert.equal(rules.onAttribute('any', [undefined]), 'slow');
  assert.equal(rules.onAttribute('constructor', 'x'), undefined);
  assert.equal(rules.onRoute('/pay/:id'), 'pay');
  assert.equal(rules.onRoute('/pay'), undefined);
});

test('the first that holds is named, those without a limit first', () => {
  const rules = compileKeepRules([
    { name: 'few', route: '/pay/*', limitPerSecond: 1 },
    { name: 'fewer', route: '*', limitPerSecond: 1 },
    { name: 'all', route: '/pay/card' },
  ]);
  assert.equal(rules.onRoute('/pay/card'), 'all');
  assert.equal(rules.onRoute('/pay/cash'), 'few');
  assert.equal(rules.onRoute('/'), 'fewer');
});

test('an asterisk stands for any characters, and nothing else stands for anything', () => {
  const piece = fc.constantFrom('*', 'a', 'b', '.', '$', '(', '\n');
  const words = fc.array(piece, { maxLength: 12 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(words, words, (pattern, text) => {
      const asExpression = pattern
        .split('*')
        .map((part) => part.replace(/[$().]/g, String.raw`\$&`))
        .join('[^]*');
      const wanted = new RegExp(`^${asExpression}$`).test(text) ? 'r' : undefined;
      assert.equal(compileKeepRules([{ name: 'r', route: pattern }]).onRoute(text), wanted);
    }),
    { numRuns: 2000 },
  );
});

test('a pattern made to be slow is not', () => {
  const rules = compileKeepRules([{ name: 'r', attribute: { k: `${'*a'.repeat(127)}*b` } }]);
  assert.equal(rules.onAttribute('k', 'a'.repeat(100_000)), undefined);
});
