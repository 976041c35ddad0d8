/**
 * The segments of one priority: frames go in at one end and are no longer needed from the other. A segment is open
 * while something in it is not synced; one that fails is left alone, and what was not synced in it is written again
 * elsewhere.
 */
import { frameBytes } from '@aode/wire';
import type { WaitingFrame } from '../frame-queue.ts';
import type { Frame, FrameForm } from '../journal.ts';
import type { UnwrittenCounts } from './disk-journal.ts';
import { addRange, doMeet, encodeRanges, hullOf, RANGE_BYTES, type SequenceRange } from './sequence-range.ts';
import { encodeExtension, EXTENSION_BYTES } from './segment.ts';
import type { SegmentFile, StoredFrame } from './segment-file.ts';

/** What a frame counts besides its payload, padding left out. */
export const DISK_OVERHEAD_BYTES: number = frameBytes(EXTENSION_BYTES, 0);

/** So often, and for so long, is a disk asked for a frame before the frame is given up. */
const READ_FAILURES_MAX = 3;
const READ_FAILURES_MS = 60_000;

/** One frame, or of lines a run of frames that come and go together. */
export class DiskFrame implements WaitingFrame {
  readonly sequence: number;
  readonly priority: number;
  readonly recordCount: number;
  readonly payloadBytes: number;
  readonly size: number;
  readonly signal: Frame['signal'];
  readonly form: FrameForm;
  /** In memory until it is synced. Of lines the frames themselves, sealed. */
  payload: Uint8Array | undefined;
  /** Where it lies; of one that is to be written again, where it may still be found. */
  segment: SegmentFile | undefined;
  offset = 0;
  isUnwritten = false;
  /** Given to the file system, which may have taken it although it said no. */
  isTried = false;
  /** In a row, and when the first of them was. */
  readFailures = 0;
  unreadableSinceMs = 0;
  /** Nobody needs it any more. */
  isSettled = false;

  constructor(
    sequence: number,
    { signal, priority, recordCount, form }: Omit<Frame, 'payload'> & { readonly form: FrameForm },
    payloadBytes: number,
  ) {
    this.sequence = sequence;
    this.signal = signal;
    this.form = form;
    this.priority = priority;
    this.recordCount = recordCount;
    this.payloadBytes = payloadBytes;
    this.size = form === 'lines' ? payloadBytes : payloadBytes + DISK_OVERHEAD_BYTES;
  }

  /** It could not be read, at `nowMs` of a clock that only goes forward. Whether nobody tries again. */
  isGivenUp(nowMs: number): boolean {
    if (this.readFailures === 0) this.unreadableSinceMs = nowMs;
    this.readFailures += 1;
    return this.readFailures >= READ_FAILURES_MAX && nowMs - this.unreadableSinceMs >= READ_FAILURES_MS;
  }

  get firstSequence(): number {
    return this.form === 'lines' ? this.sequence - this.recordCount + 1 : this.sequence;
  }

  /** What it takes in a file. */
  get storedBytes(): number {
    return this.form === 'lines' ? this.payloadBytes : frameBytes(EXTENSION_BYTES, this.payloadBytes);
  }
}

export interface StreamEffects {
  /** A new segment with room for `capacity` bytes of frames. Throws what the file system throws. */
  readonly create: (priority: number, capacity: number) => SegmentFile;
  /** Makes the removal of files final. */
  readonly syncNames: () => void;
  readonly onFailure: (error: unknown) => void;
}

/** Of the first segment; each further one is twice as large, up to a bound. */
const SEGMENT_BYTES_FIRST = 256 * 1024;

/** A frame ends at a multiple of 32 bytes. */
const PADDING_MAX = 31;

export class SegmentStream {
  readonly #priority: number;
  readonly #segmentBytesMax: number;
  readonly #effects: StreamEffects;
  #active: SegmentFile | undefined;
  /** Those before it, oldest first. */
  #sealed: SegmentFile[] = [];
  #nextBytes: number;
  #unwritten: DiskFrame[] = [];
  /** Sequences on disk that have given way, which the disk does not say yet. */
  #dropped: SequenceRange[] = [];
  /** Written and not synced, with the segments they are in. */
  #unsynced: DiskFrame[] = [];
  /** With what has given way according to them alone. */
  readonly #unsyncedSegments = new Map<SegmentFile, SequenceRange[]>();
  /** Bytes that are in memory alone. */
  unwrittenBytes = 0;

  constructor(priority: number, segmentBytesMax: number, effects: StreamEffects) {
    this.#priority = priority;
    this.#segmentBytesMax = segmentBytesMax;
    this.#effects = effects;
    this.#nextBytes = Math.min(SEGMENT_BYTES_FIRST, segmentBytesMax);
  }

  /** A segment that was found, behind all that were taken over before it. */
  takeOver(segment: SegmentFile): void {
    this.#sealed.push(segment);
  }

  /** Frames that are on disk and in memory, to be written again before all others; and what is to be said again. */
  rewrite(frames: readonly DiskFrame[], dropped: readonly SequenceRange[]): void {
    this.#dropped = [...dropped, ...this.#dropped];
    for (const frame of frames) {
      frame.isUnwritten = true;
      this.unwrittenBytes += frame.size;
    }
    this.#unwritten = [...frames, ...this.#unwritten];
  }

  push(frame: DiskFrame): void {
    frame.isUnwritten = true;
    this.#unwritten.push(frame);
    this.unwrittenBytes += frame.size;
  }

  /** Nobody needs the frame any more. */
  settle(frame: DiskFrame): void {
    frame.isSettled = true;
    frame.payload = undefined;
    if (frame.isUnwritten) this.unwrittenBytes -= frame.size;
    frame.isUnwritten = false;
    this.#leave(frame.segment);
  }

  /** The same of one that gives way: the disk is to say so, for it to stay away. */
  drop(frame: DiskFrame): void {
    if (frame.segment !== undefined || frame.isTried) {
      addRange(this.#dropped, { from: frame.firstSequence, to: frame.sequence });
    }
    this.settle(frame);
  }

  /** A frame is no more where it was. */
  #leave(segment: SegmentFile | undefined): void {
    if (segment === undefined) return;
    segment.liveCount -= 1;
    if (segment.liveCount === 0 && !segment.isOpen) this.sweep();
  }

  /** Removes what nobody needs: what has no live frame, and says nothing of frames in older ones that stay. */
  sweep(): void {
    const kept: SegmentFile[] = [];
    for (const segment of this.#sealed) {
      const isNeeded = segment.liveCount > 0 || this.#speaksOf(segment, kept);
      if (isNeeded || !this.#remove(segment)) kept.push(segment);
    }
    this.#sealed = kept;
  }

  /**
   * Whether `segment` says of frames in `older` ones, and it alone, that they have given way. One frame that somebody
   * needs would keep all segments behind its own that way; so what they say of it is said again by the newest.
   */
  #speaksOf(segment: SegmentFile, older: readonly SegmentFile[]): boolean {
    const about = ({ span }: SegmentFile): boolean => segment.named.some((range) => doMeet(range, span));
    const spokenOf = older.filter(about);
    const stay = spokenOf.filter(({ liveCount }) => liveCount > 0);
    if (stay.some((one) => !segment.saidOf.includes(one))) {
      segment.saidOf = stay;
      segment.isSaid = false;
      const again = segment.named.filter((range) => stay.some(({ span }) => doMeet(range, span)));
      this.#dropped = [...again, ...this.#dropped];
    }
    return spokenOf.length > stay.length || (stay.length > 0 && !segment.isSaid);
  }

  #remove(segment: SegmentFile): boolean {
    try {
      // Once it is gone nothing says any more that those before it were to go.
      if (segment.named.length > 0) this.#effects.syncNames();
      segment.remove();
      return true;
    } catch (error) {
      this.#effects.onFailure(error);
      return false;
    }
  }

  /** False when some of it has to be written again. `sequence` is the journal's newest. Throws when the disk does. */
  write(sequence: number): boolean {
    this.#unwritten = this.unwritten();
    for (let first = this.#unwritten[0]; first !== undefined; first = this.#unwritten[0]) {
      const segment = this.#segmentFor(first.storedBytes);
      // The segment before it has failed when it was closed: what was in it goes first.
      if (this.#unwritten[0] !== first) continue;
      const frames = fitting(this.#unwritten, segment.roomBytes);
      for (const frame of frames) {
        frame.isTried = true;
        segment.span = hullOf(segment.span, { from: frame.firstSequence, to: frame.sequence });
      }
      const offsets = this.#append(segment, frames.map(storedOf));
      segment.liveCount += frames.length;
      for (const [i, frame] of frames.entries()) {
        const before = frame.segment;
        frame.segment = segment;
        frame.offset = offsets[i] ?? 0;
        frame.isUnwritten = false;
        this.unwrittenBytes -= frame.size;
        this.#leave(before);
      }
      this.#unsynced.push(...frames);
      this.#unwritten.splice(0, frames.length);
    }
    this.#writeDropped(sequence);
    return this.#unwritten.length === 0 && this.#dropped.length === 0;
  }

  /** So that nothing that was counted as dropped comes back, unless its whole segment is gone anyway. */
  #writeDropped(sequence: number): void {
    const { length: count } = this.#dropped;
    if (count === 0) return;
    const segment = this.#segmentFor(DISK_OVERHEAD_BYTES + count * RANGE_BYTES);
    // The segment before it has failed when it was closed: what that one said is to be said again, too.
    if (this.#dropped.length !== count) {
      this.#writeDropped(sequence);
      return;
    }
    this.#append(segment, [{ kind: 'dropped', sequence, payload: encodeRanges(this.#dropped) }]);
    segment.named.push(...this.#dropped);
    this.#unsyncedSegments.get(segment)?.push(...this.#dropped);
    this.#dropped = [];
  }

  #segmentFor(bytes: number): SegmentFile {
    const active = this.#active;
    const needed = bytes + PADDING_MAX;
    if (active !== undefined && active.roomBytes >= needed) return active;
    if (active !== undefined && this.#sync(active)) this.#close(active);
    const segment = this.#effects.create(this.#priority, Math.max(this.#nextBytes, needed));
    this.#active = segment;
    this.#nextBytes = Math.min(this.#nextBytes * 2, this.#segmentBytesMax);
    return segment;
  }

  #append(segment: SegmentFile, frames: readonly StoredFrame[]): readonly number[] {
    if (!this.#unsyncedSegments.has(segment)) this.#unsyncedSegments.set(segment, []);
    try {
      return segment.append(frames);
    } catch (error) {
      // What it holds behind its last good frame is not known any more.
      this.#abandon(segment);
      throw error;
    }
  }

  /** Nothing is written to it any more. */
  #close(segment: SegmentFile): void {
    if (this.#active === segment) this.#active = undefined;
    segment.seal();
    this.#sealed.push(segment);
    this.sweep();
  }

  /**
   * Leaves a segment alone that has failed: what was not synced in it is to be written again. Until it is, the file
   * stays: a disk that did not take the last frame may well have the ones before it.
   */
  #abandon(segment: SegmentFile): void {
    const dropped = this.#unsyncedSegments.get(segment) ?? [];
    this.#unsyncedSegments.delete(segment);
    const again = this.#unsynced.filter((frame) => frame.segment === segment && !frame.isSettled);
    this.#unsynced = this.#unsynced.filter((frame) => frame.segment !== segment);
    this.rewrite(again, dropped);
    this.#close(segment);
  }

  /** False when some of it has to be written again. */
  sync(): boolean {
    let isGood = true;
    for (const segment of this.#unsyncedSegments.keys()) isGood = this.#sync(segment) && isGood;
    if (isGood && this.#dropped.length === 0) this.#noteSaid();
    return isGood;
  }

  /** All that was to be said is on stable storage. */
  #noteSaid(): void {
    const said = this.#sealed.filter(({ saidOf, isSaid }) => saidOf.length > 0 && !isSaid);
    for (const segment of said) segment.isSaid = true;
    if (said.length > 0) this.sweep();
  }

  #sync(segment: SegmentFile): boolean {
    if (!this.#unsyncedSegments.has(segment)) return true;
    try {
      segment.sync();
    } catch (error) {
      this.#effects.onFailure(error);
      this.#abandon(segment);
      return false;
    }
    this.#unsyncedSegments.delete(segment);
    for (const frame of this.#unsynced) if (frame.segment === segment) frame.payload = undefined;
    this.#unsynced = this.#unsynced.filter((frame) => frame.segment !== segment);
    return true;
  }

  /** Whether there is a file of it. */
  get hasSegments(): boolean {
    return this.#active !== undefined || this.#sealed.length > 0;
  }

  /** What is in memory alone, oldest first. */
  unwritten(): DiskFrame[] {
    return this.#unwritten.filter(({ isSettled }) => !isSettled);
  }

  close(): void {
    if (this.#active !== undefined) this.#close(this.#active);
  }
}

const NOTHING = new Uint8Array(0);

function storedOf({ form, signal, sequence, recordCount, priority, payload }: DiskFrame): StoredFrame {
  if (form === 'lines') return payload ?? NOTHING;
  const extension = encodeExtension({ recordCount, priority });
  return { kind: signal, sequence, extension, payload: payload ?? NOTHING };
}

/** As many from the front as fit, and at least one. */
function fitting(frames: readonly DiskFrame[], roomBytes: number): readonly DiskFrame[] {
  let bytes = 0;
  const end = frames.findIndex(({ storedBytes }) => {
    bytes += storedBytes;
    return bytes > roomBytes;
  });
  return end < 0 ? frames.slice() : frames.slice(0, Math.max(1, end));
}

/** Of all of them together. What is to be written again because its file has failed may be found in that. */
export function unwrittenIn(streams: Iterable<SegmentStream>): UnwrittenCounts {
  const counts = { traces: 0, logs: 0, metrics: 0 };
  for (const stream of streams) {
    for (const { signal, recordCount, segment } of stream.unwritten())
      if (segment === undefined) counts[signal] += recordCount;
  }
  return counts;
}
