/** The WHERE clauses of searches, and the exact check that follows where a clause only compares hashes. */
import type { Attribute } from '@aode/wire';
import { attributeHash, valueText } from './attribute-row.ts';
import { spanBitsOf, traceKeyOf } from './id-bits.ts';
import type { Parameters } from './query.ts';
import { TEXT_COLUMN_OF, httpStatusOf } from './span-facts.ts';
import type { LogQuery, TimeRange, TraceQuery } from './store.ts';
import { isSpanId, isTraceId } from '@aode/base';

export interface AttributeFilter {
  readonly key: string;
  readonly value: string;
}

const U64_MAX = (1n << 64n) - 1n;

/** Milliseconds as a 64-bit column of nanoseconds can be compared with them; outside of it, its ends. */
export function nanoOf(ms: number): bigint {
  if (!Number.isFinite(ms)) return ms > 0 ? U64_MAX : 0n;
  const nano = BigInt(Math.round(ms * 1000)) * 1000n;
  if (nano < 0n) return 0n;
  return nano > U64_MAX ? U64_MAX : nano;
}

/** `column` within the range, end exclusive. */
export function inRange(column: string, range: TimeRange, p: Parameters): string {
  return `${column} >= ${p.u64(nanoOf(range.startMs))} AND ${column} < ${p.u64(nanoOf(range.endMs))}`;
}

/** What one span must fulfil, besides time. */
export function spanFilter(query: TraceQuery, p: Parameters): string {
  const terms = ['true'];
  if (query.service !== undefined) terms.push(`service = ${p.text(query.service)}`);
  if (query.operation !== undefined) terms.push(`name = ${p.text(query.operation)}`);
  if (query.error === true) terms.push('failed = 1');
  for (const filter of query.attributes) terms.push(attributeTerm(filter, spanColumnTerm(filter, p), p));
  return terms.join(' AND ');
}

/** What the whole trace must fulfil. */
export function traceFilter(query: TraceQuery, p: Parameters): string {
  const terms = ['true'];
  if (query.minDurationNano !== undefined)
    terms.push(`duration >= ${p.u64(nanoCount(query.minDurationNano))}`);
  if (query.maxDurationNano !== undefined)
    terms.push(`duration <= ${p.u64(nanoCount(query.maxDurationNano))}`);
  if (query.error === false) terms.push('error_count = 0');
  return terms.join(' AND ');
}

const nanoCount = (nano: number): bigint => (nano > 0 ? BigInt(Math.min(Math.round(nano), 2 ** 63)) : 0n);

/** What a log line must fulfil, time included. */
export function logFilter(query: LogQuery, p: Parameters): string {
  const terms = [inRange('time_ns', query, p)];
  if (query.service !== undefined) terms.push(`service = ${p.text(query.service)}`);
  if (query.severityMin !== undefined) terms.push(`severity >= ${p.int(query.severityMin)}`);
  if (query.text !== undefined && query.text !== '') {
    // Not ILIKE: % and _ are ordinary characters of a log line.
    terms.push(`contains(lower(body), lower(${p.text(query.text)}))`);
  }
  if (query.traceId !== undefined) terms.push(traceTerm(query.traceId, p));
  if (query.spanId !== undefined) terms.push(spanTerm(query.spanId, p));
  for (const filter of query.attributes) {
    const column = filter.key === 'request_id' ? `request_id = ${p.text(filter.value)}` : undefined;
    terms.push(attributeTerm(filter, column, p));
  }
  return terms.join(' AND ');
}

function traceTerm(traceId: string, p: Parameters): string {
  if (!isTraceId(traceId)) return 'false';
  const { high, low } = traceKeyOf(traceId);
  return `trace_low = ${p.u64(low)} AND trace_high = ${p.u64(high)}`;
}

function spanTerm(spanId: string, p: Parameters): string {
  return isSpanId(spanId) ? `span_id = ${p.u64(spanBitsOf(spanId))}` : 'false';
}

/** An attribute is the record's own, in a column or hashed, or its resource's. */
function attributeTerm(filter: AttributeFilter, columnTerm: string | undefined, p: Parameters): string {
  const hash = p.u32(attributeHash(filter.key, filter.value));
  const own = `list_contains(attribute_hashes, ${hash})`;
  const resource = `resource_id IN (SELECT id FROM resources WHERE list_contains(attribute_hashes, ${hash}))`;
  return `(${[columnTerm, own, resource].filter((term) => term !== undefined).join(' OR ')})`;
}

function spanColumnTerm({ key, value }: AttributeFilter, p: Parameters): string | undefined {
  const column = TEXT_COLUMN_OF.get(key);
  if (column !== undefined) return `${column} = ${p.text(value)}`;
  if (key !== 'http.response.status_code') return undefined;
  const status = httpStatusOf(value);
  return status === null ? undefined : `http_status = ${p.int(status)}`;
}

/** Whether all filters hold for a record with these attributes: what the hashes only made likely. */
export function holds(
  filters: readonly AttributeFilter[],
  own: readonly Attribute[],
  resource: readonly Attribute[],
): boolean {
  return filters.every((filter) => has(own, filter) || has(resource, filter));
}

const has = (attributes: readonly Attribute[], filter: AttributeFilter): boolean =>
  attributes.some(({ key, value }) => key === filter.key && valueText(value) === filter.value);
