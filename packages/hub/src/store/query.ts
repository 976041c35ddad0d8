/**
 * Queries with bound parameters: text from outside never becomes part of a statement. `bind` returns the placeholder,
 * so that a statement reads in one piece and parameters cannot get out of step.
 */
import {
  DOUBLE,
  type DuckDBConnection,
  type DuckDBType,
  type DuckDBValue,
  INTEGER,
  LIST,
  UBIGINT,
  UINTEGER,
  VARCHAR,
  DuckDBBlobValue,
  DuckDBListValue,
} from '@duckdb/node-api';
import { assert } from '@aode/base';

/** Collects the parameters of one statement. */
export class Parameters {
  readonly values: DuckDBValue[] = [];
  readonly types: DuckDBType[] = [];

  text(value: string): string {
    return this.#bind(value, VARCHAR);
  }
  u64(value: bigint): string {
    return this.#bind(value, UBIGINT);
  }
  u32(value: number): string {
    return this.#bind(value, UINTEGER);
  }
  int(value: number): string {
    return this.#bind(value, INTEGER);
  }
  double(value: number): string {
    return this.#bind(value, DOUBLE);
  }
  u64List(values: readonly bigint[]): string {
    return this.#bind(new DuckDBListValue(values), LIST(UBIGINT));
  }
  u32List(values: readonly number[]): string {
    return this.#bind(new DuckDBListValue(values), LIST(UINTEGER));
  }
  textList(values: readonly string[]): string {
    return this.#bind(new DuckDBListValue(values), LIST(VARCHAR));
  }

  #bind(value: DuckDBValue, type: DuckDBType): string {
    this.values.push(value);
    this.types.push(type);
    return `$${this.values.length}`;
  }
}

export type Row = Readonly<Record<string, DuckDBValue>>;

/** All rows of a statement. */
export async function rowsOf(
  connection: DuckDBConnection,
  statement: string,
  parameters: Parameters = new Parameters(),
): Promise<readonly Row[]> {
  const reader = await connection.runAndReadAll(statement, parameters.values, parameters.types);
  return reader.getRowObjects();
}

/** A 64-bit column. */
export function bigOf(row: Row, column: string): bigint {
  const value = row[column];
  assert(typeof value === 'bigint', 'the column is 64 bits wide and not null');
  return value;
}

/** Any number, as a double: counts, small columns, sums. */
export function numberOf(row: Row, column: string): number {
  const value = row[column];
  assert(typeof value === 'number' || typeof value === 'bigint', 'the column is a number and not null');
  return Number(value);
}

/** A number or nothing. */
export function numberOrNull(row: Row, column: string): number | null {
  return row[column] === null ? null : numberOf(row, column);
}

/** A text column. */
export function textOf(row: Row, column: string): string {
  const value = row[column];
  assert(typeof value === 'string', 'the column is text and not null');
  return value;
}

/**
 * Whether a text column gives this text back as it was: DuckDB's client decodes UTF-8 the way of web pages, which takes
 * a byte order mark at the beginning away.
 */
export const columnHolds = (text: string): boolean => !text.startsWith('\ufeff');

/** Text or nothing. */
export function textOrNull(row: Row, column: string): string | null {
  return row[column] === null ? null : textOf(row, column);
}

/** Raw bytes. */
export function bytesOf(row: Row, column: string): Uint8Array {
  const value = row[column];
  assert(value instanceof DuckDBBlobValue, 'the column holds bytes and is not null');
  return value.bytes;
}

/** The items of a list column. */
export function listOf(row: Row, column: string): readonly DuckDBValue[] {
  const value = row[column];
  assert(value instanceof DuckDBListValue, 'the column is a list and not null');
  return value.items;
}
