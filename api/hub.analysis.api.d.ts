export { type Kind, KINDS, rankCauses, type RankedService, type Ranking, type RankOptions } from './rank.ts';
export { type FaultReport, findFault, type FindOptions, THRESHOLD_BITS } from './find-fault.ts';
export type { Test } from './calibration.ts';
export type { Window, WindowLog, WindowPoint, WindowSpan } from './window.ts';
import type { Test } from './calibration.ts';
import { type Observed } from './observed.ts';
import { type Trace } from './trace-forest.ts';
import type { Window, WindowPoint } from './window.ts';
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
export interface Split {
    readonly calmTraces: number;
    readonly calmPoints: readonly WindowPoint[];
    readonly points: readonly WindowPoint[];
}
export declare function rankAt(observed: Observed, split: Split, without?: ReadonlySet<Kind>): Ranking;
import type { Weights } from './trace-weight.ts';
export declare const BLOCKS = 5;
export declare function blockOf(trace: number, traceCount: number, { before }: Weights): number;
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
import type { Trace } from './trace-forest.ts';
export interface WeighedTrace {
    readonly trace: Trace;
    readonly weight: number;
    readonly drawn: boolean;
}
export interface Weights {
    readonly weight: Float64Array;
    readonly before: Float64Array;
    readonly drawn: Uint8Array;
}
export declare const EQUAL_WEIGHTS: Weights;
export declare function weighTraces(traces: readonly Trace[]): WeighedTrace[];
export declare function weightsOf(weighed: readonly WeighedTrace[]): Weights;
import type { WindowSpan } from './window.ts';
export interface Node {
    readonly span: WindowSpan;
    readonly parent: Node | undefined;
    readonly children: readonly Node[];
    readonly durationMs: number;
    readonly selfMs: number;
    readonly shape: string;
    readonly callee: string;
}
export interface Trace {
    readonly traceId: string;
    readonly startMs: number;
    readonly nodes: readonly Node[];
}
export declare function plantTraces(spans: readonly WindowSpan[]): Trace[];
export declare function isCall({ callee, span }: Node): boolean;
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
    readonly peerAddress: string;
    readonly adjustedCount?: number;
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
import { type MixGroup } from './mix-test.ts';
import { type NumberObservation, type ShareObservation } from './observation.ts';
import { type Group } from './series.ts';
import type { Trace } from './trace-forest.ts';
import { type WeighedTrace, type Weights } from './trace-weight.ts';
import type { WindowLog } from './window.ts';
export interface Observed {
    readonly traces: readonly Trace[];
    readonly weights: Weights;
    readonly services: ReadonlySet<string>;
    readonly self: readonly Group<NumberObservation>[];
    readonly edge: readonly Group<NumberObservation>[];
    readonly blind: readonly Group<NumberObservation>[];
    readonly wait: readonly Group<NumberObservation>[];
    readonly error: readonly Group<ShareObservation>[];
    readonly fail: readonly Group<ShareObservation>[];
    readonly shape: readonly MixGroup[];
    readonly logPath: readonly MixGroup[];
    readonly logError: readonly Group<ShareObservation>[];
    readonly logWeights: Weights;
    readonly loggedBefore: readonly number[];
}
export declare function observeTraces(weighed: readonly WeighedTrace[], logs: readonly WindowLog[]): Observed;
import { type Test } from './calibration.ts';
import type { SymbolObservation } from './observation.ts';
import type { Group } from './series.ts';
import { type Weights } from './trace-weight.ts';
export interface MixGroup {
    readonly service: string;
    readonly from: string;
    readonly operation: string;
    readonly traces: Int32Array;
    readonly cells: Int32Array;
    readonly weights: Float64Array;
    readonly squares: Float64Array;
    readonly contexts: readonly (readonly number[])[];
    readonly symbols: readonly string[];
}
export declare function mixGroupOf({ service, from, operation, all }: Group<SymbolObservation>, traceWeight: Float64Array): MixGroup;
export declare function mixTests(groups: readonly MixGroup[], calmTraces: number, traceWeights?: Weights): Test[];
import { type Trace } from './trace-forest.ts';
export interface Observation {
    readonly service: string;
    readonly from: string;
    readonly operation: string;
    readonly trace: number;
}
export interface NumberObservation extends Observation {
    readonly value: number;
}
export interface SymbolObservation extends Observation {
    readonly symbol: string;
    readonly context: string;
}
export interface ShareObservation extends Observation {
    readonly hit: boolean;
}
export interface Observations {
    readonly self: NumberObservation[];
    readonly edge: NumberObservation[];
    readonly blind: NumberObservation[];
    readonly wait: NumberObservation[];
    readonly error: ShareObservation[];
    readonly fail: ShareObservation[];
    readonly shape: SymbolObservation[];
}
export declare const SEPARATOR = "\0";
export type Excused = ReadonlySet<string>;
export declare const excuseKey: (traceId: string, service: string) => string;
export declare function observe(traces: readonly Trace[], excused: Excused): Observations;
import { type Observation } from './observation.ts';
export interface Group<O extends Observation> {
    readonly service: string;
    readonly from: string;
    readonly operation: string;
    readonly all: O[];
}
export interface Series<O extends Observation> {
    readonly service: string;
    readonly from: string;
    readonly operation: string;
    readonly calm: readonly O[];
    readonly now: readonly O[];
}
export declare function groupsOf<O extends Observation>(observations: readonly O[]): Group<O>[];
export declare function splitAt<O extends Observation>(groups: readonly Group<O>[], firstNow: number): Series<O>[];
export interface Total {
    sum: number;
    count: number;
}
export declare function addTo(totals: Map<number, Total>, trace: number, value: number): void;
import type { CausesResponse } from '@aode/wire/hub-api';
import type { Window } from './window.ts';
export declare const THRESHOLD_BITS = 4;
export interface FindOptions {
    readonly faultMs?: number;
}
export type FaultReport = Omit<CausesResponse, 'startUnixMs' | 'endUnixMs' | 'hues' | 'computedMs'>;
export declare function findFault(window: Window, options?: FindOptions): FaultReport;
