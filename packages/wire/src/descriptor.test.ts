/** Walks every field of every message of the OTLP descriptors: whoever takes newer ones learns here what is missing. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import protobuf from 'protobufjs';
import { decodeLogs, decodeMetrics, decodeTraces, encodeLogs, encodeMetrics, encodeTraces } from './index.ts';
import {
  EXCLUDED,
  oracleDecode,
  oracleEncode,
  type Plain,
  pruned,
  REQUEST,
  scalar,
} from './testing/oracle.ts';

const AGAIN: Readonly<Record<keyof typeof REQUEST, (bytes: Uint8Array) => Uint8Array>> = {
  traces: (bytes) => encodeTraces(decodeTraces(bytes)),
  logs: (bytes) => encodeLogs(decodeLogs(bytes)),
  metrics: (bytes) => encodeMetrics(decodeMetrics(bytes)),
};

interface Place {
  readonly field: protobuf.Field;
  /** A request in which this field holds `value`, and nothing else does more than lead to it. */
  readonly request: (value: unknown) => Plain;
}

/** Every field that a request can reach; a message inside itself (AnyValue) is entered once a way. */
function* places(
  type: protobuf.Type,
  wrap: (inner: Plain) => Plain,
  entered: readonly string[],
): Generator<Place> {
  for (const field of type.fieldsArray) {
    const request = (value: unknown): Plain => wrap({ [field.name]: field.repeated ? [value] : value });
    yield { field, request };
    const { resolvedType } = field;
    if (!(resolvedType instanceof protobuf.Type) || entered.includes(resolvedType.fullName)) continue;
    yield* places(resolvedType, request, [...entered, resolvedType.fullName]);
  }
}

const nameOf = (field: protobuf.Field): string => `${field.parent?.name ?? ''}.${field.name}`;

for (const signal of ['traces', 'logs', 'metrics'] as const) {
  const type = REQUEST[signal];
  describe(`${signal}: no field of OTLP is lost`, () => {
    for (const { field, request } of places(type, (plain) => plain, [])) {
      const path = JSON.stringify(request('…')).replaceAll(/[^A-Za-z.…]+/g, ' ');
      it(`${nameOf(field)} in${path}`, () => {
        const isMessage = field.resolvedType instanceof protobuf.Type;
        const values = isMessage ? [{}] : fc.sample(scalar(field), { numRuns: 5, seed: 1 });
        for (const value of values) {
          const bytes = oracleEncode(type, request(value));
          const again = AGAIN[signal](bytes);
          const want = JSON.stringify(pruned(oracleDecode(type, bytes)));
          const seen = JSON.stringify(pruned(oracleDecode(type, again)));
          const kept = contains(JSON.parse(seen), JSON.parse(want));
          assert.equal(kept, isKept(field, value), `sent ${want}, kept ${seen}`);
        }
      });
    }
  });
}

/** An empty Status or body says the same as none, so none is written. */
function isKept(field: protobuf.Field, value: unknown): boolean {
  if (EXCLUDED.has(nameOf(field))) return false;
  return !(['status', 'body'].includes(field.name) && Object.keys(value as Plain).length === 0);
}

/** Whether all of `want` stands in `seen`; our encoder may write empty messages besides. */
function contains(seen: unknown, want: unknown): boolean {
  if (typeof want !== 'object' || want === null) return seen === want;
  if (typeof seen !== 'object' || seen === null) return false;
  return Object.entries(want).every(([key, value]) => contains((seen as Plain)[key], value));
}
