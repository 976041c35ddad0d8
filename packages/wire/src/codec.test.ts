import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import type protobuf from 'protobufjs';
import { decodeLogs, decodeLogsJson, decodeMetrics, decodeMetricsJson, decodeTraces } from './index.ts';
import { decodeTracesJson, encodeLogs, encodeLogsJson, encodeMetrics, encodeMetricsJson } from './index.ts';
import { encodeTraces, encodeTracesJson } from './index.ts';
import {
  message,
  oracleDecode,
  oracleEncode,
  otlpJson,
  type Plain,
  pruned,
  REQUEST,
} from './testing/oracle.ts';

interface Codec {
  readonly type: protobuf.Type;
  /** protobuf -> model -> protobuf. */
  readonly again: (bytes: Uint8Array) => Uint8Array;
  /** protobuf -> model -> JSON. */
  readonly json: (bytes: Uint8Array) => string;
  readonly decode: (bytes: Uint8Array) => unknown;
  readonly decodeJson: (json: string) => unknown;
}

const CODECS: Readonly<Record<string, Codec>> = {
  traces: {
    type: REQUEST.traces,
    again: (bytes) => encodeTraces(decodeTraces(bytes)),
    json: (bytes) => encodeTracesJson(decodeTraces(bytes)),
    decode: decodeTraces,
    decodeJson: decodeTracesJson,
  },
  logs: {
    type: REQUEST.logs,
    again: (bytes) => encodeLogs(decodeLogs(bytes)),
    json: (bytes) => encodeLogsJson(decodeLogs(bytes)),
    decode: decodeLogs,
    decodeJson: decodeLogsJson,
  },
  metrics: {
    type: REQUEST.metrics,
    again: (bytes) => encodeMetrics(decodeMetrics(bytes)),
    json: (bytes) => encodeMetricsJson(decodeMetrics(bytes)),
    decode: decodeMetrics,
    decodeJson: decodeMetricsJson,
  },
};

for (const [signal, { type, again, json, decode, decodeJson }] of Object.entries(CODECS)) {
  describe(`${signal}, any message that protobufjs writes`, () => {
    const check = (run: (bytes: Uint8Array, plain: Plain) => void): void =>
      fc.assert(
        fc.property(message(type), (plain) => {
          const bytes = oracleEncode(type, plain);
          run(bytes, oracleDecode(type, bytes));
        }),
        { numRuns: 60 },
      );

    it('is the same for protobufjs after we read and wrote it', () => {
      check((bytes, plain) => {
        assert.deepEqual(pruned(oracleDecode(type, again(bytes))), pruned(plain));
      });
    });

    it('has every field under its own name in our JSON', () => {
      check((bytes, plain) => {
        assert.deepEqual(pruned(JSON.parse(json(bytes))), pruned(otlpJson(type, plain)));
      });
    });

    it('is the same model whether it comes as JSON or as protobuf', () => {
      check((bytes, plain) => {
        assert.deepStrictEqual(decodeJson(JSON.stringify(otlpJson(type, plain))), decode(bytes));
        assert.deepStrictEqual(decodeJson(json(bytes)), decode(bytes));
        assert.deepStrictEqual(decode(again(bytes)), decode(bytes));
      });
    });
  });
}
