/**
 * What a thread holds of one trace: which chunks, how many records, whether they are to be kept. Traces that nobody has
 * asked for stand in a list by arrival; the oldest gives way first, whole.
 */

import { systemRandom } from '@aode/base';

/** The trace id as four signed words: the little-endian images of its bytes. */
export interface TraceWords {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
}

export class PoolTrace implements TraceWords {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  /** The id as hex digits. */
  readonly text: string;
  /** Why it is kept; undefined while it may still be forgotten. */
  keptFor: string | undefined = undefined;
  /** A span says why it is kept. */
  isTold = false;
  /** A span of it was not recorded for want of room, or a part has given way. */
  isCut = false;
  /** Chunks not handed over, oldest first; -1 for none. */
  firstChunk = -1;
  lastChunk = -1;
  /** Where the next record goes in the last chunk. */
  at = 0;
  chunkCount = 0;
  /** When its first record came that is in these chunks, milliseconds since 1970; 0 before. */
  sinceMs = 0;
  /** Spans and lines in these chunks. */
  recordCount = 0;
  spanCount = 0;
  /** Spans that have begun and not ended. */
  openCount = 0;
  older: PoolTrace | undefined = undefined;
  newer: PoolTrace | undefined = undefined;
  /** Another trace in the same place of the book. */
  sameKey: PoolTrace | undefined = undefined;

  constructor({ a, b, c, d }: TraceWords, text: string) {
    this.text = text;
    this.a = a;
    this.b = b;
    this.c = c;
    this.d = d;
  }

  is({ a, b, c, d }: TraceWords): boolean {
    return this.d === d && this.c === c && this.b === b && this.a === a;
  }
}

/** Traces from the oldest to the newest. */
export class ArrivalList {
  oldest: PoolTrace | undefined = undefined;
  #newest: PoolTrace | undefined = undefined;
  count = 0;

  add(trace: PoolTrace): void {
    trace.older = this.#newest;
    if (this.#newest === undefined) this.oldest = trace;
    else this.#newest.newer = trace;
    this.#newest = trace;
    this.count += 1;
  }

  remove(trace: PoolTrace): void {
    const { older, newer } = trace;
    if (older === undefined) this.oldest = newer;
    else older.newer = newer;
    if (newer === undefined) this.#newest = older;
    else newer.older = older;
    trace.older = undefined;
    trace.newer = undefined;
    this.count -= 1;
  }
}

/** More than the traces that a pool of usual size holds, so that few share a place. */
const PLACES_BITS = 14;

/** Traces by their id. A place is some bits of it; those that share one are chained. */
export class TraceBook {
  readonly #places: (PoolTrace | undefined)[] = Array.from({ length: 1 << PLACES_BITS });

  find(words: TraceWords): PoolTrace | undefined {
    let trace = this.#places[placeOf(words)];
    while (trace !== undefined && !trace.is(words)) trace = trace.sameKey;
    return trace;
  }

  add(trace: PoolTrace): void {
    const place = placeOf(trace);
    trace.sameKey = this.#places[place];
    this.#places[place] = trace;
  }

  remove(trace: PoolTrace): void {
    const place = placeOf(trace);
    const first = this.#places[place];
    if (first === trace) this.#places[place] = trace.sameKey;
    for (let at = first; at !== undefined; at = at.sameKey) {
      if (at.sameKey === trace) at.sameKey = trace.sameKey;
    }
    trace.sameKey = undefined;
  }
}

/**
 * Of all words, because ids that others give may be random in some of them only; and with a seed, because others may
 * choose them so that they meet (MurmurHash3, 32 bits; Appleby, 2011).
 */
function placeOf({ a, b, c, d }: TraceWords): number {
  let h = SEED;
  h = mix(h, a);
  h = mix(h, b);
  h = mix(h, c);
  h = mix(h, d);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) & ((1 << PLACES_BITS) - 1);
}

const SEED = systemRandom.next() | 0;

function mix(h: number, word: number): number {
  const k = Math.imul(word, 0xcc9e2d51);
  const mixed = h ^ Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}
