/**
 * Spans that nobody ends: ended here, kept, and marked with the reason and, where it is known, the place at which they
 * were started. The deadline is one for all, so the list of open spans is in the order of their deadlines. After a part
 * of it a span is no longer held, and the garbage collector may find it first.
 */
import { type Clock, durationMs } from '@aode/base';
import { INCOMPLETE, type Recorder, STARTED_AT } from './recorder.ts';
import type { RecordingSpan } from './span.ts';

/**
 * `exit`, `shutdown`: the process or the SDK has ended first. `deadline`: it was open for longer than a request can
 * take.
 */
export type UnfinishedReason = 'exit' | 'shutdown' | 'deadline';

/** All that are open, oldest first. */
export function endAllOpen(recorder: Recorder, reason: 'exit' | 'shutdown'): number {
  let count = 0;
  for (let span = recorder.open.oldest; span !== undefined; span = recorder.open.oldest) {
    endIncomplete(recorder, span, reason);
    // One that cannot be ended must not hold the process up.
    if (recorder.open.oldest === span) recorder.open.remove(span);
    count += 1;
  }
  for (const span of recorder.watched.spans()) {
    endIncomplete(recorder, span, reason);
    count += 1;
  }
  return count;
}

export interface DeadlineParts {
  readonly recorder: Recorder;
  readonly clock: Clock;
  readonly deadlineMs: number;
  readonly onUnfinished: (span: RecordingSpan) => void;
}

/** Looks at the oldest spans now and then, until disposed of. */
export function endOverdue({ recorder, clock, deadlineMs, onUnfinished }: DeadlineParts): Disposable {
  const watchMs = deadlineMs / LOOKS;
  let timer: Disposable | undefined;
  const look = (): void => {
    const now = clock.ticks();
    for (const span of recorder.watched.spans()) {
      if (span.startTicks > now - deadlineMs) continue;
      endIncomplete(recorder, span, 'deadline');
      onUnfinished(span);
    }
    const { open } = recorder;
    for (let span = open.oldest; span !== undefined && span.startTicks <= now - watchMs; span = open.oldest) {
      recorder.watch(span);
    }
    timer = clock.timer(durationMs(watchMs), look);
  };
  timer = clock.timer(durationMs(watchMs), look);
  return { [Symbol.dispose]: () => timer?.[Symbol.dispose]() };
}

/** So many looks within a deadline: none is exceeded by more than a tenth, and after a tenth a span is watched. */
const LOOKS = 10;

function endIncomplete(recorder: Recorder, span: RecordingSpan, reason: UnfinishedReason): void {
  span.setAttribute(INCOMPLETE, reason);
  const place = recorder.places.placeOf(span);
  if (place !== undefined) span.setAttribute(STARTED_AT, place);
  recorder.keep(span.trace, 'incomplete');
  span.end();
}
