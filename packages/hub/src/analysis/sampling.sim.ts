/**
 * What is left of a window when processes send one trace in `oneIn`, drawn by chance, and every trace that failed: what
 * an Aode fleet with its usual settings sends.
 */
import { type Random, seededRandom } from '@aode/base';
import type { Window, WindowSpan } from './window.ts';

export interface Sampling {
  readonly seed: number;
  readonly oneIn: number;
  /** Of the failed traces that were not drawn, one in so many is kept; all where nothing else is said. */
  readonly failedOneIn?: number;
  /** Also kept: of traces that did not fail, those that take at least so long. */
  readonly slowMs?: number;
}

export function sample(window: Window, sampling: Sampling): Window {
  const random = seededRandom(sampling.seed);
  const counts = new Map<string, number>();
  for (const [traceId, spans] of Map.groupBy(window.spans, (span) => span.traceId)) {
    const count = countOf(spans, sampling, random);
    if (count !== undefined) counts.set(traceId, count);
  }
  return {
    spans: window.spans
      .filter(({ traceId }) => counts.has(traceId))
      .map((span) => ({ ...span, adjustedCount: counts.get(span.traceId) ?? 0 })),
    // A line goes with its trace.
    logs: window.logs.filter(({ traceId }) => counts.has(traceId)),
    points: window.points,
  };
}

/** Adjusted count of a trace that is sent. */
function countOf(spans: readonly WindowSpan[], sampling: Sampling, random: Random): number | undefined {
  const { oneIn, failedOneIn = 1, slowMs = Number.POSITIVE_INFINITY } = sampling;
  if (random.chance(1, oneIn)) return oneIn;
  if (spans.some(({ error }) => error)) return random.chance(1, failedOneIn) ? 0 : undefined;
  const startMs = Math.min(...spans.map((span) => span.startMs));
  const endMs = Math.max(...spans.map((span) => span.endMs));
  return endMs - startMs >= slowMs ? 0 : undefined;
}
