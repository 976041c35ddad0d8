import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byteWriter } from '@aode/base';
import * as fc from 'fast-check';
import type protobuf from 'protobufjs';
import {
  decodeLogs,
  decodeMetrics,
  decodeResource,
  decodeTraces,
  encodeLogs,
  encodeMetrics,
} from './index.ts';
import {
  encodeResource,
  encodeScopeLogs,
  encodeScopeMetrics,
  encodeScopeSpans,
  encodeTraces,
} from './index.ts';
import type { Resource } from './index.ts';
import { message, oracleEncode, REQUEST } from './testing/oracle.ts';

/** A request of one resource, put together from the pieces alone. */
function joined(resource: Resource, runs: readonly Uint8Array[], schemaUrl: string): Uint8Array {
  const w = byteWriter();
  w.byte(0x0a);
  const mark = w.open();
  w.byte(0x0a);
  w.bytes(encodeResource(resource));
  for (const run of runs) w.raw(run);
  if (schemaUrl !== '') {
    w.byte(0x1a);
    w.string(schemaUrl);
  }
  w.close(mark);
  return w.finish();
}

const check = (type: protobuf.Type, run: (bytes: Uint8Array) => void): void =>
  fc.assert(
    fc.property(message(type), (plain) => run(oracleEncode(type, plain))),
    { numRuns: 60 },
  );

test('scopes of spans, one run each, make the request that encodeTraces makes', () => {
  check(REQUEST.traces, (bytes) => {
    for (const one of decodeTraces(bytes)) {
      const runs = one.scopeSpans.map((scope) => encodeScopeSpans([scope]));
      assert.deepEqual(joined(one.resource, runs, one.schemaUrl), encodeTraces([one]));
      assert.deepEqual(
        joined(one.resource, [encodeScopeSpans(one.scopeSpans)], one.schemaUrl),
        encodeTraces([one]),
      );
    }
  });
});

test('scopes of log records as well', () => {
  check(REQUEST.logs, (bytes) => {
    for (const one of decodeLogs(bytes)) {
      const runs = one.scopeLogs.map((scope) => encodeScopeLogs([scope]));
      assert.deepEqual(joined(one.resource, runs, one.schemaUrl), encodeLogs([one]));
    }
  });
});

test('scopes of metrics as well', () => {
  check(REQUEST.metrics, (bytes) => {
    for (const one of decodeMetrics(bytes)) {
      const runs = one.scopeMetrics.map((scope) => encodeScopeMetrics([scope]));
      assert.deepEqual(joined(one.resource, runs, one.schemaUrl), encodeMetrics([one]));
    }
  });
});

test('a resource alone is read back', () => {
  check(REQUEST.traces, (bytes) => {
    for (const { resource } of decodeTraces(bytes)) {
      assert.deepStrictEqual(decodeResource(encodeResource(resource)), resource);
    }
  });
});

test('nothing is no bytes', () => {
  assert.equal(encodeScopeSpans([]).length, 0);
  assert.equal(encodeScopeLogs([]).length, 0);
  assert.equal(encodeScopeMetrics([]).length, 0);
});
