/**
 * What the threads of a process and its agent say to each other through shared memory: a bell that says "there is
 * something to read", requests to deliver everything, and their answers. Requests are counted: an answer to number n
 * answers all up to n.
 */

/** Places in the words of the link. */
const WORD = {
  /** Counts up; the agent sleeps on it. */
  bell: 0,
  /** Number of the newest request to deliver everything. */
  flushAsked: 1,
  /** Milliseconds that the newest one allows. */
  flushMs: 2,
  /** Number of the newest one that is over. */
  flushDone: 3,
  /** Number of the newest one after which everything was delivered. */
  flushDelivered: 4,
  /** Set when the agent will read no more. */
  gone: 5,
  /** Number of the newest request behind which the process ends. */
  flushLast: 6,
  /** From here on: which pools of threads are taken. */
  claims: 16,
} as const;

/** Threads beside the main one whose pools the agent reads; a process has seldom more than a core has threads. */
export const THREADS_MAX = 8;

const LINK_BYTES: number = (WORD.claims + THREADS_MAX) * 4;

/** Losses and deliveries as the agent counts them; see agent-counts.ts. */
const COUNTS = 32;

export interface LinkMemory {
  readonly words: SharedArrayBuffer;
  readonly counts: SharedArrayBuffer;
}

export function newLinkMemory(): LinkMemory {
  return { words: new SharedArrayBuffer(LINK_BYTES), counts: new SharedArrayBuffer(COUNTS * 8) };
}

export interface AskedFlush {
  readonly number: number;
  readonly deadlineMs: number;
  readonly isLast: boolean;
}

export class AgentLink {
  readonly #words: Int32Array<SharedArrayBuffer>;

  constructor(words: SharedArrayBuffer) {
    this.#words = new Int32Array(words);
  }

  ring(): void {
    Atomics.add(this.#words, WORD.bell, 1);
    Atomics.notify(this.#words, WORD.bell);
  }

  /** The bell as it stands, to be handed to `sleep`. */
  heard(): number {
    return Atomics.load(this.#words, WORD.bell);
  }

  /** Until the bell has rung since `heard`, or `timeoutMs` are over. Keeps no event loop alive. */
  async sleep(heard: number, timeoutMs: number): Promise<void> {
    const wait = Atomics.waitAsync(this.#words, WORD.bell, heard, timeoutMs);
    if (wait.async) await wait.value;
  }

  /**
   * Asks for everything to be delivered within `deadlineMs`; `isLast` when the process ends then. Returns the number of
   * the request.
   */
  askFlush(deadlineMs: number, isLast: boolean): number {
    Atomics.store(this.#words, WORD.flushMs, Math.max(0, Math.ceil(deadlineMs)));
    if (isLast) Atomics.store(this.#words, WORD.flushLast, Atomics.load(this.#words, WORD.flushAsked) + 1);
    const number = Atomics.add(this.#words, WORD.flushAsked, 1) + 1;
    this.ring();
    return number;
  }

  /** The newest request that has no answer; undefined when all have. */
  askedFlush(): AskedFlush | undefined {
    const number = Atomics.load(this.#words, WORD.flushAsked);
    if (number === Atomics.load(this.#words, WORD.flushDone)) return undefined;
    const isLast = number === Atomics.load(this.#words, WORD.flushLast);
    return { number, deadlineMs: Atomics.load(this.#words, WORD.flushMs), isLast };
  }

  answerFlush(number: number, isDelivered: boolean): void {
    if (isDelivered) Atomics.store(this.#words, WORD.flushDelivered, number);
    Atomics.store(this.#words, WORD.flushDone, number);
    Atomics.notify(this.#words, WORD.flushDone);
  }

  /** Answers all requests: not everything was delivered. */
  refuseFlush(): void {
    const asked = this.askedFlush();
    if (asked !== undefined) this.answerFlush(asked.number, false);
  }

  /**
   * Blocks the thread until the request is answered, at most `timeoutMs`. The event loop does not turn meanwhile: only
   * for the end of a process.
   */
  waitFlush(number: number, timeoutMs: number, now: () => number): boolean {
    const until = now() + timeoutMs;
    for (;;) {
      const done = Atomics.load(this.#words, WORD.flushDone);
      if (isReached(done, number)) return this.isDelivered(number);
      const leftMs = until - now();
      if (leftMs <= 0 || this.isGone) return false;
      Atomics.wait(this.#words, WORD.flushDone, done, leftMs);
    }
  }

  /** The same without blocking. */
  async awaitFlush(number: number, timeoutMs: number, now: () => number): Promise<boolean> {
    const until = now() + timeoutMs;
    for (;;) {
      const done = Atomics.load(this.#words, WORD.flushDone);
      if (isReached(done, number)) return this.isDelivered(number);
      const leftMs = until - now();
      if (leftMs <= 0 || this.isGone) return false;
      const wait = Atomics.waitAsync(this.#words, WORD.flushDone, done, leftMs);
      if (wait.async) await wait.value;
    }
  }

  isDelivered(number: number): boolean {
    return isReached(Atomics.load(this.#words, WORD.flushDelivered), number);
  }

  get isGone(): boolean {
    return Atomics.load(this.#words, WORD.gone) === 1;
  }

  leave(): void {
    Atomics.store(this.#words, WORD.gone, 1);
    Atomics.notify(this.#words, WORD.flushDone);
  }

  /** The index of a pool that no other thread has; -1 when all are taken. */
  claim(): number {
    for (let i = 0; i < THREADS_MAX; i += 1) {
      if (Atomics.compareExchange(this.#words, WORD.claims + i, 0, 1) === 0) return i;
    }
    return -1;
  }
}

/** Numbers count up and wrap at 2^31. */
const isReached = (done: number, number: number): boolean => ((done - number) | 0) >= 0;
