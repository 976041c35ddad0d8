export { type DropReason, type Frame, type Journal, type JournalFrame, type JournalUsage, type OnDropped, PRIORITY_MAX, } from './journal.ts';
export { createMemoryJournal, FRAME_OVERHEAD_BYTES, type MemoryJournalOptions } from './memory-journal.ts';
export { encodeEnvelope, type EnvelopeParts } from './ship/envelope.ts';
export { createOwnAgent, createPoster, isOwnAgent, type Poster, type PostOptions, type PostResult, type ShippedSignal, } from './ship/otlp-post.ts';
export { createShipper, type Delayed, type ExportRequest, type Settled, type ShipLossReason, type Shipper, type ShipperParts, type Takeover, } from './ship/shipper.ts';
import type { SignalName } from '@aode/wire';
export declare const PRIORITY_MAX = 255;
export interface Frame {
    readonly signal: SignalName;
    readonly priority: number;
    readonly recordCount: number;
    readonly payload: Uint8Array;
}
export interface JournalFrame extends Frame {
    readonly sequence: number;
}
export type DropReason = 'journal_full' | 'journal_closed';
export type OnDropped = (frame: JournalFrame, reason: DropReason) => void;
export interface JournalUsage {
    readonly frameCount: number;
    readonly recordCount: number;
    readonly bytes: number;
}
export interface Journal {
    readonly origin: Uint8Array;
    readonly appended: number;
    readonly acknowledged: number;
    append(frame: Frame): number | undefined;
    read(afterSequence: number, bytesMax: number): readonly JournalFrame[];
    hold(sequence: number): void;
    release(): void;
    acknowledge(sequence: number): void;
    usage(): JournalUsage;
    close(): void;
}
import { type Journal, type OnDropped } from './journal.ts';
export interface MemoryJournalOptions {
    readonly bytesMax: number;
    readonly origin: Uint8Array;
    readonly onDropped: OnDropped;
}
export declare const FRAME_OVERHEAD_BYTES = 256;
export declare function createMemoryJournal(options: MemoryJournalOptions): Journal;
export interface EnvelopeParts {
    readonly origin: Uint8Array;
    readonly payloads: readonly Uint8Array[];
    readonly schemaUrl: string;
}
export declare function encodeEnvelope({ origin, payloads, schemaUrl }: EnvelopeParts): Uint8Array<ArrayBuffer>;
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { type SignalName } from '@aode/wire';
export type ShippedSignal = SignalName;
export type PostResult = {
    readonly kind: 'done';
    readonly rejectedCount: number;
    readonly errorMessage: string;
} | {
    readonly kind: 'again';
    readonly why: string;
    readonly afterMs: number | undefined;
} | {
    readonly kind: 'never';
    readonly why: string;
};
export interface PostOptions {
    readonly endpoint: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly compression: 'none' | 'gzip';
    readonly timeoutMs: number;
}
export interface Poster {
    post(signal: ShippedSignal, body: Uint8Array): Promise<PostResult>;
    keepAlive(on: boolean): void;
    close(): void;
}
export declare function isOwnAgent(agent: unknown): boolean;
export declare function createOwnAgent(endpoint: string): HttpAgent | HttpsAgent;
export declare function createPoster(options: PostOptions): Poster;
import { type Clock, type Random } from '@aode/base';
import type { SignalName } from '@aode/wire';
import type { Journal } from '../journal.ts';
import type { Poster } from './otlp-post.ts';
export type ShipLossReason = 'refused' | 'rejected' | 'exit_timeout';
export interface Settled {
    readonly signal: SignalName;
    readonly delivered: number;
    readonly dropped: {
        readonly reason: ShipLossReason;
        readonly count: number;
        readonly why: string;
    } | undefined;
}
export interface Delayed {
    readonly why: string;
    readonly delayMs: number;
    readonly attempt: number;
    readonly recordsWaiting: number;
}
export interface ShipperParts {
    readonly journal: Journal;
    readonly poster: Poster;
    readonly clock: Clock;
    readonly random: Random;
    readonly schemaUrl: string;
    readonly onSettled: (settled: Settled) => void;
    readonly onDelayed: (delayed: Delayed) => void;
}
export interface ExportRequest {
    readonly signal: SignalName;
    readonly body: Uint8Array;
    readonly recordCount: number;
    readonly sequence: number;
}
export interface Takeover {
    readonly requests: readonly ExportRequest[];
    settle(delivered: ReadonlySet<number>, why: string): void;
}
export interface Shipper extends Disposable {
    wake(): void;
    flush(deadlineMs: number): Promise<boolean>;
    takeOver(): Takeover;
    readonly isIdle: boolean;
}
export declare function createShipper(parts: ShipperParts): Shipper;
