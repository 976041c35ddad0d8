/** Damaged messages: whatever the bytes, the answer is a message or a coded error. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isAodeError, VALUE_DEPTH_MAX } from '@aode/base';
import * as fc from 'fast-check';
import { decodeExportResponse, decodeLogs, decodeMetrics, decodeRpcStatus, decodeTraces } from './index.ts';
import { encodeExportResponse, encodeLogs, encodeMetrics, encodeRpcStatus, encodeTraces } from './index.ts';
import { decodeLogsJson, decodeMetricsJson, decodeTracesJson, encodeTracesJson } from './index.ts';
import type { Value } from './index.ts';
import { sampleLogs, sampleMetrics, sampleTraces } from './testing/sample.ts';

type Decode = (bytes: Uint8Array) => unknown;

const SAMPLES: Readonly<Record<string, readonly [Uint8Array, Decode]>> = {
  traces: [encodeTraces(sampleTraces), (bytes) => encodeTraces(decodeTraces(bytes))],
  logs: [encodeLogs(sampleLogs), (bytes) => encodeLogs(decodeLogs(bytes))],
  metrics: [encodeMetrics(sampleMetrics), (bytes) => encodeMetrics(decodeMetrics(bytes))],
  response: [
    encodeExportResponse('traces', { rejectedCount: 3, errorMessage: 'too many' }, 'protobuf'),
    (bytes) => decodeExportResponse('traces', bytes, 'protobuf'),
  ],
  status: [
    encodeRpcStatus({ code: 14, message: 'busy', retryDelayMs: 1500, violation: 'v' }, 'protobuf'),
    (bytes) => decodeRpcStatus(bytes, 'protobuf'),
  ],
};

/** What `decode` makes of `bytes`: true for a message, else the code of its error. Another throw is a failure. */
function outcome(decode: Decode, bytes: Uint8Array): true | string {
  try {
    decode(bytes);
    return true;
  } catch (error) {
    assert.ok(isAodeError(error), `not a coded error: ${String(error)}`);
    return error.code;
  }
}

const CODES = new Set<true | string>([true, 'AODE_OTLP_PROTOBUF_INVALID', 'AODE_OTLP_LIMIT']);

for (const [name, [bytes, decode]] of Object.entries(SAMPLES)) {
  describe(`${name}, damaged`, () => {
    it('is whole before', () => assert.equal(outcome(decode, bytes), true));

    it('is refused or understood at every truncation', () => {
      let refused = 0;
      for (let length = 0; length < bytes.length; length += 1) {
        const result = outcome(decode, bytes.subarray(0, length));
        assert.ok(CODES.has(result));
        if (result !== true) refused += 1;
      }
      // The outermost message spans everything, so that nearly every cut goes through it.
      assert.ok(refused > bytes.length / 2, `${refused} of ${bytes.length}`);
    });

    it('is refused or understood with any one byte changed', () => {
      const copy = bytes.slice();
      for (let at = 0; at < copy.length; at += 1) {
        const before = copy[at] ?? 0;
        for (const flip of [0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xff]) {
          copy[at] = before ^ flip;
          assert.ok(CODES.has(outcome(decode, copy)));
        }
        copy[at] = before;
      }
    });

    it('is refused or understood as random bytes', () => {
      fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (noise) => CODES.has(outcome(decode, noise))));
    });
  });
}

describe('nesting', () => {
  const nested = (depth: number): Value => (depth === 1 ? 'x' : [nested(depth - 1)]);
  const withBody = (body: Value): Uint8Array =>
    encodeLogs(
      sampleLogs.map((one) => ({
        ...one,
        scopeLogs: one.scopeLogs.map((scope) => ({
          ...scope,
          logRecords: scope.logRecords.map((log) => ({ ...log, body })),
        })),
      })),
    );

  it('is read down to the limit and refused below it', () => {
    assert.equal(outcome(decodeLogs, withBody(nested(VALUE_DEPTH_MAX))), true);
    assert.equal(outcome(decodeLogs, withBody(nested(VALUE_DEPTH_MAX + 1))), 'AODE_OTLP_LIMIT');
  });

  it('has the same limit in JSON', () => {
    const json = (depth: number): string => {
      const body = `${'{"arrayValue":{"values":['.repeat(depth - 1)}{}${']}}'.repeat(depth - 1)}`;
      return `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":${body}}]}]}]}`;
    };
    assert.equal(
      outcome(() => decodeLogsJson(json(VALUE_DEPTH_MAX)), new Uint8Array()),
      true,
    );
    assert.equal(
      outcome(() => decodeLogsJson(json(VALUE_DEPTH_MAX + 1)), new Uint8Array()),
      'AODE_OTLP_LIMIT',
    );
    assert.notEqual(
      outcome(() => decodeLogsJson(json(100_000)), new Uint8Array()),
      true,
    );
  });

  it('of unknown groups ends at a limit too', () => {
    const groups = (depth: number): Uint8Array =>
      Buffer.concat([Buffer.alloc(depth, 0x7b), Buffer.alloc(depth, 0x7c)]);
    assert.equal(outcome(decodeTraces, groups(100)), true);
    assert.equal(outcome(decodeTraces, groups(101)), 'AODE_OTLP_PROTOBUF_INVALID');
    assert.equal(outcome(decodeTraces, Buffer.of(0x7b)), 'AODE_OTLP_PROTOBUF_INVALID');
    assert.equal(outcome(decodeTraces, Buffer.of(0x7b, 0x74)), 'AODE_OTLP_PROTOBUF_INVALID');
    assert.equal(outcome(decodeTraces, Buffer.of(0x7c)), 'AODE_OTLP_PROTOBUF_INVALID');
  });
});

describe('JSON, damaged', () => {
  const json = encodeTracesJson(sampleTraces);

  it('is refused or understood at every truncation', () => {
    for (let length = 0; length < json.length; length += 1) {
      const result = outcome(() => decodeTracesJson(json.slice(0, length)), new Uint8Array());
      assert.equal(result, 'AODE_OTLP_JSON_INVALID');
    }
  });

  it('is refused or understood with any value in any place', () => {
    const values: unknown[] = [
      null,
      0,
      -1,
      1.5,
      1e300,
      '',
      'x',
      '9'.repeat(40),
      true,
      [],
      [[]],
      {},
      [null],
      [1],
    ];
    for (const decode of [decodeTracesJson, decodeLogsJson, decodeMetricsJson]) {
      for (const text of replaced(JSON.parse(json), values)) {
        const result = outcome(() => decode(text), new Uint8Array());
        assert.ok(result === true || result === 'AODE_OTLP_JSON_INVALID', `${result} for ${text}`);
      }
    }
  });

  it('is refused or understood whatever JSON it is', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const result = outcome(() => decodeMetricsJson(text), new Uint8Array());
        return result === true || result === 'AODE_OTLP_JSON_INVALID';
      }),
    );
  });

  it('keeps a key __proto__ as a key', () => {
    const text =
      '{"__proto__":{"resourceSpans":[{}]},"resourceSpans":[{"__proto__":{"schemaUrl":"x"},' +
      '"resource":{"attributes":[{"key":"__proto__","value":{"stringValue":"v"}}]}}]}';
    const [one] = decodeTracesJson(text);
    assert.equal(one?.schemaUrl, '');
    assert.deepEqual(one?.resource.attributes, [{ key: '__proto__', value: 'v' }]);
  });
});

/** `tree` as JSON with each of its nodes in turn replaced by each of the values. */
function* replaced(tree: unknown, values: readonly unknown[]): Generator<string> {
  const root = { tree };
  function* visit(parent: Record<string, unknown>): Generator<string> {
    for (const [key, before] of Object.entries(parent)) {
      for (const value of values) {
        parent[key] = value;
        yield JSON.stringify(root.tree);
      }
      parent[key] = before;
      if (typeof before === 'object' && before !== null) yield* visit(before as Record<string, unknown>);
    }
  }
  yield* visit(root);
}
