/**
 * The memory that a thread records into and the agent reads from: one buffer, shared between the two where the platform
 * allows it. The thread is the only writer of chunks, texts and `handed`; the agent the only writer of `returned`.
 * (After Hindsight: Zhang, Xie, Anand, Vigfusson, Mace, "The Benefit of Hindsight", NSDI 2023, with one writer a pool,
 * which needs no atomic operation to record.)
 *
 *   control   Int32 × 16     how far the rings are written and read
 *   counts    Float64 × 32   what the thread says of itself (counts.ts)
 *   handed    Int32 ring     chunks that are to be kept, thread → agent
 *   returned  Int32 ring     the same chunks, free again, agent → thread
 *   texts     bytes          texts that many records have in common, once
 *   chunks    2 KiB each     records of one trace, or of none
 */
import { COUNT, COUNTS } from './counts.ts';

/** Small, because all requests of a thread interleave: 16 MiB hold 8 000 traces of this, and 500 of 32 KiB. */
export const CHUNK_BYTES = 2048;

/** Words in front of a chunk's records. */
export const CHUNK_HEAD_BYTES = 32;

/** Places of a chunk's head, in words. `records`: spans in the lower half, lines in the upper, ended in this chunk. */
export const HEAD = { used: 0, next: 1, priority: 2, records: 3, traceId: 4 } as const;

/** What one line adds to `records`. */
export const LINE_UNIT = 0x10000;

/** Places in `control`. */
export const CONTROL = { handedTo: 0, handedFrom: 1, returnedTo: 2, returnedFrom: 3 } as const;

const CONTROL_WORDS = 16;

/** A 64th part of the pool: the keys, names and common values of a usual service take some 20 KiB. */
const TEXTS_SHARE = 64;
const TEXTS_BYTES_MAX = 256 * 1024;

/** Below this a pool could not even hold the requests under way. */
export const POOL_BYTES_MIN: number = 256 * 1024;

export interface PoolMemory {
  readonly chunkCount: number;
  readonly control: Int32Array;
  readonly counts: Float64Array;
  /** Rings with room for all chunks, so that putting one in never fails. */
  readonly handed: Int32Array;
  readonly returned: Int32Array;
  readonly texts: Uint8Array;
  readonly chunks: Uint8Array;
  /** The same memory as `chunks`. */
  readonly heads: Int32Array;
}

/** The parts of a buffer, by its size alone: both sides come to the same. All zero at first. */
export function poolMemory(buffer: ArrayBufferLike): PoolMemory {
  const fixed = CONTROL_WORDS * 4 + COUNTS * 8;
  const textBytes = Math.min(TEXTS_BYTES_MAX, Math.floor(buffer.byteLength / TEXTS_SHARE / 8) * 8);
  const rest = buffer.byteLength - fixed - textBytes;
  // Two rings of a word a chunk, and the chunks behind them where 8 bytes begin.
  const chunkCount = Math.floor((rest - 8) / (CHUNK_BYTES + 8));
  const handedAt = fixed;
  const returnedAt = handedAt + chunkCount * 4;
  const textsAt = Math.ceil((returnedAt + chunkCount * 4) / 8) * 8;
  const chunksAt = textsAt + textBytes;
  return {
    chunkCount,
    control: new Int32Array(buffer, 0, CONTROL_WORDS),
    counts: new Float64Array(buffer, CONTROL_WORDS * 4, COUNTS),
    handed: new Int32Array(buffer, handedAt, chunkCount),
    returned: new Int32Array(buffer, returnedAt, chunkCount),
    texts: new Uint8Array(buffer, textsAt, textBytes),
    chunks: new Uint8Array(buffer, chunksAt, chunkCount * CHUNK_BYTES),
    heads: new Int32Array(buffer, chunksAt, (chunkCount * CHUNK_BYTES) / 4),
  };
}

/**
 * Puts a chunk into a ring whose two ends are the words `to` and `to + 1` of `control`. The store of the end publishes
 * everything that was written before it.
 */
export function putChunk({ control }: PoolMemory, ring: Int32Array, to: number, chunk: number): void {
  const end = control[to] ?? 0;
  ring[end % ring.length] = chunk;
  // Counts up for ever; the difference of two ends stays right when they wrap.
  Atomics.store(control, to, (end + 1) % (ring.length * 0x1000));
}

/** So many records of the pool are in the hands of a reader. */
export function noteTaken({ counts }: PoolMemory, spanCount: number, lineCount: number): void {
  counts[COUNT.spansTaken] = (counts[COUNT.spansTaken] ?? 0) + spanCount;
  counts[COUNT.linesTaken] = (counts[COUNT.linesTaken] ?? 0) + lineCount;
}

/** The oldest chunk of a ring, or -1. */
export function takeChunk({ control }: PoolMemory, ring: Int32Array, to: number): number {
  const from = control[to + 1] ?? 0;
  if (from === Atomics.load(control, to)) return -1;
  const chunk = ring[from % ring.length] ?? -1;
  Atomics.store(control, to + 1, (from + 1) % (ring.length * 0x1000));
  return chunk;
}

/**
 * After a reader has died: gives back the chunk that it was reading. Each chunk is given back before the next is taken,
 * so that it is one at most. Returns what was in it, as `records` of a head; 0 when it was reading none.
 */
export function giveBackUnread(memory: PoolMemory): number {
  const { control, handed, returned, heads } = memory;
  const from = control[CONTROL.handedFrom] ?? 0;
  if (from === Atomics.load(control, CONTROL.returnedTo)) return 0;
  const round = handed.length * 0x1000;
  const chunk = handed[((from + round - 1) % round) % handed.length] ?? 0;
  putChunk(memory, returned, CONTROL.returnedTo, chunk);
  return heads[chunk * (CHUNK_BYTES / 4) + HEAD.records] ?? 0;
}

/** How many chunks a ring holds. */
export function chunksIn({ control }: PoolMemory, ring: Int32Array, to: number): number {
  const turns = ring.length * 0x1000;
  return (Atomics.load(control, to) - Atomics.load(control, to + 1) + turns) % turns;
}
