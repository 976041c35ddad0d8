/** Time and chance of a simulation: one queue of what is to happen, and clocks that differ from process to process. */
import { type Clock, monoNs, type Random, seededRandom, unixNs } from '@aode/base';

/** 2023-11-14; any moment does. */
const START_NS = 1_700_000_000_000_000_000n;

interface Event {
  readonly at: number;
  /** Breaks ties, so that a seed replays. */
  readonly order: number;
  readonly run: () => void;
}

export interface SimWorld {
  readonly random: Random;
  /** Milliseconds since the beginning. */
  readonly nowMs: number;
  readonly after: (ms: number, run: () => void) => void;
  /** The next event; false when there is none. Promises have run before the next one. */
  step(): Promise<boolean>;
  /** A clock whose wall and speed are off by as much as those of servers are; its timers end with `isAlive`. */
  clock(skewMs: number, drift: number, isAlive: () => boolean): Clock;
}

export function createWorld(seed: number): SimWorld {
  const heap: Event[] = [];
  let nowMs = 0;
  let order = 0;
  const after = (ms: number, run: () => void): void => {
    order += 1;
    push(heap, { at: nowMs + Math.max(0, ms), order, run });
  };
  return {
    random: seededRandom(seed),
    get nowMs() {
      return nowMs;
    },
    after,
    async step() {
      const event = pop(heap);
      if (event === undefined) return false;
      nowMs = event.at;
      event.run();
      // Whoever waits for this event goes on before the next one.
      await Promise.resolve();
      return true;
    },
    clock(skewMs, drift, isAlive) {
      const ticks = (): number => nowMs * drift;
      const wall = START_NS + BigInt(Math.round(skewMs * 1e6));
      return {
        now: () => unixNs(wall + BigInt(Math.round(ticks() * 1e6))),
        mono: () => monoNs(BigInt(Math.round(ticks() * 1e6))),
        ticks,
        timer(ms, run) {
          let isOver = false;
          after(ms / drift, () => {
            if (!isOver && isAlive()) run();
          });
          return { [Symbol.dispose]: () => void (isOver = true) };
        },
      };
    },
  };
}

const isBefore = (a: Event, b: Event): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/** A binary heap. */
function push(heap: Event[], event: Event): void {
  let at = heap.length;
  heap.push(event);
  while (at > 0) {
    const above = (at - 1) >> 1;
    const parent = heap[above];
    if (parent === undefined || !isBefore(event, parent)) break;
    heap[at] = parent;
    at = above;
  }
  heap[at] = event;
}

function pop(heap: Event[]): Event | undefined {
  const [first] = heap;
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) return first;
  let at = 0;
  for (;;) {
    let below = 2 * at + 1;
    const left = heap[below];
    const right = heap[below + 1];
    if (left === undefined) break;
    if (right !== undefined && isBefore(right, left)) below += 1;
    const child = heap[below];
    if (child === undefined || !isBefore(child, last)) break;
    heap[at] = child;
    at = below;
  }
  heap[at] = last;
  return first;
}
