/**
 * The tables, as docs/formats/store.md explains them. Column order is the order in which rows are appended: the
 * `…Columns` functions below and the CREATE TABLE statements are held against each other when a writer is opened.
 */
import {
  type Column,
  blobColumn,
  f64Column,
  textColumn,
  u8Column,
  u16Column,
  u32Column,
  u32ListColumn,
  u64Column,
} from './column.ts';

/** Raised with every change of a table; a directory of another version is refused untouched. */
export const STORE_VERSION = 3;

/** The one writable catalog, attached under this name to an empty in-memory instance. */
export const CATALOG = 'aode';

/**
 * Every span has its own row. `raw` is what no column holds: an ExportTraceServiceRequest of that one span without
 * the fields of the columns. ZSTD because raw records resemble each other: 87 instead of 130 bytes a span measured.
 */
const SPANS = `CREATE TABLE IF NOT EXISTS spans(
  arrival_ms UBIGINT NOT NULL, trace_high UBIGINT NOT NULL, trace_low UBIGINT NOT NULL, span_id UBIGINT NOT NULL,
  parent_id UBIGINT, start_ns UBIGINT NOT NULL, end_ns UBIGINT NOT NULL, resource_id UINTEGER NOT NULL,
  scope_id UINTEGER NOT NULL, service VARCHAR NOT NULL, name VARCHAR NOT NULL, kind UTINYINT NOT NULL,
  status UTINYINT NOT NULL, failed UTINYINT NOT NULL, error_code VARCHAR, http_method VARCHAR, http_status USMALLINT,
  http_route VARCHAR, url_path VARCHAR, rpc_service VARCHAR, rpc_method VARCHAR, db_system VARCHAR,
  messaging_destination VARCHAR, error_type VARCHAR, peer_service VARCHAR, peer_address VARCHAR,
  request_id VARCHAR, adjusted_count DOUBLE NOT NULL, attribute_hashes UINTEGER[],
  raw BLOB NOT NULL USING COMPRESSION zstd)`;

const LOGS = `CREATE TABLE IF NOT EXISTS logs(
  arrival_ms UBIGINT NOT NULL, id UBIGINT NOT NULL, time_ns UBIGINT NOT NULL, observed_ns UBIGINT,
  trace_high UBIGINT, trace_low UBIGINT, span_id UBIGINT, resource_id UINTEGER NOT NULL, scope_id UINTEGER NOT NULL,
  service VARCHAR NOT NULL, severity UTINYINT NOT NULL, body VARCHAR NOT NULL, request_id VARCHAR,
  attribute_hashes UINTEGER[], raw BLOB NOT NULL USING COMPRESSION zstd)`;

const POINTS = `CREATE TABLE IF NOT EXISTS points(
  arrival_ms UBIGINT NOT NULL, time_ns UBIGINT NOT NULL, resource_id UINTEGER NOT NULL, scope_id UINTEGER NOT NULL,
  metric_id UINTEGER NOT NULL, service VARCHAR NOT NULL, value DOUBLE, raw BLOB NOT NULL USING COMPRESSION zstd)`;

/** Descriptions that many rows share, stored once by the hash of their content. */
const RESOURCES = `CREATE TABLE IF NOT EXISTS resources(
  id UINTEGER NOT NULL, hash VARCHAR NOT NULL, service VARCHAR NOT NULL, instance VARCHAR NOT NULL,
  attribute_hashes UINTEGER[], raw BLOB NOT NULL)`;
const SCOPES = `CREATE TABLE IF NOT EXISTS scopes(id UINTEGER NOT NULL, hash VARCHAR NOT NULL, raw BLOB NOT NULL)`;
const METRICS = `CREATE TABLE IF NOT EXISTS metrics(
  id UINTEGER NOT NULL, hash VARCHAR NOT NULL, name VARCHAR NOT NULL, unit VARCHAR NOT NULL, kind VARCHAR NOT NULL,
  raw BLOB NOT NULL)`;

const SERVICES = `CREATE TABLE IF NOT EXISTS services(name VARCHAR NOT NULL, hue UTINYINT NOT NULL)`;
const DIGESTS = `CREATE TABLE IF NOT EXISTS digests(
  digest VARCHAR NOT NULL, arrival_ms UBIGINT NOT NULL, accepted UINTEGER NOT NULL, refused VARCHAR NOT NULL)`;

/** Run once, in one transaction, in a new directory. */
export const CREATE_TABLES: readonly string[] = [
  SPANS,
  LOGS,
  POINTS,
  RESOURCES,
  SCOPES,
  METRICS,
  SERVICES,
  DIGESTS,
];

export interface SpanColumns {
  readonly arrival_ms: Column<bigint>;
  readonly trace_high: Column<bigint>;
  readonly trace_low: Column<bigint>;
  readonly span_id: Column<bigint>;
  readonly parent_id: Column<bigint>;
  readonly start_ns: Column<bigint>;
  readonly end_ns: Column<bigint>;
  readonly resource_id: Column<number>;
  readonly scope_id: Column<number>;
  readonly service: Column<string>;
  readonly name: Column<string>;
  readonly kind: Column<number>;
  readonly status: Column<number>;
  readonly failed: Column<number>;
  readonly error_code: Column<string>;
  readonly http_method: Column<string>;
  readonly http_status: Column<number>;
  readonly http_route: Column<string>;
  readonly url_path: Column<string>;
  readonly rpc_service: Column<string>;
  readonly rpc_method: Column<string>;
  readonly db_system: Column<string>;
  readonly messaging_destination: Column<string>;
  readonly error_type: Column<string>;
  readonly peer_service: Column<string>;
  readonly peer_address: Column<string>;
  readonly request_id: Column<string>;
  readonly adjusted_count: Column<number>;
  readonly attribute_hashes: Column<readonly number[]>;
  readonly raw: Column<Uint8Array>;
}

/** Buffers for table `spans`. */
export function spanColumns(): SpanColumns {
  return {
    arrival_ms: u64Column(),
    trace_high: u64Column(),
    trace_low: u64Column(),
    span_id: u64Column(),
    parent_id: u64Column(),
    start_ns: u64Column(),
    end_ns: u64Column(),
    resource_id: u32Column(),
    scope_id: u32Column(),
    service: textColumn(),
    name: textColumn(),
    kind: u8Column(),
    status: u8Column(),
    failed: u8Column(),
    error_code: textColumn(),
    http_method: textColumn(),
    http_status: u16Column(),
    http_route: textColumn(),
    url_path: textColumn(),
    rpc_service: textColumn(),
    rpc_method: textColumn(),
    db_system: textColumn(),
    messaging_destination: textColumn(),
    error_type: textColumn(),
    peer_service: textColumn(),
    peer_address: textColumn(),
    request_id: textColumn(),
    adjusted_count: f64Column(),
    attribute_hashes: u32ListColumn(),
    raw: blobColumn(),
  };
}

export interface LogColumns {
  readonly arrival_ms: Column<bigint>;
  readonly id: Column<bigint>;
  readonly time_ns: Column<bigint>;
  readonly observed_ns: Column<bigint>;
  readonly trace_high: Column<bigint>;
  readonly trace_low: Column<bigint>;
  readonly span_id: Column<bigint>;
  readonly resource_id: Column<number>;
  readonly scope_id: Column<number>;
  readonly service: Column<string>;
  readonly severity: Column<number>;
  readonly body: Column<string>;
  readonly request_id: Column<string>;
  readonly attribute_hashes: Column<readonly number[]>;
  readonly raw: Column<Uint8Array>;
}

/** Buffers for table `logs`. */
export function logColumns(): LogColumns {
  return {
    arrival_ms: u64Column(),
    id: u64Column(),
    time_ns: u64Column(),
    observed_ns: u64Column(),
    trace_high: u64Column(),
    trace_low: u64Column(),
    span_id: u64Column(),
    resource_id: u32Column(),
    scope_id: u32Column(),
    service: textColumn(),
    severity: u8Column(),
    body: textColumn(),
    request_id: textColumn(),
    attribute_hashes: u32ListColumn(),
    raw: blobColumn(),
  };
}

export interface PointColumns {
  readonly arrival_ms: Column<bigint>;
  readonly time_ns: Column<bigint>;
  readonly resource_id: Column<number>;
  readonly scope_id: Column<number>;
  readonly metric_id: Column<number>;
  readonly service: Column<string>;
  readonly value: Column<number>;
  readonly raw: Column<Uint8Array>;
}

/** Buffers for table `points`. */
export function pointColumns(): PointColumns {
  return {
    arrival_ms: u64Column(),
    time_ns: u64Column(),
    resource_id: u32Column(),
    scope_id: u32Column(),
    metric_id: u32Column(),
    service: textColumn(),
    value: f64Column(),
    raw: blobColumn(),
  };
}

export interface ResourceColumns {
  readonly id: Column<number>;
  readonly hash: Column<string>;
  readonly service: Column<string>;
  readonly instance: Column<string>;
  readonly attribute_hashes: Column<readonly number[]>;
  readonly raw: Column<Uint8Array>;
}

/** Buffers for table `resources`. */
export function resourceColumns(): ResourceColumns {
  return {
    id: u32Column(),
    hash: textColumn(),
    service: textColumn(),
    instance: textColumn(),
    attribute_hashes: u32ListColumn(),
    raw: blobColumn(),
  };
}

export interface ScopeColumns {
  readonly id: Column<number>;
  readonly hash: Column<string>;
  readonly raw: Column<Uint8Array>;
}

/** Buffers for table `scopes`. */
export function scopeColumns(): ScopeColumns {
  return { id: u32Column(), hash: textColumn(), raw: blobColumn() };
}

export interface MetricColumns {
  readonly id: Column<number>;
  readonly hash: Column<string>;
  readonly name: Column<string>;
  readonly unit: Column<string>;
  readonly kind: Column<string>;
  readonly raw: Column<Uint8Array>;
}

/** Buffers for table `metrics`. */
export function metricColumns(): MetricColumns {
  return {
    id: u32Column(),
    hash: textColumn(),
    name: textColumn(),
    unit: textColumn(),
    kind: textColumn(),
    raw: blobColumn(),
  };
}

export interface ServiceColumns {
  readonly name: Column<string>;
  readonly hue: Column<number>;
}

/** Buffers for table `services`. */
export function serviceColumns(): ServiceColumns {
  return { name: textColumn(), hue: u8Column() };
}

export interface DigestColumns {
  readonly digest: Column<string>;
  readonly arrival_ms: Column<bigint>;
  readonly accepted: Column<number>;
  readonly refused: Column<string>;
}

/** Buffers for table `digests`. */
export function digestColumns(): DigestColumns {
  return { digest: textColumn(), arrival_ms: u64Column(), accepted: u32Column(), refused: textColumn() };
}
