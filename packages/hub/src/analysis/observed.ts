/**
 * All that a window shows, before a fault and since alike, observed and grouped once: a search for the start of the
 * fault splits the same observations at many moments.
 */
import { excusedBy } from './excuse.ts';
import { observeLogs } from './log-observation.ts';
import { type MixGroup, mixGroupOf } from './mix-test.ts';
import { type NumberObservation, observe, type ShareObservation } from './observation.ts';
import { type Group, groupsOf } from './series.ts';
import type { Trace } from './trace-forest.ts';
import { type WeighedTrace, type Weights, weightsOf } from './trace-weight.ts';
import type { WindowLog } from './window.ts';

export interface Observed {
  /** Those before the fault stand before those since. */
  readonly traces: readonly Trace[];
  readonly weights: Weights;
  /** Everybody who was heard of: who recorded spans, and who was called by name. */
  readonly services: ReadonlySet<string>;
  readonly self: readonly Group<NumberObservation>[];
  readonly edge: readonly Group<NumberObservation>[];
  readonly blind: readonly Group<NumberObservation>[];
  readonly wait: readonly Group<NumberObservation>[];
  readonly error: readonly Group<ShareObservation>[];
  readonly fail: readonly Group<ShareObservation>[];
  readonly shape: readonly MixGroup[];
  readonly logPath: readonly MixGroup[];
  readonly logError: readonly Group<ShareObservation>[];
  /** Of the traces that have a line. */
  readonly logWeights: Weights;
  /** How many of the first `i` traces have a line; log observations count these alone. */
  readonly loggedBefore: readonly number[];
}

export function observeTraces(weighed: readonly WeighedTrace[], logs: readonly WindowLog[]): Observed {
  const traces = weighed.map(({ trace }) => trace);
  const weights = weightsOf(weighed);
  const services = servicesOf(traces);
  const excused = excusedBy(logs, services);
  const { self, edge, blind, wait, error, fail, shape } = observe(traces, excused);
  const lines = observeLogs(traces, logs, excused);
  const logWeights = weightsOf(weighed.filter((_, i) => lines.loggedBefore[i] !== lines.loggedBefore[i + 1]));
  return {
    traces,
    weights,
    services,
    self: groupsOf(self),
    edge: groupsOf(edge),
    blind: groupsOf(blind),
    wait: groupsOf(wait),
    error: groupsOf(error),
    fail: groupsOf(fail),
    shape: groupsOf(shape).map((group) => mixGroupOf(group, weights.weight)),
    logPath: groupsOf(lines.path).map((group) => mixGroupOf(group, logWeights.weight)),
    logError: groupsOf(lines.error),
    logWeights,
    loggedBefore: lines.loggedBefore,
  };
}

function servicesOf(traces: readonly Trace[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { nodes } of traces) {
    for (const { span } of nodes) {
      names.add(span.service);
      if (span.peerService !== '') names.add(span.peerService);
    }
  }
  return names;
}
