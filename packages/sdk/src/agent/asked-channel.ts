/** Traces that were asked for, from the agent to all threads of its process: lists of trace ids. */
import { BroadcastChannel } from 'node:worker_threads';

export const ASKED_CHANNEL = 'aode.asked';

/** Listens until disposed of, and keeps no event loop alive. */
export function hearAsked(onAsked: (traceIds: readonly string[]) => void): Disposable {
  const channel = new BroadcastChannel(ASKED_CHANNEL);
  channel.onmessage = (message: unknown) => {
    onAsked((message as { readonly data: readonly string[] }).data);
  };
  channel.unref();
  return { [Symbol.dispose]: () => channel.close() };
}
