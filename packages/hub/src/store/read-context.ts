/** What every question is answered with, and the small answers that several of them need. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { AodeError } from '@aode/base';
import type { Attribute } from '@aode/wire';
import { type ResourceEntry, type ScopeEntry, unpackResource, unpackScope } from './raw-record.ts';
import { Parameters, bytesOf, numberOf, rowsOf, textOf } from './query.ts';
import type { Expired, Retention } from './retention.ts';
import type { TimeRange } from './store.ts';

export interface ReadContext {
  readonly connection: DuckDBConnection;
  readonly nowMs: number;
  /** Deleted since the store was opened. */
  readonly expired: Expired;
  readonly options: Retention & { readonly directory: string | undefined; readonly traceSpansMax: number };
}

/** Hues of these services. */
export async function huesOf(
  connection: DuckDBConnection,
  services: Iterable<string>,
): Promise<Readonly<Record<string, number>>> {
  const p = new Parameters();
  const names = p.textList([...new Set(services)]);
  const rows = await rowsOf(
    connection,
    `SELECT name, hue FROM services WHERE name IN (SELECT unnest(${names}))`,
    p,
  );
  return Object.fromEntries(rows.map((row) => [textOf(row, 'name'), numberOf(row, 'hue')]));
}

/** Resources by number. */
export async function resourcesOf(
  connection: DuckDBConnection,
  ids: Iterable<number>,
): Promise<ReadonlyMap<number, ResourceEntry>> {
  const p = new Parameters();
  const list = p.u32List([...new Set(ids)]);
  const rows = await rowsOf(
    connection,
    `SELECT id, raw FROM resources WHERE id IN (SELECT unnest(${list}))`,
    p,
  );
  return new Map(rows.map((row) => [numberOf(row, 'id'), unpackResource(bytesOf(row, 'raw'))]));
}

/** Scopes by number. */
export async function scopesOf(
  connection: DuckDBConnection,
  ids: Iterable<number>,
): Promise<ReadonlyMap<number, ScopeEntry>> {
  const p = new Parameters();
  const list = p.u32List([...new Set(ids)]);
  const rows = await rowsOf(connection, `SELECT id, raw FROM scopes WHERE id IN (SELECT unnest(${list}))`, p);
  return new Map(rows.map((row) => [numberOf(row, 'id'), unpackScope(bytesOf(row, 'raw'))]));
}

/** Attributes of a resource, none where it is unknown. */
export function attributesOf(
  resources: ReadonlyMap<number, ResourceEntry>,
  id: number,
): readonly Attribute[] {
  return resources.get(id)?.resource.attributes ?? [];
}

/** Intervals of one answer: a minute each for a fortnight, more than a chart has pixels for. */
const INTERVALS_MAX = 20_160;

/** How many steps cover the range. Throws AODE_QUERY_INVALID. */
export function intervalCount(range: TimeRange, stepSeconds: number): number {
  const count = Math.ceil((range.endMs - range.startMs) / (stepSeconds * 1000));
  if (!(stepSeconds > 0) || !(count >= 0) || count > INTERVALS_MAX) {
    throw new AodeError('AODE_QUERY_INVALID', { intervals: count, intervalsMax: INTERVALS_MAX });
  }
  return count;
}
