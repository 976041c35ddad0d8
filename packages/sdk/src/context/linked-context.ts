/**
 * A context of OpenTelemetry's API that is a link in front of the one it was made from. The API's own copies a map at
 * each step, and a request takes five steps with three values in all. Bench: bench/hop.bench.ts.
 */
import { type Context, ROOT_CONTEXT } from '@opentelemetry/api';

/** From here on a context is a map again: whoever goes on and on from the last gets no endless chain. */
const DEPTH_MAX = 12;

class LinkedContext implements Context {
  readonly #key: symbol | undefined;
  readonly #value: unknown;
  readonly #before: LinkedContext | undefined;
  readonly #depth: number;

  constructor(key: symbol | undefined, value: unknown, before: LinkedContext | undefined) {
    this.#key = key;
    this.#value = value;
    this.#before = before;
    this.#depth = before === undefined ? 0 : before.#depth + 1;
  }

  getValue(key: symbol): unknown {
    if (this.#key === key) return this.#value;
    let at = this.#before;
    while (at !== undefined) {
      if (at.#key === key) return at.#value;
      at = at.#before;
    }
    return undefined;
  }

  setValue(key: symbol, value: unknown): Context {
    if (this.#depth < DEPTH_MAX) return new LinkedContext(key, value, this);
    return this.#asMap().setValue(key, value);
  }

  deleteValue(key: symbol): Context {
    return this.getValue(key) === undefined ? this : this.setValue(key, undefined);
  }

  /** Oldest first, so that the newest word stands. */
  #asMap(): Context {
    const before = this.#before === undefined ? ROOT_CONTEXT : this.#before.#asMap();
    return this.#key === undefined ? before : before.setValue(this.#key, this.#value);
  }
}

/** Without any value, as the API's root is. */
export const EMPTY_CONTEXT: Context = new LinkedContext(undefined, undefined, undefined);
