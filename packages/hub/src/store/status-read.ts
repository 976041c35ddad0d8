/** Sizes, counts and range of what is stored. */
import { Parameters, bigOf, numberOf, rowsOf } from './query.ts';
import type { ReadContext } from './read-context.ts';
import { sizeOf } from './retention.ts';
import type { StoreStatus } from './store.ts';

/** Alignment is that of the lines that arrived in this time: what services do now. */
const ALIGNMENT_MS = 15 * 60_000;

export async function readStatus({ connection, nowMs, expired, options }: ReadContext): Promise<StoreStatus> {
  const p = new Parameters();
  const since = p.u64(BigInt(Math.max(0, nowMs - ALIGNMENT_MS)));
  const [row] = await rowsOf(
    connection,
    `SELECT (SELECT count(*) FROM spans) AS spans, (SELECT count(*) FROM logs) AS logs,
       (SELECT count(*) FROM points) AS points,
       least((SELECT min(start_ns) FROM spans), (SELECT min(time_ns) FROM logs)) AS first,
       greatest((SELECT max(start_ns) FROM spans), (SELECT max(time_ns) FROM logs)) AS last,
       recent.lines, recent.aligned
     FROM (SELECT count(*) AS lines, count(trace_low) AS aligned FROM logs WHERE arrival_ms >= ${since}) AS recent`,
    p,
  );
  const { bytes } = await sizeOf(connection);
  const count = (column: string): number => (row === undefined ? 0 : numberOf(row, column));
  const empty = row === undefined || row['first'] === null;
  return {
    stored: { spans: count('spans'), logs: count('logs'), points: count('points'), bytes: Math.round(bytes) },
    bytesMax: options.directory === undefined ? 0 : options.bytesMax,
    alignment: count('lines') === 0 ? null : count('aligned') / count('lines'),
    dataRange: empty
      ? null
      : { startUnixNano: String(bigOf(row, 'first')), endUnixNano: String(bigOf(row, 'last')) },
    expired,
  };
}
