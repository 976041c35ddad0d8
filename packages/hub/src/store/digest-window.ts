/**
 * Requests answered within the last 15 minutes, by the digest of their decoded bytes: a client that lost our answer
 * sends the same bytes again and must get the same answer without a second copy. Equal log lines in different requests
 * are different lines and do not meet here.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import { contentHash } from './identity.ts';
import { Parameters, bigOf, numberOf, rowsOf, textOf } from './query.ts';
import type { WriteRequest, WriteResult } from './store.ts';
import type { Tables } from './tables.ts';

/** OpenTelemetry SDKs give a batch up after 10 s to a minute, collectors' default is 5 minutes; three times that. */
export const DIGEST_WINDOW_MS: number = 15 * 60_000;

/** A quarter of a million requests in 15 minutes are 290 a second; beyond, the oldest are forgotten first. */
const DIGESTS_MAX = 262_144;

interface Answer {
  readonly arrivalMs: number;
  readonly result: WriteResult;
}

export interface DigestWindow {
  find(digest: string): WriteResult | undefined;
  /** Remembers, and appends the row to the transaction in work. */
  add(digest: string, arrivalMs: number, result: WriteResult, tables: Tables): void;
  commit(): void;
  rollback(): void;
  /** Forgets what is older than the window; the rows go with `expire`. */
  prune(nowMs: number): void;
}

/** Loads what is still inside the window. */
export async function openDigestWindow(connection: DuckDBConnection): Promise<DigestWindow> {
  const known = new Map<string, Answer>();
  const statement = 'SELECT digest, arrival_ms, accepted, refused FROM digests ORDER BY arrival_ms';
  for (const row of await rowsOf(connection, statement, new Parameters())) {
    known.set(textOf(row, 'digest'), {
      arrivalMs: Number(bigOf(row, 'arrival_ms')),
      result: {
        acceptedCount: numberOf(row, 'accepted'),
        // Written by `add` below, in a database that nobody else writes.
        refused: JSON.parse(textOf(row, 'refused')) as WriteResult['refused'],
        duplicate: true,
      },
    });
  }
  let added: string[] = [];
  return {
    find: (digest) => known.get(digest)?.result,
    add(digest, arrivalMs, result, tables) {
      known.set(digest, { arrivalMs, result: { ...result, duplicate: true } });
      added.push(digest);
      const { columns: c, row } = tables.digests;
      c.digest.put(row, digest);
      c.arrival_ms.put(row, BigInt(arrivalMs));
      c.accepted.put(row, result.acceptedCount);
      c.refused.put(row, JSON.stringify(result.refused));
      tables.digests.next();
    },
    commit() {
      added = [];
    },
    rollback() {
      for (const digest of added) known.delete(digest);
      added = [];
    },
    prune(nowMs) {
      for (const [digest, { arrivalMs }] of known) {
        if (known.size <= DIGESTS_MAX && arrivalMs >= nowMs - DIGEST_WINDOW_MS) break;
        known.delete(digest);
      }
    },
  };
}

/** The signal belongs to it: the same bytes may be a valid request of two signals. */
export function digestOf(request: WriteRequest): string {
  return contentHash(request.signal, request.body);
}
