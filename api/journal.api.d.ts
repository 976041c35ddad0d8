export { type DirectoryLock, lockDirectory } from './disk/directory-lock.ts';
export { makeDirectory } from './disk/files.ts';
export { defaultJournalDirectory } from './disk/state-directory.ts';
export type { DiskJournal, DiskJournalSettings, UnwrittenCounts } from './disk/disk-journal.ts';
export type { Cursor } from './disk/cursor-file.ts';
export { type JournalView, viewJournal } from './disk/journal-view.ts';
export { type LeftJournal, leftJournals } from './disk/left-journals.ts';
export { listJournals, openDiskJournal, type OpenJournalOptions } from './disk/open-journal.ts';
export type { RecoveredFrame, RecoveredSegment, Recovery, SegmentTrouble } from './disk/recover.ts';
export { type DropReason, type Frame, type FrameForm, type Journal, type JournalFrame, type JournalUsage, type OnDropped, PRIORITY_MAX, } from './journal.ts';
export { createMemoryJournal, FRAME_OVERHEAD_BYTES, type MemoryJournalOptions } from './memory-journal.ts';
export { newRingMemory, RingReader, RingWriter } from './ring/frame-ring.ts';
export { encodeEnvelope, type EnvelopeParts } from './ship/envelope.ts';
export { type Connector, createOwnAgent, isOwnAgent } from './ship/connector.ts';
export { connectorsOf, createPoster, POST_DEFAULTS, type PostEffects, type PostOptions, } from './ship/create-poster.ts';
export type { EndpointPoster } from './ship/endpoints.ts';
export { openHttp2 } from './ship/http2-session.ts';
export type { Poster, PostResult, RequestOptions, ShippedSignal } from './ship/otlp-post.ts';
export { type ProxyServer, type ProxySettings, readProxy } from './ship/proxy.ts';
export { REPLAY_MARK } from './ship/replay-mark.ts';
export type { TlsFiles } from './ship/tls-files.ts';
export { createShipper, type Delayed, type ExportRequest, type Settled, type ShipLossReason, type Shipper, type ShipperParts, type Takeover, } from './ship/shipper.ts';
export interface DirectoryLock extends Disposable {
    readonly isHeld: boolean;
}
export declare function lockDirectory(directory: string, token: string): DirectoryLock | {
    readonly pid: number;
};
export declare function lockOwner(directory: string, token?: string): number | undefined;
export declare const isLockDraft: (name: string) => boolean;
export interface OpenFile {
    write(bytes: Uint8Array, at: number): void;
    read(into: Uint8Array, at: number): number;
    sync(): void;
    size(): number;
    close(): void;
}
export interface Files {
    create(path: string): OpenFile;
    open(path: string): OpenFile;
    openToRead(path: string): OpenFile;
    fileBytes(path: string): number | undefined;
    list(directory: string): readonly string[];
    remove(path: string): void;
    rename(path: string, newPath: string): void;
    makeDirectory(path: string): void;
    removeDirectory(path: string): void;
    syncDirectory(path: string): void;
}
export declare const systemFiles: Files;
export declare function makeDirectory(path: string): void;
export declare function defaultJournalDirectory(env: Readonly<Record<string, string | undefined>>): string | undefined;
import type { SignalName, WordBytes } from '@aode/wire';
import type { Journal, OnDropped } from '../journal.ts';
export type UnwrittenCounts = Readonly<Record<SignalName, number>>;
export interface DiskJournal extends Journal {
    readonly written: number;
    readonly durable: number;
    appendLines(run: WordBytes, lineCount: number): boolean;
    unwritten(): UnwrittenCounts;
    write(): boolean;
    sync(): boolean;
    repair(): readonly string[];
    giveUp(priority: number): void;
    vacate(): void;
}
export interface DiskJournalSettings {
    readonly directory: string;
    readonly bytesMax: number;
    readonly unwrittenBytesMax: number;
    readonly segmentBytesMax: number;
    readonly packFrames?: number;
    readonly keepsDamaged?: boolean;
    readonly origin: Uint8Array;
    readonly onDropped: OnDropped;
    readonly onTrouble: (error: unknown) => void;
}
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
    readonly form: FrameForm;
}
export type FrameForm = 'otlp' | 'lines';
export type DropReason = 'journal_full' | 'journal_closed' | 'journal_damaged';
export type OnDropped = (frame: Omit<JournalFrame, 'payload' | 'form'>, reason: DropReason) => void;
export interface JournalUsage {
    readonly frameCount: number;
    readonly recordCount: number;
    readonly bytes: number;
}
export interface Journal {
    readonly origin: Uint8Array;
    readonly appended: number;
    readonly acknowledged: number;
    readonly oldest: number | undefined;
    append(frame: Frame): number | undefined;
    read(afterSequence: number, bytesMax: number): readonly JournalFrame[];
    hold(sequence: number): void;
    release(): void;
    acknowledge(sequence: number): void;
    usage(): JournalUsage;
    close(): void;
}
import type { Files, OpenFile } from './files.ts';
export interface Cursor {
    readonly epoch: number;
    readonly acknowledged: number;
    readonly appended: number;
}
export declare class CursorFile {
    #private;
    constructor(file: OpenFile, generation: number);
    write({ epoch, acknowledged, appended }: Cursor): void;
    sync(): void;
    close(): void;
}
export declare function openCursor(files: Files, directory: string): {
    readonly file: CursorFile;
    readonly cursor: Cursor;
};
export declare function readCursorFile(files: Files, directory: string): Cursor;
export declare const CURSOR_FILE_NAME = "cursor";
import { type Cursor } from './cursor-file.ts';
import { type RecoveredFrame, type Recovery } from './recover.ts';
export interface JournalView {
    readonly pid: number | undefined;
    readonly cursor: Cursor;
    readonly recovery: Recovery;
    payloadOf(frame: RecoveredFrame): Uint8Array | undefined;
}
export declare function viewJournal(directory: string): JournalView;
import { type SignalName } from '@aode/wire';
import type { Cursor } from './cursor-file.ts';
import type { FrameForm } from '../journal.ts';
import type { Files } from './files.ts';
import { type SequenceRange } from './sequence-range.ts';
import { type DamagedRange, type SegmentName } from './segment.ts';
export interface RecoveredFrame {
    readonly sequence: number;
    readonly firstSequence: number;
    readonly signal: SignalName;
    readonly form: FrameForm;
    readonly priority: number;
    readonly recordCount: number;
    readonly payloadBytes: number;
    readonly offset: number;
    readonly segment: RecoveredSegment;
}
export interface RecoveredSegment {
    readonly path: string;
    readonly name: SegmentName;
    readonly end: number;
    readonly bytes: number;
    readonly dropped: readonly SequenceRange[];
    readonly span: SequenceRange;
}
export interface SegmentTrouble {
    readonly path: string;
    readonly damages: readonly DamagedRange[];
    readonly tornBytes: number;
    readonly unreadable: string | undefined;
    readonly foreign: string | undefined;
}
export interface Recovery {
    readonly segments: readonly RecoveredSegment[];
    readonly frames: readonly RecoveredFrame[];
    readonly troubles: readonly SegmentTrouble[];
    readonly origin: Uint8Array | undefined;
    readonly sequenceMax: number;
    readonly epochMax: number;
    readonly numberMax: number;
    readonly foreignVersion: number | undefined;
}
export declare function recover(files: Files, directory: string, cursor: Cursor): Recovery;
export interface SequenceRange {
    readonly from: number;
    readonly to: number;
}
export declare const NO_RANGE: SequenceRange;
export declare const RANGE_BYTES = 16;
export declare const doMeet: (a: SequenceRange, b: SequenceRange) => boolean;
export declare const hullOf: (a: SequenceRange, b: SequenceRange) => SequenceRange;
export declare function addRange(ranges: SequenceRange[], range: SequenceRange): void;
export declare function encodeRanges(ranges: readonly SequenceRange[]): Uint8Array;
export declare function decodeRanges(bytes: Uint8Array): readonly SequenceRange[];
export declare class RangeSet {
    #private;
    constructor(ranges: readonly SequenceRange[]);
    has(sequence: number): boolean;
}
import { type FrameHeader } from '@aode/wire';
export declare const SEGMENT_VERSION = 1;
export interface SegmentName {
    readonly epoch: number;
    readonly number: number;
    readonly priority: number;
    readonly salt: number;
}
export declare function segmentFileName({ epoch, number, priority, salt }: SegmentName): string;
export declare function parseSegmentName(fileName: string): SegmentName | undefined;
export interface FrameExtension {
    readonly recordCount: number;
    readonly priority: number;
}
export declare const EXTENSION_BYTES = 8;
export declare function encodeExtension({ recordCount, priority }: FrameExtension): Uint8Array;
export declare function decodeExtension(from: Uint8Array, at: number): FrameExtension;
export declare function encodeSegmentHead(origin: Uint8Array, salt: number): Uint8Array;
export interface SegmentHead {
    readonly version: number;
    readonly origin: Uint8Array;
    readonly end: number;
}
export declare function decodeSegmentHead(bytes: Uint8Array, salt: number): SegmentHead | undefined;
export interface ScannedFrame {
    readonly offset: number;
    readonly header: FrameHeader;
}
export interface DamagedRange {
    readonly start: number;
    readonly end: number;
}
export interface SegmentScan {
    readonly head: SegmentHead | undefined;
    readonly frames: readonly ScannedFrame[];
    readonly damages: readonly DamagedRange[];
    readonly tornBytes: number;
    readonly end: number;
}
export declare function scanSegment(bytes: Uint8Array, salt: number): SegmentScan;
export interface LeftJournal {
    readonly name: string;
    readonly directory: string;
    readonly modifiedMs: number;
    readonly bytes: ReadonlyMap<number, number>;
}
export declare function leftJournals(place: string, { token, nowMs }: {
    readonly token: string;
    readonly nowMs: number;
}): readonly LeftJournal[];
import { type Clock, type Random } from '@aode/base';
import type { DiskJournal, DiskJournalSettings } from './disk-journal.ts';
import { type Files } from './files.ts';
import { type DiskJournalEffects } from './segment-journal.ts';
export interface OpenJournalOptions extends DiskJournalSettings {
    readonly random: Random;
    readonly clock: Clock;
    readonly token: string;
}
export declare function openDiskJournal(options: OpenJournalOptions): DiskJournal;
export declare function listJournals(directory: string): readonly string[];
export declare function openOn(files: Files, settings: DiskJournalSettings, effects: Omit<DiskJournalEffects, 'files' | 'cursor'>): DiskJournal;
import { type Clock, type Random } from '@aode/base';
import { type WordBytes } from '@aode/wire';
import type { Frame, JournalFrame, JournalUsage } from '../journal.ts';
import { type CursorFile } from './cursor-file.ts';
import type { DiskJournal, DiskJournalSettings, UnwrittenCounts } from './disk-journal.ts';
import type { Files } from './files.ts';
import type { Recovery } from './recover.ts';
export interface DiskJournalEffects {
    readonly files: Files;
    readonly random: Random;
    readonly clock: Clock;
    readonly cursor: CursorFile;
    readonly unlock: () => void;
    readonly isHeld?: () => boolean;
}
export declare class SegmentJournal implements DiskJournal {
    #private;
    readonly origin: Uint8Array;
    appended: number;
    acknowledged: number;
    written: number;
    durable: number;
    constructor(settings: DiskJournalSettings, effects: DiskJournalEffects, recovery: Recovery);
    takeOver({ segments: found, frames }: Recovery): void;
    append(given: Frame): number | undefined;
    appendLines(run: WordBytes, lineCount: number): boolean;
    unwritten(): UnwrittenCounts;
    write(): boolean;
    sync(): boolean;
    get oldest(): number | undefined;
    read(afterSequence: number, bytesMax: number): readonly JournalFrame[];
    hold(sequence: number): void;
    release(): void;
    acknowledge(sequence: number): void;
    usage(): JournalUsage;
    close(): void;
    giveUp(priority: number): void;
    repair(): readonly string[];
    vacate(): void;
}
import type { Journal, OnDropped } from './journal.ts';
export interface MemoryJournalOptions {
    readonly bytesMax: number;
    readonly origin: Uint8Array;
    readonly onDropped: OnDropped;
}
export declare const FRAME_OVERHEAD_BYTES = 256;
export declare function createMemoryJournal(options: MemoryJournalOptions): Journal;
import { type LineSpace } from '@aode/wire';
export declare const RING_BYTES_MIN: number;
export declare function newRingMemory(bytes: number): SharedArrayBuffer;
export declare class RingWriter {
    #private;
    readonly space: LineSpace;
    readonly frameBytesMax: number;
    number: number;
    constructor(memory: ArrayBufferLike);
    get usedBytes(): number;
    get capacity(): number;
    reserve(bytes: number): number;
    publish(bytes: number): void;
    awaitRoom(timeoutMs: number): boolean;
}
export declare class RingReader {
    #private;
    damagedBytes: number;
    constructor(memory: ArrayBufferLike);
    get isEmpty(): boolean;
    take(bytesMax: number): LineSpace | undefined;
}
export interface EnvelopeParts {
    readonly origin: Uint8Array;
    readonly payloads: readonly Uint8Array[];
    readonly schemaUrl: string;
}
export declare function encodeEnvelope({ origin, payloads, schemaUrl }: EnvelopeParts): Uint8Array<ArrayBuffer>;
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { type Socket } from 'node:net';
import { type ProxyServer, type ProxySettings } from './proxy.ts';
import { type TlsFiles } from './tls-files.ts';
export interface ConnectorOptions {
    readonly endpoint: string;
    readonly isTunnelled: boolean;
    readonly tls: TlsFiles;
    readonly proxy: ProxySettings;
    readonly timeoutMs: number;
}
export interface Connector {
    readonly endpoint: URL;
    readonly proxy: ProxyServer | undefined;
    connect(protocols: readonly string[]): Promise<Socket>;
    keepAlive(on: boolean): void;
    keep(socket: Pick<Socket, 'ref' | 'unref'>): void;
    close(): void;
}
export declare function troubleOf(error: unknown): string;
export declare const PORTS = "OTLP is at 4318 over HTTP and at 4317 over gRPC";
export declare function isOwnAgent(agent: unknown): boolean;
export declare function createOwnAgent(connector: Connector): HttpAgent | HttpsAgent;
export declare function createConnector(options: ConnectorOptions): Connector;
export interface ProxySettings {
    readonly https: string;
    readonly http: string;
    readonly except: string;
}
export declare const NO_PROXIES: ProxySettings;
export interface ProxyServer {
    readonly url: URL;
    readonly authorization: string | undefined;
}
export declare function readProxy(address: string): ProxyServer | undefined;
export declare function basicOf({ username, password }: URL): string | undefined;
export declare function proxyFor(endpoint: URL, isTunnelled: boolean, { https, http, except }: ProxySettings): ProxyServer | undefined;
export declare function isExcepted(endpoint: URL, except: string): boolean;
export interface TlsFiles {
    readonly certificate: string;
    readonly clientCertificate: string;
    readonly clientKey: string;
}
export declare const NO_TLS_FILES: TlsFiles;
export interface TlsMaterials {
    readonly ca?: string;
    readonly cert?: string;
    readonly key?: string;
}
export declare function readTlsFiles({ certificate, clientCertificate, clientKey }: TlsFiles): TlsMaterials;
import { type AodeError, type Clock, type Random } from '@aode/base';
import { type Connector } from './connector.ts';
import { type EndpointPoster } from './endpoints.ts';
import { type RequestOptions } from './otlp-post.ts';
import { type ProxySettings } from './proxy.ts';
import { type TlsFiles } from './tls-files.ts';
export interface PostOptions extends RequestOptions {
    readonly endpoints: readonly string[];
    readonly protocol: 'http/protobuf' | 'grpc';
    readonly tls: TlsFiles;
    readonly proxy: ProxySettings;
}
export declare const POST_DEFAULTS: Omit<PostOptions, 'endpoints'>;
export interface PostEffects {
    readonly clock: Clock;
    readonly random: Random;
    readonly onTrouble: (error: AodeError) => void;
}
export declare function createPoster(options: PostOptions, effects?: PostEffects): EndpointPoster;
export declare function connectorsOf(options: PostOptions, { onTrouble }?: Pick<PostEffects, 'onTrouble'>): readonly Connector[];
import { type Clock, type Random } from '@aode/base';
import type { Poster, ShippedSignal } from './otlp-post.ts';
export interface EndpointPoster extends Poster {
    readonly active: number;
    onMoved(moved: () => void): Disposable;
    bytesFor(signal: ShippedSignal, body: Uint8Array): Uint8Array;
}
export interface EndpointParts {
    readonly posters: readonly Poster[];
    readonly names?: readonly string[];
    readonly clock: Clock;
    readonly random: Random;
}
export declare function createEndpoints(parts: EndpointParts): EndpointPoster;
import type { Clock } from '@aode/base';
import { type Encoding, type SignalName } from '@aode/wire';
import { type Connector } from './connector.ts';
export type ShippedSignal = SignalName;
export type PostResult = {
    readonly kind: 'done';
    readonly rejectedCount: number;
    readonly errorMessage: string;
} | {
    readonly kind: 'again';
    readonly why: string;
    readonly afterMs: number | undefined;
    readonly isInDoubt?: true;
} | {
    readonly kind: 'never';
    readonly why: string;
    readonly isOfReceiver?: true;
    readonly isInDoubt?: true;
};
export interface Poster {
    post(signal: ShippedSignal, body: Uint8Array): Promise<PostResult>;
    keepAlive(on: boolean): void;
    close(): void;
}
export interface RequestOptions {
    readonly headers: Readonly<Record<string, string>>;
    readonly compression: 'none' | 'gzip';
    readonly timeoutMs: number;
}
export declare const RETRYABLE: ReadonlySet<number>;
export declare const GATEWAY: ReadonlySet<number>;
export declare const ANSWER_BYTES_MAX: number;
export declare const pack: (body: Uint8Array) => Promise<Uint8Array>;
export declare function createHttpPoster(connector: Connector, options: RequestOptions, clock: Clock): Poster;
export interface Attempt {
    readonly result: PostResult;
    readonly isStale: boolean;
}
export declare function twiceWhereStale(send: () => Promise<Attempt>): Promise<PostResult>;
export declare function doneBy(signal: ShippedSignal, bytes: Uint8Array, encoding?: Encoding): PostResult;
export declare function refusedWith(status: number, why: string): PostResult;
export declare const PATIENCE_MS_MAX: number;
import { type ClientHttp2Session } from 'node:http2';
import type { Connector } from './connector.ts';
export declare function openHttp2(connector: Connector): Promise<ClientHttp2Session>;
export declare const REPLAY_MARK: Uint8Array;
export declare function markReplayed(body: Uint8Array): Uint8Array;
import { type Clock, type Random } from '@aode/base';
import { type SignalName } from '@aode/wire';
import type { Journal } from '../journal.ts';
import type { Poster } from './otlp-post.ts';
export type ShipLossReason = 'refused' | 'rejected' | 'exit_timeout' | 'journal_damaged';
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
    readonly origin?: Uint8Array;
    readonly poster: Poster;
    readonly clock: Clock;
    readonly random: Random;
    readonly schemaUrl: string;
    readonly uidPrefix?: string | undefined;
    readonly onSettled: (settled: Settled) => void;
    readonly onDelayed: (delayed: Delayed) => void;
}
export interface ExportRequest {
    readonly signal: SignalName;
    readonly body: Uint8Array;
    readonly recordCount: number;
    readonly unreadableCount: number;
    readonly sequence: number;
}
export interface TakeoverBounds {
    readonly timeoutMs: number;
    readonly bytesMax: number;
}
export interface Takeover {
    readonly requests: readonly ExportRequest[];
    settle(delivered: ReadonlySet<number>, why: string | undefined): void;
}
export interface Shipper extends Disposable {
    wake(): void;
    flush(deadlineMs: number): Promise<boolean>;
    finish(): Promise<void>;
    takeOver(bounds: TakeoverBounds): Takeover;
    readonly isIdle: boolean;
}
export declare function createShipper(parts: ShipperParts): Shipper;
