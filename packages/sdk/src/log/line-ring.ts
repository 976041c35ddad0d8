/**
 * Lines of one thread into its ring (@aode/journal's frame-ring.ts), from where the agent puts them on disk or sends
 * them. What does not fit is kept a little longer, given up or waited for, as the application has chosen.
 */
import { RingWriter } from '@aode/journal';
import {
  type EncodedHead,
  encodeLineHead,
  encodeLineIds,
  type LineFrame,
  lineFrameBytesMax,
  type LineIds,
  SEVERITY,
  writeLineFrame,
} from '@aode/wire';
import { COUNT, STATE } from '../pool/counts.ts';
import { type LineHead, type LogLine, textOfValues } from './log-line.ts';
import type { LogOverflow } from './log-options.ts';

export interface LineRingParts {
  readonly memory: ArrayBufferLike;
  /** Number of the ring within its process. */
  readonly index: number;
  /** Of the thread (pool/counts.ts). */
  readonly counts: Float64Array;
  readonly overflow: LogOverflow;
  /** Bound of what is kept while the ring is full. */
  readonly spillBytesMax: number;
  /** Much is in the ring and should be read; `now` when somebody waits for it. */
  readonly onPressure: (now: boolean) => void;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
}

/** Lines of this and above are the last to give way. */
const IMPORTANT_FROM: number = SEVERITY['warn'] ?? 13;
const INFO = SEVERITY['info'] ?? 9;

/** Parts of a ring, in 64ths, from which on lines below info, and below warn, give way. */
const LOW_GIVES_WAY = 48;
const INFO_GIVES_WAY = 56;
const PARTS = 64;

/** Of what is kept while the ring is full, for lines below warn. */
const SPILL_SHARE = 3 / 4;

/** What a line that is kept takes besides its text. */
const SPILLED_LINE_BYTES = 200;

function bytesOf({ text, values = [] }: LogLine): number {
  let chars = text.length;
  for (const value of values) if (typeof value === 'string') chars += value.length;
  return chars * 2 + SPILLED_LINE_BYTES;
}

/** The longest beginning that takes at most so many bytes of UTF-8. */
function cutText(text: string, bytesMax: number): string {
  return text.slice(0, new TextEncoder().encodeInto(text, new Uint8Array(bytesMax)).read);
}

/** The reader is woken once so much has come. */
const PRESSURE_BYTES = 1024 * 1024;

/** Longest that a line waits for room: a disk that is busy may take that long for one sync, an agent to start. */
const BLOCK_MS = 1000;
const BLOCK_STEP_MS = 50;

/** A UTF-16 unit takes three bytes of UTF-8 at most. */
const UNIT_BYTES_MAX = 3;

interface RingHead {
  readonly encoded: EncodedHead;
  /** Whether values can be told by it. */
  readonly saysSite: boolean;
}

export class LineRing {
  readonly #parts: LineRingParts;
  readonly #ring: RingWriter;
  readonly #lineBytesMax: number;
  readonly #pressureBytes: number;
  readonly #heads = new WeakMap<LineHead, RingHead>();
  #latestHead: LineHead | undefined;
  #latestEncoded: RingHead | undefined;
  /** Of the line before: most are of the same span and the same request. */
  #latest: { traceId: string; spanId: string; requestId: string; ids: LineIds } | undefined;
  #sincePressure = 0;
  /** The line that is being written: one object for all of them. */
  readonly #frame: { -readonly [K in keyof LineFrame]: LineFrame[K] };
  /** Lines that have come while there was no room, in their order. */
  #spilled: LogLine[] = [];
  #spilledBytes = 0;
  #isStuck = false;

  constructor(parts: LineRingParts) {
    this.#parts = parts;
    this.#ring = new RingWriter(parts.memory);
    this.#lineBytesMax = this.#ring.frameBytesMax / 2;
    this.#frame = {
      ids: encodeLineIds('', '', ''),
      head: encodeLineHead({
        scopeName: '',
        scopeVersion: '',
        severityText: '',
        messageKey: '',
        errorKey: '',
      }),
      severityNumber: 0,
      traceFlags: 0,
      sec: 0,
      nano: 0,
      priority: 0,
      ring: parts.index,
      number: 0,
      isCut: false,
      text: '',
      values: undefined,
    };
    this.#pressureBytes = Math.min(PRESSURE_BYTES, this.#ring.capacity / 8);
  }

  /** Never throws but for what is no line, and blocks only where it was told to. */
  write(line: LogLine): void {
    this.#count(COUNT.linesStarted);
    if (this.#parts.overflow === 'drop' && this.#givesWay(line)) this.#lose();
    else if ((this.#spilled.length > 0 && !this.relieve()) || !this.#put(line)) this.#overflow(line);
  }

  /** Lines that were kept for want of room go into the ring, as far as there is some now. True when none is left. */
  relieve(): boolean {
    let done = 0;
    for (const line of this.#spilled) {
      if (!this.#put(line)) break;
      this.#spilledBytes -= bytesOf(line);
      done += 1;
    }
    if (done > 0) {
      this.#spilled = this.#spilled.slice(done);
      this.#noteSpilled();
    }
    return this.#spilled.length === 0;
  }

  /**
   * Blocks until none is left, at most `timeoutMs`. False when some are; they stay.
   */
  drain(timeoutMs: number): boolean {
    const { now, onPressure } = this.#parts;
    const until = now() + timeoutMs;
    while (!this.relieve()) {
      onPressure(true);
      if (this.relieve()) return true;
      const leftMs = until - now();
      if (leftMs <= 0) return false;
      this.#ring.awaitRoom(Math.min(leftMs, BLOCK_STEP_MS));
    }
    return true;
  }

  /** Nobody will read them any more: what is left is counted. */
  giveUp(): void {
    for (let left = this.#spilled.length; left > 0; left -= 1) this.#lose();
    this.#spilled = [];
    this.#spilledBytes = 0;
    this.#noteSpilled();
  }

  /** For whoever finds that this thread is gone. */
  #noteSpilled(): void {
    this.#parts.counts[STATE.linesSpilled] = this.#spilled.length;
  }

  get hasSpilled(): boolean {
    return this.#spilled.length > 0;
  }

  /** Whether it is done with: in the ring, or too large for any. */
  #put(line: LogLine): boolean {
    const frame = this.#frame;
    frame.ids = this.#idsOf(line);
    const { encoded, saysSite } = this.#headOf(line.head);
    frame.head = encoded;
    frame.values = line.values;
    frame.text = line.text;
    frame.isCut = false;
    if (line.values !== undefined && (!saysSite || lineFrameBytesMax(frame) > this.#lineBytesMax)) {
      frame.text = textOfValues(line);
      frame.values = undefined;
    }
    const bytes = this.#fit(lineFrameBytesMax(frame));
    if (bytes > this.#ring.frameBytesMax) {
      this.#count(COUNT.linesDroppedTooLarge);
      return true;
    }
    const at = this.#ring.reserve(bytes);
    if (at < 0) return false;
    const { severityNumber } = line.head;
    frame.severityNumber = severityNumber;
    frame.traceFlags = line.traceFlags;
    frame.sec = line.sec;
    frame.nano = line.nano;
    frame.priority = severityNumber >= IMPORTANT_FROM ? 1 : 0;
    frame.number = this.#ring.number;
    const written = writeLineFrame(this.#ring.space, at, frame) - at;
    // Before it is published, so that what is kept is never less than what was read.
    this.#count(COUNT.linesKept);
    if (frame.isCut) this.#count(COUNT.recordsCut);
    this.#ring.publish(written);
    this.#isStuck = false;
    this.#sincePressure += written;
    if (this.#sincePressure >= this.#pressureBytes) {
      this.#sincePressure = 0;
      this.#parts.onPressure(false);
    }
    return true;
  }

  /** Of a long text what it really takes, and of one that is too long only so much of it. */
  #fit(bytesMax: number): number {
    const frame = this.#frame;
    if (bytesMax <= this.#lineBytesMax || frame.values !== undefined) return bytesMax;
    const roomy = frame.text.length * UNIT_BYTES_MAX;
    let bytes = Buffer.byteLength(frame.text);
    if (bytes > this.#lineBytesMax) {
      frame.text = cutText(frame.text, this.#lineBytesMax);
      frame.isCut = true;
      bytes = Buffer.byteLength(frame.text);
    }
    return bytesMax - roomy + bytes;
  }

  /** Whether the ring is so full that lines of this level are given up before it is quite full. */
  #givesWay({ head: { severityNumber } }: LogLine): boolean {
    if (severityNumber >= IMPORTANT_FROM) return false;
    const from = severityNumber >= INFO ? INFO_GIVES_WAY : LOW_GIVES_WAY;
    return this.#ring.usedBytes * PARTS > this.#ring.capacity * from;
  }

  #overflow(line: LogLine): void {
    const { overflow, onPressure } = this.#parts;
    // Said when it began.
    if (this.#spilled.length === 0) onPressure(false);
    const isIn = overflow === 'spill' && this.#spill(line);
    if (!isIn && (overflow === 'drop' || !this.#waitFor(line))) this.#lose();
  }

  /** False where there is no room for it. */
  #spill(line: LogLine): boolean {
    const bytes = bytesOf(line);
    const { spillBytesMax } = this.#parts;
    // A part is for those that are the last to give way.
    const room = line.head.severityNumber >= IMPORTANT_FROM ? spillBytesMax : spillBytesMax * SPILL_SHARE;
    if (this.#spilledBytes + bytes > room) return false;
    // Whoever writes it may use the same object again.
    this.#spilled.push({ ...line, values: line.values?.slice() });
    this.#spilledBytes += bytes;
    this.#noteSpilled();
    return true;
  }

  /** Blocks until there is room for it, in the ring or among what is kept. False when there is none in time. */
  #waitFor(line: LogLine): boolean {
    // A reader that did not come in all that time is not waited for again before it has.
    if (this.#isStuck) return false;
    const { onPressure, now } = this.#parts;
    const until = now() + BLOCK_MS;
    for (let leftMs = until - now(); leftMs > 0; leftMs = until - now()) {
      onPressure(true);
      if (this.relieve() ? this.#put(line) : this.#spill(line)) return true;
      this.#ring.awaitRoom(Math.min(leftMs, BLOCK_STEP_MS));
    }
    this.#isStuck = true;
    return false;
  }

  #lose(): void {
    this.#count(COUNT.linesDroppedRingFull);
  }

  #count(which: number): void {
    const { counts } = this.#parts;
    counts[which] = (counts[which] ?? 0) + 1;
  }

  #idsOf({ traceId, spanId, requestId }: LogLine): LineIds {
    const latest = this.#latest;
    if (latest?.traceId === traceId && latest.spanId === spanId && latest.requestId === requestId)
      return latest.ids;
    const ids = encodeLineIds(traceId, spanId, requestId);
    this.#latest = { traceId, spanId, requestId, ids };
    return ids;
  }

  #headOf(head: LineHead): RingHead {
    if (head === this.#latestHead && this.#latestEncoded !== undefined) return this.#latestEncoded;
    let known = this.#heads.get(head);
    if (known === undefined) {
      known = ringHeadOf(head);
      this.#heads.set(head, known);
    }
    this.#latestHead = head;
    this.#latestEncoded = known;
    return known;
  }
}

function ringHeadOf({ scope, severityText, messageKey, errorKey, site }: LineHead): RingHead {
  const texts = { scopeName: scope.name, scopeVersion: scope.version, severityText, messageKey, errorKey };
  const encoded = encodeLineHead(texts, site);
  const saysSite = encoded.byteLength > 0;
  return { encoded: saysSite ? encoded : encodeLineHead(texts), saysSite };
}
