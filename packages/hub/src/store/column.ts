/**
 * Column buffers of one DuckDB data chunk. A row is written field by field into typed arrays, a full chunk goes to the
 * appender with one copy per column: half the cost of DuckDB's row-wise appender at the width of our tables.
 *
 * On the hot path of `write`; bench/ingest.bench.ts.
 */
import {
  BLOB,
  DOUBLE,
  type DuckDBType,
  LIST,
  UBIGINT,
  UINTEGER,
  USMALLINT,
  UTINYINT,
  VARCHAR,
} from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';

/** Rows in a chunk: DuckDB's vector size, the most a chunk holds. */
export const CHUNK_ROWS = 2048;

export interface Column<V> {
  readonly type: DuckDBType;
  /** Sets the value of a row of the chunk in work; each row is set exactly once, in order. */
  put(row: number, value: V | null): void;
  /** Copies `count` rows into the vector and starts over. */
  drain(vector: duckdb.Vector, count: number): void;
}

type NumberArray = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/** 8 bits, also used for booleans as 0 and 1. */
export const u8Column = (): Column<number> => numberColumn(UTINYINT, new Uint8Array(CHUNK_ROWS));
/** 16 bits. */
export const u16Column = (): Column<number> => numberColumn(USMALLINT, new Uint16Array(CHUNK_ROWS));
/** 32 bits. */
export const u32Column = (): Column<number> => numberColumn(UINTEGER, new Uint32Array(CHUNK_ROWS));
/** IEEE double. */
export const f64Column = (): Column<number> => numberColumn(DOUBLE, new Float64Array(CHUNK_ROWS));

function numberColumn(type: DuckDBType, data: NumberArray): Column<number> {
  const nulls = nullMask();
  return {
    type,
    put(row, value) {
      if (value === null) nulls.mark(row);
      else data[row] = value;
    },
    drain(vector, count) {
      copy(vector, data, count * data.BYTES_PER_ELEMENT);
      nulls.drain(vector, count);
    },
  };
}

/** 64 bits without sign: ids, nanoseconds. */
export function u64Column(): Column<bigint> {
  const data = new BigUint64Array(CHUNK_ROWS);
  const nulls = nullMask();
  return {
    type: UBIGINT,
    put(row, value) {
      if (value === null) nulls.mark(row);
      else data[row] = value;
    },
    drain(vector, count) {
      copy(vector, data, count * 8);
      nulls.drain(vector, count);
    },
  };
}

/** UTF-8 text. Lone surrogates become U+FFFD, as in every UTF-8 encoder. */
export function textColumn(): Column<string> {
  const data: (string | null)[] = [];
  const nulls = nullMask();
  return {
    type: VARCHAR,
    put(row, value) {
      data[row] = value;
      if (value === null) nulls.mark(row);
    },
    drain(vector, count) {
      for (let row = 0; row < count; row++) {
        const value = data[row];
        if (value !== null && value !== undefined) duckdb.vector_assign_string_element(vector, row, value);
      }
      nulls.drain(vector, count);
      data.length = 0;
    },
  };
}

/** Raw bytes. The array is read when the chunk is full, so it must not change before. */
export function blobColumn(): Column<Uint8Array> {
  const data: (Uint8Array | null)[] = [];
  const nulls = nullMask();
  return {
    type: BLOB,
    put(row, value) {
      data[row] = value;
      if (value === null) nulls.mark(row);
    },
    drain(vector, count) {
      for (let row = 0; row < count; row++) {
        const value = data[row];
        if (value !== null && value !== undefined)
          duckdb.vector_assign_string_element_len(vector, row, value);
      }
      nulls.drain(vector, count);
      data.length = 0;
    },
  };
}

/** A list of 32-bit numbers; null is not used, an empty list is. */
export function u32ListColumn(): Column<readonly number[]> {
  let children = new Uint32Array(CHUNK_ROWS * 16);
  let used = 0;
  // A list entry is its offset into the child vector and its length, 64 bits each.
  const entries = new BigUint64Array(CHUNK_ROWS * 2);
  return {
    type: LIST(UINTEGER),
    put(row, value) {
      const list = value ?? [];
      if (used + list.length > children.length) {
        const grown = new Uint32Array((used + list.length) * 2);
        grown.set(children);
        children = grown;
      }
      children.set(list, used);
      entries[row * 2] = BigInt(used);
      entries[row * 2 + 1] = BigInt(list.length);
      used += list.length;
    },
    drain(vector, count) {
      duckdb.list_vector_reserve(vector, used);
      duckdb.list_vector_set_size(vector, used);
      copy(duckdb.list_vector_get_child(vector), children, used * 4);
      copy(vector, entries, count * 16);
      used = 0;
    },
  };
}

interface NullMask {
  mark(row: number): void;
  drain(vector: duckdb.Vector, count: number): void;
}

function nullMask(): NullMask {
  const valid = new Uint8Array(CHUNK_ROWS / 8).fill(0xff);
  let marked = false;
  return {
    mark(row) {
      const at = row >> 3;
      valid[at] = (valid[at] ?? 0) & ~(1 << (row & 7));
      marked = true;
    },
    drain(vector, count) {
      if (!marked) return;
      duckdb.vector_ensure_validity_writable(vector);
      duckdb.copy_data_to_vector_validity(vector, 0, valid.buffer, 0, Math.ceil(count / 64) * 8);
      valid.fill(0xff);
      marked = false;
    },
  };
}

function copy(vector: duckdb.Vector, data: NumberArray | BigUint64Array, byteCount: number): void {
  if (byteCount > 0) {
    duckdb.copy_data_to_vector(vector, 0, data.buffer as ArrayBuffer, data.byteOffset, byteCount);
  }
}
