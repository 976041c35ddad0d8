import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isAllowedHost, isAllowedOrigin } from './origin.ts';

test('the loopback by name and number, with and without a port', () => {
  for (const host of ['localhost', 'LOCALHOST:4318', '127.0.0.1', '127.0.0.1:16686', '[::1]', '[::1]:4317']) {
    assert.ok(isAllowedHost(host), host);
  }
});

test('anything else is refused', () => {
  const hosts = [
    undefined,
    '',
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example:80',
    'evil.example:16686',
    '127.0.0.2',
    '0.0.0.0:4318',
    '::1',
    'localhost:',
    'localhost:4318:1',
    'user@localhost',
    'localhost/',
    ' localhost',
  ];
  for (const host of hosts) assert.ok(!isAllowedHost(host), host);
});

test('only our own pages are an origin', () => {
  assert.ok(isAllowedOrigin(undefined, 16686));
  assert.ok(isAllowedOrigin('http://127.0.0.1:16686', 16686));
  assert.ok(isAllowedOrigin('http://localhost:16686', 16686));
  for (const origin of [
    'null',
    'http://127.0.0.1:8080',
    'https://localhost:16686',
    'http://evil.example:16686',
    '',
  ]) {
    assert.ok(!isAllowedOrigin(origin, 16686), origin);
  }
  assert.ok(!isAllowedOrigin('http://127.0.0.1:16686', undefined), 'receivers have no pages');
});

test('no text throws, and none but the loopback passes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      isAllowedOrigin(text, 1);
      if (isAllowedHost(text)) assert.match(text, /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i);
    }),
  );
});
