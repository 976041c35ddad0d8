/** The hybrid logical clock of a process: one cell that all of its threads count up, by compare and swap. */
import type { Timeline } from '../trace/timeline.ts';
import { LOGICAL_MAX, nextEvent, receivedEvent } from './hybrid-logical.ts';
import { LOGICAL_PLACE, type SharedTime } from './shared-time.ts';

/** An event of a process, as another one is told of it. */
export interface ClockStamp {
  readonly logical: bigint;
  /** How far its process's clock may be off; undefined where nobody knows. */
  readonly errorMs: number | undefined;
}

/** An event here. */
export interface ReceivedStamp extends ClockStamp {
  /** The other process's clock was ahead by so much, and was not followed. */
  readonly refusedMs: number | undefined;
}

export interface LogicalClock {
  /** Something goes out that will cause something elsewhere. */
  send(): ClockStamp;
  /** Something has come that another process has caused. */
  receive(remote: ClockStamp): ReceivedStamp;
}

export interface LogicalClockParts {
  readonly shared: SharedTime;
  readonly timeline: Timeline;
  /** How far another clock may be ahead, beside the error bounds of both. */
  readonly offsetMsMax: number;
  /** One was not followed. Must not throw. */
  readonly onRefused: () => void;
}

export function createLogicalClock(parts: LogicalClockParts): LogicalClock {
  const { shared, timeline, offsetMsMax, onRefused } = parts;
  const read = (): { readonly nowMs: number; readonly errorMs: number | undefined } => {
    const { errorMs } = timeline.reading();
    const nowMs = timeline.sec * 1000 + timeline.nano / 1e6;
    return { nowMs, errorMs: Number.isFinite(errorMs) ? errorMs : undefined };
  };
  return {
    send() {
      const { nowMs, errorMs } = read();
      return { logical: advance(shared, (last) => nextEvent(last, nowMs)), errorMs };
    },
    receive(remote) {
      const { nowMs, errorMs } = read();
      // What nobody knows adds nothing: else a process without a source would follow anybody.
      const aheadMsMax = offsetMsMax + (errorMs ?? 0) + Math.min(remote.errorMs ?? 0, offsetMsMax);
      let refusedMs: number | undefined;
      const logical = advance(shared, (last) => {
        const received = receivedEvent(last, { remote: remote.logical, nowMs, aheadMsMax });
        ({ refusedMs } = received);
        return received.logical;
      });
      if (refusedMs !== undefined) onRefused();
      return { logical, errorMs, refusedMs };
    },
  };
}

const CLOCK = Symbol.for('aode.logical-clock');
const threadWide = globalThis as { [CLOCK]?: LogicalClock | undefined };

/** Of the SDK that runs here, also for another installed copy of this package; undefined while none runs. */
export const runningClock = (): LogicalClock | undefined => threadWide[CLOCK];

/** Until disposed of. */
export function openRunningClock(logical: LogicalClock): Disposable {
  threadWide[CLOCK] = logical;
  return {
    [Symbol.dispose]() {
      if (threadWide[CLOCK] === logical) threadWide[CLOCK] = undefined;
    },
  };
}

function advance({ longs }: SharedTime, next: (last: bigint) => bigint): bigint {
  for (;;) {
    const last = Atomics.load(longs, LOGICAL_PLACE);
    const logical = next(BigInt.asUintN(64, last));
    const value = BigInt.asIntN(64, logical > LOGICAL_MAX ? LOGICAL_MAX : logical);
    if (Atomics.compareExchange(longs, LOGICAL_PLACE, last, value) === last) return logical;
  }
}
