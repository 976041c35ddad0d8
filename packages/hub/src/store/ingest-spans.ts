/** Spans of one request into rows of `spans`. Hot path; bench/ingest.bench.ts. */
import { isSpanId, isTraceId } from '@aode/base';
import { SPAN_KIND, type Span, decodeTraces } from '@aode/wire';
import { adjustedCountOf } from './adjusted-count.ts';
import type { Catalog, ResourceRef } from './catalog.ts';
import { errorCodeOf, hasFailed } from './error-code.ts';
import { hex16, spanBitsOf, traceIdOf } from './id-bits.ts';
import { packSpan, unpackSpan } from './raw-record.ts';
import { type Row, bigOf, bytesOf, columnHolds, numberOf, textOf } from './query.ts';
import type { KnownRecords } from './known-records.ts';
import { ATTRIBUTES_MAX, type Tally, newTally, refuse } from './refusal.ts';
import type { Triggers } from '../triggers/triggers.ts';
import { exceptionTypeOf, peerAddressOf, spanFactsOf } from './span-facts.ts';
import type { Tables } from './tables.ts';

export interface SpanTarget {
  readonly catalog: Catalog;
  readonly tables: Tables;
  /** Spans that are accepted and not stored again. */
  readonly known: KnownRecords;
  readonly triggers: Triggers | undefined;
}

/** Appends every span that can be stored. Throws what the decoder throws, before anything is appended. */
export function ingestSpans(
  body: Uint8Array,
  arrivalMs: number,
  { catalog, tables, known, triggers }: SpanTarget,
): Tally {
  const tally = newTally();
  const arrival = BigInt(arrivalMs);
  for (const { resource, schemaUrl, scopeSpans } of decodeTraces(body)) {
    const resourceRef = catalog.resource({ resource, schemaUrl }, tables);
    for (const { scope, schemaUrl: scopeUrl, spans } of scopeSpans) {
      const scopeId = catalog.scope({ scope, schemaUrl: scopeUrl }, tables);
      for (const span of spans) {
        if (isRefused(span, tally)) continue;
        tally.accepted += 1;
        if (known.hasSpan(span)) continue;
        tables.spans.columns.arrival_ms.put(tables.spans.row, arrival);
        tables.spans.columns.scope_id.put(tables.spans.row, scopeId);
        const about = appendSpan(span, resourceRef, tables);
        triggers?.step(span, resourceRef.service, about, arrivalMs);
      }
    }
  }
  return tally;
}

function isRefused(span: Span, tally: Tally): boolean {
  if (!isTraceId(span.traceId)) refuse(tally, 'trace_id_invalid');
  else if (!isSpanId(span.spanId)) refuse(tally, 'span_id_invalid');
  else if (attributeCount(span) > ATTRIBUTES_MAX) refuse(tally, 'attributes_too_many');
  else return false;
  return true;
}

function attributeCount(span: Span): number {
  let count = span.attributes.length;
  for (const event of span.events) count += event.attributes.length;
  for (const link of span.links) count += link.attributes.length;
  return count;
}

/** What became of it, for the triggers. */
interface Appended {
  readonly failed: boolean;
  readonly adjustedCount: number;
}

function appendSpan(span: Span, resource: ResourceRef, tables: Tables): Appended {
  const { columns: c, row } = tables.spans;
  const facts = spanFactsOf(span.attributes);
  const httpStatus = facts.httpStatus ?? facts.httpStatusOld;
  const failed = hasFailed(span.status.code, httpStatus);
  const exceptionType = exceptionTypeOf(span.events);
  const code = failed
    ? errorCodeOf({ ...facts, httpStatus, exceptionType, statusMessage: span.status.message })
    : null;
  c.trace_high.put(row, spanBitsOf(span.traceId.slice(0, 16)));
  c.trace_low.put(row, spanBitsOf(span.traceId.slice(16)));
  c.span_id.put(row, spanBitsOf(span.spanId));
  c.parent_id.put(row, isSpanId(span.parentSpanId) ? spanBitsOf(span.parentSpanId) : null);
  c.start_ns.put(row, span.startTimeUnixNano);
  c.end_ns.put(row, span.endTimeUnixNano);
  c.resource_id.put(row, resource.id);
  c.service.put(row, resource.service);
  c.name.put(row, span.name);
  c.kind.put(row, small(span.kind));
  c.status.put(row, small(span.status.code));
  c.failed.put(row, failed ? 1 : 0);
  c.error_code.put(row, code);
  c.http_method.put(row, facts.httpMethod);
  c.http_status.put(row, facts.httpStatus);
  c.http_route.put(row, facts.httpRoute);
  c.url_path.put(row, facts.urlPath);
  c.rpc_service.put(row, facts.rpcService);
  c.rpc_method.put(row, facts.rpcMethod);
  c.db_system.put(row, facts.dbSystem);
  c.messaging_destination.put(row, facts.messagingDestination);
  c.error_type.put(row, facts.errorType);
  c.peer_service.put(row, facts.peerService);
  c.peer_address.put(row, span.kind === SPAN_KIND.client ? peerAddressOf(span.attributes) : null);
  c.request_id.put(row, facts.requestId);
  const adjustedCount = adjustedCountOf(span.traceState, span.flags);
  c.adjusted_count.put(row, adjustedCount);
  c.attribute_hashes.put(row, facts.hashes);
  c.raw.put(row, packSpan(withoutColumns(span)));
  tables.spans.next();
  return { failed, adjustedCount };
}

/** A number outside a byte (no OTLP enum has one) stays in `raw`, and 0 stands in the column. */
const small = (value: number): number => (value >= 0 && value <= 0xff ? value : 0);

/** The span as `raw` holds it: fields with a column are at their defaults, unless the column could not hold them. */
function withoutColumns(span: Span): Span {
  return {
    ...span,
    traceId: '',
    spanId: '',
    parentSpanId: isSpanId(span.parentSpanId) ? '' : span.parentSpanId,
    name: columnHolds(span.name) ? '' : span.name,
    kind: span.kind - small(span.kind),
    startTimeUnixNano: 0n,
    endTimeUnixNano: 0n,
    status: { code: span.status.code - small(span.status.code), message: span.status.message },
  };
}

/** Columns that `spanOfRow` reads. */
export const SPAN_RECORD_COLUMNS =
  'trace_high, trace_low, span_id, parent_id, start_ns, end_ns, name, kind, status, raw';

/** The span as it came. */
export function spanOfRow(row: Row): Span {
  const raw = unpackSpan(bytesOf(row, 'raw'));
  return {
    ...raw,
    traceId: traceIdOf(bigOf(row, 'trace_high'), bigOf(row, 'trace_low')),
    spanId: hex16(bigOf(row, 'span_id')),
    parentSpanId: row['parent_id'] === null ? raw.parentSpanId : hex16(bigOf(row, 'parent_id')),
    name: raw.name === '' ? textOf(row, 'name') : raw.name,
    kind: raw.kind + numberOf(row, 'kind'),
    startTimeUnixNano: bigOf(row, 'start_ns'),
    endTimeUnixNano: bigOf(row, 'end_ns'),
    status: { code: raw.status.code + numberOf(row, 'status'), message: raw.status.message },
  };
}
