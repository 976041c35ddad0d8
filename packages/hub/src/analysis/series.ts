/**
 * Observations grouped by who is charged, who observed and which operation: one series, one test. Grouped once, a
 * series is split at any trace, because a search for the start of a fault splits the same observations many times.
 */
import { type Observation, SEPARATOR } from './observation.ts';

export interface Group<O extends Observation> {
  readonly service: string;
  readonly from: string;
  readonly operation: string;
  /** In the order of their traces. */
  readonly all: O[];
}

export interface Series<O extends Observation> {
  readonly service: string;
  readonly from: string;
  readonly operation: string;
  readonly calm: readonly O[];
  readonly now: readonly O[];
}

/** `observations` stand in the order of their traces. */
export function groupsOf<O extends Observation>(observations: readonly O[]): Group<O>[] {
  const groups = new Map<string, Group<O>>();
  for (const one of observations) {
    const { service, from, operation } = one;
    const key = service + SEPARATOR + from + SEPARATOR + operation;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { service, from, operation, all: [one] });
    else group.all.push(one);
  }
  return [...groups.values()];
}

/** Calm is what was observed in traces before `firstNow`. */
export function splitAt<O extends Observation>(groups: readonly Group<O>[], firstNow: number): Series<O>[] {
  return groups.map(({ service, from, operation, all }) => {
    const at = indexOf(all, firstNow);
    return { service, from, operation, calm: all.slice(0, at), now: all.slice(at) };
  });
}

/** Index of the first observation of a trace that is not before `trace`. */
function indexOf(all: readonly Observation[], trace: number): number {
  let low = 0;
  let high = all.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if ((all[mid]?.trace ?? trace) < trace) low = mid + 1;
    else high = mid;
  }
  return low;
}

/** Sum and count of what one trace shows in one series. */
export interface Total {
  sum: number;
  count: number;
}

/** Adds a value to its trace's total. */
export function addTo(totals: Map<number, Total>, trace: number, value: number): void {
  const total = totals.get(trace);
  if (total === undefined) totals.set(trace, { sum: value, count: 1 });
  else {
    total.sum += value;
    total.count += 1;
  }
}
