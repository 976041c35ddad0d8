/**
 * The one writer. Requests that wait are taken together into one transaction: its commit is one fsync of DuckDB's log
 * (traced: fdatasync and fsync before COMMIT returns), so a group costs what a single request costs. The group is
 * whatever came while the previous one was being written; nobody waits for a group to fill.
 *
 * What always holds: rows, descriptions, services and digests of a request are in the same transaction, and its
 * promise resolves after COMMIT.
 */
import { setImmediate } from 'node:timers/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { AodeError, isAodeError, unreachable } from '@aode/base';
import { type Catalog, openCatalog } from './catalog.ts';
import { type DigestWindow, digestOf, openDigestWindow } from './digest-window.ts';
import { ingestLogs } from './ingest-logs.ts';
import { ingestPoints } from './ingest-points.ts';
import { ingestSpans } from './ingest-spans.ts';
import { Parameters, numberOf, rowsOf } from './query.ts';
import type { Tally } from './refusal.ts';
import { type KnownRecords, NOTHING_KNOWN } from './known-records.ts';
import { findKnown, mayRepeat } from './replay.ts';
import type { WriteRequest, WriteResult } from './store.ts';
import type { Fired, Triggers } from '../triggers/triggers.ts';
import { type Tables, discardTables, flushTables, openTables } from './tables.ts';

/** One request with its arrival time. */
export interface WriteJob extends WriteRequest {
  readonly arrivalMs: number;
}

export interface GroupWriter {
  write(job: WriteJob): Promise<WriteResult>;
  /** Lets the triggers know the time. */
  tick(nowMs: number): void;
  /** Runs between two transactions, alone on the writing connection. */
  exclusive<T>(run: (connection: DuckDBConnection, catalog: Catalog) => Promise<T>): Promise<T>;
  /** Finishes what waits, then closes the connection. */
  close(): Promise<void>;
}

/**
 * Limits of one transaction: enough that the fsync is lost in it, few enough that DuckDB holds the rows in memory
 * beside everything else and that the first of the group waits no longer than a second.
 */
const GROUP_REQUESTS_MAX = 256;
const GROUP_BYTES_MAX = 32 * 1024 * 1024;

interface Waiting {
  readonly job: WriteJob;
  readonly resolve: (result: WriteResult) => void;
  readonly reject: (reason: unknown) => void;
}

/** Steps over every span that is stored; what fires is told of after the commit. */
export interface Watch {
  readonly triggers: Triggers;
  readonly onFired: (fired: readonly Fired[]) => void;
}

/** Takes over `connection`. */
export async function openGroupWriter(
  connection: DuckDBConnection,
  nowMs: number,
  watch?: Watch,
): Promise<GroupWriter> {
  const [row] = await rowsOf(connection, 'SELECT coalesce(max(id), 0) AS last FROM logs', new Parameters());
  const last = row === undefined ? 0 : numberOf(row, 'last');
  // Microseconds of the start are above every number given before, even when all lines are expired by now.
  const firstLogId = BigInt(Math.max(last + 1, nowMs * 1000));
  return new TransactionWriter(connection, {
    catalog: await openCatalog(connection),
    digests: await openDigestWindow(connection),
    tables: await openTables(connection),
    logId: firstLogId,
    watch,
  });
}

interface WriterState {
  readonly catalog: Catalog;
  readonly digests: DigestWindow;
  tables: Tables;
  logId: bigint;
  readonly watch: Watch | undefined;
}

class TransactionWriter implements GroupWriter {
  readonly #connection: DuckDBConnection;
  readonly #state: WriterState;
  #waiting: Waiting[] = [];
  /** Everything that uses the connection goes one after the other through this chain. */
  #chain: Promise<unknown> = Promise.resolve();
  #drainQueued = false;

  constructor(connection: DuckDBConnection, state: WriterState) {
    this.#connection = connection;
    this.#state = state;
  }

  write(job: WriteJob): Promise<WriteResult> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ job, resolve, reject });
      if (this.#drainQueued) return;
      this.#drainQueued = true;
      this.#chain = this.#chain.then(() => this.#drain());
    });
  }

  tick(nowMs: number): void {
    this.#state.watch?.triggers.tick(nowMs);
    this.#tellFired();
  }

  #tellFired(): void {
    const { watch } = this.#state;
    const fired = watch?.triggers.take() ?? [];
    if (fired.length > 0) watch?.onFired(fired);
  }

  exclusive<T>(run: (connection: DuckDBConnection, catalog: Catalog) => Promise<T>): Promise<T> {
    const done = this.#chain.then(() => run(this.#connection, this.#state.catalog));
    this.#chain = done.catch(() => undefined);
    return done;
  }

  close(): Promise<void> {
    return this.exclusive((connection) => {
      connection.closeSync();
      return Promise.resolve();
    });
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#takeGroup();
      await this.#transaction(group);
    }
    this.#drainQueued = false;
  }

  #takeGroup(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { job } of this.#waiting) {
      bytes += job.body.byteLength;
      if (count > 0 && (count === GROUP_REQUESTS_MAX || bytes > GROUP_BYTES_MAX)) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  /** Commits the group, or what is left of it after bad requests were taken out, or fails them all. */
  async #transaction(group: readonly Waiting[]): Promise<void> {
    let rest = group;
    while (rest.length > 0) {
      const outcome = await this.#attempt(rest);
      if (outcome === undefined) return;
      outcome.reject(outcome.error);
      rest = rest.filter((waiting) => waiting !== outcome.culprit);
    }
  }

  /** Undefined when every promise of the group is settled; otherwise the request to go on without. */
  async #attempt(group: readonly Waiting[]): Promise<Culprit | undefined> {
    const results: WriteResult[] = [];
    try {
      await this.#connection.run('BEGIN');
      for (const waiting of group) {
        try {
          results.push(await this.#ingest(waiting.job));
        } catch (e) {
          if (!isAodeError(e)) throw e;
          await this.#rollback();
          return { culprit: waiting, error: e, reject: waiting.reject };
        }
        // Readers live on this thread too: let their answers out between two requests.
        await setImmediate();
      }
      flushTables(this.#state.tables);
      await this.#connection.run('COMMIT');
    } catch (e) {
      await this.#rollback();
      await this.#afterFailure(group, e);
      return undefined;
    }
    this.#state.catalog.commit();
    this.#state.digests.commit();
    this.#tellFired();
    for (const [index, { resolve }] of group.entries()) {
      const result = results[index];
      if (result !== undefined) resolve(result);
    }
    return undefined;
  }

  /** One request that the engine cannot take must not fail its neighbours: each is tried alone. */
  async #afterFailure(group: readonly Waiting[], e: unknown): Promise<void> {
    if (group.length > 1) {
      for (const waiting of group) await this.#transaction([waiting]);
    } else {
      const failure = new AodeError('AODE_STORE_FAILED', { reason: reasonOf(e) }, e);
      for (const { reject } of group) reject(failure);
    }
  }

  async #ingest(job: WriteJob): Promise<WriteResult> {
    const { digests, tables } = this.#state;
    digests.prune(job.arrivalMs);
    const digest = digestOf(job);
    const before = digests.find(digest);
    if (before !== undefined) return before;
    const tally = this.#append(job, await this.#findKnown(job));
    const result: WriteResult = { acceptedCount: tally.accepted, refused: tally.refused, duplicate: false };
    // Nothing stored, nothing to repeat: empty requests are legitimate and equal each other.
    if (tally.accepted > 0) digests.add(digest, job.arrivalMs, result, tables);
    return result;
  }

  async #findKnown(job: WriteJob): Promise<KnownRecords> {
    if (!mayRepeat(job)) return NOTHING_KNOWN;
    // What this group has brought is to be seen as well.
    flushTables(this.#state.tables);
    return findKnown(this.#connection, job);
  }

  #append(job: WriteJob, known: KnownRecords): Tally {
    const state = this.#state;
    const { catalog, tables } = state;
    const arrivalMs = BigInt(job.arrivalMs);
    switch (job.signal) {
      case 'traces':
        return ingestSpans(job.body, job.arrivalMs, {
          catalog,
          tables,
          known,
          triggers: state.watch?.triggers,
        });
      case 'logs':
        return ingestLogs(job.body, arrivalMs, { catalog, tables, known, nextId: () => state.logId++ });
      case 'metrics':
        return ingestPoints(job.body, arrivalMs, catalog, tables);
      default:
        return unreachable(job.signal);
    }
  }

  /** Back to the state before BEGIN. Appenders that failed are unusable, so all are opened anew. */
  async #rollback(): Promise<void> {
    this.#state.catalog.rollback();
    this.#state.digests.rollback();
    try {
      discardTables(this.#state.tables);
    } catch {
      // An appender that failed cannot be closed cleanly; its rows are gone either way.
    }
    try {
      await this.#connection.run('ROLLBACK');
    } catch {
      // DuckDB has ended the transaction itself.
    }
    try {
      this.#state.tables = await openTables(this.#connection);
    } catch {
      // The next transaction says why.
    }
  }
}

interface Culprit {
  readonly culprit: Waiting;
  readonly error: unknown;
  readonly reject: (reason: unknown) => void;
}

function reasonOf(e: unknown): string {
  return (e instanceof Error ? e.message : String(e)).split('\n', 1)[0] ?? '';
}
