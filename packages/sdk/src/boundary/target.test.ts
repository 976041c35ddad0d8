import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addressOf, redactUrl } from './redact.ts';
import { targetOf } from './target.ts';

/** What URL says of the whole text. */
function byUrl(text: string): ReturnType<typeof targetOf> {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  return { full: redactUrl(url), hostname: url.hostname, address: addressOf(url), port };
}

const origin = fc.oneof(
  fc.constantFrom(
    'http://a',
    'https://a.b:443',
    'http://[::1]:80',
    'http://U:p@H',
    'http:',
    'ws://a',
    'x://a',
  ),
  fc
    .tuple(
      fc.constantFrom('http', 'https', 'HTTP', 'ftp', 'data'),
      fc.string({ unit: 'binary', maxLength: 12 }),
    )
    .map(([scheme, authority]) => `${scheme}://${authority}`),
  fc.stringMatching(/^https?:\/\/[a-z:@/?#\\.%0-9[\] \t]{0,12}$/),
);
const path = fc.oneof(
  fc.stringMatching(/^\/[ -~]{0,24}$/),
  fc.stringMatching(/^\/[a-z./%?#&=2eE\\]{0,16}$/),
  fc.string({ unit: 'binary', maxLength: 16 }),
  fc.constantFrom(
    '',
    '/',
    '*',
    '//',
    '/?',
    '/a?',
    '/a?b',
    '/a?b=c&d',
    '/.',
    '/a/..',
    '/a/%2e%2E/b',
    '/a?b=../c',
  ),
);

test('a target is what URL says of it, whatever it is made of', () => {
  fc.assert(
    fc.property(origin, path, (from, to) => {
      const wanted = byUrl(from + to);
      assert.deepEqual(targetOf(from, to), wanted);
      // Once more, with the origin known.
      assert.deepEqual(targetOf(from, to), wanted);
    }),
    { numRuns: Number(process.env['AODE_FUZZ_RUNS'] ?? 2000) },
  );
});
