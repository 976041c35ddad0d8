/**
 * The keys of a span's attributes, in the order in which they were set, as a way through a tree that all spans of the
 * thread share. Code that makes spans sets the same keys in the same order each time: one comparison with the key that
 * was first to follow here says that the span does not have it yet, where looking for it among the others would take as
 * many comparisons as there are. And the span holds its values only. Bench: bench/span.bench.ts.
 */
import { isResponseCode, ROUTE } from '../sampling/triggers.ts';
import { ownText, SHARED_CHARS_MAX } from './shared-text.ts';
import type { KeyEntry, TextTable } from './text-table.ts';

/** A service makes spans in some dozens of ways with some ten keys each. With more the tree is begun anew. */
const STEPS_MAX = 4096;

export class KeyPath {
  /** The key that leads here, and from where. */
  readonly key: string;
  readonly before: KeyPath | undefined;
  /** How many keys lead here. */
  readonly length: number;
  /** A value of the key that leads here may decide that the trace is kept. */
  readonly isTelling: boolean;
  /** The key that was first to follow; '', which is no key, until one has. */
  nextKey = '';
  next: KeyPath | undefined = undefined;
  others: Map<string, KeyPath> | undefined = undefined;
  /** What the text table `entriesIn` knows of the keys that lead here. */
  entries: readonly KeyEntry[] = [];
  entriesIn: TextTable | undefined = undefined;

  constructor(key: string, before: KeyPath | undefined) {
    this.key = key;
    this.before = before;
    this.length = before === undefined ? 0 : before.length + 1;
    this.isTelling = key === ROUTE || isResponseCode(key);
  }
}

/** Where every span begins. */
export const NO_KEYS: KeyPath = new KeyPath('', undefined);

let stepCount = 0;

/** One of the others that have followed before; undefined when this key has not. */
export function knownStep(path: KeyPath, key: string): KeyPath | undefined {
  return path.nextKey === key ? path.next : path.others?.get(key);
}

/** A step to a key that has not followed `path` before. */
export function newStep(path: KeyPath, key: string): KeyPath {
  if (stepCount >= STEPS_MAX) {
    // Spans under way keep their part of the old tree alive, until they end.
    stepCount = 0;
    NO_KEYS.nextKey = '';
    NO_KEYS.next = undefined;
    NO_KEYS.others = undefined;
  }
  // Held by its spans only, as the text table has no place for it either.
  if (key.length > SHARED_CHARS_MAX) return new KeyPath(key, path);
  stepCount += 1;
  const step = new KeyPath(ownText(key), path);
  if (path.next === undefined) {
    path.nextKey = step.key;
    path.next = step;
  } else (path.others ??= new Map()).set(step.key, step);
  return step;
}

/** The keys that lead to `path`, in their order. */
export function keysOf(path: KeyPath): string[] {
  const keys: string[] = [];
  for (let at = path; at.before !== undefined; at = at.before) keys.push(at.key);
  return keys.toReversed();
}

/** Where a key stands among those that lead to `path`; -1 when it does not. */
export function placeOfKey(path: KeyPath, key: string): number {
  for (let at = path; at.before !== undefined; at = at.before) if (at.key === key) return at.length - 1;
  return -1;
}

/** The way of keys that somebody else has ordered. */
export function pathOf(keys: Iterable<string>): KeyPath {
  let path = NO_KEYS;
  for (const key of keys) path = knownStep(path, key) ?? newStep(path, key);
  return path;
}
