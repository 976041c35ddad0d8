/**
 * Listening to Node's diagnostics channels. Node raises what a listener throws as an uncaught error of the process, so
 * nothing may leave one: it is counted instead.
 */
import { channel } from 'node:diagnostics_channel';
import type { Losses } from '../losses.ts';

/** Channel name -> what is done with its messages. */
export type Listeners<M> = Readonly<Record<string, (message: M) => void>>;

/** Listens until disposed of. */
export function listen<M>(listeners: Listeners<M>, losses: Losses): Disposable {
  const undo = Object.entries(listeners).map(([name, listener]) => {
    const onMessage = (message: unknown): void => {
      try {
        listener(message as M);
      } catch {
        losses.add('boundary_failed', 1);
      }
    };
    channel(name).subscribe(onMessage);
    return () => channel(name).unsubscribe(onMessage);
  });
  return { [Symbol.dispose]: () => undo.forEach((stop) => stop()) };
}
