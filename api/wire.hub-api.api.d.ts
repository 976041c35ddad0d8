export type { SdkCount, SdkHealthResponse, SdkInstance, SdkLedger } from './sdk-health.ts';
export type { Ask, AskHeartbeat, AskHello, AskLine, AskPush, AskRequest, AskResponse, AskSampling, SamplingDocument, } from './ask-api.ts';
export declare const HUB_API_VERSION = 1;
export interface ApiError {
    readonly error: {
        readonly code: string;
        readonly message: string;
        readonly remedy: string;
    };
}
export interface StatusResponse {
    readonly version: string;
    readonly apiVersion: number;
    readonly nowUnixNano: string;
    readonly startedUnixNano: string;
    readonly stored: {
        readonly spans: number;
        readonly logs: number;
        readonly points: number;
        readonly bytes: number;
    };
    readonly bytesMax: number;
    readonly rate: {
        readonly spans: number;
        readonly logs: number;
        readonly points: number;
    };
    readonly lost: Readonly<Record<string, number>>;
    readonly alignment: number | null;
    readonly dataRange: {
        readonly startUnixNano: string;
        readonly endUnixNano: string;
    } | null;
}
export interface ServicesResponse {
    readonly services: readonly ServiceRow[];
}
export interface ServiceRow {
    readonly name: string;
    readonly hue: number;
    readonly spanCount: number;
    readonly errorCount: number;
    readonly storedErrorCount: number;
    readonly requestCount: number;
    readonly requestErrorCount: number;
    readonly durationP50Nano: number;
    readonly durationP95Nano: number;
    readonly logCount: number;
    readonly logErrorCount: number;
    readonly topErrorCode: string | null;
}
export interface OperationsResponse {
    readonly operations: readonly OperationRow[];
}
export interface OperationRow {
    readonly service: string;
    readonly name: string;
    readonly kind: number;
    readonly spanCount: number;
    readonly errorCount: number;
    readonly storedErrorCount: number;
    readonly durationP50Nano: number;
    readonly durationP95Nano: number;
}
export interface RedResponse {
    readonly startUnixMs: number;
    readonly endUnixMs: number;
    readonly stepSeconds: number;
    readonly series: readonly RedSeries[];
}
export interface RedSeries {
    readonly service: string;
    readonly requests: readonly number[];
    readonly errors: readonly number[];
    readonly storedErrors: readonly number[];
    readonly p50Nano: readonly (number | null)[];
    readonly p95Nano: readonly (number | null)[];
}
export interface TracesResponse {
    readonly traces: readonly TraceSummary[];
    readonly nextCursor: string | null;
    readonly totalCount: number;
    readonly errorCount: number;
}
export interface TraceSummary {
    readonly traceId: string;
    readonly startUnixNano: string;
    readonly durationNano: number;
    readonly rootService: string;
    readonly rootName: string;
    readonly spanCount: number;
    readonly logCount: number;
    readonly errorCount: number;
    readonly errorCode: string | null;
    readonly services: readonly {
        readonly name: string;
        readonly spanCount: number;
        readonly selfNano: number;
    }[];
}
export interface ScatterResponse {
    readonly points: readonly ScatterPoint[];
    readonly totalCount: number;
}
export interface ScatterPoint {
    readonly traceId: string;
    readonly startUnixMs: number;
    readonly durationNano: number;
    readonly error: boolean;
}
export interface TraceResponse {
    readonly traceId: string;
    readonly spans: readonly SpanRow[];
    readonly logs: readonly LogRow[];
    readonly resources: readonly ResourceRow[];
    readonly partial: boolean;
    readonly hues: Readonly<Record<string, number>>;
    readonly cause: TraceCause | null;
    readonly gaps: readonly TraceGap[];
}
export interface TraceGap {
    readonly spanId: string;
    readonly missing: 'callee' | 'parent';
    readonly service: string | null;
    readonly reason: GapReason;
}
export type GapReason = 'process_lost' | 'not_sampled' | 'out_of_horizon' | 'unknown';
export interface TraceCause {
    readonly spanId: string;
    readonly service: string;
    readonly name: string;
    readonly code: string | null;
    readonly message: string | null;
    readonly logId: string | null;
}
export interface ResourceRow {
    readonly attributes: readonly AttributeRow[];
}
export interface AttributeRow {
    readonly key: string;
    readonly type: 'string' | 'bool' | 'int' | 'double' | 'bytes' | 'array' | 'kvlist' | 'empty';
    readonly value: AttributeJson;
}
export type AttributeJson = string | number | boolean | null | readonly AttributeJson[] | {
    readonly [key: string]: AttributeJson;
};
export interface SpanRow {
    readonly spanId: string;
    readonly parentSpanId: string;
    readonly service: string;
    readonly name: string;
    readonly kind: number;
    readonly startUnixNano: string;
    readonly durationNano: number;
    readonly statusCode: number;
    readonly statusMessage: string;
    readonly errorCode: string | null;
    readonly resource: number;
    readonly scopeName: string;
    readonly scopeVersion: string;
    readonly traceState: string;
    readonly attributes: readonly AttributeRow[];
    readonly events: readonly EventRow[];
    readonly links: readonly LinkRow[];
    readonly dropped: {
        readonly attributes: number;
        readonly events: number;
        readonly links: number;
    };
}
export interface EventRow {
    readonly timeUnixNano: string;
    readonly name: string;
    readonly attributes: readonly AttributeRow[];
}
export interface LinkRow {
    readonly traceId: string;
    readonly spanId: string;
    readonly traceState: string;
    readonly attributes: readonly AttributeRow[];
}
export interface LogRow {
    readonly id: string;
    readonly timeUnixNano: string;
    readonly service: string;
    readonly severityNumber: number;
    readonly severityText: string;
    readonly body: string;
    readonly traceId: string;
    readonly spanId: string;
    readonly eventName: string;
    readonly attributes: readonly AttributeRow[];
    readonly resource: number;
}
export interface LogsResponse {
    readonly logs: readonly LogRow[];
    readonly nextCursor: string | null;
    readonly totalCount: number;
    readonly errorCount: number;
    readonly alignedCount: number;
    readonly hues: Readonly<Record<string, number>>;
}
export interface LogTailResponse {
    readonly logs: readonly LogRow[];
    readonly cursor: string;
    readonly more: boolean;
}
export interface LogHistogramResponse {
    readonly startUnixMs: number;
    readonly endUnixMs: number;
    readonly stepSeconds: number;
    readonly error: readonly number[];
    readonly warn: readonly number[];
    readonly other: readonly number[];
}
export interface MetricsResponse {
    readonly metrics: readonly MetricRow[];
}
export interface MetricRow {
    readonly service: string;
    readonly name: string;
    readonly kind: string;
    readonly unit: string;
    readonly pointCount: number;
    readonly lastUnixNano: string;
}
export interface CausesResponse {
    readonly state: 'fault' | 'calm' | 'not-enough-data';
    readonly reason: string | null;
    readonly startUnixMs: number;
    readonly endUnixMs: number;
    readonly faultUnixMs: number | null;
    readonly faultEndUnixMs: number | null;
    readonly calmTraceCount: number;
    readonly faultTraceCount: number;
    readonly failedTraceCount: number;
    readonly thresholdBits: number;
    readonly causes: readonly Cause[];
    readonly hues: Readonly<Record<string, number>>;
    readonly computedMs: number;
}
export interface Cause {
    readonly service: string;
    readonly scoreBits: number;
    readonly confidence: 'very-likely' | 'likely' | 'possible' | 'unlikely';
    readonly explainedBits: number;
    readonly summary: string;
    readonly evidence: readonly Evidence[];
}
export interface Evidence {
    readonly kind: 'self' | 'edge' | 'blind' | 'error' | 'shape' | 'log' | 'metric' | 'explained';
    readonly direction: 'for' | 'against';
    readonly bits: number;
    readonly from: string;
    readonly operation: string;
    readonly expected: number | null;
    readonly seen: number | null;
    readonly unit: 'ms' | 'share' | 'percent' | 'none';
    readonly seenCount: number;
    readonly calmCount: number;
    readonly z: number;
    readonly p: number;
    readonly detail: string | null;
    readonly words: string;
    readonly examples: readonly {
        readonly traceId: string;
        readonly spanId: string | null;
        readonly logId: string | null;
    }[];
}
export interface SdkHealthResponse {
    readonly instances: readonly SdkInstance[];
    readonly hues: Readonly<Record<string, number>>;
}
export interface SdkInstance {
    readonly service: string;
    readonly instanceId: string;
    readonly sdkVersion: string;
    readonly hostName: string;
    readonly processId: string;
    readonly runtime: string;
    readonly startedUnixNano: string;
    readonly lastSeenUnixNano: string;
    readonly agent: 'worker' | 'inline' | null;
    readonly spans: SdkLedger;
    readonly lines: SdkLedger;
    readonly problems: Readonly<Record<string, SdkCount>>;
    readonly horizonSeconds: number | null;
    readonly samplingProbability: number | null;
    readonly chunkCount: number;
    readonly chunksFree: number;
    readonly addsUp: boolean;
}
export interface SdkCount {
    readonly total: number;
    readonly inRange: number;
}
export interface SdkLedger {
    readonly started: SdkCount;
    readonly open: number;
    readonly ended: SdkCount;
    readonly kept: SdkCount;
    readonly evicted: SdkCount;
    readonly undecided: number;
    readonly delivered: SdkCount;
    readonly waiting: number;
    readonly droppedBefore: Readonly<Record<string, SdkCount>>;
    readonly dropped: Readonly<Record<string, SdkCount>>;
}
import type { SamplingSettings } from './sampling-settings.ts';
export interface AskRequest {
    readonly instance: string;
    readonly asks: readonly Ask[];
}
export interface Ask {
    readonly traceId: string;
    readonly reason: string;
}
export interface AskResponse {
    readonly accepted: number;
    readonly known: number;
}
export type AskLine = AskHello | AskSampling | AskHeartbeat | AskPush;
export interface AskHello {
    readonly cursor: string;
    readonly hello: true;
    readonly retainMs: number;
    readonly gap?: true;
}
export interface AskSampling {
    readonly cursor: string;
    readonly sampling: Partial<SamplingSettings>;
}
export interface AskHeartbeat {
    readonly cursor: string;
}
export interface AskPush {
    readonly cursor: string;
    readonly traceId: string;
    readonly reason: string;
    readonly unixMs: number;
}
export interface SamplingDocument {
    readonly default?: Partial<SamplingSettings>;
    readonly services?: Readonly<Record<string, Partial<SamplingSettings>>>;
}
import { type KeepRule } from './keep-rule.ts';
export interface SamplingSettings {
    readonly probability: number;
    readonly tracesPerSecondMin: number;
    readonly keep: readonly KeepRule[];
}
export declare const TRACES_PER_SECOND_MAX = 1000000;
export declare function readSamplingSettings(value: unknown): Partial<SamplingSettings>;
export declare function isProbability(p: number): boolean;
export declare function isTraceRate(value: unknown): value is number;
export interface KeepRule {
    readonly name: string;
    readonly baggage?: Readonly<Record<string, string | true>>;
    readonly attribute?: Readonly<Record<string, string | true>>;
    readonly route?: string;
    readonly limitPerSecond?: number;
}
export declare function readKeepRules(value: unknown): readonly KeepRule[] | string;
