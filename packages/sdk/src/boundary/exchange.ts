/**
 * A request and its answer while they are under way, kept on Node's own objects for them: a property costs less than a
 * WeakMap, and one `emit` for all messages less than a listener and a bound `emit` for each. Bench: bench/hop.bench.ts.
 */
import type { EventEmitter } from 'node:events';
import { type Context, context as contextApi } from '@opentelemetry/api';
import type { Losses } from '../losses.ts';
import { replaceEmit } from './emit.ts';

export interface Exchange {
  /** In which listeners are called; undefined for the one that their event comes from. */
  readonly context: Context | undefined;
  /** `message` has no more events; its listeners have not heard of it yet. */
  closed(message: object): void;
}

const EXCHANGE = Symbol('aode.exchange');

interface Message extends EventEmitter {
  [EXCHANGE]?: Exchange | undefined;
}

/** Undefined for a message that none was begun for. */
export function exchangeOf(message: object): Exchange | undefined {
  return (message as Message)[EXCHANGE];
}

export function beginExchange(message: object, exchange: Exchange): void {
  (message as Message)[EXCHANGE] = exchange;
}

/** Watches the events of all messages of a class, until the result is called. */
export function watchMessages(prototype: EventEmitter, losses: Losses): () => void {
  return replaceEmit<Message>(
    prototype,
    (original) =>
      function emit(event, ...args) {
        const exchange = this[EXCHANGE];
        if (exchange === undefined) return original().call(this, event, ...args);
        if (event === 'close') close(exchange, this, losses);
        const { context } = exchange;
        // Events of a body come from the parser, which belongs to the connection and knows nothing of this request.
        if (context === undefined || this.listenerCount(event) === 0 || contextApi.active() === context) {
          return original().call(this, event, ...args);
        }
        return contextApi.with(context, () => original().call(this, event, ...args));
      },
  );
}

function close(exchange: Exchange, message: object, losses: Losses): void {
  try {
    exchange.closed(message);
  } catch {
    losses.add('boundary_failed', 1);
  }
}
