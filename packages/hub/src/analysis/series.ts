/** Observations grouped by who is charged, who observed and which operation: one series, one test. */
import { type Observation, SEPARATOR } from './observation.ts';

export interface Series<O extends Observation> {
  readonly service: string;
  readonly from: string;
  readonly operation: string;
  readonly calm: O[];
  readonly now: O[];
}

export function seriesOf<O extends Observation>(calm: readonly O[], now: readonly O[]): Series<O>[] {
  const all = new Map<string, Series<O>>();
  const place = (one: O): Series<O> => {
    const key = one.service + SEPARATOR + one.from + SEPARATOR + one.operation;
    let series = all.get(key);
    if (series === undefined) {
      const { service, from, operation } = one;
      all.set(key, (series = { service, from, operation, calm: [], now: [] }));
    }
    return series;
  };
  for (const one of calm) place(one).calm.push(one);
  for (const one of now) place(one).now.push(one);
  return [...all.values()];
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
