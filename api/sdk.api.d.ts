export { createLog, log, type Log, type LogFields, type LogLevel, type LogSettings } from './log/aode-log.ts';
export { carry, type CarriedContext, type Carry } from './context/carry.ts';
export { type ClockReading, type ClockReport, type ClockStatus } from './clock/clock-reading.ts';
export type { DoctorReport, EarlyPackage, LoadedLibrary, MisusedSpans, UnfinishedSpans, UsedBoundary, } from './doctor/report.ts';
export type { LostContext, LostHow } from './loss/lost-context.ts';
export { type PropagatorAdapter, type TracerAdapter } from './adapters.ts';
export { type InstrumentationReport } from './instrument/instrumentation.ts';
export { type SdkOptions } from './options.ts';
export { type Aode, startAode } from './start.ts';
export { openSpan, withSpan } from './trace/with-span.ts';
import { type LogOutput } from './log-output.ts';
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';
export type LogFields = Readonly<Record<string, unknown>>;
type Write = {
    (message: string): void;
    (fields: LogFields | Error, message?: string): void;
};
export interface Log extends Readonly<Record<LogLevel, Write>> {
    level: LogLevel;
    isLevelEnabled(level: LogLevel): boolean;
    child(fields: LogFields): Log;
    site(level: LogLevel, message: string, ...keys: readonly string[]): (...values: readonly unknown[]) => void;
}
export interface LogSettings {
    readonly name?: string;
    readonly level?: LogLevel;
}
export declare function createLog(settings?: LogSettings): Log;
export declare function createLogTo(output: LogOutput, settings?: LogSettings): Log;
export declare const log: Log;
export {};
import type { LineHead } from './log-line.ts';
export interface LogOutput {
    readonly isOn: boolean;
    write(head: LineHead, members: string, origin: string): void;
}
export declare const STANDARD_OUTPUT: LogOutput;
import { type LineSite, type LineValue, type Scope, type WrittenLine } from '@aode/wire';
import type { Span } from '@opentelemetry/api';
export interface LineSink {
    line(line: LogLine): void;
    wants(span: Span | undefined): boolean;
    below(span: Span | undefined, line: LogLine): void;
}
export declare const BEGINNING = "aode.log.beginning";
export declare const ORIGINAL_CHARS = "aode.log.original_chars";
export interface LineHead {
    readonly scope: Scope;
    readonly severityNumber: number;
    readonly severityText: string;
    readonly messageKey: string;
    readonly errorKey: string;
    readonly site?: LineSite;
}
export interface LogLine {
    readonly head: LineHead;
    readonly sec: number;
    readonly nano: number;
    readonly text: string;
    readonly traceId: string;
    readonly spanId: string;
    readonly traceFlags: number;
    readonly requestId: string;
    readonly values?: readonly LineValue[] | undefined;
}
export declare function textOfValues({ head: { site, messageKey }, values }: LogLine): string;
export declare function writtenLineOf({ head, ...line }: LogLine): WrittenLine;
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
import type { UnixNs } from '@aode/base';
export type ClockStatus = 'unsynchronised' | 'converging' | 'synchronised' | 'holdover' | 'suspect';
export interface ClockReading {
    readonly utc: UnixNs;
    readonly errorMs: number;
    readonly status: ClockStatus;
}
export interface ClockReport {
    readonly status: ClockStatus;
    readonly errorMs: number | undefined;
    readonly leftMs: number;
    readonly epoch: number;
    readonly steps: number;
    readonly sleeps: number;
    readonly refused: Readonly<Record<string, number>>;
}
import type { ClockReport } from '../clock/clock-reading.ts';
import type { Ledger } from '../loss/ledger.ts';
import type { LostContext } from '../loss/lost-context.ts';
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
    readonly clock: ClockReport | undefined;
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
export type LedgerLossReason = 'pool_full' | 'too_large' | 'ring_full' | AgentLossReason;
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
import type { DropReason, Settled, ShipLossReason, UnwrittenCounts } from '@aode/journal';
export declare const AGENT_COUNT: {
    readonly taken: 0;
    readonly delivered: 1;
    readonly refused: 2;
    readonly rejected: 3;
    readonly exit_timeout: 4;
    readonly journal_full: 5;
    readonly journal_closed: 6;
    readonly encode_failed: 7;
    readonly agent_failed: 8;
    readonly thread_lost: 9;
    readonly journal_damaged: 10;
};
export type AgentLossReason = DropReason | ShipLossReason | 'encode_failed' | 'agent_failed' | 'thread_lost';
export declare const AGENT_LOSSES: readonly AgentLossReason[];
declare const WRITTEN: {
    readonly traces: 37;
    readonly logs: 38;
};
export declare class AgentCounts {
    #private;
    constructor(memory: ArrayBufferLike);
    add(what: keyof typeof AGENT_COUNT, signal: Settled['signal'], n: number): void;
    asksDropped(n: number): void;
    get asksDroppedCount(): number;
    stepped(ms: number): void;
    get stepMs(): number;
    wrote(unwritten: UnwrittenCounts): void;
    unwritten(signal: keyof typeof WRITTEN): number;
    get storedCount(): number;
    unsettled(signal: Settled['signal']): number;
    inherited(delivered: number, dropped: number): void;
    get inheritedDelivered(): number;
    get inheritedDropped(): number;
    of(what: keyof typeof AGENT_COUNT, signal: Settled['signal']): number;
}
export {};
export type LostHow = 'root' | 'answer_outside' | 'answer_in_other';
export interface LostContext {
    readonly how: LostHow;
    readonly name: string;
    readonly place: string | undefined;
    readonly entry: string | undefined;
    readonly count: number;
}
import type { TextMapPropagator, TracerProvider } from '@opentelemetry/api';
export interface TracerAdapter extends TracerProvider {
}
export interface PropagatorAdapter extends TextMapPropagator {
}
import type { TracerProvider } from '@opentelemetry/api';
import type { LoggerProvider } from '../log/logger-provider.ts';
export interface Instrumentation {
    readonly instrumentationName: string;
    readonly instrumentationVersion: string;
    enable(): void;
    disable(): void;
    setTracerProvider(provider: TracerProvider): void;
    setLoggerProvider?(provider: LoggerProvider): void;
    getConfig?(): {
        readonly enabled?: boolean;
    };
}
export interface InstrumentationReport {
    readonly name: string;
    readonly version: string;
    readonly state: 'enabled' | 'disabled' | 'aode' | 'failed';
    readonly reason: string;
}
export declare const OWN_BOUNDARIES: ReadonlySet<string>;
export declare function fullName(name: string): string;
export declare function isInstrumentationName(name: string): boolean;
export interface PatchedModule {
    readonly name: string;
    patch?: unknown;
    readonly files?: readonly {
        patch?: unknown;
    }[];
}
export declare function patchedModules(instrumentation: object): readonly PatchedModule[];
import type { Clock } from '@aode/base';
import type { LogRecord, Scope } from '@aode/wire';
import * as api from '@opentelemetry/api';
export interface EmittedLog {
    readonly scope: Scope;
    readonly record: LogRecord;
}
export interface EmittedFields {
    readonly eventName?: unknown;
    readonly timestamp?: unknown;
    readonly observedTimestamp?: unknown;
    readonly severityNumber?: unknown;
    readonly severityText?: unknown;
    readonly body?: unknown;
    readonly attributes?: unknown;
    readonly exception?: unknown;
    readonly context?: unknown;
}
export interface Logger {
    emit(record: EmittedFields): void;
    enabled(): boolean;
}
export interface LoggerProvider {
    getLogger(name: string, version?: string, options?: unknown): Logger;
}
export interface LoggerParts {
    readonly clock: Pick<Clock, 'now'>;
    readonly emitted: (log: EmittedLog) => void;
    readonly requests: LogRequests;
}
export interface LogRequests {
    origin(context: api.Context): LogOrigin | undefined;
    countIn(context: api.Context, severity: number, timeUnixNano: bigint): void;
    cut(): void;
    failed(): void;
}
export interface LogOrigin {
    readonly ids: api.SpanContext | undefined;
    readonly fields: Readonly<Record<string, string>> | undefined;
}
export declare function createLoggerProvider(parts: LoggerParts): LoggerProvider;
export declare function registerLogsApi(provider: LoggerProvider, directory: string | undefined): Disposable;
import { type ShipOptions } from './agent/ship-options.ts';
import { type ClockOptions } from './clock/clock-options.ts';
import { type KeepRule } from '@aode/wire';
import type { OptionRow } from './option-row.ts';
import { type LogOptions } from './log/log-options.ts';
export interface SdkOptions extends ClockOptions, ShipOptions, LogOptions {
    readonly disabled: boolean;
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
    readonly instrumentations: readonly string[];
    readonly memoryBytesMax: number;
    readonly journalDirectory: string;
    readonly journalBytesMax: number;
    readonly journalSyncMs: number;
    readonly agent: 'worker' | 'inline';
    readonly flushIntervalMs: number;
    readonly metricIntervalMs: number;
    readonly exitTimeoutMs: number;
    readonly spanDeadlineMs: number;
    readonly spanPlaces: number;
}
export declare const SDK_OPTIONS: {
    readonly [K in keyof SdkOptions]: OptionRow<SdkOptions[K]>;
};
import { type PostOptions } from '@aode/journal';
import type { OptionRow } from '../option-row.ts';
export interface ShipOptions {
    readonly endpoint: string | readonly string[];
    readonly protocol: 'http/protobuf' | 'grpc';
    readonly insecure: boolean;
    readonly headers: Readonly<Record<string, string>>;
    readonly compression: 'none' | 'gzip';
    readonly timeoutMs: number;
    readonly certificate: string | undefined;
    readonly clientCertificate: string | undefined;
    readonly clientKey: string | undefined;
    readonly httpsProxy: string | undefined;
    readonly httpProxy: string | undefined;
    readonly noProxy: string | undefined;
}
export declare const SHIP_OPTIONS: {
    readonly [K in keyof ShipOptions]: OptionRow<ShipOptions[K]>;
};
export declare function postOptionsOf(options: ShipOptions): PostOptions;
export declare function shownEndpoints(options: ShipOptions): string;
import type { Environment } from './env.ts';
import type { Parse } from './option-text.ts';
import type { SdkOptions } from './options.ts';
export interface OptionRow<T> {
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
export interface OptionSources {
    readonly code: Partial<SdkOptions>;
    readonly env: Environment;
    readonly manifest: Readonly<Record<string, unknown>>;
}
export type Environment = Readonly<Record<string, string | undefined>>;
export declare function environment(): Environment;
export type Parse<T> = (text: string) => T | undefined;
export declare const text: Parse<string>;
export declare const flag: Parse<boolean>;
export declare const ms: Parse<number>;
export declare const memoryBytes: Parse<number>;
export declare const journalBytes: Parse<number>;
export declare const pairs: Parse<Record<string, string>>;
export declare const headers: Parse<Record<string, string>>;
export declare const list: (value: string) => string[];
export declare const ports: Parse<(number | 'all')[]>;
export declare const baggageKeys: Parse<string[]>;
export declare const hosts: Parse<string[]>;
export declare const headerName: Parse<string>;
export declare const instrumentations: Parse<string[]>;
export declare function otelInstrumentations(enabled: string | undefined, disabled: string | undefined): string[] | undefined;
import type { OptionRow } from '../option-row.ts';
export interface ClockOptions {
    readonly clockSources: readonly string[];
    readonly clockServers: readonly string[];
    readonly clockSlewPpm: number;
    readonly clockRemoteOffsetMsMax: number;
}
export declare const CLOCK_OPTIONS: {
    readonly [K in keyof ClockOptions]: OptionRow<ClockOptions[K]>;
};
import type { OptionRow } from '../option-row.ts';
export type LogOverflow = 'spill' | 'drop' | 'block';
export interface LineOptions {
    readonly logOverflow: LogOverflow;
    readonly logFlushMs: number;
    readonly logDurable: 'off' | 'fatal' | 'error';
    readonly sync: 'off' | 'critical';
    readonly syncTimeoutMs: number;
}
export interface LogOptions extends LineOptions {
    readonly logs: boolean;
    readonly debugLines: 'off' | 'debug' | 'trace';
    readonly consoleLines: 'off' | 'trace' | 'debug' | 'info' | 'warn' | 'error';
    readonly lineCharsMax: number;
}
export declare const LINE_DEFAULTS: LineOptions;
export declare const LOG_OPTIONS: {
    readonly [K in keyof LogOptions]: OptionRow<LogOptions[K]>;
};
import { type Attribute } from '@aode/wire';
import type { PropagatorAdapter, TracerAdapter } from './adapters.ts';
import type { Instrumentation, InstrumentationReport } from './instrument/instrumentation.ts';
import { type Ledger } from './loss/ledger.ts';
import type { LostContext } from './loss/lost-context.ts';
import type { SdkOptions } from './options.ts';
import type { SamplingSettings } from './sampling/settings.ts';
import type { ClockReading } from './clock/clock-reading.ts';
export interface Aode {
    flush(deadlineMs?: number): Promise<boolean>;
    flushCritical(traceId: string, deadlineMs?: number): Promise<boolean>;
    durable(deadlineMs?: number): Promise<boolean>;
    shutdown(): Promise<void>;
    now(): ClockReading;
    losses(): Readonly<Partial<Record<string, number>>>;
    lostContexts(): readonly LostContext[];
    ledger(): Ledger;
    keep(): boolean;
    setSampling(settings: Readonly<Partial<SamplingSettings>>): void;
    setPropagators(propagators: readonly string[]): void;
    instrumentations(): readonly InstrumentationReport[];
    readonly tracers: TracerAdapter;
    readonly propagator: PropagatorAdapter;
}
export declare function startAode(options?: Partial<SdkOptions>): Aode;
export interface StartParts {
    readonly attributes?: readonly Attribute[];
    readonly instrumentations?: readonly Instrumentation[];
}
export declare const running: () => Aode | undefined;
export declare function startWith(options: Partial<SdkOptions>, parts: StartParts): Aode;
import { type SamplingSettings } from '@aode/wire';
import { type Baseline } from './baseline.ts';
import { type RateLimits } from './rate-limit.ts';
import { type KeepRules } from './rules.ts';
export type { SamplingSettings } from '@aode/wire';
export interface Sampling {
    readonly settings: SamplingSettings;
    readonly baseline: Baseline;
    readonly rules: KeepRules;
    readonly limits: RateLimits;
    apply(change: Readonly<Partial<SamplingSettings>>): void;
    override(settings: unknown): void;
}
export declare function createSampling(start: SamplingSettings): Sampling;
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
export declare function thresholdOf(probability: number): Threshold;
export declare function thresholdOfTh(th: string): Threshold;
export interface RateLimits {
    take(reason: string, nowMs: number): boolean;
    refused(): Readonly<Record<string, number>>;
}
export declare function createRateLimits(perSecondByReason: ReadonlyMap<string, number>, before?: Readonly<Record<string, number>>): RateLimits;
import type { Baggage } from '@opentelemetry/api';
import type { KeepRule } from '@aode/wire';
export interface KeepRules {
    atStart(baggage: Baggage | undefined): string | undefined;
    onAttribute(key: string, value: unknown): string | undefined;
    onRoute(route: string): string | undefined;
    readonly hasAttributes: boolean;
}
export declare function compileKeepRules(given: readonly KeepRule[]): KeepRules;
import { type Span, type SpanOptions } from '@opentelemetry/api';
export declare function withSpan<T>(name: string, work: (span: Span) => T, options?: SpanOptions): T;
export declare function openSpan(name: string, options?: SpanOptions): Span & Disposable;
