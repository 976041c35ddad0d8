/**
 * Is a fault over? Only where two things are seen: since a moment its service looks as it did before the fault, and
 * the fault itself looks odd beside what is seen since. The first alone would also hold for a fault that a short
 * stretch is not enough to show.
 */
import { observeTraces } from './observed.ts';
import { rankAt } from './rank.ts';
import type { Trace } from './trace-forest.ts';
import type { WeighedTrace } from './trace-weight.ts';
import type { WindowLog, WindowPoint } from './window.ts';

/** What there is to compare, traces in the order of their start. */
export interface Material {
  readonly traces: readonly WeighedTrace[];
  readonly logs: readonly WindowLog[];
  readonly points: readonly WindowPoint[];
}

export interface Culprit {
  readonly service: string;
  /** When the fault began. */
  readonly startMs: number;
  /** Bits above which a service is called odd. */
  readonly thresholdBits: number;
}

/** Below what anybody would call possible; that something has changed back is asked apart from it. */
const INNOCENT_BITS_MAX = 2;
/** Fewer traces than this in which the service takes part do not show that it is well. */
const SEEN_TRACES_MIN = 5;
/** The same as for calm: see find-fault.ts. */
const SINCE_TRACES_MIN = 20;

/**
 * When it ended: the earliest of `moments` (ascending, in ms) since when all is well, or undefined while it goes on.
 * The latest moment is asked first, so a fault that goes on costs one comparison.
 */
export function endOf(culprit: Culprit, moments: readonly number[], material: Material): number | undefined {
  const { service, startMs, thresholdBits } = culprit;
  let end: number | undefined;
  for (const moment of moments.toReversed()) {
    if (moment <= startMs) break;
    const since = within(material, moment, Number.POSITIVE_INFINITY);
    if (since.traces.length < SINCE_TRACES_MIN) continue;
    if (since.traces.filter(({ trace }) => takesPart(trace, service)).length < SEEN_TRACES_MIN) continue;
    const before = within(material, Number.NEGATIVE_INFINITY, startMs);
    if (bitsAgainst(service, before, since) >= INNOCENT_BITS_MAX) break;
    if (end === undefined) {
      const during = within(material, startMs, moment);
      if (bitsAgainst(service, since, during) <= thresholdBits) break;
    }
    end = moment;
  }
  return end;
}

/** What of it began at or after the one moment and before the other. */
export function within({ traces, logs, points }: Material, fromMs: number, toMs: number): Material {
  return {
    traces: traces.filter(({ trace: { startMs } }) => startMs >= fromMs && startMs < toMs),
    logs,
    points: points.filter(({ timeMs }) => timeMs >= fromMs && timeMs < toMs),
  };
}

function takesPart({ nodes }: Trace, service: string): boolean {
  return nodes.some(({ span, callee }) => span.service === service || callee === service);
}

/** What stands against a service in `odd` when `calm` is what is normal. */
function bitsAgainst(service: string, calm: Material, odd: Material): number {
  const observed = observeTraces([...calm.traces, ...odd.traces], calm.logs);
  const { services } = rankAt(observed, {
    calmTraces: calm.traces.length,
    calmPoints: calm.points,
    points: odd.points,
  });
  return services.find((ranked) => ranked.service === service)?.scoreBits ?? 0;
}
