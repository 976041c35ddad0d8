export { type SdkOptions } from './options.ts';
export { type Aode, startAode } from './start.ts';
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
    readonly queueBytesMax: number;
    readonly flushIntervalMs: number;
    readonly exitTimeoutMs: number;
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
export declare const size: Parse<number>;
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
import { type SdkOptions } from './options.ts';
export interface Aode {
    flush(deadlineMs?: number): Promise<boolean>;
    shutdown(): Promise<void>;
    losses(): Readonly<Partial<Record<string, number>>>;
    setPropagators(propagators: readonly string[]): void;
}
export declare function startAode(options?: Partial<SdkOptions>): Aode;
