/** google.rpc.Status as gRPC carries it: what a client needs of it comes back, whatever else is in it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeExportResponse, decodeRpcStatus, encodeRpcStatus } from './export-response.ts';

test('code, message and RetryInfo come back; BadRequest is passed over', () => {
  const delay = fc.option(fc.integer({ min: 0, max: 86_400_000 }), { nil: undefined });
  const violation = fc.option(fc.string(), { nil: undefined });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 16 }), fc.string(), delay, violation, (code, message, ms, bad) => {
      const retry = ms === undefined ? {} : { retryDelayMs: ms };
      const status = { code, message: message.toWellFormed(), ...retry };
      const bytes = encodeRpcStatus(
        { ...status, ...(bad === undefined ? {} : { violation: bad }) },
        'protobuf',
      );
      assert.deepEqual(decodeRpcStatus(bytes, 'protobuf'), status);
    }),
  );
});

test('a delay of less than a millisecond, and one below zero', () => {
  const delayOf = (duration: readonly number[]): number | undefined => {
    const info = [0x0a, duration.length, ...duration];
    const url = Buffer.from('type.googleapis.com/google.rpc.RetryInfo');
    const any = [0x0a, url.length, ...url, 0x12, info.length, ...info];
    return decodeRpcStatus(Uint8Array.from([0x1a, any.length, ...any]), 'protobuf').retryDelayMs;
  };
  assert.equal(delayOf([0x10, 0xa0, 0xc2, 0x1e]), 0.5);
  assert.equal(delayOf([0x08, 0x02, 0x10, 0xa0, 0xc2, 0x1e]), 2000.5);
  assert.equal(delayOf([0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]), 0);
  assert.equal(delayOf([]), 0);
});

test('however many are rejected in JSON: a number, and more than there can be is not none', () => {
  const rejected = (count: unknown): number => {
    const body = JSON.stringify({ partialSuccess: { rejectedSpans: count } });
    return decodeExportResponse('traces', new TextEncoder().encode(body), 'json').rejectedCount;
  };
  assert.equal(rejected('3'), 3);
  assert.equal(rejected(3), 3);
  assert.equal(rejected('9007199254740993'), Number.MAX_SAFE_INTEGER);
  assert.equal(rejected('1e400'), Number.MAX_SAFE_INTEGER);
  assert.equal(rejected(1.5), 1);
  assert.equal(rejected('some'), 0);
  assert.equal(rejected(null), 0);
});
