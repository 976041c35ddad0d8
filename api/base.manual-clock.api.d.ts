import type { Clock } from './clock.ts';
export interface ManualClock extends Clock {
    advance(ms: number): void;
    setWall(ns: bigint): void;
    readonly timerCount: number;
}
export declare function manualClock(startNs?: bigint): ManualClock;
import { type DurationMs, type MonoNs, type UnixNs } from './units.ts';
export interface Clock {
    now(): UnixNs;
    mono(): MonoNs;
    ticks(): number;
    timer(after: DurationMs, run: () => void): Disposable;
}
export declare const systemClock: Clock;
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
