/**
 * What this process and the hub say to each other about traces that are to be kept: what failed here is told to the hub
 * at once, and the hub tells what others have told it. The process listens on nothing; it holds a stream open and comes
 * back to where it was when that breaks. A receiver that is no Aode hub is asked again seldom.
 */
import { backoff, type Clock, durationMs, type Random } from '@aode/base';
import type { HubWishes } from './asked-channel.ts';

export interface AskTransport {
  /** Status of the answer; undefined when there was none. Never rejects. */
  post(body: string): Promise<number | undefined>;
  /**
   * Opens the stream behind `after`, '' for its oldest. `onEnd` is called once, whatever happens, with the status of
   * the answer; undefined when there was none.
   */
  open(
    after: string,
    onLine: (line: string) => void,
    onEnd: (status: number | undefined) => void,
  ): Disposable;
}

export interface AskClientParts {
  readonly instance: string;
  readonly transport: AskTransport;
  readonly clock: Clock;
  readonly random: Random;
  readonly wishes: HubWishes;
  /** Asks that could not be sent. */
  readonly onDropped: (count: number) => void;
}

interface Ask {
  readonly traceId: string;
  readonly reason: string;
}

/** A hub remembers asks for five minutes; more than this wait only if it is gone for longer than they are worth. */
const WAITING_MAX = 4096;
const PER_REQUEST_MAX = 512;
const RETRY = { firstMs: 250, lastMs: 10_000 };
/** While nothing is delivered anyway nobody has to be there, and each look for somebody wakes the process. */
const STREAM_RETRY = { firstMs: RETRY.firstMs, lastMs: 60_000 };
/** Somebody may put an Aode hub where none was. */
const FOREIGN_RETRY_MS = 5 * 60_000;
/** The hub says something every 15 s. */
const SILENCE_MS_MAX = 45_000;

export class AskClient implements Disposable {
  readonly #parts: AskClientParts;
  #waiting: Ask[] = [];
  #posting: Promise<void> | undefined;
  #postFailures = 0;
  #postTimer: Disposable | undefined;
  #stream: Disposable | undefined;
  #streamFailures = 0;
  #streamTimer: Disposable | undefined;
  #silence: Disposable | undefined;
  #cursor = '';
  #isOver = false;
  /** Whether an Aode hub answers; undefined while that is not known. */
  isHub: boolean | undefined = undefined;

  constructor(parts: AskClientParts) {
    this.#parts = parts;
  }

  /** Begins to listen. */
  start(): void {
    this.#streamTimer = undefined;
    if (this.#isOver) return;
    let pending: string[] = [];
    const hand = (): void => {
      const asked = pending;
      pending = [];
      if (asked.length > 0) this.#parts.wishes.onAsked(asked);
    };
    this.#listen();
    let hasSpoken = false;
    this.#stream = this.#parts.transport.open(
      this.#cursor,
      (line) => {
        this.#listen();
        const said = readLine(line);
        if (said === undefined) return;
        hasSpoken = true;
        const traceId = this.#heed(said);
        if (traceId === undefined) return;
        // What comes together is handed on together.
        if (pending.length === 0) queueMicrotask(hand);
        pending.push(traceId);
      },
      // An answer that says nothing of ours comes from something else.
      (status) => this.#ended(status !== undefined && !hasSpoken && (status === 200 || FOREIGN.has(status))),
    );
  }

  /** The trace id of an ask; other lines keep the place in the stream. */
  #heed({ cursor, traceId, sampling }: Said): string | undefined {
    this.isHub = true;
    this.#streamFailures = 0;
    this.#cursor = cursor;
    if (sampling !== undefined) this.#parts.wishes.onSampling(sampling);
    return typeof traceId === 'string' ? traceId : undefined;
  }

  /** A stream that has gone silent is a connection that has died. */
  #listen(): void {
    this.#silence?.[Symbol.dispose]();
    this.#silence = this.#parts.clock.timer(durationMs(SILENCE_MS_MAX), () =>
      this.#stream?.[Symbol.dispose](),
    );
  }

  #ended(isForeign: boolean): void {
    this.#silence?.[Symbol.dispose]();
    this.#stream = undefined;
    if (this.#isOver) return;
    if (isForeign) this.isHub = false;
    const { clock, random } = this.#parts;
    const delayMs = isForeign
      ? FOREIGN_RETRY_MS
      : backoff(this.#streamFailures, STREAM_RETRY, random) + RETRY.firstMs;
    this.#streamFailures += 1;
    this.#streamTimer = clock.timer(durationMs(delayMs), () => this.start());
  }

  /** The receiver has taken something: if it could not be listened to, it can be now. */
  reached(): void {
    if (this.#streamTimer === undefined || this.#streamFailures === 0 || this.isHub === false) return;
    this.#streamTimer[Symbol.dispose]();
    this.start();
  }

  /** Another hub is asked from now on; it says by itself that it knows nothing of our place in the stream. */
  moved(): void {
    if (this.#isOver) return;
    this.isHub = undefined;
    this.#streamFailures = 0;
    const stream = this.#stream;
    if (stream !== undefined) {
      // Its end begins anew, with the new one.
      stream[Symbol.dispose]();
      return;
    }
    this.#streamTimer?.[Symbol.dispose]();
    this.start();
  }

  /** Tells the hub. */
  ask(traceId: string, reason: string): void {
    if (this.isHub === false || this.#isOver) return;
    if (this.#waiting.length >= WAITING_MAX) {
      this.#waiting.shift();
      this.#parts.onDropped(1);
    }
    this.#waiting.push({ traceId, reason: reasonOf(reason) });
    if (this.#postTimer === undefined) void this.#post();
  }

  /** Resolves when nothing waits any more, or at the first request that fails. */
  async settle(): Promise<void> {
    while (this.#waiting.length > 0 && this.#postTimer === undefined) await this.#post();
  }

  /** One run at a time, which whoever calls waits for. */
  #post(): Promise<void> {
    this.#posting ??= this.#postAll().finally(() => {
      this.#posting = undefined;
    });
    return this.#posting;
  }

  async #postAll(): Promise<void> {
    // What else is asked for in this turn goes along.
    await Promise.resolve();
    while (this.#waiting.length > 0 && !this.#isOver) {
      const asks = this.#waiting.slice(0, PER_REQUEST_MAX);
      const { transport, instance } = this.#parts;
      const status = await transport.post(JSON.stringify({ instance, asks }));
      if (status === undefined || status === 429 || status >= 500) {
        this.#retry();
        return;
      }
      this.#postFailures = 0;
      if (FOREIGN.has(status)) {
        this.isHub = false;
        this.#waiting = [];
      } else {
        this.#waiting.splice(0, asks.length);
        if (status >= 400) this.#parts.onDropped(asks.length);
      }
    }
  }

  #retry(): void {
    const { clock, random } = this.#parts;
    const delayMs = RETRY.firstMs + backoff(this.#postFailures, RETRY, random);
    this.#postFailures += 1;
    this.#postTimer = clock.timer(durationMs(delayMs), () => {
      this.#postTimer = undefined;
      void this.#post();
    });
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#postTimer?.[Symbol.dispose]();
    this.#streamTimer?.[Symbol.dispose]();
    this.#silence?.[Symbol.dispose]();
    this.#stream?.[Symbol.dispose]();
  }
}

interface Said {
  readonly cursor: string;
  readonly traceId?: unknown;
  readonly sampling?: unknown;
}

/** Undefined for what is no line of a hub. */
function readLine(line: string): Said | undefined {
  try {
    const said = JSON.parse(line) as Partial<Said> | null;
    return typeof said?.cursor === 'string' ? (said as Said) : undefined;
  } catch {
    return undefined;
  }
}

/** As a hub takes it: 1 to 64 printable ASCII characters. Names of rules may hold more. */
function reasonOf(text: string): string {
  return text.replaceAll(/[^ -~]/g, '?').slice(0, 64);
}

/** Answers of a receiver that knows nothing of asks. */
const FOREIGN: ReadonlySet<number> = new Set([404, 405, 415, 501]);
