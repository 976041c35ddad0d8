/**
 * Requests that repeat in part what is stored: an SDK sends what a process that is gone had left, and cannot know what
 * of it arrived. The digest of the request does not tell, because the records are packed anew.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import {
  decodeLogs,
  decodeTraces,
  type LogRecord,
  RECORD_UID_KEY,
  REPLAYED_KEY,
  type Resource,
  type Span,
} from '@aode/wire';
import { isSpanId, isTraceId } from '@aode/base';
import { attributeHash } from './attribute-row.ts';
import { hex16, spanBitsOf, traceIdOf } from './id-bits.ts';
import { LOG_RECORD_COLUMNS, logOfRow } from './ingest-logs.ts';
import { type KnownRecords, NOTHING_KNOWN } from './known-records.ts';
import { bigOf, numberOf, Parameters, rowsOf } from './query.ts';
import type { WriteRequest } from './store.ts';

const MARK = Buffer.from(REPLAYED_KEY);

/** Whether the request may be a replay. The name within the body is no proof; it saves all others the second look. */
export function mayRepeat({ body }: WriteRequest): boolean {
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).includes(MARK);
}

/** Looks into the store for what a replay repeats. Throws what the decoder throws. */
export async function findKnown(
  connection: DuckDBConnection,
  { body, signal }: WriteRequest,
): Promise<KnownRecords> {
  if (signal === 'traces') return knownSpans(connection, replayedSpans(body));
  return signal === 'logs' ? knownLogs(connection, replayedLogs(body)) : NOTHING_KNOWN;
}

const isReplayed = ({ attributes }: Resource): boolean =>
  attributes.some(({ key, value }) => key === REPLAYED_KEY && value === true);

function replayedSpans(body: Uint8Array): readonly Span[] {
  return decodeTraces(body)
    .filter(({ resource }) => isReplayed(resource))
    .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
    .filter(({ traceId, spanId }) => isTraceId(traceId) && isSpanId(spanId));
}

/** Kind and start as well: the two sides of a call share one id under B3. */
const spanKey = (traceId: string, spanId: string, kind: number, start: bigint): string =>
  `${traceId}${spanId}${kind} ${start}`;

async function knownSpans(connection: DuckDBConnection, spans: readonly Span[]): Promise<KnownRecords> {
  if (spans.length === 0) return NOTHING_KNOWN;
  const starts = spans.map(({ startTimeUnixNano }) => startTimeUnixNano);
  const parameters = new Parameters();
  const rows = await rowsOf(
    connection,
    `SELECT trace_high, trace_low, span_id, kind, start_ns FROM spans
      WHERE start_ns BETWEEN ${parameters.u64(least(starts))} AND ${parameters.u64(greatest(starts))}
        AND span_id IN (SELECT unnest(${parameters.u64List(spans.map(({ spanId }) => spanBitsOf(spanId)))}))`,
    parameters,
  );
  const known = new Set(
    rows.map((row) =>
      spanKey(
        traceIdOf(bigOf(row, 'trace_high'), bigOf(row, 'trace_low')),
        hex16(bigOf(row, 'span_id')),
        numberOf(row, 'kind'),
        bigOf(row, 'start_ns'),
      ),
    ),
  );
  return {
    hasSpan: ({ traceId, spanId, kind, startTimeUnixNano }) =>
      known.has(spanKey(traceId, spanId, kind, startTimeUnixNano)),
    hasLog: () => false,
  };
}

const uidOf = ({ attributes }: LogRecord): string | undefined => {
  const value = attributes.find(({ key }) => key === RECORD_UID_KEY)?.value;
  return typeof value === 'string' ? value : undefined;
};

function replayedLogs(body: Uint8Array): readonly LogRecord[] {
  return decodeLogs(body)
    .filter(({ resource }) => isReplayed(resource))
    .flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords));
}

async function knownLogs(connection: DuckDBConnection, records: readonly LogRecord[]): Promise<KnownRecords> {
  const uids = records.map(uidOf).filter((uid) => uid !== undefined);
  if (uids.length === 0) return NOTHING_KNOWN;
  const times = records.map((record) => record.timeUnixNano || record.observedTimeUnixNano);
  const hashes = uids.map((uid) => attributeHash(RECORD_UID_KEY, uid));
  const parameters = new Parameters();
  const rows = await rowsOf(
    connection,
    `SELECT ${LOG_RECORD_COLUMNS} FROM logs
      WHERE id IN (
        SELECT id FROM (
          SELECT id, unnest(attribute_hashes) AS hash FROM logs
          WHERE time_ns BETWEEN ${parameters.u64(least(times))} AND ${parameters.u64(greatest(times))}
        ) WHERE hash IN (SELECT unnest(${parameters.u32List(hashes)})))`,
    parameters,
  );
  const known = new Set(rows.map((row) => uidOf(logOfRow(row))));
  return {
    hasSpan: () => false,
    hasLog(record) {
      const uid = uidOf(record);
      return uid !== undefined && known.has(uid);
    },
  };
}

const least = (values: readonly bigint[]): bigint => values.reduce((a, b) => (b < a ? b : a));
const greatest = (values: readonly bigint[]): bigint => values.reduce((a, b) => (b > a ? b : a));
