/**
 * Rows on their way into one table: fills the column buffers, hands each full chunk to the appender.
 *
 * On the hot path of `write`; bench/ingest.bench.ts.
 */
import { type DuckDBAppender, type DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import { assert } from '@aode/base';
import { CHUNK_ROWS, type Column } from './column.ts';

export interface TableWriter<C> {
  /** Buffers by column name; each gets one `put(writer.row, …)` a row. */
  readonly columns: C;
  /** Index of the row in work. */
  readonly row: number;
  /** Ends the row in work. */
  next(): void;
  /** Hands everything to the table, within the transaction of the connection. */
  flush(): void;
  /** Forgets what was not flushed; the writer must not be used afterwards. */
  discard(): void;
}

/** Opens a writer for `table`. The record's columns stand in the order of the table's. */
export async function openTableWriter<C extends object>(
  connection: DuckDBConnection,
  table: string,
  columns: C,
): Promise<TableWriter<C>> {
  const appender = await connection.createAppender(table);
  const list = Object.values(columns) as Pick<Column<unknown>, 'type' | 'drain'>[];
  assert(
    list.length === appender.columnCount &&
      list.every((column, index) => String(appender.columnType(index)) === String(column.type)),
    'the column buffers and the table have the same types in the same order',
  );
  return new ChunkTableWriter(appender, columns, list);
}

class ChunkTableWriter<C> implements TableWriter<C> {
  readonly columns: C;
  row = 0;
  readonly #appender: DuckDBAppender;
  readonly #list: readonly Pick<Column<unknown>, 'type' | 'drain'>[];
  #pending = false;

  constructor(
    appender: DuckDBAppender,
    columns: C,
    list: readonly Pick<Column<unknown>, 'type' | 'drain'>[],
  ) {
    this.#appender = appender;
    this.columns = columns;
    this.#list = list;
  }

  next(): void {
    this.row += 1;
    if (this.row === CHUNK_ROWS) this.#emit();
  }

  flush(): void {
    if (this.row > 0) this.#emit();
    if (this.#pending) this.#appender.flushSync();
    this.#pending = false;
  }

  discard(): void {
    this.#appender.clear();
    this.#appender.closeSync();
  }

  #emit(): void {
    const count = this.row;
    const chunk = DuckDBDataChunk.create(
      this.#list.map((column) => column.type),
      count,
    );
    for (const [index, column] of this.#list.entries()) {
      column.drain(duckdb.data_chunk_get_vector(chunk.chunk, index), count);
    }
    this.row = 0;
    this.#pending = true;
    this.#appender.appendDataChunk(chunk);
  }
}
