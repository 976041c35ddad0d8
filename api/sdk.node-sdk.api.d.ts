import type { Instrumentation } from './instrument/instrumentation.ts';
export interface NodeSDKConfiguration {
    readonly serviceName?: string | undefined;
    readonly resource?: {
        readonly attributes: Readonly<Record<string, unknown>>;
    } | undefined;
    readonly instrumentations?: readonly (Instrumentation | readonly Instrumentation[])[] | undefined;
    readonly textMapPropagator?: object | null | undefined;
    readonly autoDetectResources?: boolean | undefined;
    readonly sampler?: object | undefined;
    readonly resourceDetectors?: readonly object[] | undefined;
    readonly contextManager?: object | undefined;
    readonly idGenerator?: object | undefined;
    readonly spanLimits?: object | undefined;
    readonly views?: readonly object[] | undefined;
    readonly spanProcessor?: object | undefined;
    readonly spanProcessors?: readonly object[] | undefined;
    readonly traceExporter?: object | undefined;
    readonly logRecordProcessor?: object | undefined;
    readonly logRecordProcessors?: readonly object[] | undefined;
    readonly metricReader?: object | undefined;
    readonly metricReaders?: readonly object[] | undefined;
}
export declare class NodeSDK {
    #private;
    constructor(configuration?: NodeSDKConfiguration);
    start(): void;
    shutdown(): Promise<void>;
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
