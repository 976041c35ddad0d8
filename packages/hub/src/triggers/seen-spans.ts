/**
 * Which spans have come of late, and of which service: a fixed table that forgets the oldest of a bucket first. It may
 * forget too early and, once in a billion, take one span for another; who asks can bear both.
 */

const BUCKETS = 65_536;
/** 262 144 spans in all: 10 s at the full rate of one hub, 2 MB. */
const WAYS = 4;
/** Words of a bucket: marks, then services, two a word, then the way that is next. Half a cache line. */
const WORDS = 8;
const SERVICES = WAYS;
const NEXT = WAYS + WAYS / 2;

export class SeenSpans {
  readonly #words = new Uint32Array(BUCKETS * WORDS);

  /** `service` is a number from 1 to 65 535. */
  add(spanId: string, service: number): void {
    const words = this.#words;
    const low = hex32(spanId, 8);
    const from = (low & (BUCKETS - 1)) * WORDS;
    const way = words[from + NEXT] ?? 0;
    words[from + NEXT] = (way + 1) & (WAYS - 1);
    words[from + way] = markOf(spanId, low);
    const at = from + SERVICES + (way >> 1);
    const pair = words[at] ?? 0;
    words[at] = (way & 1) === 0 ? (pair & 0xffff_0000) | service : (pair & 0xffff) | (service << 16);
  }

  /** Number of the service of a span, 0 when it is not known. */
  serviceOf(spanId: string): number {
    const words = this.#words;
    const low = hex32(spanId, 8);
    const mark = markOf(spanId, low);
    const from = (low & (BUCKETS - 1)) * WORDS;
    for (let way = 0; way < WAYS; way += 1) {
      if (words[from + way] !== mark) continue;
      const pair = words[from + SERVICES + (way >> 1)] ?? 0;
      const service = (way & 1) === 0 ? pair & 0xffff : pair >>> 16;
      if (service !== 0) return service;
    }
    return 0;
  }
}

/** The bits that do not say the bucket, folded. */
const markOf = (spanId: string, low: number): number => (hex32(spanId, 0) ^ (low & 0xffff_0000)) >>> 0;

/** 8 lower-case hex digits from `from`. */
function hex32(text: string, from: number): number {
  let value = 0;
  for (let i = from; i < from + 8; i += 1) {
    const code = text.charCodeAt(i);
    // '0' is 48, 'a' is 97.
    value = (value << 4) | (code < 58 ? code - 48 : code - 87);
  }
  return value >>> 0;
}
