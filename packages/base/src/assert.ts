/**
 * Assertions for programmer errors only. Input, disks and networks fail with an `AodeError` instead.
 */

/** A broken invariant: a bug in Aode, never a fault of its input. The message starts with `BUG:`. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/**
 * Throws `InvariantError` unless `ok`. `why` is the sentence that must hold; it is a constant, so that a passing
 * assertion builds no string.
 */
export function assert(ok: unknown, why: string): asserts ok {
  if (!ok) throw new InvariantError(`BUG: ${why}`);
}

/** The `default` of an exhaustive switch: the compiler refuses a call that can be reached. */
export function unreachable(value: never): never {
  throw new InvariantError(`BUG: unhandled case ${JSON.stringify(value)}`);
}
