/**
 * What the threads of a process and its agent say to each other through shared memory: a bell that says "there is
 * something to read", requests to deliver everything, and their answers. Requests are counted: an answer to number n
 * answers all up to n.
 */

import { systemClock } from '@aode/base';
import type { Delivery } from './agent.ts';

/** Places in the words of the link. */
const WORD = {
  /** Counts up; the agent sleeps on it. */
  bell: 0,
  /** Number of the newest request to deliver everything. */
  flushAsked: 1,
  /** Until when the most patient of those without an answer waits: milliseconds of the machine's monotonic clock. */
  flushUntil: 2,
  /** Number of the newest one that is over. */
  flushDone: 3,
  /** Number of the newest one after which everything was delivered. */
  flushDelivered: 4,
  /** Set when the agent will read no more. */
  gone: 5,
  /** Number of the newest request behind which the process ends. */
  flushLast: 6,
  /** Number of the newest call to all threads to hand over what they have. */
  handAsked: 7,
  /** How many threads have answered it. */
  handAnswered: 8,
  /** Number of the newest request by whose time everything was on stable storage, or delivered. */
  flushSafe: 9,
  /** From here on: the thread that each pool belongs to. */
  claims: 16,
} as const;

/** Threads beside the main one whose pools the agent reads; a process has seldom more than a core has threads. */
export const THREADS_MAX = 8;

const LINK_BYTES: number = (WORD.claims + THREADS_MAX) * 4;

/** What a claim is when it is not the id of a thread; ids of worker threads begin at 1. */
const FREE = 0;
const GONE = -1;

/** Losses and deliveries as the agent counts them; see agent-counts.ts. */
const COUNTS = 40;

export interface LinkMemory {
  readonly words: SharedArrayBuffer;
  readonly counts: SharedArrayBuffer;
}

export function newLinkMemory(): LinkMemory {
  return { words: new SharedArrayBuffer(LINK_BYTES), counts: new SharedArrayBuffer(COUNTS * 8) };
}

/** Longer than anybody waits, and far from where the numbers come round. */
const DEADLINE_MS_MAX = 2 ** 30;

/** The same for all threads; comes round every fifty days. */
const machineMs = (): number => Number(BigInt.asIntN(32, systemClock.mono() / 1_000_000n));

interface Patience {
  readonly timeoutMs: number;
  readonly now: () => number;
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

  /** Until the bell has rung since `heard`. Keeps no event loop alive. */
  async sleep(heard: number): Promise<void> {
    const wait = Atomics.waitAsync(this.#words, WORD.bell, heard);
    if (wait.async) await wait.value;
  }

  /**
   * Asks for everything to be delivered within `deadlineMs`; `isLast` when the process ends then. Returns the number of
   * the request.
   */
  askFlush(deadlineMs: number, isLast: boolean): number {
    const until = (machineMs() + Math.min(DEADLINE_MS_MAX, Math.max(0, Math.ceil(deadlineMs)))) | 0;
    // Behind the last nobody waits any more.
    if (isLast) Atomics.store(this.#words, WORD.flushUntil, until);
    else this.#waitUntil(until);
    for (;;) {
      const before = Atomics.load(this.#words, WORD.flushAsked);
      const number = (before + 1) | 0;
      // First, so that whoever sees the number knows it to be the last.
      if (isLast) Atomics.store(this.#words, WORD.flushLast, number);
      if (Atomics.compareExchange(this.#words, WORD.flushAsked, before, number) !== before) continue;
      this.ring();
      return number;
    }
  }

  /** Threads wait side by side, each for as long as it has said; the agent does as long as one of them does. */
  #waitUntil(until: number): void {
    for (;;) {
      const before = Atomics.load(this.#words, WORD.flushUntil);
      const isAlone =
        Atomics.load(this.#words, WORD.flushAsked) === Atomics.load(this.#words, WORD.flushDone);
      if (!isAlone && isReached(before, until)) return;
      if (Atomics.compareExchange(this.#words, WORD.flushUntil, before, until) === before) return;
    }
  }

  /** The newest request that has no answer; undefined when all have. */
  askedFlush(): AskedFlush | undefined {
    const number = Atomics.load(this.#words, WORD.flushAsked);
    if (number === Atomics.load(this.#words, WORD.flushDone)) return undefined;
    const isLast = number === Atomics.load(this.#words, WORD.flushLast);
    const leftMs = (Atomics.load(this.#words, WORD.flushUntil) - machineMs()) | 0;
    return { number, deadlineMs: Math.max(0, leftMs), isLast };
  }

  answerFlush(number: number, delivery: Delivery): void {
    if (delivery === 'delivered') this.#raise(WORD.flushDelivered, number);
    if (delivery !== 'lost') this.noteSafe(number);
    this.#raise(WORD.flushDone, number);
    Atomics.notify(this.#words, WORD.flushDone);
  }

  /** An answer to an older request may come after that to a newer one, and takes nothing back. */
  #raise(word: number, number: number): void {
    for (;;) {
      const before = Atomics.load(this.#words, word);
      if (isReached(before, number)) return;
      if (Atomics.compareExchange(this.#words, word, before, number) === before) return;
    }
  }

  /** Before the answer: even if none comes, nothing is lost. */
  noteSafe(number: number): void {
    this.#raise(WORD.flushSafe, number);
    Atomics.notify(this.#words, WORD.flushSafe);
  }

  /** Answers all requests: not everything was delivered. */
  refuseFlush(): void {
    const asked = this.askedFlush();
    if (asked !== undefined) this.answerFlush(asked.number, 'lost');
  }

  /**
   * Blocks the thread until the request is answered, at most `timeoutMs`. The event loop does not turn meanwhile: only
   * for the end of a process.
   */
  waitFlush(number: number, timeoutMs: number, now: () => number): Delivery {
    const until = now() + timeoutMs;
    for (;;) {
      const done = Atomics.load(this.#words, WORD.flushDone);
      if (isReached(done, number)) return this.#deliveryOf(number);
      const leftMs = until - now();
      if (leftMs <= 0 || this.isGone) return this.#deliveryOf(number);
      Atomics.wait(this.#words, WORD.flushDone, done, leftMs);
    }
  }

  /** The same until everything is on stable storage, or delivered. */
  waitSafe(number: number, timeoutMs: number, now: () => number): boolean {
    const until = now() + timeoutMs;
    for (;;) {
      const reached = Atomics.load(this.#words, WORD.flushSafe);
      const leftMs = until - now();
      if (isReached(reached, number) || leftMs <= 0 || this.isGone)
        return this.#deliveryOf(number) !== 'lost';
      Atomics.wait(this.#words, WORD.flushSafe, reached, leftMs);
    }
  }

  /** The same without blocking: whether everything was delivered. */
  async awaitFlush(number: number, timeoutMs: number, now: () => number): Promise<boolean> {
    await this.#awaitWord(WORD.flushDone, number, { timeoutMs, now });
    return this.#deliveryOf(number) === 'delivered';
  }

  /** Whether everything was on stable storage, or delivered, within the time. */
  async awaitSafe(number: number, timeoutMs: number, now: () => number): Promise<boolean> {
    await this.#awaitWord(WORD.flushSafe, number, { timeoutMs, now });
    return this.#deliveryOf(number) !== 'lost';
  }

  async #awaitWord(word: number, number: number, { timeoutMs, now }: Patience): Promise<void> {
    const until = now() + timeoutMs;
    for (;;) {
      const reached = Atomics.load(this.#words, word);
      const leftMs = until - now();
      if (isReached(reached, number) || leftMs <= 0 || this.isGone) return;
      const wait = Atomics.waitAsync(this.#words, word, reached, leftMs);
      if (wait.async) await wait.value;
    }
  }

  #deliveryOf(number: number): Delivery {
    if (isReached(Atomics.load(this.#words, WORD.flushDelivered), number)) return 'delivered';
    return isReached(Atomics.load(this.#words, WORD.flushSafe), number) ? 'stored' : 'lost';
  }

  get isGone(): boolean {
    return Atomics.load(this.#words, WORD.gone) === 1;
  }

  leave(): void {
    Atomics.store(this.#words, WORD.gone, 1);
    Atomics.notify(this.#words, WORD.flushDone);
    Atomics.notify(this.#words, WORD.flushSafe);
  }

  /** The index of a pool that no other thread has, for the thread of this id; -1 when all are taken. */
  claim(threadId: number): number {
    for (let i = 0; i < THREADS_MAX; i += 1) {
      if (Atomics.compareExchange(this.#words, WORD.claims + i, FREE, threadId) === FREE) return i;
    }
    return -1;
  }

  /** The thread is gone for certain: the agent empties its pool, and then frees it. */
  abandon(threadId: number): void {
    for (let i = 0; i < THREADS_MAX; i += 1) {
      if (Atomics.compareExchange(this.#words, WORD.claims + i, threadId, GONE) === threadId) this.ring();
    }
  }

  isAbandoned(index: number): boolean {
    return Atomics.load(this.#words, WORD.claims + index) === GONE;
  }

  free(index: number): void {
    Atomics.store(this.#words, WORD.claims + index, FREE);
  }

  /** Threads that have a pool, beside the main one. */
  get threadCount(): number {
    let count = 0;
    for (let i = 0; i < THREADS_MAX; i += 1)
      if (Atomics.load(this.#words, WORD.claims + i) > FREE) count += 1;
    return count;
  }

  /**
   * Calls all threads to hand over what they have, and blocks until they have, at most `timeoutMs`: one that is busy
   * does not hear it.
   */
  gather(timeoutMs: number, now: () => number): void {
    const until = now() + timeoutMs;
    const wanted = this.threadCount;
    if (wanted === 0) return;
    Atomics.store(this.#words, WORD.handAnswered, 0);
    Atomics.add(this.#words, WORD.handAsked, 1);
    Atomics.notify(this.#words, WORD.handAsked);
    for (;;) {
      const answered = Atomics.load(this.#words, WORD.handAnswered);
      const leftMs = until - now();
      if (answered >= wanted || leftMs <= 0) return;
      Atomics.wait(this.#words, WORD.handAnswered, answered, leftMs);
    }
  }

  /** Runs `handOver` at each such call, for as long as this thread lives. Keeps no event loop alive. */
  async onGather(handOver: () => void): Promise<void> {
    let heard = Atomics.load(this.#words, WORD.handAsked);
    while (!this.isGone) {
      const wait = Atomics.waitAsync(this.#words, WORD.handAsked, heard);
      if (wait.async) await wait.value;
      heard = Atomics.load(this.#words, WORD.handAsked);
      handOver();
      Atomics.add(this.#words, WORD.handAnswered, 1);
      Atomics.notify(this.#words, WORD.handAnswered);
    }
  }
}

/** Numbers count up and wrap at 2^31. */
const isReached = (done: number, number: number): boolean => ((done - number) | 0) >= 0;
