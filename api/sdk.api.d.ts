export { type SdkOptions } from './options.ts';
export { type Aode, startAode } from './start.ts';
import type { Environment } from './env.ts';
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
    readonly logs: boolean;
    readonly queueBytesMax: number;
    readonly flushIntervalMs: number;
    readonly exitTimeoutMs: number;
}
type Parse<T> = (text: string) => T | undefined;
interface Row<T> {
    readonly env: readonly string[];
    readonly type: string;
    readonly parse: Parse<T>;
    readonly fallback: T;
    readonly sentence: string;
    readonly isSecret?: boolean;
    readonly takesNumbers?: boolean;
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
import { type SdkOptions } from './options.ts';
export interface Aode {
    flush(deadlineMs?: number): Promise<boolean>;
    shutdown(): Promise<void>;
    losses(): Readonly<Partial<Record<string, number>>>;
    setPropagators(propagators: readonly string[]): void;
}
export declare function startAode(options?: Partial<SdkOptions>): Aode;
