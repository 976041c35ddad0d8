/**
 * The connections that read. DuckDB's snapshots let them run beside the writer; each asks one question at a time, the
 * rest wait in order.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import { AodeError } from '@aode/base';

export interface ReaderPool {
  /** Runs `ask` on a free connection; an abort interrupts it there and rejects with AODE_QUERY_TIMEOUT. */
  use<T>(signal: AbortSignal, ask: (connection: DuckDBConnection) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** One heavy question must not keep a light one waiting; more than two only share the same cores. */
const READERS = 2;

export async function openReaderPool(connect: () => Promise<DuckDBConnection>): Promise<ReaderPool> {
  const free: DuckDBConnection[] = [];
  for (let i = 0; i < READERS; i++) free.push(await connect());
  const all = [...free];
  const waiting: ((connection: DuckDBConnection) => void)[] = [];
  const busy = new Set<Promise<unknown>>();

  const take = (): Promise<DuckDBConnection> => {
    const connection = free.pop();
    return connection === undefined
      ? new Promise((resolve) => waiting.push(resolve))
      : Promise.resolve(connection);
  };
  const giveBack = (connection: DuckDBConnection): void => {
    const next = waiting.shift();
    if (next === undefined) free.push(connection);
    else next(connection);
  };

  async function run<T>(signal: AbortSignal, ask: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const connection = await take();
    const interrupt = (): void => connection.interrupt();
    signal.addEventListener('abort', interrupt);
    try {
      if (signal.aborted) throw new AodeError('AODE_QUERY_TIMEOUT');
      return await ask(connection);
    } catch (e) {
      throw signal.aborted ? new AodeError('AODE_QUERY_TIMEOUT', {}, e) : e;
    } finally {
      signal.removeEventListener('abort', interrupt);
      giveBack(connection);
    }
  }

  return {
    use(signal, ask) {
      const done = run(signal, ask);
      const settled = done.then(
        () => undefined,
        () => undefined,
      );
      busy.add(settled);
      void settled.then(() => busy.delete(settled));
      return done;
    },
    async close() {
      await Promise.all(busy);
      for (const connection of all) connection.closeSync();
    },
  };
}
