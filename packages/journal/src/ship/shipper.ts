/**
 * From the journal to the receiver: reads frames in order, packs those of one signal that follow each other into one
 * request, has one request under way at a time, and acknowledges once it is answered. A request that may have been
 * taken is repeated byte for byte, because a receiver that drops repetitions recognises them by their bytes.
 *
 * Every step is taken in a call from outside: `wake`, `flush`, a timer of the clock, an answer of the poster. Nothing
 * here keeps the process alive; the owner asks the poster for that.
 */
import {
  assert,
  backoff,
  type Clock,
  durationMs,
  elapsedMs,
  type MonoNs,
  monoNs,
  type Random,
} from '@aode/base';
import { encodeLines, type SignalName } from '@aode/wire';
import type { Journal, JournalFrame } from '../journal.ts';
import { reasonText } from './answer-text.ts';
import { encodeEnvelope } from './envelope.ts';
import type { Poster, PostResult } from './otlp-post.ts';

/** Payloads of a request: with origin and schema below the 1 MiB that nginx takes unless it is told otherwise. */
const PAYLOAD_BYTES_MAX = 1_000_000;
/** Records of a request: as many as the Collector's batch processor sends by default (send_batch_size). */
const RECORDS_MAX = 8192;
/** The first pause is long enough for a socket to be listened on again, the last short enough to be back soon. */
const RETRY = { firstMs: 500, lastMs: 10_000 };
/** No receiver is asked again sooner than this, whatever it says. */
const PAUSE_MS_MIN = RETRY.firstMs / 2;

/**
 * `refused`: the receiver took none of a request and never will; `rejected`: none of these records of it.
 * `exit_timeout`: given up by whoever took over, because time ran out. `journal_damaged`: lines that are none.
 */
export type ShipLossReason = 'refused' | 'rejected' | 'exit_timeout' | 'journal_damaged';

/** The end of one request; `delivered` and `dropped.count` are all of its records. */
export interface Settled {
  readonly signal: SignalName;
  readonly delivered: number;
  readonly dropped:
    | { readonly reason: ShipLossReason; readonly count: number; readonly why: string }
    | undefined;
}

/** The receiver did not take a request now. */
export interface Delayed {
  readonly why: string;
  /** When it is tried again, from now. */
  readonly delayMs: number;
  /** How often this request has been tried, from 1. */
  readonly attempt: number;
  /** Records that wait in the journal. */
  readonly recordsWaiting: number;
}

export interface ShipperParts {
  readonly journal: Journal;
  /** The resource of its requests; without it the journal's origin. */
  readonly origin?: Uint8Array;
  readonly poster: Poster;
  readonly clock: Clock;
  readonly random: Random;
  /** Of the resource that the journal's origin is. */
  readonly schemaUrl: string;
  /** What the names of its lines begin with (`log.record.uid`); without it they have none. */
  readonly uidPrefix?: string | undefined;
  /** After the frames of the request were acknowledged. */
  readonly onSettled: (settled: Settled) => void;
  readonly onDelayed: (delayed: Delayed) => void;
}

/** An export request of frames that follow each other. */
export interface ExportRequest {
  readonly signal: SignalName;
  readonly body: Uint8Array;
  readonly recordCount: number;
  /** Lines that its frames should have and have not. */
  readonly unreadableCount: number;
  /** Of its last frame. */
  readonly sequence: number;
}

/** How much is packed at once for others to deliver. */
export interface TakeoverBounds {
  readonly timeoutMs: number;
  /** Of requests; one more may go beyond it. */
  readonly bytesMax: number;
}

/** What is not answered, in other hands. */
export interface Takeover {
  /** In order, from the oldest on. The first may have been under way and may arrive twice. */
  readonly requests: readonly ExportRequest[];
  /**
   * Accounts for everything that waited: requests whose index is in `delivered` as delivered, the rest as dropped,
   * `exit_timeout`, for the reason `why`. Without a reason the rest stays in the journal, from the first that was not
   * delivered on, for whoever opens it next. Once, and before the journal is closed.
   */
  settle(delivered: ReadonlySet<number>, why: string | undefined): void;
}

export interface Shipper extends Disposable {
  /** Something was appended. Sends at once, unless a request is under way or a pause lasts. */
  wake(): void;
  /**
   * Resolves true once everything appended before the call is settled, false when that is not so at the deadline, or
   * as soon as it is certain not to be: when the receiver has asked for patience beyond it. A pause that the receiver
   * has not asked for is cut short.
   */
  flush(deadlineMs: number): Promise<boolean>;
  /** Resolves once the request under way is answered, if there is one. Nothing more is sent. */
  finish(): Promise<void>;
  /**
   * Hands out what is not answered, within bounds; nothing is sent until it is settled, and an answer under way is
   * ignored.
   */
  takeOver(bounds: TakeoverBounds): Takeover;
  /** Nothing waits and nothing is under way. */
  readonly isIdle: boolean;
}

/** A shipper of what is in the journal and what will be appended; it starts with the first `wake` or `flush`. */
export function createShipper(parts: ShipperParts): Shipper {
  return new JournalShipper(parts);
}

interface Pause {
  readonly until: MonoNs;
  /** The receiver has named the time. */
  readonly isAsked: boolean;
  readonly timer: Disposable;
}

interface Waiter {
  /** Sequence up to which everything must be settled. */
  readonly target: number;
  readonly deadline: MonoNs;
  /** Resolves the promise and ends the timer. */
  readonly end: (isSettled: boolean) => void;
}

class JournalShipper implements Shipper {
  readonly #parts: ShipperParts;
  /** Built and not answered for good: under way, or to be repeated when the pause is over. */
  #request: ExportRequest | undefined;
  #isPosting = false;
  #pause: Pause | undefined;
  #attempt = 0;
  readonly #waiters = new Set<Waiter>();
  #isTaken = false;
  /** Set when nothing more is to be sent; called when nothing is under way. */
  #finished: (() => void) | undefined;
  #isDisposed = false;

  constructor(parts: ShipperParts) {
    this.#parts = parts;
  }

  get isIdle(): boolean {
    return this.#parts.journal.usage().frameCount === 0;
  }

  wake(): void {
    if (this.#pause === undefined) this.#post();
  }

  #post(): void {
    if (this.#isPosting || this.#isTaken || this.#isDisposed || this.#finished !== undefined) return;
    const { journal, poster } = this.#parts;
    this.#request ??= this.#pack(journal.acknowledged);
    const request = this.#request;
    if (request === undefined) {
      // A disk that does not give it now is asked again.
      if (journal.oldest !== undefined) this.#startPause('the journal cannot be read', undefined);
      return;
    }
    journal.hold(request.sequence);
    this.#isPosting = true;
    void poster.post(request.signal, request.body).then((result) => {
      // Taken over or disposed of meanwhile: not ours any more.
      if (this.#request === request) this.#answered(request, result);
    });
  }

  /** The next request behind `afterSequence`, if there is anything. */
  #pack(afterSequence: number): ExportRequest | undefined {
    const { journal, origin = journal.origin, schemaUrl, uidPrefix } = this.#parts;
    const run = firstRun(journal.read(afterSequence, PAYLOAD_BYTES_MAX));
    const last = run.at(-1);
    if (last === undefined) return undefined;
    const encoded = run.map((frame) =>
      frame.form === 'lines' ? encodeLines(frame.payload, uidPrefix) : frame,
    );
    const recordCount = encoded.reduce((sum, one) => sum + one.recordCount, 0);
    return {
      signal: last.signal,
      body: encodeEnvelope({ origin, payloads: encoded.map(({ payload }) => payload), schemaUrl }),
      recordCount,
      unreadableCount: run.reduce((sum, one) => sum + one.recordCount, 0) - recordCount,
      sequence: last.sequence,
    };
  }

  #answered(request: ExportRequest, result: PostResult): void {
    this.#isPosting = false;
    if (result.kind === 'again') {
      this.#startPause(result.why, result.afterMs);
    } else {
      this.#request = undefined;
      this.#attempt = 0;
      this.#parts.journal.acknowledge(request.sequence);
      this.#parts.onSettled(settledBy(request, result));
      this.#noteUnreadable(request);
    }
    this.#endWaiters();
    this.#finished?.();
    this.wake();
  }

  #noteUnreadable({ signal, unreadableCount: count }: ExportRequest): void {
    if (count === 0) return;
    const dropped = { reason: 'journal_damaged', count, why: 'lines are not as they were written' } as const;
    this.#parts.onSettled({ signal, delivered: 0, dropped });
  }

  finish(): Promise<void> {
    return new Promise((resolve) => {
      this.#finished = resolve;
      if (!this.#isPosting) resolve();
    });
  }

  #startPause(why: string, afterMs: number | undefined): void {
    const { clock, random, journal, onDelayed } = this.#parts;
    const delayMs = Math.max(PAUSE_MS_MIN, afterMs ?? PAUSE_MS_MIN + backoff(this.#attempt, RETRY, random));
    this.#attempt += 1;
    const timer = clock.timer(durationMs(delayMs), () => {
      this.#pause = undefined;
      this.#post();
    });
    this.#pause = { until: later(clock.mono(), delayMs), isAsked: afterMs !== undefined, timer };
    onDelayed({ why, delayMs, attempt: this.#attempt, recordsWaiting: journal.usage().recordCount });
  }

  #endPause(): void {
    this.#pause?.timer[Symbol.dispose]();
    this.#pause = undefined;
  }

  flush(deadlineMs: number): Promise<boolean> {
    const { journal, clock } = this.#parts;
    const target = journal.appended;
    if (this.#isDisposed || this.#isSettled(target)) return Promise.resolve(!this.#isDisposed);
    const deadline = later(clock.mono(), deadlineMs);
    if (this.#isHopeless(deadline)) return Promise.resolve(false);
    if (this.#pause?.isAsked !== true) this.#endPause();
    return new Promise((resolve) => {
      const end = (isSettled: boolean): void => {
        timer[Symbol.dispose]();
        this.#waiters.delete(waiter);
        resolve(isSettled);
      };
      const timer = clock.timer(durationMs(deadlineMs), () => end(this.#isSettled(target)));
      const waiter = { target, deadline, end };
      this.#waiters.add(waiter);
      this.wake();
    });
  }

  /** What is settled has left the journal, and so has everything that gave way. */
  #isSettled(target: number): boolean {
    const { oldest } = this.#parts.journal;
    return oldest === undefined || oldest > target;
  }

  /** The receiver does not want to be asked before the deadline. */
  #isHopeless(deadline: MonoNs): boolean {
    return this.#pause?.isAsked === true && elapsedMs(this.#pause.until, deadline) <= 0;
  }

  #endWaiters(): void {
    for (const { target, deadline, end } of this.#waiters) {
      if (this.#isSettled(target)) end(true);
      else if (this.#isHopeless(deadline)) end(false);
    }
  }

  takeOver({ timeoutMs, bytesMax }: TakeoverBounds): Takeover {
    assert(!this.#isTaken, 'a takeover is settled before the next');
    const { journal, clock } = this.#parts;
    const until = later(clock.mono(), timeoutMs);
    const target = journal.appended;
    const requests = this.#request === undefined ? [] : [this.#request];
    this.#stop();
    this.#isTaken = true;
    const end = (): number => requests.at(-1)?.sequence ?? journal.acknowledged;
    let bytes = 0;
    while (bytes < bytesMax && elapsedMs(clock.mono(), until) > 0) {
      const next = this.#pack(end());
      if (next === undefined) break;
      requests.push(next);
      bytes += next.body.byteLength;
    }
    journal.hold(end());
    return {
      requests,
      settle: (delivered, why) => {
        this.#settleTaken(requests, { delivered, why });
        if (why !== undefined) this.#dropUpTo(target, why);
        this.#endWaiters();
      },
    };
  }

  /** What was not even packed. */
  #dropUpTo(target: number, why: string): void {
    const { journal, onSettled } = this.#parts;
    const rest = (): readonly JournalFrame[] =>
      firstRun(journal.read(journal.acknowledged, PAYLOAD_BYTES_MAX)).filter(
        ({ sequence }) => sequence <= target,
      );
    for (let run = rest(), last = run.at(-1); last !== undefined; run = rest(), last = run.at(-1)) {
      journal.acknowledge(last.sequence);
      const count = run.reduce((sum, { recordCount }) => sum + recordCount, 0);
      const { signal } = last;
      onSettled({ signal, delivered: 0, dropped: { reason: 'exit_timeout', count, why } });
    }
  }

  #settleTaken(
    requests: readonly ExportRequest[],
    { delivered, why }: { readonly delivered: ReadonlySet<number>; readonly why: string | undefined },
  ): void {
    assert(this.#isTaken, 'a takeover is settled once');
    this.#isTaken = false;
    const { journal, onSettled } = this.#parts;
    const firstLeft = requests.findIndex((_, index) => !delivered.has(index));
    const settled = why === undefined && firstLeft >= 0 ? requests.slice(0, firstLeft) : requests;
    const last = settled.at(-1);
    if (last !== undefined) journal.acknowledge(last.sequence);
    if (settled.length < requests.length) journal.release();
    for (const [index, request] of settled.entries()) {
      const { signal, recordCount } = request;
      this.#noteUnreadable(request);
      if (delivered.has(index) || why === undefined)
        onSettled({ signal, delivered: recordCount, dropped: undefined });
      else {
        onSettled({ signal, delivered: 0, dropped: { reason: 'exit_timeout', count: recordCount, why } });
      }
    }
  }

  #stop(): void {
    this.#endPause();
    this.#request = undefined;
    this.#isPosting = false;
    this.#attempt = 0;
  }

  [Symbol.dispose](): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#stop();
    this.#parts.journal.release();
    for (const { target, end } of this.#waiters) end(this.#isSettled(target));
  }
}

/** The frames at the front that go into one request: of one signal, within the bound of records. */
function firstRun(frames: readonly JournalFrame[]): readonly JournalFrame[] {
  let records = 0;
  const end = frames.findIndex(({ signal, recordCount }, index) => {
    records += recordCount;
    return index > 0 && (signal !== frames[0]?.signal || records > RECORDS_MAX);
  });
  return end < 0 ? frames : frames.slice(0, end);
}

function settledBy(
  { signal, recordCount }: ExportRequest,
  result: Exclude<PostResult, { kind: 'again' }>,
): Settled {
  if (result.kind === 'never') {
    return { signal, delivered: 0, dropped: { reason: 'refused', count: recordCount, why: result.why } };
  }
  // More than was sent, or less than nothing, is a fault of the receiver and must not upset the sums.
  const count = Math.min(Math.max(0, result.rejectedCount), recordCount);
  const why = reasonText(result.errorMessage);
  const dropped = count === 0 ? undefined : ({ reason: 'rejected', count, why } as const);
  return { signal, delivered: recordCount - count, dropped };
}

const later = (at: MonoNs, ms: number): MonoNs => monoNs(at + BigInt(Math.round(ms * 1e6)));
