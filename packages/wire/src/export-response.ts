/**
 * What a receiver answers: Export*ServiceResponse with its partial success, and google.rpc.Status for errors, in
 * protobuf and JSON (OTLP specification, § OTLP/HTTP Response; google.rpc error details BadRequest and RetryInfo).
 */
import { AodeError, type ByteReader, type ByteWriter, byteWriter } from '@aode/base';
import { messageReader, readTag, skipField } from './decode-field.ts';
import { writeText } from './encode-value.ts';
import type { ExportResponse } from './model.ts';

export type Encoding = 'protobuf' | 'json';
export type SignalName = 'traces' | 'logs' | 'metrics';

const REJECTED_KEY = {
  traces: 'rejectedSpans',
  logs: 'rejectedLogRecords',
  metrics: 'rejectedDataPoints',
} as const;

/** Full success is an empty message: `partial_success` must be unset then. */
export function encodeExportResponse(
  signal: SignalName,
  { rejectedCount, errorMessage }: ExportResponse,
  encoding: Encoding,
): Uint8Array<ArrayBuffer> {
  const full = rejectedCount === 0 && errorMessage === '';
  if (encoding === 'json') {
    const partialSuccess = {
      // int64 is a string in proto3's JSON form.
      ...(rejectedCount === 0 ? {} : { [REJECTED_KEY[signal]]: String(rejectedCount) }),
      ...(errorMessage === '' ? {} : { errorMessage }),
    };
    return new TextEncoder().encode(JSON.stringify(full ? {} : { partialSuccess }));
  }
  const w = byteWriter(64);
  if (!full) {
    w.byte(0x0a);
    const mark = w.open();
    if (rejectedCount !== 0) {
      w.byte(0x08);
      w.varint64(BigInt(rejectedCount));
    }
    writeText(w, 0x12, errorMessage);
    w.close(mark);
  }
  return w.finish();
}

/** Reads an answer. Throws AODE_OTLP_PROTOBUF_INVALID, AODE_OTLP_JSON_INVALID. */
export function decodeExportResponse(
  signal: SignalName,
  bytes: Uint8Array,
  encoding: Encoding,
): ExportResponse {
  if (encoding === 'json') return decodeJson(signal, bytes);
  const r = messageReader(bytes);
  const response = { rejectedCount: 0, errorMessage: '' };
  while (r.at < r.limit) {
    const tag = readTag(r);
    if (tag === 0x0a) readPartialSuccess(r, response);
    else skipField(r, tag);
  }
  return response;
}

function readPartialSuccess(r: ByteReader, into: { rejectedCount: number; errorMessage: string }): void {
  const outer = r.enter();
  while (r.at < r.limit) {
    const tag = readTag(r);
    if (tag === 0x08) into.rejectedCount = Number(r.int64());
    else if (tag === 0x12) into.errorMessage = r.string();
    else skipField(r, tag);
  }
  r.leave(outer);
}

function decodeJson(signal: SignalName, bytes: Uint8Array): ExportResponse {
  const partial = record(record(parse(bytes))['partialSuccess']);
  const count = Math.trunc(Number(partial[REJECTED_KEY[signal]] ?? 0));
  const message = partial['errorMessage'];
  return {
    // More than there can be is still more than none.
    rejectedCount: Number.isNaN(count) ? 0 : Math.min(count, Number.MAX_SAFE_INTEGER),
    errorMessage: typeof message === 'string' ? message : '',
  };
}

function parse(bytes: Uint8Array): unknown {
  const text = new TextDecoder().decode(bytes);
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch (cause) {
    throw new AodeError('AODE_OTLP_JSON_INVALID', { why: 'not JSON' }, cause);
  }
}

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

/** google.rpc.Status, with the details that OTLP gives a meaning. */
export interface RpcStatus {
  /** gRPC status code. */
  readonly code: number;
  readonly message: string;
  /** RetryInfo: how long the client should wait. */
  readonly retryDelayMs?: number;
  /** BadRequest: what is wrong with the request. */
  readonly violation?: string;
}

const RETRY_INFO = 'type.googleapis.com/google.rpc.RetryInfo';
const BAD_REQUEST = 'type.googleapis.com/google.rpc.BadRequest';

/** google.rpc.Status; in gRPC it travels as `grpc-status-details-bin`, in HTTP as the body. */
export function encodeRpcStatus(status: RpcStatus, encoding: Encoding): Uint8Array<ArrayBuffer> {
  return encoding === 'json' ? new TextEncoder().encode(statusJson(status)) : statusProtobuf(status);
}

function statusJson({ code, message, retryDelayMs, violation }: RpcStatus): string {
  const details = [
    ...(retryDelayMs === undefined ? [] : [{ '@type': RETRY_INFO, retryDelay: `${retryDelayMs / 1000}s` }]),
    ...(violation === undefined
      ? []
      : [{ '@type': BAD_REQUEST, fieldViolations: [{ description: violation }] }]),
  ];
  return JSON.stringify({ code, message, ...(details.length > 0 ? { details } : {}) });
}

function statusProtobuf({ code, message, retryDelayMs, violation }: RpcStatus): Uint8Array<ArrayBuffer> {
  const w = byteWriter(128);
  if (code !== 0) {
    w.byte(0x08);
    w.varint(code);
  }
  writeText(w, 0x12, message);
  if (retryDelayMs !== undefined) writeAny(w, RETRY_INFO, () => writeDuration(w, retryDelayMs));
  if (violation !== undefined) writeAny(w, BAD_REQUEST, () => writeViolation(w, violation));
  return w.finish();
}

function writeAny(w: ByteWriter, typeUrl: string, write: () => void): void {
  w.byte(0x1a);
  const mark = w.open();
  writeText(w, 0x0a, typeUrl);
  w.byte(0x12);
  const value = w.open();
  write();
  w.close(value);
  w.close(mark);
}

/** RetryInfo.retry_delay, a google.protobuf.Duration. */
function writeDuration(w: ByteWriter, ms: number): void {
  w.byte(0x0a);
  const mark = w.open();
  const seconds = Math.floor(ms / 1000);
  const nanos = Math.round((ms - seconds * 1000) * 1e6);
  if (seconds !== 0) {
    w.byte(0x08);
    w.varint(seconds);
  }
  if (nanos !== 0) {
    w.byte(0x10);
    w.varint(nanos);
  }
  w.close(mark);
}

/** BadRequest.field_violations with one description. */
function writeViolation(w: ByteWriter, violation: string): void {
  w.byte(0x0a);
  const mark = w.open();
  writeText(w, 0x12, violation);
  w.close(mark);
}

/** A google.rpc.Status: code, message, and of its details RetryInfo in protobuf; all others are passed over. */
export function decodeRpcStatus(bytes: Uint8Array, encoding: Encoding): RpcStatus {
  if (encoding === 'json') {
    const { code, message } = record(parse(bytes));
    return { code: Number(code ?? 0), message: typeof message === 'string' ? message : '' };
  }
  const r = messageReader(bytes);
  const status = { code: 0, message: '' };
  let retryDelayMs: number | undefined;
  while (r.at < r.limit) {
    const tag = readTag(r);
    if (tag === 0x08) status.code = r.int32();
    else if (tag === 0x12) status.message = r.string();
    else if (tag === 0x1a) retryDelayMs = readRetryInfo(r) ?? retryDelayMs;
    else skipField(r, tag);
  }
  return retryDelayMs === undefined ? status : { ...status, retryDelayMs };
}

/** The delay of an Any that holds a RetryInfo; undefined for any other. */
function readRetryInfo(r: ByteReader): number | undefined {
  const outer = r.enter();
  let isRetryInfo = false;
  let delayMs: number | undefined;
  while (r.at < r.limit) {
    const tag = readTag(r);
    if (tag === 0x0a) isRetryInfo = r.string().endsWith('/google.rpc.RetryInfo');
    // The value stands behind its type, as every encoder writes them; of another type it is not looked into.
    else if (tag === 0x12 && isRetryInfo) delayMs = readDelay(r);
    else skipField(r, tag);
  }
  r.leave(outer);
  return delayMs;
}

/** RetryInfo { 1: Duration { 1: seconds, 2: nanos } }, never below zero. */
function readDelay(r: ByteReader): number {
  const outer = r.enter();
  let ms = 0;
  while (r.at < r.limit) {
    const tag = readTag(r);
    if (tag !== 0x0a) {
      skipField(r, tag);
      continue;
    }
    const info = r.enter();
    while (r.at < r.limit) {
      const field = readTag(r);
      if (field === 0x08) ms += Number(r.int64()) * 1000;
      else if (field === 0x10) ms += r.int32() / 1e6;
      else skipField(r, field);
    }
    r.leave(info);
  }
  r.leave(outer);
  return Math.max(0, ms);
}
