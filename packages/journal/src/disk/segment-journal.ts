/**
 * A journal in a directory, that lasts: what was written survives the end of the process, what was synced survives the
 * end of the machine. Each priority has segments of its own, so that what gives way is always at the front of one of
 * them, and a segment goes as soon as nobody needs a frame of it.
 *
 * `append` keeps a frame in memory, `write` gives all of them to the file system in one piece, `sync` puts them on
 * stable storage. A frame that is settled before is never written. A disk that fails loses nothing: a segment that has
 * failed is never synced again (Rebello et al., Can Applications Recover from fsync Failures?, ATC 2020), what was not
 * synced in it is written to a new one; until that works, frames stay in memory. docs/formats/journal.md.
 */
import { join } from 'node:path';
import { assert, type Clock, type Random } from '@aode/base';
import { sealFrames, type WordBytes } from '@aode/wire';
import type { DropReason, Frame, JournalFrame, JournalUsage } from '../journal.ts';
import { assertFrame, WaitingFrames } from '../waiting-frames.ts';
import { CURSOR_FILE_NAME, type CursorFile } from './cursor-file.ts';
import type { DiskJournal, DiskJournalSettings, UnwrittenCounts } from './disk-journal.ts';
import type { Files } from './files.ts';
import { diskPacking } from './packed-frames.ts';
import type { RecoveredSegment, Recovery } from './recover.ts';
import { decodeExtension, EXTENSION_BYTES } from './segment.ts';
import { createSegment, SegmentFile } from './segment-file.ts';
import { DiskFrame, SegmentStream, type StreamEffects, unwrittenIn } from './segment-stream.ts';

export interface DiskJournalEffects {
  readonly files: Files;
  readonly random: Random;
  readonly clock: Clock;
  readonly cursor: CursorFile;
  readonly unlock: () => void;
  /** Whether the directory is still there and this journal's own. */
  readonly isHeld?: () => boolean;
}

const EVERYTHING: UnwrittenCounts = { traces: Infinity, logs: Infinity, metrics: Infinity };

/** More than this is not kept in memory until somebody calls `write`. */
const UNWRITTEN_BYTES_USUAL = 1024 * 1024;

/** Some twenty kilobytes; the front of a queue has as many that are not packed. */
const PACK_FRAMES = 1024;

export class SegmentJournal implements DiskJournal {
  readonly origin: Uint8Array;
  appended: number;
  acknowledged: number;
  written: number;
  durable: number;
  readonly #settings: DiskJournalSettings;
  readonly #effects: DiskJournalEffects;
  readonly #frames: WaitingFrames<DiskFrame>;
  readonly #streams = new Map<number, SegmentStream>();
  readonly #streamEffects: StreamEffects;
  /** The segments that were there when it was opened, as far as they have not been set aside. */
  readonly #found = new Map<RecoveredSegment, SegmentFile>();
  /** Paths of those of which a part was lost. */
  readonly #damaged: ReadonlySet<string>;
  /** Those that are kept although everything in them is elsewhere. */
  readonly #toSetAside = new Set<SegmentFile>();
  readonly #epoch: number;
  #segmentNumber: number;
  /** The file does not say yet what is settled. */
  #cursorLags = false;
  #isFailing = false;
  #isClosed = false;

  constructor(settings: DiskJournalSettings, effects: DiskJournalEffects, recovery: Recovery) {
    this.#settings = settings;
    this.#effects = effects;
    this.#damaged = new Set(recovery.troubles.map(({ path }) => path));
    this.origin = recovery.origin ?? settings.origin;
    this.#frames = new WaitingFrames(settings.bytesMax, diskPacking(settings.packFrames ?? PACK_FRAMES));
    this.#epoch = recovery.epochMax + 1;
    this.#segmentNumber = recovery.numberMax;
    this.appended = recovery.sequenceMax;
    this.acknowledged = (recovery.frames[0]?.firstSequence ?? this.appended + 1) - 1;
    this.written = this.appended;
    this.durable = this.appended;
    this.#streamEffects = {
      create: (priority, capacity) => this.#createSegment(priority, capacity),
      syncNames: () => effects.files.syncDirectory(settings.directory),
      onFailure: (error) => this.#failed(error),
    };
  }

  /** Makes what was recovered its own, and removes segments without anything in them. */
  takeOver({ segments: found, frames }: Recovery): void {
    const { files } = this.#effects;
    const segments = this.#found;
    for (const one of found) {
      const segment = SegmentFile.sealed(files, one);
      segments.set(one, segment);
      if (this.#settings.keepsDamaged === true && this.#damaged.has(one.path)) this.#keep(segment);
    }
    for (const one of frames) {
      const frame = new DiskFrame(one.sequence, one, one.payloadBytes);
      frame.segment = segments.get(one.segment);
      frame.offset = one.offset;
      if (frame.segment !== undefined) frame.segment.liveCount += 1;
      this.#frames.add(frame);
    }
    for (const segment of segments.values()) this.#streamOf(segment.name.priority).takeOver(segment);
    for (const stream of this.#streams.values()) stream.sweep();
    // The bound may have become smaller.
    for (const frame of this.#frames.makeRoom(0, Infinity) ?? []) this.#drop(frame, 'journal_full');
  }

  #createSegment(priority: number, capacity: number): SegmentFile {
    const { files, random } = this.#effects;
    this.#segmentNumber += 1;
    const salt = random.next() >>> 0;
    const name = { epoch: this.#epoch, number: this.#segmentNumber, priority, salt };
    return createSegment(files, this.#settings.directory, { name, capacity, origin: this.origin });
  }

  #streamOf(priority: number): SegmentStream {
    let stream = this.#streams.get(priority);
    if (stream === undefined) {
      stream = new SegmentStream(priority, this.#settings.segmentBytesMax, this.#streamEffects);
      this.#streams.set(priority, stream);
    }
    return stream;
  }

  append(given: Frame): number | undefined {
    assertFrame(given);
    const { payload } = given;
    const about = { ...given, form: 'otlp' } as const;
    const frame = new DiskFrame(this.appended + 1, about, payload.byteLength);
    return this.#append(frame, () => payload) ? frame.sequence : undefined;
  }

  appendLines(run: WordBytes, lineCount: number): boolean {
    const { bytes } = run;
    const { priority } = decodeExtension(bytes, 0);
    const first = this.appended + 1;
    const about = { signal: 'logs', form: 'lines', priority, recordCount: lineCount } as const;
    return this.#append(new DiskFrame(this.appended + lineCount, about, bytes.byteLength), () => {
      sealFrames(run, { start: 0, end: bytes.byteLength }, first);
      return bytes;
    });
  }

  /** `payload` is called once there is room. */
  #append(frame: DiskFrame, payload: () => Uint8Array): boolean {
    if (this.#isClosed) return false;
    const { unwrittenBytesMax } = this.#settings;
    if (this.#unwrittenBytes + frame.size > unwrittenBytesMax && !this.write()) return false;
    const gone = this.#frames.makeRoom(frame.size, frame.priority);
    if (gone === undefined) return false;
    for (const one of gone) this.#drop(one, 'journal_full');
    frame.payload = payload();
    this.appended = frame.sequence;
    this.#frames.add(frame);
    this.#streamOf(frame.priority).push(frame);
    if (this.#unwrittenBytes >= UNWRITTEN_BYTES_USUAL && !this.#isFailing) this.write();
    return true;
  }

  get #unwrittenBytes(): number {
    let bytes = 0;
    for (const { unwrittenBytes } of this.#streams.values()) bytes += unwrittenBytes;
    return bytes;
  }

  #drop(frame: DiskFrame, reason: DropReason): void {
    const { signal, priority, recordCount, sequence } = frame;
    this.#streamOf(priority).drop(frame);
    this.#settings.onDropped({ signal, priority, recordCount, sequence }, reason);
  }

  unwritten(): UnwrittenCounts {
    return this.#effects.isHeld?.() === false ? EVERYTHING : unwrittenIn(this.#streams.values());
  }

  write(): boolean {
    if (this.#isClosed) return false;
    // A file that was removed takes everything that is written to it, and nobody finds it again.
    if (this.#effects.isHeld?.() === false) {
      this.#failed(new Error('the directory was taken away'));
      return false;
    }
    try {
      let isGood = true;
      for (const stream of this.#streams.values()) isGood = stream.write(this.appended) && isGood;
      if (!isGood) return false;
      this.written = this.appended;
      if (this.#cursorLags) this.#writeCursor();
    } catch (error) {
      this.#failed(error);
      return false;
    }
    return true;
  }

  sync(): boolean {
    // A second try, in new segments; a disk that fails twice is left alone until somebody calls again.
    if (!this.#writeAndSync() && !this.#writeAndSync()) return false;
    this.durable = this.written;
    this.#isFailing = false;
    return true;
  }

  #writeAndSync(): boolean {
    if (!this.write()) return false;
    let isGood = true;
    for (const stream of this.#streams.values()) isGood = stream.sync() && isGood;
    return isGood && this.#syncCursor();
  }

  #writeCursor(): void {
    const { acknowledged, appended } = this;
    this.#effects.cursor.write({ epoch: this.#epoch, acknowledged, appended });
    this.#cursorLags = false;
  }

  #syncCursor(): boolean {
    try {
      this.#effects.cursor.sync();
      return true;
    } catch (error) {
      // What the kernel could not write it has forgotten: it is written again.
      this.#cursorLags = true;
      this.#failed(error);
      return false;
    }
  }

  #failed(error: unknown): void {
    if (this.#isFailing) return;
    this.#isFailing = true;
    this.#settings.onTrouble(error);
  }

  get oldest(): number | undefined {
    return this.#frames.oldest;
  }

  read(afterSequence: number, bytesMax: number): readonly JournalFrame[] {
    if (this.#isClosed) return [];
    const frames: JournalFrame[] = [];
    for (const frame of this.#frames.read(afterSequence, bytesMax)) {
      const payload = frame.payload ?? this.#payloadOnDisk(frame);
      const { signal, form, priority, recordCount, sequence } = frame;
      // What is behind it has its turn when this one does.
      if (payload === 'later') break;
      if (payload === undefined) this.#lose(frame);
      else frames.push({ signal, form, priority, recordCount, payload, sequence });
    }
    return frames;
  }

  /** Undefined for a frame that is damaged. A disk that cannot be read now may be read later, though not for ever. */
  #payloadOnDisk(frame: DiskFrame): Uint8Array | 'later' | undefined {
    try {
      const { segment, form, offset, payloadBytes } = frame;
      const payload =
        form === 'lines'
          ? segment?.readRun(offset, payloadBytes)
          : segment?.readPayload(offset, payloadBytes, EXTENSION_BYTES);
      frame.readFailures = 0;
      return payload;
    } catch (error) {
      this.#failed(error);
      return frame.isGivenUp(this.#effects.clock.ticks()) ? undefined : 'later';
    }
  }

  /** It was whole when it was written and is not any more. */
  #lose(frame: DiskFrame): void {
    this.#frames.remove(frame);
    this.#drop(frame, 'journal_damaged');
  }

  hold(sequence: number): void {
    this.#frames.hold(sequence);
  }

  release(): void {
    this.#frames.release();
  }

  acknowledge(sequence: number): void {
    if (this.#isClosed) return;
    assert(sequence >= this.acknowledged, 'an acknowledgement does not go back');
    assert(sequence <= this.appended, 'only what was appended is acknowledged');
    this.acknowledged = sequence;
    this.#cursorLags = true;
    this.#frames.settle(sequence, (frame) => this.#streamOf(frame.priority).settle(frame));
  }

  usage(): JournalUsage {
    return this.#frames.usage();
  }

  /** What waits is synced and stays; where that fails, whatever could not be written is dropped and said. */
  close(): void {
    if (this.#isClosed) return;
    this.#cursorLags = true;
    this.sync();
    // What was written into a directory that was taken away is nowhere.
    if (this.#effects.isHeld?.() === false) {
      for (const frame of this.#frames.takeUpTo(Infinity)) this.#drop(frame, 'journal_closed');
    }
    this.#isClosed = true;
    for (const stream of this.#streams.values()) {
      for (const { signal, priority, recordCount, sequence } of stream.unwritten()) {
        this.#settings.onDropped({ signal, priority, recordCount, sequence }, 'journal_closed');
      }
      stream.close();
    }
    this.#closeCursor();
    this.#effects.unlock();
  }

  giveUp(priority: number): void {
    for (const frame of this.#frames.takeUpTo(priority)) this.#drop(frame, 'journal_full');
  }

  repair(): readonly string[] {
    const paths: string[] = [];
    for (const [found, segment] of this.#found) {
      if (!this.#damaged.has(segment.path)) continue;
      const path = this.#setAside(found, segment);
      if (path === undefined) break;
      paths.push(path);
    }
    return paths;
  }

  /** A file stays for as long as somebody needs a frame of it: until it is set aside that is this. */
  #keep(segment: SegmentFile): void {
    if (!this.#toSetAside.has(segment)) segment.liveCount += 1;
    this.#toSetAside.add(segment);
  }

  /** Undefined when the disk does not do it now; everything is where it was then. */
  #setAside(found: RecoveredSegment, segment: SegmentFile): string | undefined {
    const frames = this.#loaded(segment);
    if (frames === undefined) return undefined;
    const stream = this.#streamOf(found.name.priority);
    this.#keep(segment);
    stream.rewrite(frames, found.dropped);
    if (!this.sync()) return undefined;
    let path: string;
    try {
      path = segment.setAside();
    } catch (error) {
      this.#failed(error);
      return undefined;
    }
    this.#found.delete(found);
    segment.liveCount -= 1;
    stream.sweep();
    return path;
  }

  /** The frames of a segment that are there alone, with their payloads; undefined when they cannot be read now. */
  #loaded(segment: SegmentFile): readonly DiskFrame[] | undefined {
    const frames: DiskFrame[] = [];
    for (const frame of this.#frames.read(0, Infinity)) {
      if (frame.segment !== segment || frame.isUnwritten) continue;
      const payload = frame.payload ?? this.#payloadOnDisk(frame);
      if (payload === 'later') return undefined;
      if (payload === undefined) this.#lose(frame);
      else {
        frame.payload = payload;
        frames.push(frame);
      }
    }
    return frames;
  }

  vacate(): void {
    const isEmpty = this.#frames.usage().frameCount === 0;
    this.close();
    // The cursor says that what is in a segment has been settled: it goes after the last of them.
    if (!isEmpty || [...this.#streams.values()].some(({ hasSegments }) => hasSegments)) return;
    const { files } = this.#effects;
    const { directory } = this.#settings;
    try {
      files.syncDirectory(directory);
      files.remove(join(directory, CURSOR_FILE_NAME));
      files.removeDirectory(directory);
    } catch {
      // Something is there that is not ours, or somebody opens it at this moment.
    }
  }

  #closeCursor(): void {
    try {
      this.#effects.cursor.close();
    } catch {
      // It is synced, or what was acknowledged last is sent once more.
    }
  }
}
