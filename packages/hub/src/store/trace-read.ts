/** One trace with everything that belongs to it. */
import type { LogRow, ResourceRow, SpanRow, TraceResponse } from '@aode/wire/hub-api';
import { isTraceId } from '@aode/base';
import type { ResourceLogs, ResourceSpans, ScopeLogs, ScopeSpans, Span } from '@aode/wire';
import { attributeRows, valueText } from './attribute-row.ts';
import { traceKeyOf } from './id-bits.ts';
import { LOG_RECORD_COLUMNS, logOfRow } from './ingest-logs.ts';
import { SPAN_RECORD_COLUMNS, spanOfRow } from './ingest-spans.ts';
import { logRow } from './log-search.ts';
import { Parameters, type Row, bigOf, bytesOf, numberOf, rowsOf, textOf, textOrNull } from './query.ts';
import { type ReadContext, attributesOf, huesOf, resourcesOf, scopesOf } from './read-context.ts';
import type { TraceRecords } from './store.ts';
import { type FailedSpan, causeOf } from './trace-cause.ts';
import { GAP_COLUMNS, gapsOf } from './trace-gaps.ts';

interface TraceRows {
  readonly spans: readonly Row[];
  readonly logs: readonly Row[];
  /** Spans or lines were left out. */
  readonly partial: boolean;
}

/** Undefined when nothing is known of it. */
export async function readTrace(context: ReadContext, traceId: string): Promise<TraceResponse | undefined> {
  const rows = await rowsOfTrace(context, traceId);
  if (rows === undefined) return undefined;
  const { connection } = context;
  const resourceIds = [...new Set([...rows.spans, ...rows.logs].map((row) => numberOf(row, 'resource_id')))];
  const resources = await resourcesOf(connection, resourceIds);
  const scopes = await scopesOf(connection, scopeIds(rows.spans));
  const indexOf = new Map(resourceIds.map((id, index) => [id, index]));
  const spans = rows.spans.map((row): FailedSpan => {
    const scope = scopes.get(numberOf(row, 'scope_id'))?.scope;
    const span = spanOfRow(row);
    const place = { resource: indexOf.get(numberOf(row, 'resource_id')) ?? 0, scope };
    return {
      row: spanRow(row, span, place),
      failed: numberOf(row, 'failed') === 1,
      exceptionMessage: exceptionMessageOf(span),
    };
  });
  const logs = rows.logs.map((row): LogRow => logRow(row, indexOf.get(numberOf(row, 'resource_id')) ?? -1));
  return {
    traceId,
    spans: spans.map((span) => span.row),
    logs,
    resources: resourceIds.map((id): ResourceRow => ({
      attributes: attributeRows(attributesOf(resources, id)),
    })),
    partial: rows.partial,
    hues: await huesOf(connection, [
      ...spans.map((span) => span.row.service),
      ...logs.map((log) => log.service),
    ]),
    cause: causeOf(spans, logs),
    // What was left out is not missing.
    gaps: rows.partial ? [] : await gapsOf(context, rows.spans),
  };
}

const scopeIds = (rows: readonly Row[]): readonly number[] => rows.map((row) => numberOf(row, 'scope_id'));

async function rowsOfTrace(context: ReadContext, traceId: string): Promise<TraceRows | undefined> {
  if (!isTraceId(traceId)) return undefined;
  const max = context.options.traceSpansMax;
  const { high, low } = traceKeyOf(traceId);
  const select = (columns: string, table: string, order: string): Promise<readonly Row[]> => {
    const p = new Parameters();
    return rowsOf(
      context.connection,
      `SELECT ${columns}, resource_id, scope_id, service FROM ${table}
       WHERE trace_low = ${p.u64(low)} AND trace_high = ${p.u64(high)} ORDER BY ${order} LIMIT ${p.int(max + 1)}`,
      p,
    );
  };
  const spans = await select(
    `${SPAN_RECORD_COLUMNS}, failed, error_code, ${GAP_COLUMNS}`,
    'spans',
    'start_ns, span_id',
  );
  const logs = await select(LOG_RECORD_COLUMNS, 'logs', 'time_ns, id');
  if (spans.length === 0 && logs.length === 0) return undefined;
  return {
    spans: withoutDoubles(spans.slice(0, max)),
    logs: logs.slice(0, max),
    partial: spans.length > max || logs.length > max,
  };
}

/** A span that came in two requests (a collector that batched anew) is shown once; two different ones stay. */
function withoutDoubles(rows: readonly Row[]): readonly Row[] {
  const seen = new Map<bigint, Row[]>();
  return rows.filter((row) => {
    const id = bigOf(row, 'span_id');
    const others = seen.get(id);
    if (others === undefined) {
      seen.set(id, [row]);
      return true;
    }
    if (others.some((other) => isSameSpan(other, row))) return false;
    others.push(row);
    return true;
  });
}

const COMPARED = [
  'start_ns',
  'end_ns',
  'parent_id',
  'name',
  'kind',
  'status',
  'resource_id',
  'scope_id',
] as const;

function isSameSpan(a: Row, b: Row): boolean {
  return (
    COMPARED.every((column) => a[column] === b[column]) &&
    Buffer.compare(bytesOf(a, 'raw'), bytesOf(b, 'raw')) === 0
  );
}

interface SpanPlace {
  readonly resource: number;
  readonly scope: { readonly name: string; readonly version: string } | undefined;
}

function spanRow(row: Row, span: Span, { resource, scope }: SpanPlace): SpanRow {
  const duration = span.endTimeUnixNano - span.startTimeUnixNano;
  return {
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    service: textOf(row, 'service'),
    name: span.name,
    kind: span.kind,
    startUnixNano: String(span.startTimeUnixNano),
    durationNano: duration > 0n ? Number(duration) : 0,
    statusCode: span.status.code,
    statusMessage: span.status.message,
    errorCode: textOrNull(row, 'error_code'),
    resource,
    scopeName: scope?.name ?? '',
    scopeVersion: scope?.version ?? '',
    traceState: span.traceState,
    attributes: attributeRows(span.attributes),
    events: span.events.map((event) => ({
      timeUnixNano: String(event.timeUnixNano),
      name: event.name,
      attributes: attributeRows(event.attributes),
    })),
    links: span.links.map((link) => ({
      traceId: link.traceId,
      spanId: link.spanId,
      traceState: link.traceState,
      attributes: attributeRows(link.attributes),
    })),
    dropped: {
      attributes: span.droppedAttributesCount,
      events: span.droppedEventsCount,
      links: span.droppedLinksCount,
    },
  };
}

function exceptionMessageOf(span: Span): string | null {
  const event = span.events.findLast((candidate) => candidate.name === 'exception');
  const message = event?.attributes.find((attribute) => attribute.key === 'exception.message');
  return message === undefined ? null : valueText(message.value);
}

/** The trace as OTLP: grouped by resource and scope, in order of time. */
export async function readTraceRecords(
  context: ReadContext,
  traceId: string,
): Promise<TraceRecords | undefined> {
  const rows = await rowsOfTrace(context, traceId);
  if (rows === undefined) return undefined;
  const all = [...rows.spans, ...rows.logs];
  const resources = await resourcesOf(
    context.connection,
    all.map((row) => numberOf(row, 'resource_id')),
  );
  const scopes = await scopesOf(context.connection, scopeIds(all));
  const group = <S, R>(
    list: readonly Row[],
    scopeOf: (scope: Omit<ScopeSpans, 'spans'>, rows: readonly Row[]) => S,
    resourceOf: (resource: Omit<ResourceSpans, 'scopeSpans'>, scopes: readonly S[]) => R,
  ): readonly R[] =>
    [...Map.groupBy(list, (row) => numberOf(row, 'resource_id'))].flatMap(([resourceId, ofResource]) => {
      const resource = resources.get(resourceId);
      if (resource === undefined) return [];
      const scopeGroups = [...Map.groupBy(ofResource, (row) => numberOf(row, 'scope_id'))].flatMap(
        ([scopeId, ofScope]) => {
          const scope = scopes.get(scopeId);
          return scope === undefined ? [] : [scopeOf(scope, ofScope)];
        },
      );
      return [resourceOf(resource, scopeGroups)];
    });
  return {
    resourceSpans: group(
      rows.spans,
      (scope, list): ScopeSpans => ({ ...scope, spans: list.map(spanOfRow) }),
      (resource, scopeSpans): ResourceSpans => ({ ...resource, scopeSpans }),
    ),
    resourceLogs: group(
      rows.logs,
      (scope, list): ScopeLogs => ({ ...scope, logRecords: list.map(logOfRow) }),
      (resource, scopeLogs): ResourceLogs => ({ ...resource, scopeLogs }),
    ),
  };
}
