/** The agent's day, in its worker or on the thread that has taken over from it: sleep, read, deliver when asked to. */
import { type Clock, durationMs } from '@aode/base';
import type { Agent, Delivery } from './agent.ts';
import { type AgentLink, type AskedFlush, THREADS_MAX } from './agent-link.ts';

/** What a thread has recorded that does not come to ring is read that late, and a little later at most. */
const SLEEP_MS_MAX = durationMs(5000);

/** Until `isOver`. Keeps no event loop alive while there is nothing to do. */
export async function runAgent(
  agent: Agent,
  link: AgentLink,
  clock: Clock,
  isOver: () => boolean,
): Promise<void> {
  let flushing = 0;
  while (!isOver()) {
    const heard = link.heard();
    while (agent.hasMore) {
      agent.step();
      // Answers of the receiver have their turn.
      await new Promise((turn) => setImmediate(turn));
    }
    freeAbandoned(agent, link);
    const asked = link.askedFlush();
    if (asked !== undefined && asked.number !== flushing) {
      flushing = asked.number;
      void deliver(agent, link, asked).then((delivery) => link.answerFlush(asked.number, delivery));
    }
    const alarm = clock.timer(SLEEP_MS_MAX, () => link.ring());
    await link.sleep(heard);
    alarm[Symbol.dispose]();
  }
}

/** The first pool is the main thread's, which ends with everything else. */
function freeAbandoned(agent: Agent, link: AgentLink): void {
  for (let i = 0; i < THREADS_MAX; i += 1) if (link.isAbandoned(i) && agent.reset(i + 1)) link.free(i);
}

async function deliver(agent: Agent, link: AgentLink, asked: AskedFlush): Promise<Delivery> {
  const { number, deadlineMs, isLast } = asked;
  const onStored = (): void => link.noteSafe(number);
  if (isLast) return agent.flushLast(deadlineMs, onStored);
  return (await agent.flush(deadlineMs, onStored)) ? 'delivered' : 'lost';
}
