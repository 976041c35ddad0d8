export { assert, InvariantError, unreachable } from './assert.ts';
export { backoff, type BackoffOptions } from './backoff.ts';
export { boundedQueue, type BoundedQueue, type QueueLimits } from './bounded-queue.ts';
export { type Brand } from './brand.ts';
export { type ByteReader, byteReader } from './byte-reader.ts';
export { type ByteWriter, byteWriter } from './byte-writer.ts';
export { type Clock, systemClock } from './clock.ts';
export { withCoarseTimers } from './coarse-timers.ts';
export { createDiag, type Diag } from './diag.ts';
export { AODE_ERRORS, AodeError, type AodeErrorCode, errorLine, isAodeError, visible } from './errors.ts';
export { isSpanId, isTraceId, newSpanId, newTraceId, type SpanId, spanId, type TraceId, traceId, } from './ids.ts';
export { REQUEST_BYTES_MAX, VALUE_DEPTH_MAX } from './limits.ts';
export { type Random, seededRandom, systemRandom } from './random.ts';
export { type Bytes, bytes, type DurationMs, durationMs, elapsedMs, type MonoNs, monoNs } from './units.ts';
export { type UnixNs, unixMs, unixNs, unixNsOfMs } from './units.ts';
export declare class InvariantError extends Error {
    readonly name = "InvariantError";
}
export declare function assert(ok: unknown, why: string): asserts ok;
export declare function unreachable(value: never): never;
import type { Random } from './random.ts';
import { type DurationMs } from './units.ts';
export interface BackoffOptions {
    readonly firstMs: number;
    readonly lastMs: number;
}
export declare function backoff(attempt: number, options: BackoffOptions, random: Random): DurationMs;
export interface Random {
    next(): number;
    below(bound: number): number;
    chance(numerator: number, denominator: number): boolean;
}
export declare function seededRandom(seed: number): Random;
export declare const systemRandom: Random;
import type { Brand } from './brand.ts';
export type UnixNs = Brand<bigint, 'UnixNs'>;
export type MonoNs = Brand<bigint, 'MonoNs'>;
export type DurationMs = Brand<number, 'DurationMs'>;
export type Bytes = Brand<number, 'Bytes'>;
export declare const unixNs: (n: bigint) => UnixNs;
export declare const monoNs: (n: bigint) => MonoNs;
export declare const durationMs: (n: number) => DurationMs;
export declare const bytes: (n: number) => Bytes;
export declare function elapsedMs(from: MonoNs, to: MonoNs): DurationMs;
export declare function unixMs(at: UnixNs): number;
export declare function unixNsOfMs(ms: number): UnixNs;
export type Brand<T, Name extends string> = T & {
    readonly '~brand': Name;
};
export interface BoundedQueue<T> {
    readonly count: number;
    readonly bytes: number;
    push(item: T, bytes: number): boolean;
    shift(): T | undefined;
}
export interface QueueLimits {
    readonly countMax: number;
    readonly bytesMax: number;
}
export declare function boundedQueue<T>(limits: QueueLimits): BoundedQueue<T>;
import { type AodeErrorCode } from './errors.ts';
export interface ByteReader {
    readonly source: Buffer;
    readonly at: number;
    readonly limit: number;
    seek(at: number, limit: number): void;
    enter(): number;
    leave(outer: number): void;
    length(): number;
    skip(count: number): void;
    uint32(): number;
    int32(): number;
    sint32(): number;
    int64(): bigint;
    uint64(): bigint;
    bool(): boolean;
    fixed32(): number;
    fixed64(): bigint;
    sfixed64(): bigint;
    double(): number;
    string(): string;
    name(): string;
    textAt(start: number, end: number): string;
    nameAt(start: number, end: number): string;
    hex(): string;
    bytes(): Uint8Array;
    fail(why: string): never;
}
export declare function byteReader(source: Uint8Array, code: AodeErrorCode): ByteReader;
export declare const AODE_ERRORS: {
    readonly AODE_SPAN_ID_INVALID: readonly ['not a span id', 'pass 16 lower-case hex digits, not all zero'];
    readonly AODE_TRACE_ID_INVALID: readonly ['not a trace id', 'pass 32 lower-case hex digits, not all zero'];
    readonly AODE_OTLP_JSON_INVALID: readonly ['not an OTLP/JSON message', 'send JSON as the OTLP specification writes it'];
    readonly AODE_OTLP_LIMIT: readonly ['OTLP message is beyond a limit of the decoder', 'send smaller or flatter messages'];
    readonly AODE_OTLP_PROTOBUF_INVALID: readonly ['not an OTLP protobuf message', 'send an Export*ServiceRequest of opentelemetry.proto'];
    readonly AODE_JOURNAL_DAMAGED: readonly ['journal holds bytes that are no frames', 'the rest of it is used; check the disk where more is named than what is torn'];
    readonly AODE_JOURNAL_IN_USE: readonly ['journal is in use by another process', 'stop it, or choose another directory'];
    readonly AODE_JOURNAL_UNREADABLE: readonly ['journal cannot be read', 'check its name and its rights; it stays where it is'];
    readonly AODE_JOURNAL_UNWRITABLE: readonly ['journal cannot be written', 'check the owner of its directory, its rights and the free space'];
    readonly AODE_JOURNAL_VERSION: readonly ['journal is of another version of Aode', 'start that version, or choose another directory'];
    readonly AODE_PROXY_INVALID: readonly ['proxy cannot be used', 'write it as http://host:port or https://host:port; requests go without it until then'];
    readonly AODE_PROXY_REFUSED: readonly ['proxy opens no way to the receiver', 'check what it allows and its user'];
    readonly AODE_TLS_FILE_INVALID: readonly ['certificate or key cannot be used', 'replace the file; it is read again at the next connection'];
    readonly AODE_AGENT_FAILED: readonly ['the worker that sends telemetry could not start or has died', 'the details say why and what works instead'];
    readonly AODE_ENDPOINT_CHANGED: readonly ['telemetry goes to another endpoint', 'look after the one that was left; a preferred one is used again when it answers'];
    readonly AODE_EXPORT_FAILED: readonly ['telemetry could not be delivered', 'if nobody answers, check that the hub runs and where it listens; otherwise the details say why'];
    readonly AODE_EXPORT_WAITING: readonly ['telemetry waits on disk until the receiver is there', 'the next process of this service sends it; start the hub'];
    readonly AODE_INSTRUMENTATION_FAILED: readonly ['instrumentation does not work, the application runs without it', 'update it, or leave it out by the option instrumentations'];
    readonly AODE_LINES_UNSENT: readonly ['no SDK runs, lines of pino go to standard output', 'start it: node --import @aode/sdk/register app.js, or startAode()'];
    readonly AODE_OPTION_INVALID: readonly ['option has a value that it cannot have', 'see docs/reference/sdk-options.md'];
    readonly AODE_REGISTER_FAILED: readonly ['SDK could not start, the application runs without it', 'mend what it names; report it with this line where it names nothing of yours'];
    readonly AODE_ASK_INVALID: readonly ['not an ask for traces', 'send what AskRequest of @aode/wire/hub-api says'];
    readonly AODE_ASK_LIMITED: readonly ['too many traces are asked for by hand', 'ask again in a second'];
    readonly AODE_ASK_STREAMS_FULL: readonly ['too many instances listen for asks', 'come again when one of them has ended'];
    readonly AODE_CURSOR_INVALID: readonly ['not a cursor of this list', 'start again without a cursor'];
    readonly AODE_DATA_DAMAGED: readonly ['data directory cannot be read', 'restore it from a copy, or start with another --data'];
    readonly AODE_DATA_IN_USE: readonly ['data directory is in use by another hub', 'stop that hub, or start with another --data'];
    readonly AODE_DATA_UNWRITABLE: readonly ['data directory cannot be written', 'check its owner, its rights and the free space'];
    readonly AODE_DATA_VERSION: readonly ['data directory is of another version of Aode', 'start that version, or start with another --data'];
    readonly AODE_ENCODING_INVALID: readonly ['request body cannot be unpacked', 'send it plain or as gzip'];
    readonly AODE_HOST_REFUSED: readonly ['request names another host or comes from another origin', 'ask 127.0.0.1 or localhost from this machine'];
    readonly AODE_INTERNAL: readonly ['hub failed unexpectedly', 'report it with the text of the error'];
    readonly AODE_NOT_FOUND: readonly ['nothing of this name', 'check the address'];
    readonly AODE_PORT_IN_USE: readonly ['port is in use', 'stop what listens there, or choose another port'];
    readonly AODE_PORT_REFUSED: readonly ['this user may not listen on the port', 'choose a port from 1024 up, or 0 for a free one'];
    readonly AODE_QUERY_INVALID: readonly ['question cannot be answered as it is asked', 'ask for a shorter time or longer steps'];
    readonly AODE_QUERY_TIMEOUT: readonly ['question took too long', 'ask for a shorter time or with more filters'];
    readonly AODE_REQUEST_SLOW: readonly ['request did not come in time', 'send it again, in one go'];
    readonly AODE_REQUEST_TOO_LARGE: readonly ['request is too large', 'send fewer records at once'];
    readonly AODE_STORE_BUSY: readonly ['store is at its limit', 'send it again in a second'];
    readonly AODE_STORE_FAILED: readonly ['store could not do it', 'check the free space; restart the hub if it stays'];
    readonly AODE_TOKEN_INVALID: readonly ['no header can carry this token', 'choose 1 to 512 visible ASCII characters'];
    readonly AODE_TOKEN_REFUSED: readonly ['the hub wants its token', 'send it as Authorization: Bearer, see AODE_TOKEN'];
    readonly AODE_CLI_USAGE: readonly ['wrong use', 'see --help'];
    readonly AODE_COMMAND_NOT_FOUND: readonly ['no such program', 'check the name and PATH'];
    readonly AODE_HUB_ANSWER: readonly ['the hub refused', 'read what it says; its own log may know more'];
    readonly AODE_HUB_UNREACHABLE: readonly ['no hub answers', 'start one with `aode up`, or say where it is'];
    readonly AODE_IMPORT_FILE: readonly ['file cannot be read', 'check its name, its permissions and that it is whole'];
    readonly AODE_IMPORT_LINE: readonly ['line is not OTLP JSON', 'see docs/reference/cli.md for what a line may be'];
    readonly AODE_PROBE_FAILED: readonly ['the probe could not run', 'the details say why; its whole output comes with --verbose'];
    readonly AODE_TRACE_NOT_FOUND: readonly ['the hub has no such trace', 'check the id, or widen the time by --since'];
};
export type AodeErrorCode = keyof typeof AODE_ERRORS;
export declare class AodeError extends Error {
    readonly name = "AodeError";
    readonly code: AodeErrorCode;
    readonly detail: Readonly<Record<string, unknown>>;
    constructor(code: AodeErrorCode, detail?: Readonly<Record<string, unknown>>, cause?: unknown);
}
export declare function isAodeError(e: unknown): e is AodeError;
export declare function errorLine(error: AodeError): string;
export declare function visible(text: string): string;
export interface ByteWriter {
    readonly length: number;
    finish(): Uint8Array<ArrayBuffer>;
    clear(): void;
    byte(value: number): void;
    varint(value: number): void;
    varint64(value: bigint): void;
    fixed32(value: number): void;
    fixed64(value: bigint): void;
    double(value: number): void;
    raw(value: Uint8Array): void;
    bytes(value: Uint8Array): void;
    string(value: string): void;
    hex(value: string): void;
    open(): number;
    close(mark: number): void;
}
export declare function byteWriter(bytesFirst?: number): ByteWriter;
import { type DurationMs, type MonoNs, type UnixNs } from './units.ts';
export interface Clock {
    now(): UnixNs;
    mono(): MonoNs;
    ticks(): number;
    timer(after: DurationMs, run: () => void): Disposable;
}
export declare const systemClock: Clock;
import type { Clock } from './clock.ts';
export declare function withCoarseTimers(clock: Clock): Clock;
import type { Clock } from './clock.ts';
import { AodeError } from './errors.ts';
export interface Diag {
    warn(error: AodeError): void;
}
export declare function createDiag(clock: Clock, write: (line: string) => void): Diag;
import type { Brand } from './brand.ts';
import type { Random } from './random.ts';
export type TraceId = Brand<string, 'TraceId'>;
export type SpanId = Brand<string, 'SpanId'>;
export declare function isTraceId(text: string): text is TraceId;
export declare function isSpanId(text: string): text is SpanId;
export declare function traceId(text: string): TraceId;
export declare function spanId(text: string): SpanId;
export declare function newTraceId(random: Random): TraceId;
export declare function newSpanId(random: Random): SpanId;
import { type Bytes } from './units.ts';
export declare const REQUEST_BYTES_MAX: Bytes;
export declare const VALUE_DEPTH_MAX = 64;
