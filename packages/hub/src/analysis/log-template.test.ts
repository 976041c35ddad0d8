import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { templateOf } from './log-template.ts';

test('lines of one statement get one template: golden values of a first implementation of the method', () => {
  const golden: [string, string][] = [
    ['order 123 of user 7b9d0c1e-aaaa-bbbb-cccc-0123456789ab (took 5 ms)', 'order * of user * ('],
    ['GET /x/12/y?z=1: ok', 'GET * ok'],
    ['[worker-3] a   b\n c', '[*] a b c'],
    ['id=ab12cd, rest', '* rest'],
  ];
  for (const [body, template] of golden) assert.equal(templateOf(body), template);
});

test('the words of a line stay: different statements differ', () => {
  assert.notEqual(templateOf('payment refused'), templateOf('payment accepted'));
  assert.equal(templateOf('支付 失败'), '支付 失败');
});

test('at most a hundred characters of the first 240, without digits, the same for other numbers, and quickly', () => {
  const body = fc.oneof(
    fc.string({ maxLength: 400, unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('1', 'a', '(', '-') }),
  );
  fc.assert(
    fc.property(body, (text) => {
      const template = templateOf(text);
      assert.ok(template.length <= 100);
      assert.ok(!/\d/.test(template), template);
      assert.equal(templateOf(text.slice(0, 240)), template);
    }),
  );
  fc.assert(
    fc.property(fc.nat(), fc.nat(), (a, b) =>
      assert.equal(templateOf(`took ${a} ms`), templateOf(`took ${b} ms`)),
    ),
  );
  templateOf('-'.repeat(10_000_000));
});
