import type { Attributes, Link, SpanContext, SpanKind, SpanStatus } from '@opentelemetry/api';
import type { Ledger } from './loss/ledger.ts';
import type { SdkOptions } from './options.ts';
type HrTime = readonly [seconds: number, nanoseconds: number];
export interface ReadableSpan {
    readonly name: string;
    readonly kind: SpanKind;
    spanContext(): SpanContext;
    readonly parentSpanContext?: SpanContext;
    readonly startTime: HrTime;
    readonly endTime: HrTime;
    readonly status: SpanStatus;
    readonly attributes: Attributes;
    readonly links: readonly (Link & {
        readonly droppedAttributesCount?: number;
    })[];
    readonly events: readonly {
        readonly time: HrTime;
        readonly name: string;
        readonly attributes?: Attributes;
        readonly droppedAttributesCount?: number;
    }[];
    readonly resource: {
        readonly attributes: Readonly<Record<string, unknown>>;
    };
    readonly instrumentationScope: {
        readonly name: string;
        readonly version?: string;
    };
    readonly droppedAttributesCount: number;
    readonly droppedEventsCount: number;
    readonly droppedLinksCount: number;
}
export declare class AodeSpanProcessor {
    #private;
    constructor(options?: Partial<SdkOptions>);
    onStart(): void;
    onEnd(span: ReadableSpan): void;
    forceFlush(): Promise<void>;
    shutdown(): Promise<void>;
    ledger(): Ledger | undefined;
}
export {};
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
