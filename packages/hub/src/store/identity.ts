/**
 * Content-addressed descriptions: resources, scopes, metrics. A row of data carries a small number, the description
 * stands once under the hash of its content. Numbers given within a transaction that fails are taken back.
 */
import { createHash } from 'node:crypto';
import type { DuckDBConnection } from '@duckdb/node-api';
import { Parameters, numberOf, rowsOf, textOf } from './query.ts';

export interface Identities {
  /** The number of this content, or undefined when it is not stored yet. */
  find(hash: string): number | undefined;
  /** A new number for content that `find` did not know; it holds within this transaction until `commit`. */
  add(hash: string): number;
  /** Keeps or takes back what was added since the last of the two. */
  commit(): void;
  rollback(): void;
  /** Forgets numbers whose rows were deleted. */
  remove(ids: ReadonlySet<number>): void;
}

/** Loads what `table` (one of ours, never text from outside) holds. */
export async function openIdentities(
  connection: DuckDBConnection,
  table: 'resources' | 'scopes' | 'metrics',
): Promise<Identities> {
  const known = new Map<string, number>();
  let last = 0;
  for (const row of await rowsOf(connection, `SELECT id, hash FROM ${table}`, new Parameters())) {
    const id = numberOf(row, 'id');
    known.set(textOf(row, 'hash'), id);
    last = Math.max(last, id);
  }
  let added: string[] = [];
  return {
    find: (hash) => known.get(hash),
    add(hash) {
      last += 1;
      known.set(hash, last);
      added.push(hash);
      return last;
    },
    commit() {
      added = [];
    },
    rollback() {
      for (const hash of added) known.delete(hash);
      added = [];
    },
    remove(ids) {
      for (const [hash, id] of known) if (ids.has(id)) known.delete(hash);
    },
  };
}

/** 128 bits of SHA-256, base64url: nobody finds two contents with one name, not even on purpose. */
export function contentHash(...parts: readonly (Uint8Array | string)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest().subarray(0, 16).toString('base64url');
}
