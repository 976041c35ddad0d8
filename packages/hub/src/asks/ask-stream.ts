/**
 * One stream of asks to one SDK instance. It reads the log as fast as the connection takes it: what is not yet sent
 * stays in the log and not in a buffer of the connection, which holds one batch of lines at most. A reader that takes
 * nothing for a while is cut off; it comes again with its cursor.
 */
import type { OutgoingHttpHeaders } from 'node:http';
import { durationMs } from '@aode/base';
import type { AskHeartbeat, AskHello, AskPush, AskSampling } from '@aode/wire/hub-api';
import type { AskCursor } from './ask-cursor.ts';
import type { AskDesk, AskReader } from './ask-desk.ts';

/** Often enough for proxies and address translation, which forget connections that are silent for 30 s or more. */
export const HEARTBEAT_MS = 15_000;
/** Lines written at once: some 40 kB. */
const BATCH_LINES = 256;

/** What an answer can do in either version of HTTP. */
export interface AskResponder {
  readonly headersSent: boolean;
  readonly destroyed?: boolean;
  setHeader(name: string, value: string | number): unknown;
  writeHead(status: number, headers?: OutgoingHttpHeaders): unknown;
  write(part: string | Uint8Array): boolean;
  end(): unknown;
  destroy(): unknown;
  on(event: 'drain' | 'close' | 'error', listener: () => void): unknown;
}

export type StreamEnd = 'client' | 'slow' | 'behind' | 'shutdown';

export interface AskStreamOptions {
  readonly instance: string;
  readonly service: string | undefined;
  readonly after: AskCursor | undefined;
}

/** False when there is no room for another stream; then nothing was written. */
export function openAskStream(desk: AskDesk, response: AskResponder, options: AskStreamOptions): boolean {
  const stream = new AskStream(desk, response, options);
  if (!desk.join(stream)) return false;
  stream.start(options.after);
  return true;
}

class AskStream implements AskReader {
  readonly #desk: AskDesk;
  readonly #response: AskResponder;
  readonly instance: string;
  readonly service: string | undefined;
  /** Of the last ask that was written or passed over. */
  #number = 0;
  /** The connection has not yet taken what was written last. */
  #isFull = false;
  #ended = false;
  /** Sampling settings wait to be written. */
  #isAdjusted: boolean;
  #timer: Disposable | undefined;

  constructor(desk: AskDesk, response: AskResponder, { instance, service }: AskStreamOptions) {
    this.#desk = desk;
    this.#response = response;
    this.instance = instance;
    this.service = service;
    this.#isAdjusted = service !== undefined && desk.sampling !== undefined;
  }

  start(after: AskCursor | undefined): void {
    const response = this.#response;
    response.on('drain', () => {
      this.#isFull = false;
      this.wake();
    });
    response.on('close', () => this.#finish('client'));
    response.on('error', () => this.#finish('client'));
    response.writeHead(200, {
      'content-type': 'application/x-ndjson',
      'cache-control': 'no-store',
      ...('stream' in response ? {} : { connection: 'close' }),
    });
    const { number, gap } = this.#desk.place(after);
    this.#number = number;
    const cursor = this.#desk.cursor(number);
    const hello = { cursor, hello: true, retainMs: this.#desk.retainMs } as const;
    this.#write([gap ? { ...hello, gap } : hello]);
    this.#beat();
    this.wake();
  }

  adjust(): void {
    this.#isAdjusted = this.service !== undefined;
    this.wake();
  }

  wake(): void {
    if (this.#isAdjusted && !this.#isFull && !this.#ended) this.#tellSampling();
    while (!this.#isFull && !this.#ended) {
      const { number, gap } = this.#desk.log.place(this.#number, this.#desk.nowMs);
      // What it has not read is forgotten. Only who comes again can be told so, in the hello line.
      if (gap && number > this.#number && this.#desk.log.last > this.#number) return this.#cut('behind');
      const batch = this.#desk.log.after(this.#number, BATCH_LINES);
      const last = batch.at(-1);
      if (last === undefined) return;
      this.#number = last.number;
      const lines = batch
        .filter(({ instance }) => instance !== this.instance)
        .map((ask): AskPush => ({
          cursor: this.#desk.cursor(ask.number),
          traceId: ask.traceId,
          reason: ask.reason,
          unixMs: ask.unixMs,
        }));
      if (lines.length === 0) continue;
      this.#desk.counters.add('aode_hub_asks_pushed_total', {}, lines.length);
      this.#write(lines);
    }
  }

  #tellSampling(): void {
    this.#isAdjusted = false;
    const sampling = this.#desk.sampling?.of(this.service ?? '') ?? {};
    this.#write([{ cursor: this.#desk.cursor(this.#number), sampling }]);
  }

  end(): void {
    this.#cut('shutdown');
  }

  #beat(): void {
    this.#timer = this.#desk.clock.timer(durationMs(HEARTBEAT_MS), () => {
      // Nothing was taken for the whole of an interval.
      if (this.#isFull) return this.#cut('slow');
      this.#write([{ cursor: this.#desk.cursor(this.#number) }]);
      this.#beat();
    });
  }

  #write(lines: readonly (AskHello | AskHeartbeat | AskPush | AskSampling)[]): void {
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    this.#isFull = !this.#response.write(text);
  }

  #cut(why: StreamEnd): void {
    this.#finish(why);
    // What a slow reader has not taken would hold up the end.
    if (this.#isFull) this.#response.destroy();
    else this.#response.end();
  }

  #finish(why: StreamEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#timer?.[Symbol.dispose]();
    this.#desk.leave(this);
    this.#desk.counters.add('aode_hub_ask_streams_ended_total', { reason: why }, 1);
  }
}
