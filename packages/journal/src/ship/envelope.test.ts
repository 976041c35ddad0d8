import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  decodeLogs,
  decodeMetrics,
  decodeTraces,
  encodeLogs,
  encodeMetrics,
  encodeResource,
  encodeScopeLogs,
  encodeScopeMetrics,
  encodeScopeSpans,
  encodeTraces,
} from '@aode/wire';
import fc from 'fast-check';
import { anyResource, anyScopeLogs, anyScopeMetrics, anyScopeSpans } from '../testing/telemetry.ts';
import { encodeEnvelope } from './envelope.ts';

const schemaUrl = fc.constantFrom('', 'https://opentelemetry.io/schemas/1.37.0', 'ü'.repeat(70));
const RUNS = 200;

describe('around any frames stands the request that the codec would have written, byte for byte', () => {
  test('traces', () => {
    fc.assert(
      fc.property(anyResource, anyScopeSpans, schemaUrl, (resource, frames, url) => {
        const payloads = frames.map(encodeScopeSpans);
        const body = encodeEnvelope({ origin: encodeResource(resource), payloads, schemaUrl: url });
        const whole = [{ resource, scopeSpans: frames.flat(), schemaUrl: url }];
        assert.deepEqual(body, encodeTraces(whole));
        assert.deepEqual(decodeTraces(body), whole);
      }),
      { numRuns: RUNS },
    );
  });

  test('logs', () => {
    fc.assert(
      fc.property(anyResource, anyScopeLogs, schemaUrl, (resource, frames, url) => {
        const payloads = frames.map(encodeScopeLogs);
        const body = encodeEnvelope({ origin: encodeResource(resource), payloads, schemaUrl: url });
        const whole = [{ resource, scopeLogs: frames.flat(), schemaUrl: url }];
        assert.deepEqual(body, encodeLogs(whole));
        assert.deepEqual(decodeLogs(body), whole);
      }),
      { numRuns: RUNS },
    );
  });

  test('metrics', () => {
    fc.assert(
      fc.property(anyResource, anyScopeMetrics, schemaUrl, (resource, frames, url) => {
        const payloads = frames.map(encodeScopeMetrics);
        const body = encodeEnvelope({ origin: encodeResource(resource), payloads, schemaUrl: url });
        const whole = [{ resource, scopeMetrics: frames.flat(), schemaUrl: url }];
        assert.deepEqual(body, encodeMetrics(whole));
        assert.deepEqual(decodeMetrics(body), whole);
      }),
      { numRuns: RUNS },
    );
  });
});

test('lengths on both sides of each further byte of a varint', () => {
  for (const length of [0, 1, 126, 127, 128, 129, 16_381, 16_382, 16_383, 16_384, 2_097_151, 2_097_152]) {
    const origin = new Uint8Array(length).fill(7);
    const body = encodeEnvelope({ origin, payloads: [], schemaUrl: '' });
    const { outer, inner } = lengthsOf(body);
    assert.equal(inner.value, length);
    assert.equal(outer.value, body.length - outer.end);
    assert.equal(inner.end + length, body.length);
    assert.deepEqual(body.subarray(inner.end), origin);
  }
});

interface Varint {
  readonly value: number;
  readonly end: number;
}

function lengthsOf(body: Uint8Array): { readonly outer: Varint; readonly inner: Varint } {
  const varint = (start: number): Varint => {
    let value = 0;
    let at = start;
    for (let factor = 1; ; factor *= 128) {
      const byte = body[at++] ?? 0;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return { value, end: at };
    }
  };
  assert.equal(body[0], 0x0a);
  const outer = varint(1);
  assert.equal(body[outer.end], 0x0a);
  return { outer, inner: varint(outer.end + 1) };
}
