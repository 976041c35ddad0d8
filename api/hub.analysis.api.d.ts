export { type Kind, KINDS, rankCauses, type RankedService, type Ranking, type RankOptions } from './rank.ts';
export { type FaultReport, findFault, type FindOptions, THRESHOLD_BITS } from './find-fault.ts';
export type { Test } from './calibration.ts';
export type { Window, WindowLog, WindowPoint, WindowSpan } from './window.ts';
import type { Test } from './calibration.ts';
import { type Trace } from './trace-forest.ts';
import type { Window } from './window.ts';
export declare const KINDS: readonly ['self', 'edge', 'blind', 'error', 'shape', 'log', 'metric'];
export type Kind = (typeof KINDS)[number];
export interface Excuse {
    readonly kind: 'wait' | 'fail';
    readonly bits: number;
    readonly test: Test;
}
export interface RankedService {
    readonly service: string;
    readonly scoreBits: number;
    readonly explainedBits: number;
    readonly kindBits: Readonly<Partial<Record<Kind, number>>>;
    readonly tests: readonly {
        readonly kind: Kind;
        readonly test: Test;
    }[];
    readonly excuse: Excuse | undefined;
}
export interface Ranking {
    readonly services: readonly RankedService[];
    readonly calmTraces: readonly Trace[];
    readonly faultTraces: readonly Trace[];
}
export interface RankOptions {
    readonly without?: ReadonlySet<Kind>;
}
export declare function rankCauses(window: Window, baseline: Window, options?: RankOptions): Ranking;
export declare const BLOCKS = 5;
export declare function blockOf(trace: number, traceCount: number): number;
export interface Test {
    readonly service: string;
    readonly from: string;
    readonly operation: string;
    readonly pooled: boolean;
    readonly seenCount: number;
    readonly calmCount: number;
    readonly expected: number | undefined;
    readonly seen: number | undefined;
    readonly detail: string | undefined;
    readonly z: number;
    readonly p: number;
}
export type RawTest = Omit<Test, 'p'>;
export declare function settle(tests: readonly RawTest[], calmZs: readonly number[]): Test[];
export declare function student4(z: number): number;
export declare function tailOf(calmZs: readonly number[]): (z: number) => number;
import type { WindowSpan } from './window.ts';
export interface Node {
    readonly span: WindowSpan;
    readonly parent: Node | undefined;
    readonly children: readonly Node[];
    readonly durationMs: number;
    readonly selfMs: number;
    readonly shape: string;
}
export interface Trace {
    readonly traceId: string;
    readonly startMs: number;
    readonly nodes: readonly Node[];
}
export declare function plantTraces(spans: readonly WindowSpan[]): Trace[];
export declare function calleeOf({ span, children }: Node): string;
export declare function isCall(node: Node): boolean;
export interface WindowSpan {
    readonly traceId: string;
    readonly spanId: string;
    readonly parentSpanId: string;
    readonly service: string;
    readonly name: string;
    readonly kind: number;
    readonly startMs: number;
    readonly endMs: number;
    readonly error: boolean;
    readonly peerService: string;
}
export interface WindowLog {
    readonly id: string;
    readonly timeMs: number;
    readonly service: string;
    readonly severityNumber: number;
    readonly body: string;
    readonly traceId: string;
    readonly spanId: string;
}
export interface WindowPoint {
    readonly timeMs: number;
    readonly service: string;
    readonly instance: string;
    readonly name: string;
    readonly unit: string;
    readonly value: number;
}
export interface Window {
    readonly spans: readonly WindowSpan[];
    readonly logs: readonly WindowLog[];
    readonly points: readonly WindowPoint[];
}
import type { CausesResponse } from '@aode/wire/hub-api';
import type { Window } from './window.ts';
export declare const THRESHOLD_BITS = 4;
export interface FindOptions {
    readonly faultMs?: number;
}
export type FaultReport = Omit<CausesResponse, 'startUnixMs' | 'endUnixMs' | 'hues' | 'computedMs'>;
export declare function findFault(window: Window, options?: FindOptions): FaultReport;
