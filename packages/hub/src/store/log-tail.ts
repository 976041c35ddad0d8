/**
 * Lines as they arrive. Their numbers are given by the one writer, inside of the transaction that stores them, and
 * transactions follow each other (group-writer.ts): whoever sees a line sees all that have a lower number. So the
 * number of the last line is where to go on, whatever times the lines have, and also after the hub was started anew.
 */
import type { LogTailResponse } from '@aode/wire/hub-api';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { holds, logFilter } from './filter.ts';
import { LOG_RECORD_COLUMNS, logOfRow } from './ingest-logs.ts';
import { logRow } from './log-search.ts';
import { bigOf, numberOf, Parameters, type Row, rowsOf } from './query.ts';
import { attributesOf, type ReadContext, resourcesOf } from './read-context.ts';
import type { LogTailQuery } from './store.ts';

/** All times: a line is told by its arrival. */
const EVER = { startMs: 0, endMs: Number.POSITIVE_INFINITY };

export async function readLogTail(context: ReadContext, query: LogTailQuery): Promise<LogTailResponse> {
  const { cursor, limit } = query;
  const [after] = cursor === undefined ? [undefined] : decodeCursor(cursor, 1);
  // Asked first: what is stored between the two questions belongs to the next answer.
  const newest = await newestNumber(context, after ?? 0n);
  if (newest === undefined) return { logs: [], cursor: cursor ?? encodeCursor([0n]), more: false };
  const rows = await linesBetween(context, query, { after, newest });
  const page = after === undefined ? rows.toReversed() : rows.slice(0, limit);
  const more = after !== undefined && rows.length > limit;
  const last = page.at(-1);
  return {
    logs: await shown(context, query, page),
    cursor: encodeCursor([more && last !== undefined ? bigOf(last, 'id') : newest]),
    more,
  };
}

async function newestNumber({ connection }: ReadContext, after: bigint): Promise<bigint | undefined> {
  const p = new Parameters();
  const [row] = await rowsOf(connection, `SELECT max(id) AS newest FROM logs WHERE id > ${p.u64(after)}`, p);
  return row === undefined || row['newest'] === null ? undefined : bigOf(row, 'newest');
}

interface Numbers {
  /** Undefined for the last ones there are, newest first. */
  readonly after: bigint | undefined;
  readonly newest: bigint;
}

function linesBetween(
  { connection }: ReadContext,
  query: LogTailQuery,
  { after, newest }: Numbers,
): Promise<readonly Row[]> {
  const p = new Parameters();
  const filter = logFilter({ ...query, ...EVER }, p);
  const from = after === undefined ? 'true' : `id > ${p.u64(after)}`;
  const order = after === undefined ? 'DESC' : 'ASC';
  const limit = after === undefined ? query.limit : query.limit + 1;
  return rowsOf(
    connection,
    `SELECT ${LOG_RECORD_COLUMNS}, resource_id, service FROM logs
     WHERE ${filter} AND ${from} AND id <= ${p.u64(newest)} ORDER BY id ${order} LIMIT ${p.int(limit)}`,
    p,
  );
}

/** Those whose attributes are what the hashes only made likely. */
async function shown(
  { connection }: ReadContext,
  { attributes }: LogTailQuery,
  page: readonly Row[],
): Promise<LogTailResponse['logs']> {
  if (attributes.length === 0) return page.map((row) => logRow(row, -1));
  const resources = await resourcesOf(
    connection,
    page.map((row) => numberOf(row, 'resource_id')),
  );
  return page.flatMap((row) => {
    const ofResource = attributesOf(resources, numberOf(row, 'resource_id'));
    return holds(attributes, logOfRow(row).attributes, ofResource) ? [logRow(row, -1)] : [];
  });
}
