/**
 * The agent as the one worker of its process. Started from a string, so that it needs no file that a bundler could
 * lose; everything it is told comes as workerData.
 */
import { writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { type AodeError, createDiag, systemClock, systemRandom, withCoarseTimers } from '@aode/base';
import { createPoster, type PostOptions } from '@aode/journal';
import { type ClockSettings, keepClock } from '../clock/clock-keeper.ts';
import { SharedTime } from '../clock/shared-time.ts';
import { systemClockEffects } from '../clock/system-effects.ts';
import { AgentCounts } from './agent-counts.ts';
import { AgentLink, type LinkMemory } from './agent-link.ts';
import { runAgent } from './agent-loop.ts';
import { createAskTransport } from './ask-transport.ts';
import { tellThreads } from './asked-channel.ts';
import { type AgentOptions, createAgent, endpointsOf } from './create-agent.ts';

export interface AgentOrder extends AgentOptions {
  readonly link: LinkMemory;
  readonly pools: readonly SharedArrayBuffer[];
  /** For the lines of the same threads. */
  readonly rings: readonly SharedArrayBuffer[];
  readonly post: PostOptions;
  /** The clock of the process, and whom to ask for the time. */
  readonly clock: SharedArrayBuffer;
  readonly time: ClockSettings;
}

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
  // Of all on this thread that may be late, so that little wakes it which can come along with something else.
  const coarse = withCoarseTimers(clock);
  const time = new SharedTime(order.clock);
  const diag = createDiag(clock, say);
  const effects = { clock, random: systemRandom, onTrouble: (error: AodeError) => diag.warn(error) };
  const poster = createPoster(order.post, effects);
  const { agent } = createAgent(order, {
    ...endpointsOf(order.post, poster),
    pools: order.pools,
    rings: order.rings,
    clock,
    coarse,
    random: systemRandom,
    counts: new AgentCounts(order.link.counts),
    diag,
    asks: createAskTransport(order.post, order, poster),
    wishes: tellThreads(),
    time,
  });
  // Ends with this thread.
  const recordedCount = (): number => agent.recordedCount;
  keepClock(time, order.time, { ...systemClockEffects(coarse, systemRandom), recordedCount });
  await runAgent(agent, link, coarse, () => false);
}

void main(workerData as AgentOrder);
