/**
 * Trace search. A trace matches when one of its spans matches the span filters and the whole trace those on duration;
 * it lies in the range when its first span starts there. Lists are newest first, with the trace id as the tie-break.
 */
import type { ScatterResponse, TraceSummary, TracesResponse } from '@aode/wire/hub-api';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { holds, inRange, spanFilter, traceFilter } from './filter.ts';
import { traceIdOf } from './id-bits.ts';
import { spanOfRow, SPAN_RECORD_COLUMNS } from './ingest-spans.ts';
import { Parameters, type Row, bigOf, numberOf, rowsOf, textOf, textOrNull } from './query.ts';
import { type ReadContext, attributesOf, resourcesOf } from './read-context.ts';
import { type TimedSpan, selfTimes } from './self-time.ts';
import type { TraceQuery } from './store.ts';

/** One page of summaries, with the counts of all that match. */
export async function readTraces(context: ReadContext, query: TraceQuery): Promise<TracesResponse> {
  const { connection } = context;
  const p = new Parameters();
  const rows = await rowsOf(
    connection,
    `${summaries(query, p)}
     SELECT *, (SELECT count(*) FROM matching) AS total,
       (SELECT count(*) FROM matching WHERE error_count > 0) AS failed
     FROM matching WHERE ${afterCursor(query.cursor, p)}
     ORDER BY start DESC, trace_high DESC, trace_low DESC LIMIT ${p.int(query.limit + 1)}`,
    p,
  );
  const page = rows.slice(0, query.limit);
  const last = page.at(-1);
  const [first] = rows;
  const counts = first ?? (await countsOnly(context, query));
  const verified = await verifiedTraces(context, query, page);
  return {
    traces: await summariesOf(context, verified),
    nextCursor:
      rows.length > page.length && last !== undefined
        ? encodeCursor([bigOf(last, 'start'), bigOf(last, 'trace_high'), bigOf(last, 'trace_low')])
        : null,
    totalCount: counts === undefined ? 0 : numberOf(counts, 'total'),
    errorCount: counts === undefined ? 0 : numberOf(counts, 'failed'),
  };
}

/** CTE `matching`: one row a trace that fulfils everything. */
function summaries(query: TraceQuery, p: Parameters): string {
  return `WITH hit AS (
      SELECT DISTINCT trace_high, trace_low FROM spans
      WHERE ${inRange('start_ns', query, p)} AND ${spanFilter(query, p)}
    ), whole AS (
      SELECT trace_high, trace_low, min(start_ns) AS start, max(greatest(start_ns, end_ns)) - min(start_ns) AS duration,
        sum(failed)::UBIGINT AS error_count
      FROM spans SEMI JOIN hit USING (trace_high, trace_low) GROUP BY trace_high, trace_low
    ), matching AS MATERIALIZED (
      SELECT * FROM whole WHERE ${inRange('start', query, p)} AND ${traceFilter(query, p)}
    )`;
}

function afterCursor(cursor: string | undefined, p: Parameters): string {
  if (cursor === undefined) return 'true';
  const [start = 0n, high = 0n, low = 0n] = decodeCursor(cursor, 3);
  return `(start, trace_high, trace_low) < (${p.u64(start)}, ${p.u64(high)}, ${p.u64(low)})`;
}

async function countsOnly({ connection }: ReadContext, query: TraceQuery): Promise<Row | undefined> {
  const p = new Parameters();
  const statement = `${summaries(query, p)}
    SELECT count(*) AS total, count(*) FILTER (error_count > 0) AS failed FROM matching`;
  const [row] = await rowsOf(connection, statement, p);
  return row;
}

/** Takes out traces that only a hash collision let in. */
async function verifiedTraces(
  { connection }: ReadContext,
  query: TraceQuery,
  page: readonly Row[],
): Promise<readonly Row[]> {
  if (query.attributes.length === 0 || page.length === 0) return page;
  const p = new Parameters();
  const rows = await rowsOf(
    connection,
    `SELECT ${SPAN_RECORD_COLUMNS}, resource_id FROM spans
     SEMI JOIN ${idTable(page, p)} USING (trace_high, trace_low)
     WHERE ${inRange('start_ns', query, p)} AND ${spanFilter(query, p)}`,
    p,
  );
  const resources = await resourcesOf(
    connection,
    rows.map((row) => numberOf(row, 'resource_id')),
  );
  const good = new Set<string>();
  for (const row of rows) {
    const span = spanOfRow(row);
    if (holds(query.attributes, span.attributes, attributesOf(resources, numberOf(row, 'resource_id')))) {
      good.add(span.traceId);
    }
  }
  return page.filter((row) => good.has(idOf(row)));
}

const idOf = (row: Row): string => traceIdOf(bigOf(row, 'trace_high'), bigOf(row, 'trace_low'));

/** The ids of a page as a table to join with. */
function idTable(page: readonly Row[], p: Parameters): string {
  const highs = p.u64List(page.map((row) => bigOf(row, 'trace_high')));
  const lows = p.u64List(page.map((row) => bigOf(row, 'trace_low')));
  return `(SELECT unnest(${highs}) AS trace_high, unnest(${lows}) AS trace_low) AS page`;
}

/**
 * Spans that one page is summarised from. A thousand traces of a thousand spans; beyond, own times of the last ones
 * are of the spans that were read.
 */
const PAGE_SPANS_MAX = 1_000_000;

async function summariesOf(
  { connection }: ReadContext,
  page: readonly Row[],
): Promise<readonly TraceSummary[]> {
  if (page.length === 0) return [];
  const p = new Parameters();
  const spans = await rowsOf(
    connection,
    `SELECT DISTINCT trace_high, trace_low, span_id, parent_id, start_ns, greatest(start_ns, end_ns) AS end_ns,
       service, name, failed, error_code
     FROM spans SEMI JOIN ${idTable(page, p)} USING (trace_high, trace_low)
     ORDER BY start_ns, span_id LIMIT ${PAGE_SPANS_MAX}`,
    p,
  );
  const q = new Parameters();
  const logs = await rowsOf(
    connection,
    `SELECT trace_high, trace_low, count(*) AS logs
     FROM logs SEMI JOIN ${idTable(page, q)} USING (trace_high, trace_low) GROUP BY ALL`,
    q,
  );
  const logCounts = new Map(logs.map((row) => [idOf(row), numberOf(row, 'logs')]));
  const byTrace = Map.groupBy(spans, idOf);
  return page.map((row) => summaryOf(row, byTrace.get(idOf(row)) ?? [], logCounts.get(idOf(row)) ?? 0));
}

function summaryOf(trace: Row, spans: readonly Row[], logCount: number): TraceSummary {
  const root = spans.find((span) => span['parent_id'] === null) ?? spans[0];
  const self = selfTimes(spans.map(timedSpanOf));
  const services = new Map<string, { name: string; spanCount: number; selfNano: number }>();
  for (const [index, span] of spans.entries()) {
    const name = textOf(span, 'service');
    const service = services.get(name) ?? { name, spanCount: 0, selfNano: 0 };
    service.spanCount += 1;
    service.selfNano += self[index] ?? 0;
    services.set(name, service);
  }
  return {
    traceId: idOf(trace),
    startUnixNano: String(bigOf(trace, 'start')),
    durationNano: numberOf(trace, 'duration'),
    rootService: root === undefined ? '' : textOf(root, 'service'),
    rootName: root === undefined ? '' : textOf(root, 'name'),
    spanCount: spans.length,
    logCount,
    errorCount: spans.filter((span) => span['failed'] === 1).length,
    errorCode: root === undefined ? null : textOrNull(root, 'error_code'),
    services: [...services.values()].sort((a, b) => b.selfNano - a.selfNano || (a.name < b.name ? -1 : 1)),
  };
}

function timedSpanOf(row: Row): TimedSpan {
  return {
    spanId: bigOf(row, 'span_id'),
    parentId: row['parent_id'] === null ? null : bigOf(row, 'parent_id'),
    start: bigOf(row, 'start_ns'),
    end: bigOf(row, 'end_ns'),
  };
}

/** Points of one scatter: what a chart of 1 000 by 300 pixels can still tell apart. */
const POINTS_MAX = 3000;
/** Of those, at most so many failed ones and so many of the slowest; the rest is drawn evenly by trace id. */
const FAILED_POINTS_MAX = 1500;
const SLOW_POINTS_MAX = 500;

/** Start, duration and outcome of the traces that match; a sample where there are too many. */
export async function readScatter({ connection }: ReadContext, query: TraceQuery): Promise<ScatterResponse> {
  const p = new Parameters();
  const rows = await rowsOf(
    connection,
    `${summaries(query, p)}, ranked AS (
       SELECT *, row_number() OVER (PARTITION BY error_count > 0 ORDER BY hash(trace_low)) AS drawn,
         row_number() OVER (ORDER BY duration DESC, trace_low) AS slowness
       FROM matching)
     SELECT *, (SELECT count(*) FROM matching) AS total FROM ranked
     ORDER BY CASE WHEN error_count > 0 AND drawn <= ${FAILED_POINTS_MAX} THEN 0
       WHEN slowness <= ${SLOW_POINTS_MAX} THEN 1 ELSE 2 END, hash(trace_low)
     LIMIT ${POINTS_MAX}`,
    p,
  );
  const [first] = rows;
  return {
    points: rows.map((row) => ({
      traceId: idOf(row),
      startUnixMs: Number(bigOf(row, 'start') / 1000n) / 1000,
      durationNano: numberOf(row, 'duration'),
      error: numberOf(row, 'error_count') > 0,
    })),
    totalCount: first === undefined ? 0 : numberOf(first, 'total'),
  };
}
