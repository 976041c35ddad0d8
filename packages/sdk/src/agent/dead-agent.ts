/** What an agent that has died leaves behind: its pools are put in order, and what was lost with it is counted. */
import { giveBackUnread, LINE_UNIT, noteTaken, poolMemory } from '../pool/pool-memory.ts';
import { AGENT_LOSSES, type AgentCounts } from './agent-counts.ts';

/**
 * Returns how many records were lost. Only while no agent lives, because it writes what is otherwise the agent's alone.
 */
export function settleDeadAgent(pools: readonly ArrayBufferLike[], counts: AgentCounts): number {
  for (const buffer of pools) {
    const memory = poolMemory(buffer);
    const records = giveBackUnread(memory);
    const spanCount = records % LINE_UNIT;
    const lineCount = Math.floor(records / LINE_UNIT);
    noteTaken(memory, spanCount, lineCount);
    counts.add('taken', 'traces', spanCount);
    counts.add('taken', 'logs', lineCount);
  }
  let all = 0;
  for (const signal of ['traces', 'logs'] as const) {
    const gone = AGENT_LOSSES.reduce((sum, reason) => sum + counts.of(reason, signal), 0);
    const lost = counts.of('taken', signal) - counts.of('delivered', signal) - gone;
    counts.add('agent_failed', signal, lost);
    all += lost;
  }
  return all;
}
