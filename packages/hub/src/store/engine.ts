/**
 * The engine as the worker runs it: one database, one writer, a few readers. Knows no threads and no messages.
 */
import { AodeError, isAodeError } from '@aode/base';
import type { DuckDBConnection } from '@duckdb/node-api';
import { type Database, openDatabase } from './database.ts';
import { type GroupWriter, type WriteJob, openGroupWriter } from './group-writer.ts';
import type { ReadName, WorkerOptions } from './message.ts';
import type { ReadContext } from './read-context.ts';
import { reads } from './reads.ts';
import { type ReaderPool, openReaderPool } from './reader-pool.ts';
import { type Expired, expire } from './retention.ts';
import { type Fired, Triggers } from '../triggers/triggers.ts';
import type { WriteResult } from './store.ts';

export interface Engine {
  write(job: WriteJob): Promise<WriteResult>;
  /** Answers one question; `signal` interrupts it. */
  read(
    name: ReadName,
    args: readonly unknown[],
    when: { readonly nowMs: number; readonly signal: AbortSignal },
  ): Promise<unknown>;
  /** Lets the triggers know the time. */
  tick(nowMs: number): void;
  expire(nowMs: number): Promise<void>;
  close(): Promise<void>;
}

/** `onFired` is told what the triggers say of stored spans. */
export async function openEngine(
  options: WorkerOptions,
  onFired: (fired: readonly Fired[]) => void,
): Promise<Engine> {
  const database = await openDatabase(options);
  try {
    const writer = await openGroupWriter(
      await database.connect(),
      options.nowMs,
      options.triggers ? { triggers: new Triggers(options.nowMs), onFired } : undefined,
    );
    const readers = await openReaderPool(() => database.connect());
    return engineOf(options, { database, writer, readers });
  } catch (e) {
    database.close();
    // The database could be opened and not be read: its contents are not what we left.
    if (isAodeError(e)) throw e;
    const reason = e instanceof Error ? e.message.split('\n', 1)[0] : String(e);
    throw new AodeError('AODE_DATA_DAMAGED', { path: options.directory, reason }, e);
  }
}

interface Parts {
  readonly database: Database;
  readonly writer: GroupWriter;
  readonly readers: ReaderPool;
}

function engineOf(options: WorkerOptions, { database, writer, readers }: Parts): Engine {
  let expired: Expired = { spans: 0, logs: 0, points: 0 };
  const answer = (name: ReadName, args: readonly unknown[], context: ReadContext): Promise<unknown> => {
    // Names and arguments come from the Store face of the same version, typed there.
    const read = reads[name] as (context: ReadContext, ...rest: readonly unknown[]) => Promise<unknown>;
    return read(context, ...args);
  };
  return {
    write: (job) => writer.write(job),
    tick: (nowMs) => writer.tick(nowMs),
    read: (name, args, { nowMs, signal }) =>
      readers.use(signal, (connection: DuckDBConnection) =>
        answer(name, args, { connection, nowMs, expired, options }),
      ),
    expire: (nowMs) =>
      writer.exclusive(async (connection, catalog) => {
        const outcome = await expire(connection, options, nowMs);
        catalog.remove(outcome.orphans);
        expired = {
          spans: expired.spans + outcome.expired.spans,
          logs: expired.logs + outcome.expired.logs,
          points: expired.points + outcome.expired.points,
        };
      }),
    async close() {
      await writer.close();
      await readers.close();
      database.close();
    },
  };
}
