/** Flat records of one stretch of time for the analysis. */
import type { Window, WindowLog, WindowPoint, WindowSpan } from '../analysis/window.ts';
import { inRange } from './filter.ts';
import { hex16, traceIdOf } from './id-bits.ts';
import { Parameters, type Row, bigOf, numberOf, rowsOf, textOf, textOrNull } from './query.ts';
import type { ReadContext } from './read-context.ts';
import type { TimeRange } from './store.ts';

/** Lines and points beyond this tell the statistics nothing new; the newest are kept. */
const RECORDS_MAX = 500_000;

/** Whole traces that start in the range, newest first until `spansMax`, with the lines and points of the range. */
export async function readWindow(context: ReadContext, range: TimeRange, spansMax: number): Promise<Window> {
  return {
    spans: await spansOf(context, range, spansMax),
    logs: await logsOf(context, range),
    points: await pointsOf(context, range),
  };
}

async function spansOf(
  { connection }: ReadContext,
  range: TimeRange,
  spansMax: number,
): Promise<WindowSpan[]> {
  const p = new Parameters();
  const rows = await rowsOf(
    connection,
    `WITH hit AS (SELECT DISTINCT trace_high, trace_low FROM spans WHERE ${inRange('start_ns', range, p)}),
     whole AS (
       SELECT trace_high, trace_low, min(start_ns) AS start, count(*) AS spans
       FROM spans SEMI JOIN hit USING (trace_high, trace_low) GROUP BY ALL HAVING ${inRange('start', range, p)}
     ), newest AS (
       SELECT trace_high, trace_low FROM whole
       QUALIFY sum(spans) OVER (ORDER BY start DESC, trace_high DESC, trace_low DESC) <= ${p.int(spansMax)}
     )
     SELECT DISTINCT trace_high, trace_low, span_id, parent_id, service, name, kind, start_ns,
       greatest(start_ns, end_ns) AS end_ns, failed, peer_service, peer_address, adjusted_count
     FROM spans SEMI JOIN newest USING (trace_high, trace_low) ORDER BY start_ns, span_id`,
    p,
  );
  return rows.map((row) => ({
    traceId: traceIdOf(bigOf(row, 'trace_high'), bigOf(row, 'trace_low')),
    spanId: hex16(bigOf(row, 'span_id')),
    parentSpanId: row['parent_id'] === null ? '' : hex16(bigOf(row, 'parent_id')),
    service: textOf(row, 'service'),
    name: textOf(row, 'name'),
    kind: numberOf(row, 'kind'),
    startMs: milliseconds(row, 'start_ns'),
    endMs: milliseconds(row, 'end_ns'),
    error: numberOf(row, 'failed') === 1,
    peerService: textOrNull(row, 'peer_service') ?? '',
    peerAddress: textOrNull(row, 'peer_address') ?? '',
    adjustedCount: numberOf(row, 'adjusted_count'),
  }));
}

async function logsOf({ connection }: ReadContext, range: TimeRange): Promise<WindowLog[]> {
  const p = new Parameters();
  const rows = await rowsOf(
    connection,
    `SELECT id, time_ns, service, severity, body, trace_high, trace_low, span_id FROM logs
     WHERE ${inRange('time_ns', range, p)} ORDER BY time_ns DESC, id DESC LIMIT ${RECORDS_MAX}`,
    p,
  );
  return rows.map((row) => ({
    id: String(bigOf(row, 'id')),
    timeMs: milliseconds(row, 'time_ns'),
    service: textOf(row, 'service'),
    severityNumber: numberOf(row, 'severity'),
    body: textOf(row, 'body'),
    traceId: row['trace_low'] === null ? '' : traceIdOf(bigOf(row, 'trace_high'), bigOf(row, 'trace_low')),
    spanId: row['span_id'] === null ? '' : hex16(bigOf(row, 'span_id')),
  }));
}

/** Gauges and sums: the kinds of which one number tells the state. What SDKs say of themselves is no symptom. */
async function pointsOf({ connection }: ReadContext, range: TimeRange): Promise<WindowPoint[]> {
  const p = new Parameters();
  const rows = await rowsOf(
    connection,
    `SELECT time_ns, points.service, instance, metrics.name, unit, value FROM points
     JOIN metrics ON metrics.id = metric_id JOIN resources ON resources.id = resource_id
     WHERE ${inRange('time_ns', range, p)} AND value IS NOT NULL AND kind IN ('gauge', 'sum')
       AND NOT starts_with(name, 'otel.sdk.') AND NOT starts_with(name, 'aode.sdk.')
     ORDER BY time_ns DESC LIMIT ${RECORDS_MAX}`,
    p,
  );
  return rows.map((row) => ({
    timeMs: milliseconds(row, 'time_ns'),
    service: textOf(row, 'service'),
    instance: textOf(row, 'instance'),
    name: textOf(row, 'name'),
    unit: textOf(row, 'unit'),
    value: numberOf(row, 'value'),
  }));
}

/** A microsecond is the finest that a double of milliseconds since 1970 can hold. */
const milliseconds = (row: Row, column: string): number => Number(bigOf(row, column) / 1000n) / 1000;
