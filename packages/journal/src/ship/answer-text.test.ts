import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeRpcStatus } from '@aode/wire';
import fc from 'fast-check';
import { answerText } from './answer-text.ts';

const PROTOBUF = 'application/x-protobuf';
const status = encodeRpcStatus({ code: 16, message: 'no token' }, 'protobuf');

const CASES: readonly (readonly [type: string | undefined, body: Uint8Array | string, text: string])[] = [
  [PROTOBUF, status, 'no token'],
  [PROTOBUF, 'unauthorised', ''],
  ['application/json', '{"code":16,"message":"no token"}', 'no token'],
  ['application/json; charset=utf-8', '{"statusCode":401,"error":"Unauthorized"}', 'Unauthorized'],
  ['application/problem+json', '{"title":"Bad","detail":"no token"}', 'no token'],
  ['application/json', '"no token"', 'no token'],
  ['application/json', '{"error":{"code":401,"message":"no token"}}', 'no token'],
  ['application/json', '{"message":{"text":"no token"}}', ''],
  ['application/json', 'null', ''],
  ['application/json', '{', ''],
  ['text/plain; charset=utf-8', ' 404 page\r\nnot found\u001B[2J\n', '404 page not found [2J'],
  ['text/html', '<html>', ''],
  [undefined, 'no token', ''],
  ['text/plain', 'x'.repeat(300), `${'x'.repeat(200)}…`],
  ['text/plain', `x${'😀'.repeat(200)}`, `x${'😀'.repeat(99)}…`],
];

test('a status, JSON or plain text as one line', () => {
  for (const [type, body, text] of CASES)
    assert.equal(answerText(type, Buffer.from(body)), text, `${type} ${String(body).slice(0, 40)}`);
});

test('whatever comes: never an exception, one line, not long', () => {
  const types = fc.constantFrom(PROTOBUF, 'application/json', 'text/plain', 'text/html', undefined);
  const bodies = fc.oneof(
    fc.uint8Array({ maxLength: 500 }),
    fc.json().map((json) => Buffer.from(json)),
    fc.string({ unit: 'binary', maxLength: 500 }).map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(types, bodies, (type, body) => {
      const text = answerText(type, body);
      assert.doesNotMatch(text, /\p{Cc}/u);
      assert.ok(text.length <= 201);
    }),
  );
});
