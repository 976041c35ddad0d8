/**
 * Frames on disk that nobody will ask for soon, some twenty bytes each instead of an object: a receiver may be away for
 * days, and all that waits is known in memory.
 */
import type { PackedFrames, Packing } from '../frame-queue.ts';
import type { Frame, FrameForm } from '../journal.ts';
import type { SegmentFile } from './segment-file.ts';
import { DiskFrame } from './segment-stream.ts';

/** As a byte: what a frame is of. Lines are logs. */
const SIGNALS: readonly Frame['signal'][] = ['traces', 'logs', 'metrics', 'logs'];
const LINES = 3;

class Packed implements PackedFrames<DiskFrame> {
  readonly isPacked = true;
  readonly sequence: number;
  readonly #priority: number;
  readonly #sequences: Float64Array;
  readonly #recordCounts: Float64Array;
  readonly #offsets: Uint32Array;
  readonly #payloadBytes: Uint32Array;
  readonly #signals: Uint8Array;
  /** The segment of each frame, as a place in `#segments`. */
  readonly #places: Uint16Array;
  readonly #segments: readonly SegmentFile[];

  constructor(frames: readonly DiskFrame[], segments: readonly SegmentFile[]) {
    this.sequence = frames.at(-1)?.sequence ?? 0;
    this.#priority = frames[0]?.priority ?? 0;
    this.#sequences = Float64Array.from(frames, ({ sequence }) => sequence);
    this.#recordCounts = Float64Array.from(frames, ({ recordCount }) => recordCount);
    this.#offsets = Uint32Array.from(frames, ({ offset }) => offset);
    this.#payloadBytes = Uint32Array.from(frames, ({ payloadBytes }) => payloadBytes);
    this.#signals = Uint8Array.from(frames, ({ form, signal }) =>
      form === 'lines' ? LINES : SIGNALS.indexOf(signal),
    );
    this.#segments = [...new Set(segments)];
    const placeOf = new Map(this.#segments.map((segment, place) => [segment, place]));
    this.#places = Uint16Array.from(segments, (segment) => placeOf.get(segment) ?? 0);
  }

  unpack(): readonly DiskFrame[] {
    return Array.from(this.#sequences, (sequence, i) => {
      const what = this.#signals[i] ?? 0;
      const signal = SIGNALS[what] ?? 'traces';
      const form: FrameForm = what === LINES ? 'lines' : 'otlp';
      const recordCount = this.#recordCounts[i] ?? 0;
      const about = { signal, form, priority: this.#priority, recordCount };
      const frame = new DiskFrame(sequence, about, this.#payloadBytes[i] ?? 0);
      frame.segment = this.#segments[this.#places[i] ?? 0];
      frame.offset = this.#offsets[i] ?? 0;
      return frame;
    });
  }
}

/** For queues of frames of one priority each. */
export function diskPacking(packFrames: number): Packing<DiskFrame> {
  return {
    packFrames,
    pack(frames) {
      const segments: SegmentFile[] = [];
      for (const { segment, payload, isUnwritten } of frames) {
        // In memory alone, or to be written again: not yet.
        if (segment === undefined || payload !== undefined || isUnwritten) return undefined;
        segments.push(segment);
      }
      return new Packed(frames, segments);
    },
  };
}
