/**
 * What the hub says, from the agent to all threads of its process. A thread that begins to listen asks for what holds
 * already, because it may have been said before.
 */
import { BroadcastChannel } from 'node:worker_threads';

const CHANNEL = 'aode.asked';

/** What the hub wants of every thread. */
export interface HubWishes {
  /** Traces that somebody else has asked for. */
  readonly onAsked: (traceIds: readonly string[]) => void;
  /** Sampling settings of the hub, as they came: all of them, each time. */
  readonly onSampling: (settings: unknown) => void;
}

type Message =
  | { readonly kind: 'asked'; readonly traceIds: readonly string[] }
  | { readonly kind: 'sampling'; readonly settings: unknown }
  /** Of a thread that begins to listen. */
  | { readonly kind: 'began' };

/** Listens until disposed of, and keeps no event loop alive. */
export function hearHub({ onAsked, onSampling }: HubWishes): Disposable {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = (event: unknown) => {
    const { data } = event as { readonly data: Message };
    if (data.kind === 'asked') onAsked(data.traceIds);
    else if (data.kind === 'sampling') onSampling(data.settings);
  };
  channel.unref();
  channel.postMessage({ kind: 'began' } satisfies Message);
  return { [Symbol.dispose]: () => channel.close() };
}

/** The agent's end: tells all threads, and those that begin later what holds. */
export function tellThreads(): HubWishes & Disposable {
  const channel = new BroadcastChannel(CHANNEL);
  let sampling: Message | undefined;
  channel.onmessage = (event: unknown) => {
    const { data } = event as { readonly data: Message };
    if (data.kind === 'began' && sampling !== undefined) channel.postMessage(sampling);
  };
  return {
    onAsked: (traceIds) => channel.postMessage({ kind: 'asked', traceIds } satisfies Message),
    onSampling(settings) {
      sampling = { kind: 'sampling', settings };
      channel.postMessage(sampling);
    },
    [Symbol.dispose]: () => channel.close(),
  };
}
