/**
 * Which spans have come of late, and of which service: a fixed table that forgets the oldest of a bucket first. It may
 * forget too early and, once in a billion, take one span for another; who asks can bear both.
 */

const BUCKETS = 65_536;
/** 262 144 spans in all: 10 s at the full rate of one hub, 1.5 MB. */
const WAYS = 4;

export class SeenSpans {
  readonly #marks = new Uint32Array(BUCKETS * WAYS);
  readonly #services = new Uint16Array(BUCKETS * WAYS);
  readonly #nextWay = new Uint8Array(BUCKETS);

  /** `service` is a number from 1 to 65 535. */
  add(spanId: string, service: number): void {
    const low = hex32(spanId, 8);
    const bucket = low & (BUCKETS - 1);
    const way = this.#nextWay[bucket] ?? 0;
    this.#nextWay[bucket] = (way + 1) & (WAYS - 1);
    const at = bucket * WAYS + way;
    this.#marks[at] = markOf(spanId, low);
    this.#services[at] = service;
  }

  /** Number of the service of a span, 0 when it is not known. */
  serviceOf(spanId: string): number {
    const low = hex32(spanId, 8);
    const mark = markOf(spanId, low);
    const from = (low & (BUCKETS - 1)) * WAYS;
    for (let at = from; at < from + WAYS; at += 1) {
      const service = this.#services[at] ?? 0;
      if (service !== 0 && this.#marks[at] === mark) return service;
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
