/**
 * The OTLP descriptors behind protobufjs: a second, independent implementation that the tests hold ours against.
 */
import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import protobuf from 'protobufjs';

const root: protobuf.Root = protobuf.Root.fromJSON(
  JSON.parse(readFileSync(new URL('../../fixtures/otlp-descriptors.json', import.meta.url), 'utf8')),
);

/** A message type by its name below `opentelemetry.proto`. */
function typeOf(name: string): protobuf.Type {
  const type = root.lookupType(`opentelemetry.proto.${name}`);
  type.resolveAll();
  return type;
}

export const REQUEST: Readonly<Record<'traces' | 'logs' | 'metrics', protobuf.Type>> = {
  traces: typeOf('collector.trace.v1.ExportTraceServiceRequest'),
  logs: typeOf('collector.logs.v1.ExportLogsServiceRequest'),
  metrics: typeOf('collector.metrics.v1.ExportMetricsServiceRequest'),
};

/** A message as plain data: 64-bit integers as decimal text, bytes as Buffer. */
export type Plain = Record<string, unknown>;

/** Bytes as protobufjs writes `message`. */
export function oracleEncode(type: protobuf.Type, message: Plain): Uint8Array {
  return type.encode(type.fromObject(message)).finish();
}

/** `bytes` as protobufjs reads them. */
export function oracleDecode(type: protobuf.Type, bytes: Uint8Array): Plain {
  return type.toObject(type.decode(bytes), { longs: String, bytes: Buffer });
}

/**
 * Fields of the string table of profiles. OTLP says that traces, logs and metrics do not use them; without the table
 * they mean nothing, so they read as "no value" and "no key" and are not written again.
 */
export const EXCLUDED: ReadonlySet<string> = new Set([
  'AnyValue.stringValueStrindex',
  'KeyValue.keyStrindex',
]);

/** Whether proto3 tells "not sent" from "sent as zero" for this field. */
function hasPresence(field: protobuf.Field): boolean {
  return field.partOf !== null;
}

const U64_MAX = 2n ** 64n - 1n;
const I64_MAX = 2n ** 63n - 1n;
const doubles: fc.Arbitrary<number> = fc.oneof(
  fc.double(),
  fc.constantFrom(Number.NaN, Infinity, -Infinity, Number.MIN_VALUE, -1.5),
);

/** A value of a scalar field; never its default, unless the field has presence. */
export function scalar(field: protobuf.Field): fc.Arbitrary<unknown> {
  const all = anyScalar(field);
  if (hasPresence(field) || field.repeated) return all;
  return all.filter(
    (value) => value !== 0 && value !== '0' && value !== '' && value !== false && !isEmpty(value),
  );
}

const isEmpty = (value: unknown): boolean => value instanceof Uint8Array && value.length === 0;

function anyScalar(field: protobuf.Field): fc.Arbitrary<unknown> {
  if (field.resolvedType instanceof protobuf.Enum) return fc.integer({ min: -1, max: 30 });
  switch (field.type) {
    case 'string':
      return fc.oneof(
        fc.string({ unit: 'binary', maxLength: 80 }),
        fc.constantFrom('service.name', '__proto__'),
      );
    case 'bytes':
      return fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes));
    case 'bool':
      return fc.boolean();
    case 'double':
      return doubles;
    case 'uint32':
    case 'fixed32':
      return fc.oneof(fc.nat(300), fc.constant(0xffff_ffff));
    case 'int32':
    case 'sint32':
      return fc.oneof(fc.integer(), fc.constantFrom(-(2 ** 31), 2 ** 31 - 1));
    case 'int64':
    case 'sfixed64':
      return fc
        .oneof(fc.bigInt({ min: -I64_MAX - 1n, max: I64_MAX }), fc.constantFrom(-1n, -I64_MAX - 1n, I64_MAX))
        .map(String);
    case 'uint64':
    case 'fixed64':
      return fc.oneof(fc.bigInt({ min: 0n, max: U64_MAX }), fc.constantFrom(U64_MAX, 1n << 32n)).map(String);
    default:
      throw new Error(`no arbitrary for ${field.type}`);
  }
}

/** Messages that our decoder always makes whole, so that absent and empty are the same to it. */
const ALWAYS: ReadonlySet<string> = new Set(['resource', 'scope', 'key', 'value']);

/** Any message of `type`, as plain data. `depth` bounds the nesting of attribute values. */
export function message(type: protobuf.Type, depth = 3): fc.Arbitrary<Plain> {
  const shape: Record<string, fc.Arbitrary<unknown>> = {};
  for (const field of type.fieldsArray) {
    if (EXCLUDED.has(`${type.name}.${field.name}`) || realOneof(field)) continue;
    const some = fieldValue(field, depth);
    shape[field.name] =
      field.repeated || ALWAYS.has(field.name) ? some : fc.option(some, { nil: undefined, freq: 3 });
  }
  const choices = type.oneofsArray.filter((oneof) => !oneof.name.startsWith('_'));
  const members = choices.map((oneof) => {
    const options = oneof.fieldsArray
      .filter((field) => !EXCLUDED.has(`${type.name}.${field.name}`))
      .filter((field) => depth > 0 || !(field.resolvedType instanceof protobuf.Type))
      .map((field) => fieldValue(field, depth - 1).map((value) => ({ [field.name]: value })));
    return fc.oneof(...options);
  });
  return fc
    .tuple(fc.record(shape), ...members)
    .map(([plain, ...chosen]) => withoutUndefined(Object.assign({}, plain, ...chosen) as Plain))
    .map((plain) => (type.name === 'Status' ? { message: 'm', ...plain } : plain));
}

const realOneof = (field: protobuf.Field): boolean =>
  field.partOf !== null && !field.partOf.name.startsWith('_');

function fieldValue(field: protobuf.Field, depth: number): fc.Arbitrary<unknown> {
  const { resolvedType } = field;
  const one = resolvedType instanceof protobuf.Type ? message(resolvedType, depth) : scalar(field);
  return field.repeated ? fc.array(one, { maxLength: 2 }) : one;
}

const withoutUndefined = (plain: Plain): Plain =>
  Object.fromEntries(
    Object.entries(plain).filter(
      ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
    ),
  );

/** A message as OTLP/JSON writes it: ids in hex, other bytes in base64, what JSON has no number for in words. */
export function otlpJson(type: protobuf.Type, plain: Plain): Plain {
  return withoutUndefined(
    Object.fromEntries(
      Object.entries(plain).map(([name, value]) => {
        const field = type.fields[name];
        if (field === undefined) throw new Error(`no field ${name}`);
        const one = (item: unknown): unknown => jsonOf(field, item);
        return [name, field.repeated ? (value as unknown[]).map(one) : one(value)];
      }),
    ),
  );
}

function jsonOf(field: protobuf.Field, value: unknown): unknown {
  if (field.resolvedType instanceof protobuf.Type) return otlpJson(field.resolvedType, value as Plain);
  if (field.type === 'bytes') {
    return Buffer.from(value as Uint8Array).toString(field.name.endsWith('Id') ? 'hex' : 'base64');
  }
  if (typeof value !== 'number') return value;
  if (Object.is(value, -0)) return '-0';
  return Number.isFinite(value) ? value : String(value);
}

/** Without lists that are empty, at any depth (absent and empty are the same), and bytes as base64. */
export function pruned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(pruned);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (typeof value !== 'object' || value === null) return value;
  return withoutUndefined(
    Object.fromEntries(Object.entries(value).map(([key, item]) => [key, pruned(item)])),
  );
}
