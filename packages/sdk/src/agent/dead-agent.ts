/** What an agent that has died leaves behind: its pools are put in order, and what was lost with it is counted. */
import { giveBackUnread, LINE_UNIT, noteTaken, poolMemory } from '../pool/pool-memory.ts';
import type { AgentCounts } from './agent-counts.ts';

export interface DeadAgent {
  /** Records that went with it. */
  readonly lost: number;
  /** Records that it has left on disk, for the next agent to deliver. */
  readonly left: number;
}

/** Only while no agent lives, because it writes what is otherwise the agent's alone. */
export function settleDeadAgent(pools: readonly ArrayBufferLike[], counts: AgentCounts): DeadAgent {
  for (const buffer of pools) {
    const memory = poolMemory(buffer);
    const records = giveBackUnread(memory);
    const spanCount = records % LINE_UNIT;
    const lineCount = Math.floor(records / LINE_UNIT);
    noteTaken(memory, spanCount, lineCount);
    counts.add('taken', 'traces', spanCount);
    counts.add('taken', 'logs', lineCount);
  }
  let lost = 0;
  let left = 0;
  for (const signal of ['traces', 'logs'] as const) {
    const unsettled = counts.unsettled(signal);
    const gone = Math.min(unsettled, counts.unwritten(signal));
    counts.add('agent_failed', signal, gone);
    lost += gone;
    left += unsettled - gone;
  }
  return { lost, left };
}
