/**
 * The keys of a span's attributes, in the order in which they were set, as a way through a tree that all spans of the
 * thread share. Code that makes spans sets the same keys in the same order each time: one comparison with the key that
 * was first to follow here says that the span does not have it yet, where looking for it among the others would take as
 * many comparisons as there are. Bench: bench/span.bench.ts.
 */

import { isResponseCode, ROUTE } from '../sampling/triggers.ts';

/** A service makes spans in some dozens of ways with some ten keys each. With more the tree is begun anew. */
const STEPS_MAX = 4096;

export class KeyPath {
  /** The key that was first to follow; '', which is no key, until one has. */
  nextKey = '';
  next: KeyPath | undefined = undefined;
  others: Map<string, KeyPath> | undefined = undefined;
  /** A value of the key that leads here may decide that the trace is kept. */
  readonly isTelling: boolean;

  constructor(isTelling: boolean) {
    this.isTelling = isTelling;
  }
}

/** Where every span begins. */
export const NO_KEYS: KeyPath = new KeyPath(false);

let stepCount = 0;

/** One of the others that have followed before; undefined when this key has not. */
export function knownStep({ others }: KeyPath, key: string): KeyPath | undefined {
  return others?.get(key);
}

/** A step to a key that is not on the way to `path`, and has not followed it before. */
export function newStep(path: KeyPath, key: string): KeyPath {
  if (stepCount >= STEPS_MAX) {
    // Spans under way keep their part of the old tree alive, until they end.
    stepCount = 0;
    NO_KEYS.nextKey = '';
    NO_KEYS.next = undefined;
    NO_KEYS.others = undefined;
  }
  stepCount += 1;
  const step = new KeyPath(key === ROUTE || isResponseCode(key));
  if (path.next === undefined) {
    path.nextKey = key;
    path.next = step;
  } else (path.others ??= new Map()).set(key, step);
  return step;
}
