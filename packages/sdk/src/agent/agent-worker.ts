/**
 * The agent as the one worker of its process. Started from a string, so that it needs no file that a bundler could
 * lose; everything it is told comes as workerData.
 */
import { writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { createDiag, systemClock, systemRandom } from '@aode/base';
import { createPoster, type PostOptions } from '@aode/journal';
import { AgentCounts } from './agent-counts.ts';
import { AgentLink, type LinkMemory } from './agent-link.ts';
import { createAskTransport } from './ask-transport.ts';
import { tellThreads } from './asked-channel.ts';
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

async function main(order: AgentOrder): Promise<void> {
  // What is listened to keeps this thread alive; it ends with its process.
  parentPort?.on('message', () => undefined);
  const link = new AgentLink(order.link.words);
  const clock = systemClock;
  const { agent } = createAgent(order, {
    pools: order.pools,
    poster: createPoster(order.post),
    clock,
    random: systemRandom,
    counts: new AgentCounts(order.link.counts),
    diag: createDiag(clock, say),
    asks: createAskTransport(order.post, order),
    wishes: tellThreads(),
  });
  let flushing = 0;
  for (;;) {
    const heard = link.heard();
    while (agent.hasMore) {
      agent.step();
      // Answers of the receiver have their turn.
      await new Promise((turn) => setImmediate(turn));
    }
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
