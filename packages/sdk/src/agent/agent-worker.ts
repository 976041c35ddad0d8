/**
 * The agent as the one worker of its process. Started from a string, so that it needs no file that a bundler could
 * lose; everything it is told comes as workerData.
 */
import { writeSync } from 'node:fs';
import { BroadcastChannel, parentPort, workerData } from 'node:worker_threads';
import { createDiag, systemClock, systemRandom } from '@aode/base';
import { createPoster, type PostOptions } from '@aode/journal';
import { AgentCounts } from './agent-counts.ts';
import type { Agent } from './agent.ts';
import { AgentLink, type LinkMemory, THREADS_MAX } from './agent-link.ts';
import { createAskTransport } from './ask-transport.ts';
import { ASKED_CHANNEL } from './asked-channel.ts';
import { type AgentOptions, createAgent } from './create-agent.ts';

export interface AgentOrder extends AgentOptions {
  readonly link: LinkMemory;
  readonly pools: readonly SharedArrayBuffer[];
  readonly post: PostOptions;
}

/** Nothing is read later than this, even if a bell was missed. */
const SLEEP_MS_MAX = 5000;

/**
 * Standard error itself: a line by way of the main thread would wait for it, and at the end of the process for
 * ever.
 */
function say(line: string): void {
  try {
    writeSync(2, line);
  } catch {
    // Nobody reads it, or it is full.
  }
}

/** The first pool is the main thread's, which ends with everything else. */
function freeAbandoned(link: AgentLink, agent: Agent): void {
  for (let i = 0; i < THREADS_MAX; i += 1) if (link.isAbandoned(i) && agent.reset(i + 1)) link.free(i);
}

async function main(order: AgentOrder): Promise<void> {
  // What is listened to keeps this thread alive; it ends with its process.
  parentPort?.on('message', () => undefined);
  const link = new AgentLink(order.link.words);
  const clock = systemClock;
  const asked = new BroadcastChannel(ASKED_CHANNEL);
  const { agent } = createAgent(order, {
    pools: order.pools,
    poster: createPoster(order.post),
    clock,
    random: systemRandom,
    counts: new AgentCounts(order.link.counts),
    diag: createDiag(clock, say),
    asks: createAskTransport(order.post, order.instance),
    onAsked: (traceIds) => asked.postMessage(traceIds),
  });
  let flushing = 0;
  for (;;) {
    const heard = link.heard();
    while (agent.hasMore) {
      agent.step();
      // Answers of the receiver have their turn.
      await new Promise((turn) => setImmediate(turn));
    }
    freeAbandoned(link, agent);
    const asked = link.askedFlush();
    if (asked !== undefined && asked.number !== flushing) {
      flushing = asked.number;
      const flush = asked.isLast ? agent.flushLast(asked.deadlineMs) : agent.flush(asked.deadlineMs);
      void flush.then((isDelivered) => link.answerFlush(asked.number, isDelivered));
    }
    await link.sleep(heard, SLEEP_MS_MAX);
  }
}

void main(workerData as AgentOrder);
