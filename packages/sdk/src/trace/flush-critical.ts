/** One trace that must arrive: keeps it, delivers it, and says whether the receiver has it. */
import { isTraceId } from '@aode/base';
import type { Engine } from '../agent/engine.ts';
import { lostOf } from '../loss/ledger.ts';
import type { Recorder } from './recorder.ts';

export interface CriticalParts {
  readonly engine: Pick<Engine, 'flush' | 'ledger'>;
  readonly recorder: Pick<Recorder, 'keepCritical'>;
}

/**
 * True when the receiver has all that this thread has recorded of the trace by now. A loss on the way may have been of
 * another trace: which records it was nobody knows, so the answer is no.
 */
export async function flushCritical(
  { engine, recorder }: CriticalParts,
  traceId: string,
  deadlineMs: number,
): Promise<boolean> {
  // JavaScript passes anything.
  const id = typeof traceId === 'string' ? traceId.toLowerCase() : '';
  const isWhole = isTraceId(id) && recorder.keepCritical(id);
  const lostBefore = lostCount(engine);
  // Also for a part of it, which is better than nothing.
  const isDelivered = await engine.flush(deadlineMs);
  return isWhole && isDelivered && lostCount(engine) === lostBefore;
}

const lostCount = (engine: CriticalParts['engine']): number =>
  Object.values(lostOf(engine.ledger())).reduce((sum, count) => sum + count, 0);
