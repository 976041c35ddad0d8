import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addressOf, redactQuery, redactUrl } from './redact.ts';

test('names stay, values go', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['a=1&b=2', 'a=REDACTED&b=REDACTED'],
    ['flag', 'flag'],
    ['a=', 'a=REDACTED'],
    ['a=b=c', 'a=REDACTED'],
    ['=x&', '=REDACTED&'],
    ['', ''],
  ];
  for (const [query, wanted] of cases) assert.equal(redactQuery(query), wanted);
});

test('a URL loses its user, its values and its fragment', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['http://h/p', 'http://h/p'],
    ['https://ann:pw@h:8443/p?a=1&b#f', 'https://REDACTED:REDACTED@h:8443/p?a=REDACTED&b'],
    ['http://ann@h', 'http://REDACTED:REDACTED@h/'],
    ['http://:pw@h/', 'http://REDACTED:REDACTED@h/'],
  ];
  for (const [url, wanted] of cases) assert.equal(redactUrl(new URL(url)), wanted);
});

test('no value and no password survives, whatever it is made of', () => {
  const secret = fc
    .stringMatching(/^[A-Za-z0-9+/%:;@=?-]{4,20}$/)
    .map((text) => `s3cr3t${encodeURIComponent(text)}`);
  fc.assert(
    fc.property(secret, secret, (password, value) => {
      const shown = redactUrl(new URL(`http://u:${password}@h/p?k=${value}&z=${value}#${value}`));
      assert.ok(!shown.includes('s3cr3t'), shown);
    }),
  );
});

test('the address of IPv6 has no brackets', () => {
  assert.equal(addressOf(new URL('http://[::1]:80/')), '::1');
  assert.equal(addressOf(new URL('http://h.example/')), 'h.example');
});
