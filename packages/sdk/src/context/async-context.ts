/** The OpenTelemetry context of the running code, kept over timers, promises and callbacks by AsyncLocalStorage. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { type Context, type ContextManager, ROOT_CONTEXT } from '@opentelemetry/api';

type AnyFunction = (...args: never[]) => unknown;

export class AsyncContext implements ContextManager {
  readonly #storage = new AsyncLocalStorage<Context>();

  active(): Context {
    return this.#storage.getStore() ?? ROOT_CONTEXT;
  }

  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    context: Context,
    fn: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    const run = thisArg === undefined ? fn : fn.bind(thisArg);
    return this.#storage.run(context, run as (...all: A) => ReturnType<F>, ...args);
  }

  /** A function that runs in `context`; an emitter calls its listeners there, in the first that it was bound to. */
  bind<T>(context: Context, target: T): T {
    if (typeof target === 'function')
      return this.#bindFunction(context, target as unknown as AnyFunction) as T;
    if (target instanceof EventEmitter) this.#bindEmitter(context, target);
    return target;
  }

  #bindFunction(context: Context, target: AnyFunction): AnyFunction {
    const storage = this.#storage;
    const bound = function bound(this: unknown, ...args: never[]): unknown {
      return storage.run(context, () => target.apply(this, args));
    };
    Object.defineProperty(bound, 'length', { value: target.length, configurable: true });
    return bound;
  }

  #bindEmitter(context: Context, emitter: EventEmitter): void {
    const emit = emitter.emit.bind(emitter);
    const storage = this.#storage;
    emitter.emit = function emitInContext(
      this: EventEmitter,
      ...args: Parameters<EventEmitter['emit']>
    ): boolean {
      return storage.run(context, () => emit.apply(this, args));
    };
  }

  enable(): this {
    return this;
  }

  disable(): this {
    this.#storage.disable();
    return this;
  }
}
