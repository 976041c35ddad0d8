/**
 * Code that shares memory with another thread, run on one: whoever simulates both is asked before and behind each of
 * its atomic operations, and may let the other side go on there, or end this one by throwing.
 *
 * That the other side then does whole calls loses nothing for a ring of one writer and one reader: each call loads what
 * the other stores once at most before it stores its own, loads of two sides may change places, and so every order of
 * their operations has the effect of one in which a call of one side lies between two operations of the other.
 */

export type AtomicStep = 'before' | 'loaded' | 'stored';

/** Runs `code` and calls `at` at each of its steps, without steps of what `at` does itself. */
export function stepThrough<T>(code: () => T, at: (step: AtomicStep) => void): T {
  const before = handler;
  handler = at;
  try {
    return code();
  } finally {
    handler = before;
  }
}

let handler: ((step: AtomicStep) => void) | undefined;

/** A step of its own, between two calls of one side. */
export function pause(): void {
  take('before');
}

function take(step: AtomicStep): void {
  const at = handler;
  if (at === undefined) return;
  handler = undefined;
  try {
    at(step);
  } finally {
    handler = at;
  }
}

const original = { load: Atomics.load.bind(Atomics), store: Atomics.store.bind(Atomics) };

/** For as long as `code` runs, the atomic operations of this thread are steps. */
export function withAtomicSteps<T>(code: () => T): T {
  Object.assign(Atomics, {
    load(array: Int32Array, index: number): number {
      take('before');
      const value = original.load(array, index);
      take('loaded');
      return value;
    },
    store(array: Int32Array, index: number, value: number): number {
      take('before');
      const stored = original.store(array, index, value);
      take('stored');
      return stored;
    },
  });
  try {
    return code();
  } finally {
    Object.assign(Atomics, original);
  }
}
