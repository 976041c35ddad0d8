/** Services, operations, and rate, errors, duration over time: estimates of what happened from what was sampled. */
import type {
  OperationsResponse,
  RedResponse,
  RedSeries,
  ServiceRow,
  ServicesResponse,
} from '@aode/wire/hub-api';
import { estimatedCount, estimatedQuantiles } from './estimate.ts';
import { inRange, nanoOf } from './filter.ts';
import { Parameters, type Row, listOf, numberOf, numberOrNull, rowsOf, textOf, textOrNull } from './query.ts';
import { type ReadContext, intervalCount } from './read-context.ts';
import type { Store, TimeRange } from './store.ts';

/** A request is what others ask of a service: server and consumer spans, and roots of whatever kind. */
const IS_REQUEST = '(kind IN (2, 5) OR parent_id IS NULL)';
/** A sender's end before its start counts as no time. */
const DURATION = '(CASE WHEN end_ns > start_ns THEN end_ns - start_ns ELSE 0::UBIGINT END)';

/** One row a service with spans or log lines in the range, most failed requests first. */
export async function readServices({ connection }: ReadContext, range: TimeRange): Promise<ServicesResponse> {
  const p = new Parameters();
  const spanRange = inRange('start_ns', range, p);
  const logRange = inRange('time_ns', range, p);
  const rows = await rowsOf(
    connection,
    `WITH rows AS NOT MATERIALIZED (
       SELECT service, ${IS_REQUEST} AS request, ${DURATION} AS duration, adjusted_count, failed, error_code
       FROM spans WHERE ${spanRange}
     ), ${estimatedQuantiles('service, request', [0.5, 0.95])}, by_span AS (
       SELECT service, count(*) AS stored, ${estimatedCount()} AS spans, ${estimatedCount('failed = 1')} AS errors,
         count(*) FILTER (failed = 1) AS stored_errors, ${estimatedCount('request')} AS requests,
         ${estimatedCount('request AND failed = 1')} AS request_errors,
         mode(error_code) FILTER (failed = 1 AND request) AS top_code
       FROM rows GROUP BY service
     ), durations AS (
       SELECT service, arg_max(quantiles, request) AS quantiles FROM estimated GROUP BY service
     ), by_log AS (
       SELECT service, count(*) AS logs, count(*) FILTER (severity >= 17) AS log_errors
       FROM logs WHERE ${logRange} GROUP BY service
     )
     SELECT name, hue, coalesce(spans, 0) AS spans, coalesce(errors, 0) AS errors,
       coalesce(requests, 0) AS requests, coalesce(request_errors, 0) AS request_errors,
       coalesce(stored_errors, 0) AS stored_errors, quantiles, top_code,
       coalesce(logs, 0) AS logs, coalesce(log_errors, 0) AS log_errors
     FROM services LEFT JOIN by_span ON by_span.service = name LEFT JOIN durations ON durations.service = name
       LEFT JOIN by_log ON by_log.service = name
     WHERE stored > 0 OR logs > 0
     ORDER BY request_errors / greatest(requests, 1) DESC, errors DESC, stored_errors DESC, log_errors DESC, name`,
    p,
  );
  return { services: rows.map(serviceRow) };
}

function serviceRow(row: Row): ServiceRow {
  const quantiles = row['quantiles'] === null ? [] : listOf(row, 'quantiles');
  return {
    name: textOf(row, 'name'),
    hue: numberOf(row, 'hue'),
    spanCount: numberOf(row, 'spans'),
    errorCount: numberOf(row, 'errors'),
    storedErrorCount: numberOf(row, 'stored_errors'),
    requestCount: numberOf(row, 'requests'),
    requestErrorCount: numberOf(row, 'request_errors'),
    durationP50Nano: Number(quantiles[0] ?? 0),
    durationP95Nano: Number(quantiles[1] ?? 0),
    logCount: numberOf(row, 'logs'),
    logErrorCount: numberOf(row, 'log_errors'),
    topErrorCode: textOrNull(row, 'top_code'),
  };
}

/** Span names of one service or of all, busiest first. */
export async function readOperations(
  { connection }: ReadContext,
  service: string | undefined,
  range: TimeRange,
): Promise<OperationsResponse> {
  const p = new Parameters();
  const ofService = service === undefined ? 'true' : `service = ${p.text(service)}`;
  const rows = await rowsOf(
    connection,
    `WITH rows AS NOT MATERIALIZED (
       SELECT service, name, kind, ${DURATION} AS duration, adjusted_count, failed
       FROM spans WHERE ${ofService} AND ${inRange('start_ns', range, p)}
     ), ${estimatedQuantiles('service, name, kind', [0.5, 0.95])}, counted AS (
       SELECT service, name, kind, ${estimatedCount()} AS spans, ${estimatedCount('failed = 1')} AS errors,
         count(*) AS stored, count(*) FILTER (failed = 1) AS stored_errors
       FROM rows GROUP BY service, name, kind
     )
     SELECT * FROM counted JOIN estimated USING (service, name, kind)
     ORDER BY spans DESC, stored DESC, service, name, kind LIMIT ${OPERATIONS_MAX}`,
    p,
  );
  return {
    operations: rows.map((row) => ({
      service: textOf(row, 'service'),
      name: textOf(row, 'name'),
      kind: numberOf(row, 'kind'),
      spanCount: numberOf(row, 'spans'),
      errorCount: numberOf(row, 'errors'),
      storedErrorCount: numberOf(row, 'stored_errors'),
      durationP50Nano: Number(listOf(row, 'quantiles')[0] ?? 0),
      durationP95Nano: Number(listOf(row, 'quantiles')[1] ?? 0),
    })),
  };
}

/** Names with ids in them come in millions; nobody reads beyond a few hundred. */
const OPERATIONS_MAX = 5000;

/** One series a service, or one named '' for all together. */
export async function readRed({ connection }: ReadContext, query: ArgumentOf<'red'>): Promise<RedResponse> {
  const count = intervalCount(query, query.stepSeconds);
  const p = new Parameters();
  const name = query.total ? `''` : 'service';
  const step = p.u64(BigInt(Math.round(query.stepSeconds * 1e9)));
  const ofService = query.service === undefined ? 'true' : `service = ${p.text(query.service)}`;
  const rows = await rowsOf(
    connection,
    `WITH rows AS NOT MATERIALIZED (
       SELECT ${name} AS series, (start_ns - ${p.u64(nanoOf(query.startMs))}) // ${step} AS slot,
         ${DURATION} AS duration, adjusted_count, failed
       FROM spans WHERE ${IS_REQUEST} AND ${ofService} AND ${inRange('start_ns', query, p)}
     ), ${estimatedQuantiles('series, slot', [0.5, 0.95])}, counted AS (
       SELECT series, slot, ${estimatedCount()} AS requests, ${estimatedCount('failed = 1')} AS errors,
         count(*) FILTER (failed = 1) AS stored_errors
       FROM rows GROUP BY series, slot
     )
     SELECT series, slot, requests, errors, stored_errors, quantiles[1] AS p50, quantiles[2] AS p95
     FROM counted JOIN estimated USING (series, slot) ORDER BY series, slot`,
    p,
  );
  return {
    startUnixMs: query.startMs,
    endUnixMs: query.endMs,
    stepSeconds: query.stepSeconds,
    series: seriesOf(rows, count),
  };
}

type ArgumentOf<Name extends keyof Store> = globalThis.Parameters<Store[Name]>[0];

function seriesOf(rows: readonly Row[], count: number): readonly RedSeries[] {
  const byService = new Map<
    string,
    {
      requests: number[];
      errors: number[];
      storedErrors: number[];
      p50Nano: (number | null)[];
      p95Nano: (number | null)[];
    }
  >();
  for (const row of rows) {
    const service = textOf(row, 'series');
    let series = byService.get(service);
    if (series === undefined) {
      const zeros = (): number[] => Array.from({ length: count }, () => 0);
      const nulls = (): (number | null)[] => Array.from({ length: count }, () => null);
      series = {
        requests: zeros(),
        errors: zeros(),
        storedErrors: zeros(),
        p50Nano: nulls(),
        p95Nano: nulls(),
      };
      byService.set(service, series);
    }
    const slot = numberOf(row, 'slot');
    series.requests[slot] = numberOf(row, 'requests');
    series.errors[slot] = numberOf(row, 'errors');
    series.storedErrors[slot] = numberOf(row, 'stored_errors');
    series.p50Nano[slot] = numberOrNull(row, 'p50');
    series.p95Nano[slot] = numberOrNull(row, 'p95');
  }
  return [...byService].map(([service, series]) => ({ service, ...series }));
}

/** Every name ever stored, sorted. */
export async function readServiceNames({ connection }: ReadContext): Promise<readonly string[]> {
  const rows = await rowsOf(connection, 'SELECT name FROM services ORDER BY name');
  return rows.map((row) => textOf(row, 'name'));
}
