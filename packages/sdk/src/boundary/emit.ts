/**
 * `emit` of a class of Node's, in other hands until it is given back. Whoever else has changed it, before or since, for
 * this class or for all emitters, is called as if we were not there.
 */
import type { EventEmitter } from 'node:events';

export type Emit<T> = (this: T, event: string | symbol, ...args: unknown[]) => boolean;

/** What would be called without us. Looked up at each call, because `node:domain` and others change it late. */
export type Original<T> = () => Emit<T>;

/** Puts what `wrap` makes in the place of `emit`; returns what gives it back. */
export function replaceEmit<T>(
  prototype: EventEmitter,
  wrap: (original: Original<T>) => Emit<T>,
): () => void {
  const own = Object.getOwnPropertyDescriptor(prototype, 'emit');
  const above = Object.getPrototypeOf(prototype) as { emit: Emit<T> };
  const original = own === undefined ? (): Emit<T> => above.emit : (): Emit<T> => own.value as Emit<T>;
  const wrapped = wrap(original);
  let isOurs = true;
  const emit: Emit<T> = function emit(event, ...args) {
    return (isOurs ? wrapped : original()).call(this, event, ...args);
  };
  Object.defineProperty(prototype, 'emit', { value: emit, configurable: true, writable: true });
  return () => {
    isOurs = false;
    // Somebody who has put his own over ours goes on calling it.
    if ((prototype as { emit: unknown }).emit !== emit) return;
    if (own === undefined) Reflect.deleteProperty(prototype, 'emit');
    else Object.defineProperty(prototype, 'emit', own);
  };
}
