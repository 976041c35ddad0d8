/** What metrics there are. */
import type { MetricsResponse } from '@aode/wire/hub-api';
import { inRange } from './filter.ts';
import { Parameters, bigOf, numberOf, rowsOf, textOf } from './query.ts';
import type { ReadContext } from './read-context.ts';
import type { TimeRange } from './store.ts';

/** More metrics than this no list can show; by name, so that the cut is the same each time. */
const METRICS_MAX = 5000;

export async function readMetrics({ connection }: ReadContext, range: TimeRange): Promise<MetricsResponse> {
  const p = new Parameters();
  const rows = await rowsOf(
    connection,
    `SELECT service, name, kind, unit, count(*) AS points, max(time_ns) AS last
     FROM points JOIN metrics ON metrics.id = metric_id WHERE ${inRange('time_ns', range, p)}
     GROUP BY service, name, kind, unit ORDER BY service, name, kind, unit LIMIT ${METRICS_MAX}`,
    p,
  );
  return {
    metrics: rows.map((row) => ({
      service: textOf(row, 'service'),
      name: textOf(row, 'name'),
      kind: textOf(row, 'kind'),
      unit: textOf(row, 'unit'),
      pointCount: numberOf(row, 'points'),
      lastUnixNano: String(bigOf(row, 'last')),
    })),
  };
}
