export { carry, type CarriedContext, type Carry } from './context/carry.ts';
export type { DoctorReport, EarlyPackage, LoadedLibrary, MisusedSpans, UnfinishedSpans, UsedBoundary, } from './doctor/report.ts';
export { type SdkOptions } from './options.ts';
export { type Aode, startAode } from './start.ts';
export interface CarriedContext {
    readonly traceparent?: string;
    readonly tracestate?: string;
    readonly baggage?: string;
    readonly requestId?: string;
}
export interface Carry {
    <F extends (...args: never[]) => unknown>(fn: F): F;
    toMessage(): CarriedContext;
    fromMessage<T>(carried: CarriedContext | undefined, fn: () => T): T;
}
export declare const carry: Carry;
import type { Ledger } from '../loss/ledger.ts';
import type { LostContext } from '../trace/lost-context.ts';
export interface DoctorReport {
    readonly version: 1;
    readonly pid: number;
    readonly thread: number;
    readonly script: string | undefined;
    readonly node: string;
    readonly sdk: string;
    readonly isOver: boolean;
    readonly failure: string | undefined;
    readonly boundaries: readonly UsedBoundary[];
    readonly libraries: readonly LoadedLibrary[];
    readonly api: string | undefined;
    readonly otherSdks: readonly string[];
    readonly early: readonly EarlyPackage[];
    readonly unfinished: readonly UnfinishedSpans[];
    readonly misused: readonly MisusedSpans[];
    readonly lostContexts: readonly LostContext[];
    readonly losses: Readonly<Record<string, number>>;
    readonly ledger: Ledger | undefined;
}
export interface UsedBoundary {
    readonly boundary: 'http server' | 'http client' | 'fetch' | 'worker thread' | 'log lines';
    readonly count: number;
}
export interface LoadedLibrary {
    readonly name: string;
    readonly version: string;
    readonly instrumentedBy: string | undefined;
}
export interface EarlyPackage {
    readonly name: string;
    readonly importedAt: string | undefined;
    readonly lateBy: string;
}
export interface UnfinishedSpans {
    readonly name: string;
    readonly place: string | undefined;
    readonly count: number;
    readonly ageMs: number;
}
export interface MisusedSpans {
    readonly name: string;
    readonly how: 'ended twice' | 'written after its end';
    readonly startedAt: string | undefined;
    readonly place: string | undefined;
    readonly count: number;
}
import { type AgentCounts, type AgentLossReason } from '../agent/agent-counts.ts';
export type LedgerLossReason = 'pool_full' | 'too_large' | AgentLossReason;
export interface SignalLedger {
    readonly started: number;
    readonly open: number;
    readonly ended: number;
    readonly kept: number;
    readonly evicted: number;
    readonly undecided: number;
    readonly delivered: number;
    readonly waiting: number;
    readonly dropped: Readonly<Partial<Record<LedgerLossReason, number>>>;
}
export interface Ledger {
    readonly spans: SignalLedger;
    readonly lines: SignalLedger;
}
export declare function readLedger(pools: readonly Float64Array[], agent: AgentCounts): Ledger;
export declare function lostOf({ spans, lines }: Ledger): Readonly<Partial<Record<LedgerLossReason, number>>>;
import type { DropReason, Settled, ShipLossReason } from '@aode/journal';
export declare const AGENT_COUNT: {
    readonly taken: 0;
    readonly delivered: 1;
    readonly refused: 2;
    readonly rejected: 3;
    readonly exit_timeout: 4;
    readonly journal_full: 5;
    readonly journal_closed: 6;
    readonly encode_failed: 7;
    readonly thread_lost: 9;
};
export type AgentLossReason = DropReason | ShipLossReason | 'encode_failed' | 'thread_lost';
export declare class AgentCounts {
    #private;
    constructor(memory: ArrayBufferLike);
    add(what: keyof typeof AGENT_COUNT, signal: Settled['signal'], n: number): void;
    asksDropped(n: number): void;
    get asksDroppedCount(): number;
    of(what: keyof typeof AGENT_COUNT, signal: 'traces' | 'logs'): number;
}
import type { Losses } from '../losses.ts';
import type { OpenSpans } from './open-spans.ts';
import { RecordingSpan } from './span.ts';
import type { Timeline } from './timeline.ts';
export type LostHow = 'root' | 'answer_outside' | 'answer_in_other';
export interface LostContext {
    readonly how: LostHow;
    readonly name: string;
    readonly place: string | undefined;
    readonly entry: string | undefined;
    readonly count: number;
}
export interface LostContextsParts {
    readonly recorder: {
        readonly open: OpenSpans<RecordingSpan>;
        readonly timeline: Timeline;
    };
    readonly losses: Losses;
    readonly isThorough?: boolean;
}
export declare class LostContexts {
    #private;
    constructor(parts: LostContextsParts);
    began(span: RecordingSpan): void;
    answered(span: RecordingSpan): void;
    wroteLine(): void;
    list(): readonly LostContext[];
}
type LossReason = 'boundary_failed' | 'context_lost' | 'lines_without_trace' | 'span_unfinished' | 'span_ended_twice' | 'span_written_after_end' | 'request_id_invalid' | 'propagation_invalid' | 'correlation_id_invalid' | 'baggage_invalid' | 'baggage_dropped';
export interface Losses {
    add(reason: LossReason, count: number): void;
    counts(): Readonly<Partial<Record<LossReason, number>>>;
}
export declare function createLosses(): Losses;
export {};
export interface Listed<T> {
    olderOpen: T | undefined;
    newerOpen: T | undefined;
}
export declare class OpenSpans<T extends Listed<T>> {
    #private;
    oldest: T | undefined;
    count: number;
    add(span: T): void;
    remove(span: T): void;
}
import type { Random } from '@aode/base';
import { type Scope, type SpanEvent, type SpanLink } from '@aode/wire';
import { type Attributes, type AttributeValue, type Exception, type Link, type Span, type SpanContext, type SpanKind, type SpanStatus, type TimeInput, type TraceState } from '@opentelemetry/api';
import type { PoolTrace } from '../pool/pool-trace.ts';
import type { HeldValue } from '../pool/record-writer.ts';
import type { SpanFields } from '../pool/span-record.ts';
import type { Listed } from './open-spans.ts';
import type { Timeline } from './timeline.ts';
import type { ForgottenSpan } from './watched-spans.ts';
export interface SpanSink {
    readonly timeline: Timeline;
    readonly random: Random;
    started(span: RecordingSpan): void;
    ended(span: RecordingSpan): void;
    readonly asksForEachAttribute: boolean;
    attribute(span: RecordingSpan, key: string, value: unknown): void;
    keep(trace: PoolTrace, reason: string): void;
    misused(span: RecordingSpan, how: 'end' | 'write'): void;
}
export interface SpanStart {
    readonly name: string;
    readonly kind: SpanKind;
    readonly scope: Scope;
    readonly trace: PoolTrace;
    readonly traceFlags: number;
    readonly traceState: TraceState | undefined;
    readonly parentHi: number;
    readonly parentLo: number;
    readonly parentFlags: number;
    readonly startTime: TimeInput | undefined;
}
export declare class RecordingSpan implements Span, SpanFields, Listed<RecordingSpan> {
    #private;
    readonly scope: Scope;
    readonly trace: PoolTrace;
    readonly kind: number;
    readonly traceFlags: number;
    readonly flags: number;
    readonly idHi: number;
    readonly idLo: number;
    readonly parentHi: number;
    readonly parentLo: number;
    readonly traceState: TraceState | undefined;
    readonly attributes: HeldValue[];
    name: string;
    startSec: number;
    startNano: number;
    endSec: number;
    endNano: number;
    events: SpanEvent[];
    links: SpanLink[];
    droppedAttributesCount: number;
    droppedEventsCount: number;
    droppedLinksCount: number;
    statusCode: number;
    statusMessage: string;
    olderOpen: RecordingSpan | undefined;
    newerOpen: RecordingSpan | undefined;
    forgotten: ForgottenSpan | undefined;
    constructor(start: SpanStart, sink: SpanSink);
    get traceStateText(): string;
    get startTicks(): number;
    spanContext(): SpanContext;
    isRecording(): boolean;
    setAttribute(key: string, value: AttributeValue): this;
    setAttributes(attributes: Attributes): this;
    addEvent(name: string, attributesOrTime?: Attributes | TimeInput, time?: TimeInput): this;
    addLink(link: Link): this;
    addLinks(links: readonly Link[]): this;
    setStatus(status: SpanStatus): this;
    updateName(name: string): this;
    recordException(exception: Exception, time?: TimeInput): void;
    fail(reason: string): void;
    end(endTime?: TimeInput): void;
}
export interface TraceWords {
    readonly a: number;
    readonly b: number;
    readonly c: number;
    readonly d: number;
}
export declare class PoolTrace implements TraceWords {
    readonly a: number;
    readonly b: number;
    readonly c: number;
    readonly d: number;
    readonly text: string;
    keptFor: string | undefined;
    firstChunk: number;
    lastChunk: number;
    at: number;
    chunkCount: number;
    recordCount: number;
    spanCount: number;
    openCount: number;
    older: PoolTrace | undefined;
    newer: PoolTrace | undefined;
    sameKey: PoolTrace | undefined;
    constructor({ a, b, c, d }: TraceWords, text: string);
    is({ a, b, c, d }: TraceWords): boolean;
}
export declare class ArrivalList {
    #private;
    oldest: PoolTrace | undefined;
    count: number;
    add(trace: PoolTrace): void;
    remove(trace: PoolTrace): void;
}
export declare class TraceBook {
    #private;
    find(words: TraceWords): PoolTrace | undefined;
    add(trace: PoolTrace): void;
    remove(trace: PoolTrace): void;
    get size(): number;
}
import { type Scope, type Value } from '@aode/wire';
import type { TextTable } from './text-table.ts';
export declare const TAG: {
    readonly null: 0;
    readonly false: 1;
    readonly true: 2;
    readonly double: 3;
    readonly integer: 4;
    readonly text: 5;
    readonly bigint: 6;
    readonly bytes: 7;
    readonly list: 8;
    readonly map: 9;
};
export declare const INLINE = 2147483648;
export type HeldValue = Value | number;
export interface SpanHead {
    readonly kind: number;
    readonly statusCode: number;
    readonly idHi: number;
    readonly idLo: number;
    readonly parentHi: number;
    readonly parentLo: number;
    readonly flags: number;
    readonly startSec: number;
    readonly startNano: number;
    readonly endSec: number;
    readonly endNano: number;
}
export declare class RecordWriter {
    #private;
    at: number;
    isFull: boolean;
    charsMax: number;
    constructor(memory: Uint8Array, texts: TextTable);
    aim(at: number, end: number): void;
    byte(value: number): void;
    word(value: number): void;
    wordAt(at: number, value: number): void;
    double(value: number): void;
    name(text: string): void;
    text(whole: string): void;
    spanHead(span: SpanHead): void;
    scope(scope: Scope): void;
    raw(value: Uint8Array): void;
    attributes(flat: readonly HeldValue[]): void;
    value(value: HeldValue): void;
}
export interface KeyEntry {
    readonly id: number;
    values: Map<string, number> | undefined;
    lastText: string;
    lastId: number;
}
export declare class TextTable {
    #private;
    constructor(texts: Uint8Array);
    name(text: string): number;
    key(text: string, place: number): KeyEntry;
    value(key: KeyEntry, text: string): number;
}
export declare class TextTableReader {
    #private;
    constructor(texts: Uint8Array);
    text(id: number): string;
}
import type { Scope, Span, SpanEvent, SpanLink } from '@aode/wire';
import type { RecordReader } from './record-reader.ts';
import type { HeldValue, RecordWriter } from './record-writer.ts';
export interface SpanFields {
    readonly scope: Scope;
    readonly idHi: number;
    readonly idLo: number;
    readonly parentHi: number;
    readonly parentLo: number;
    readonly flags: number;
    readonly traceStateText: string;
    readonly name: string;
    readonly kind: number;
    readonly startSec: number;
    readonly startNano: number;
    readonly endSec: number;
    readonly endNano: number;
    readonly attributes: readonly HeldValue[];
    readonly droppedAttributesCount: number;
    readonly events: readonly SpanEvent[];
    readonly droppedEventsCount: number;
    readonly links: readonly SpanLink[];
    readonly droppedLinksCount: number;
    readonly statusCode: number;
    readonly statusMessage: string;
}
export declare function writeSpan(w: RecordWriter, span: SpanFields): void;
export declare function writeId(w: RecordWriter, text: string, words: 2 | 4): void;
export interface ReadSpan {
    readonly scopeName: string;
    readonly scopeVersion: string;
    readonly span: Span;
}
export declare function readSpan(r: RecordReader, traceId: string): ReadSpan;
import type { Attribute, Value } from '@aode/wire';
import type { TextTableReader } from './text-table.ts';
export declare class RecordReader {
    #private;
    at: number;
    constructor(texts: TextTableReader);
    aim(bytes: Buffer, at: number): void;
    byte(): number;
    word(): number;
    double(): number;
    time(): bigint;
    id(words: 2 | 4): string;
    text(): string;
    attributes(): Attribute[];
    value(): Value;
}
import { type Clock, type UnixNs } from '@aode/base';
export declare class Timeline {
    #private;
    sec: number;
    nano: number;
    constructor(clock: Clock);
    ticks(): number;
    at(ticks: number): void;
    now(): UnixNs;
    atUnix(ns: bigint): void;
}
import type { PoolTrace } from '../pool/pool-trace.ts';
import type { SpanFields } from '../pool/span-record.ts';
import type { RecordingSpan } from './span.ts';
export interface ForgottenSpan {
    readonly trace: PoolTrace;
    readonly fields: SpanFields;
    readonly place: string | undefined;
}
export declare class WatchedSpans {
    #private;
    constructor(onForgotten: (span: ForgottenSpan) => void);
    get count(): number;
    watch(span: RecordingSpan, place: string | undefined): void;
    release(span: RecordingSpan, forgotten: ForgottenSpan): void;
    spans(): Generator<RecordingSpan>;
}
import type { Environment } from './env.ts';
import { type Parse } from './option-text.ts';
import { type KeepRule } from './sampling/keep-rule.ts';
export interface SdkOptions {
    readonly disabled: boolean;
    readonly endpoint: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly compression: 'none' | 'gzip';
    readonly timeoutMs: number;
    readonly serviceName: string | undefined;
    readonly resourceAttributes: Readonly<Record<string, string>>;
    readonly propagators: readonly string[];
    readonly requestIdHeader: string;
    readonly untrustedPorts: readonly (number | 'all')[];
    readonly baggageAllow: readonly string[];
    readonly trustedHosts: readonly string[];
    readonly samplingProbability: number;
    readonly samplingTracesPerSecondMin: number;
    readonly samplingFile: string | undefined;
    readonly keep: readonly KeepRule[];
    readonly logs: boolean;
    readonly debugLines: 'off' | 'debug' | 'trace';
    readonly memoryBytesMax: number;
    readonly agent: 'worker' | 'inline';
    readonly flushIntervalMs: number;
    readonly exitTimeoutMs: number;
    readonly spanDeadlineMs: number;
    readonly spanPlaces: number;
}
interface Row<T> {
    readonly env: readonly string[];
    readonly type: string;
    readonly parse: Parse<T>;
    readonly fallback: T;
    readonly sentence: string;
    readonly isSecret?: boolean;
    readonly takesNumbers?: boolean;
    readonly read?: (value: unknown) => T | undefined;
    readonly why?: (value: unknown) => string | undefined;
    readonly derive?: (sources: OptionSources) => T | undefined;
}
export declare const SDK_OPTIONS: {
    readonly [K in keyof SdkOptions]: Row<SdkOptions[K]>;
};
export interface OptionSources {
    readonly code: Partial<SdkOptions>;
    readonly env: Environment;
    readonly manifest: Readonly<Record<string, unknown>>;
}
export declare function resolveOptions(sources: OptionSources): SdkOptions;
export declare function checkedPropagators(value: unknown): readonly string[];
export declare function optionsPage(): string;
export {};
export type Environment = Readonly<Record<string, string | undefined>>;
export declare function environment(): Environment;
export type Parse<T> = (text: string) => T | undefined;
export declare const text: Parse<string>;
export declare const flag: Parse<boolean>;
export declare const ms: Parse<number>;
export declare const memoryBytes: Parse<number>;
export declare const url: Parse<string>;
export declare const pairs: Parse<Record<string, string>>;
export declare const headers: Parse<Record<string, string>>;
export declare const list: (value: string) => string[];
export declare const ports: Parse<(number | 'all')[]>;
export declare const baggageKeys: Parse<string[]>;
export declare const hosts: Parse<string[]>;
export declare const headerName: Parse<string>;
export interface KeepRule {
    readonly name: string;
    readonly baggage?: Readonly<Record<string, string | true>>;
    readonly attribute?: Readonly<Record<string, string | true>>;
    readonly route?: string;
    readonly limitPerSecond?: number;
}
export declare function readKeepRules(value: unknown): readonly KeepRule[] | string;
import { type Ledger } from './loss/ledger.ts';
import { type SdkOptions } from './options.ts';
import { type SamplingSettings } from './sampling/settings.ts';
import { type LostContext } from './trace/lost-context.ts';
export interface Aode {
    flush(deadlineMs?: number): Promise<boolean>;
    shutdown(): Promise<void>;
    losses(): Readonly<Partial<Record<string, number>>>;
    lostContexts(): readonly LostContext[];
    ledger(): Ledger;
    keep(): boolean;
    setSampling(settings: Readonly<Partial<SamplingSettings>>): void;
    setPropagators(propagators: readonly string[]): void;
}
export declare function startAode(options?: Partial<SdkOptions>): Aode;
import { type Baseline, type BaselineSettings } from './baseline.ts';
import { type KeepRule } from './keep-rule.ts';
import { type RateLimits } from './rate-limit.ts';
import { type KeepRules } from './rules.ts';
export interface SamplingSettings extends BaselineSettings {
    readonly keep: readonly KeepRule[];
}
export interface Sampling {
    readonly settings: SamplingSettings;
    readonly baseline: Baseline;
    readonly rules: KeepRules;
    readonly limits: RateLimits;
    apply(change: Readonly<Partial<SamplingSettings>>): void;
}
export declare const TRACES_PER_SECOND_MAX = 1000000;
export declare function createSampling(start: SamplingSettings): Sampling;
export declare function readSettings(value: unknown): Partial<SamplingSettings>;
export declare function isTraceRate(value: unknown): value is number;
import { type Threshold } from './threshold.ts';
export interface BaselineSettings {
    readonly probability: number;
    readonly tracesPerSecondMin: number;
}
export interface Baseline {
    next(nowMs: number): Threshold;
    adjust(settings: BaselineSettings): void;
}
export declare function createBaseline(settings: BaselineSettings): Baseline;
export interface Decision {
    readonly sampled: boolean;
    readonly th: string | undefined;
}
export interface Threshold {
    readonly th: string | undefined;
    readonly padded: string;
    readonly adjustedCount: number;
    readonly decision: Decision;
}
export declare const NOT_SAMPLED: Decision;
export declare function isProbability(p: number): boolean;
export declare function thresholdOf(probability: number): Threshold;
export declare function thresholdOfTh(th: string): Threshold;
export interface RateLimits {
    take(reason: string, nowMs: number): boolean;
    refused(): Readonly<Record<string, number>>;
}
export declare function createRateLimits(perSecondByReason: ReadonlyMap<string, number>, before?: Readonly<Record<string, number>>): RateLimits;
import type { Baggage } from '@opentelemetry/api';
import type { KeepRule } from './keep-rule.ts';
export interface KeepRules {
    atStart(baggage: Baggage | undefined): string | undefined;
    onAttribute(key: string, value: unknown): string | undefined;
    onRoute(route: string): string | undefined;
    readonly hasAttributes: boolean;
}
export declare function compileKeepRules(given: readonly KeepRule[]): KeepRules;
