/**
 * The seam between receiving, querying and the engine that keeps the data. Two engines stand behind it in the end
 * (DuckDB inside the process, OpenSearch beyond one machine), one contract suite (testing/store-contract.ts and the
 * files that use it) runs against both.
 *
 * Everything that crosses is plain data that can be posted between threads.
 */
import type { ResourceLogs, ResourceSpans } from '@aode/wire';
import type {
  LogHistogramResponse,
  LogRow,
  LogsResponse,
  LogTailResponse,
  MetricsResponse,
  OperationsResponse,
  RedResponse,
  ScatterResponse,
  SdkHealthResponse,
  ServicesResponse,
  StatusResponse,
  TraceResponse,
  TracesResponse,
} from '@aode/wire/hub-api';
import type { Window } from '../analysis/window.ts';

export type Signal = 'traces' | 'logs' | 'metrics';

/** One admitted export request: the protobuf bytes of an Export*ServiceRequest, decompressed. */
export interface WriteRequest {
  readonly signal: Signal;
  readonly body: Uint8Array;
}

/** Why single records of a request were refused; each is a counter `aode_hub_refused_total{reason}`. */
export type RefusedReason = 'trace_id_invalid' | 'span_id_invalid' | 'attributes_too_many';

/** Durable when the promise of `write` resolves. */
export interface WriteResult {
  readonly acceptedCount: number;
  readonly refused: Readonly<Partial<Record<RefusedReason, number>>>;
  /** The same request was stored within the last 15 minutes; nothing was written. Counts are those of then. */
  readonly duplicate: boolean;
}

/** Milliseconds since 1970, end exclusive. */
export interface TimeRange {
  readonly startMs: number;
  readonly endMs: number;
}

export interface TraceQuery extends TimeRange {
  readonly service?: string;
  readonly operation?: string;
  /** All must hold, on one span (its own or its resource's attributes); the value as text, whatever its type. */
  readonly attributes: readonly { readonly key: string; readonly value: string }[];
  readonly minDurationNano?: number;
  readonly maxDurationNano?: number;
  readonly error?: boolean;
  readonly limit: number;
  readonly cursor?: string;
}

export interface LogQuery extends TimeRange {
  readonly service?: string;
  readonly severityMin?: number;
  readonly text?: string;
  readonly traceId?: string;
  readonly spanId?: string;
  readonly attributes: readonly { readonly key: string; readonly value: string }[];
  readonly limit: number;
  readonly cursor?: string;
}

/** Lines by their arrival: after the cursor, or without one the last of them. */
export type LogTailQuery = Omit<LogQuery, keyof TimeRange>;

/** Sizes, counts and range; the rest of StatusResponse is the process's own knowledge. */
export type StoreStatus = Pick<StatusResponse, 'stored' | 'alignment' | 'dataRange' | 'bytesMax'> & {
  readonly expired: { readonly spans: number; readonly logs: number; readonly points: number };
};

export interface TraceRecords {
  readonly resourceSpans: readonly ResourceSpans[];
  readonly resourceLogs: readonly ResourceLogs[];
}

export interface Store {
  /** Rejects with AODE_OTLP_PROTOBUF_INVALID, AODE_OTLP_LIMIT, AODE_STORE_BUSY (queue full) or AODE_STORE_FAILED. */
  write(request: WriteRequest): Promise<WriteResult>;
  status(): Promise<StoreStatus>;
  services(range: TimeRange): Promise<ServicesResponse>;
  operations(service: string | undefined, range: TimeRange): Promise<OperationsResponse>;
  red(
    query: TimeRange & { readonly stepSeconds: number; readonly service?: string; readonly total: boolean },
  ): Promise<RedResponse>;
  traces(query: TraceQuery): Promise<TracesResponse>;
  scatter(query: TraceQuery): Promise<ScatterResponse>;
  /** Undefined when no span and no log line has this id. */
  trace(traceId: string): Promise<TraceResponse | undefined>;
  /** The same as OTLP records, every field as it was sent; identical spans once. */
  traceRecords(traceId: string): Promise<TraceRecords | undefined>;
  logs(query: LogQuery): Promise<LogsResponse>;
  /** In the order of arrival; following it by its cursor misses no line and gives none twice. */
  logTail(query: LogTailQuery): Promise<LogTailResponse>;
  log(id: string): Promise<LogRow | undefined>;
  logHistogram(query: LogQuery & { readonly stepSeconds: number }): Promise<LogHistogramResponse>;
  metrics(range: TimeRange): Promise<MetricsResponse>;
  /** SDK instances that have reported on themselves in the range. */
  sdkHealth(range: TimeRange): Promise<SdkHealthResponse>;
  /** Whole traces that start in the range, newest first until `spansMax`, with the lines and points of the range. */
  window(range: TimeRange, spansMax: number): Promise<Window>;
  /** Every service name ever stored, sorted, for the Jaeger API. */
  serviceNames(): Promise<readonly string[]>;
  /** Removes what retention says must go; called by the hub's timer. */
  expire(): Promise<void>;
  close(): Promise<void>;
}
