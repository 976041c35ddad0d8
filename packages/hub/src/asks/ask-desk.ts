/**
 * Where asks come in and go out: takes those of SDKs and of the hub, keeps them in the log and tells every open stream
 * that there is something to read.
 */
import { type Clock, unixMs } from '@aode/base';
import type { AskRequest, AskResponse } from '@aode/wire/hub-api';
import type { SamplingDesk } from '../sampling/sampling-desk.ts';
import type { Counters } from '../self/counters.ts';
import { type AskCursor, askCursorText } from './ask-cursor.ts';
import { AskLog, ASKS_MAX, RETAIN_MS } from './ask-log.ts';
import { Instances } from './instances.ts';

/** Streams of one listener: one a process. */
export const ASK_STREAMS_MAX = 1024;

export interface AskDeskOptions {
  readonly clock: Clock;
  readonly counters: Counters;
  /** 16 hex digits, another one each time a hub starts. */
  readonly epoch: string;
  /** Without it nobody is told of sampling. */
  readonly sampling?: SamplingDesk;
  readonly asksMax?: number;
  readonly retainMs?: number;
  readonly streamsMax?: number;
}

/** Somebody who reads the log. */
export interface AskReader {
  readonly instance: string;
  /** Of the instance; undefined when it does not say. */
  readonly service: string | undefined;
  /** There is something new. */
  wake(): void;
  /** The sampling settings are others. */
  adjust(): void;
  /** The hub ends. */
  end(): void;
}

export class AskDesk {
  readonly clock: Clock;
  readonly counters: Counters;
  readonly epoch: string;
  readonly log: AskLog;
  readonly instances: Instances = new Instances();
  readonly retainMs: number;
  readonly sampling: SamplingDesk | undefined;
  readonly #streamsMax: number;
  readonly #readers = new Set<AskReader>();
  #closed = false;

  constructor(options: AskDeskOptions) {
    const { clock, counters, epoch, asksMax = ASKS_MAX, retainMs = RETAIN_MS } = options;
    this.clock = clock;
    this.counters = counters;
    this.epoch = epoch;
    this.retainMs = retainMs;
    this.sampling = options.sampling;
    if (this.sampling !== undefined) {
      this.sampling.onChange = () => {
        for (const reader of this.#readers) reader.adjust();
      };
    }
    this.#streamsMax = options.streamsMax ?? ASK_STREAMS_MAX;
    const onOverflow = (): void => counters.add('aode_hub_asks_dropped_total', {}, 1);
    this.log = new AskLog({ asksMax, retainMs, onOverflow });
  }

  get streamCount(): number {
    return this.#readers.size;
  }

  /** Milliseconds since 1970. */
  get nowMs(): number {
    return unixMs(this.clock.now());
  }

  cursor(number: number): string {
    return askCursorText({ epoch: this.epoch, number });
  }

  /** Where a stream begins: after the cursor, or before the oldest ask. */
  place(after: AskCursor | undefined): { readonly number: number; readonly gap: boolean } {
    const fromOldest = { number: this.log.place(-1, this.nowMs).number, gap: false };
    if (after === undefined) return fromOldest;
    if (after.epoch !== this.epoch) return { ...fromOldest, gap: true };
    return this.log.place(after.number, this.nowMs);
  }

  /** `source` is the label under which they are counted: 'sdk', or the hub's own reason. */
  ask({ instance, asks }: AskRequest, source: string): AskResponse {
    const nowMs = this.nowMs;
    let accepted = 0;
    for (const { traceId, reason } of asks) {
      if (this.log.add({ traceId, reason, instance }, nowMs)) accepted += 1;
    }
    const known = asks.length - accepted;
    if (accepted > 0) {
      this.counters.add('aode_hub_asks_total', { source, outcome: 'accepted' }, accepted);
      for (const reader of this.#readers) reader.wake();
    }
    if (known > 0) this.counters.add('aode_hub_asks_total', { source, outcome: 'known' }, known);
    return { accepted, known };
  }

  /** False when there are too many, or the hub ends. */
  join(reader: AskReader): boolean {
    if (this.#closed || this.#readers.size >= this.#streamsMax) return false;
    this.#readers.add(reader);
    if (reader.service !== undefined) this.instances.joined(reader.instance, reader.service, this.nowMs);
    return true;
  }

  leave(reader: AskReader): void {
    if (this.#readers.delete(reader) && reader.service !== undefined) {
      this.instances.left(reader.instance, this.nowMs);
    }
  }

  /** Ends all streams at once and takes no more. */
  close(): void {
    this.#closed = true;
    for (const reader of this.#readers) reader.end();
  }
}
