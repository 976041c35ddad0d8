/**
 * The hub's own HTTP API under /aode/v1: what `hub/serve` sends and the board and the command line read. JSON.
 *
 * Conventions. Absolute times are decimal strings of nanoseconds since 1970 (`…UnixNano`) because they do not fit a
 * double; durations are numbers of nanoseconds (`…Nano`), never negative. In requests, `start` and `end` are
 * milliseconds since 1970, `end` exclusive; where both are missing, the last 15 minutes up to now are meant. Lists
 * that were cut carry `nextCursor`; pass it back as `cursor` with otherwise the same parameters. Errors have an HTTP
 * status and an `ApiError` body.
 *
 * Counts and quantiles of services, operations and intervals are estimates of what happened: a sampled span counts for
 * all that it stands for, a span that was kept for another reason (its trace failed, say) for none. They are whole, and
 * without sampling they are what is stored. Counts named `stored…` and lists are what is stored.
 */

export type { SdkCount, SdkHealthResponse, SdkInstance, SdkLedger } from './sdk-health.ts';
export type {
  Ask,
  AskHeartbeat,
  AskHello,
  AskLine,
  AskPush,
  AskRequest,
  AskResponse,
  AskSampling,
  SamplingDocument,
} from './ask-api.ts';

/** Raised whenever a field changes its meaning or goes away. */
export const HUB_API_VERSION = 1;

export interface ApiError {
  readonly error: { readonly code: string; readonly message: string; readonly remedy: string };
}

/** GET /aode/v1/status: the hub itself, for the footer, empty pages and health checks. */
export interface StatusResponse {
  readonly version: string;
  readonly apiVersion: number;
  readonly nowUnixNano: string;
  readonly startedUnixNano: string;
  /** Everything stored. */
  readonly stored: {
    readonly spans: number;
    readonly logs: number;
    readonly points: number;
    readonly bytes: number;
  };
  /** The disk budget of retention, bytes; 0 with --memory. */
  readonly bytesMax: number;
  /** Received in the last 10 s, per second. */
  readonly rate: { readonly spans: number; readonly logs: number; readonly points: number };
  /** Records refused or expired since start, by reason. */
  readonly lost: Readonly<Record<string, number>>;
  /** Of the log lines stored in the last 15 minutes, the share that carries a trace id; null without lines. */
  readonly alignment: number | null;
  /** Time of the oldest and newest span or log line stored, by their own times; null while empty. */
  readonly dataRange: { readonly startUnixNano: string; readonly endUnixNano: string } | null;
}

/** GET /aode/v1/services?start&end: one row a service seen in the range, worst first. */
export interface ServicesResponse {
  readonly services: readonly ServiceRow[];
}
export interface ServiceRow {
  readonly name: string;
  /** 0 to 11: the colour that the hub gave this service when it first saw it and keeps. */
  readonly hue: number;
  readonly spanCount: number;
  readonly errorCount: number;
  /** Failed spans that are here to be looked at, whether or not they were sampled: at least so many failed. */
  readonly storedErrorCount: number;
  /** Server, consumer and root spans only: what others ask of it. */
  readonly requestCount: number;
  readonly requestErrorCount: number;
  readonly durationP50Nano: number;
  readonly durationP95Nano: number;
  readonly logCount: number;
  readonly logErrorCount: number;
  /** Most frequent error.type, status code or status message among failed requests. */
  readonly topErrorCode: string | null;
}

/** GET /aode/v1/operations?service&start&end */
export interface OperationsResponse {
  readonly operations: readonly OperationRow[];
}
export interface OperationRow {
  readonly service: string;
  readonly name: string;
  readonly kind: number;
  readonly spanCount: number;
  readonly errorCount: number;
  readonly storedErrorCount: number;
  readonly durationP50Nano: number;
  readonly durationP95Nano: number;
}

/**
 * GET /aode/v1/red?start&end&step&service: rate, errors, duration by service and interval. `step` in seconds, default
 * 60; `by=total` sums all services into one series named ''. Requests are server, consumer and root spans.
 */
export interface RedResponse {
  readonly startUnixMs: number;
  readonly endUnixMs: number;
  readonly stepSeconds: number;
  readonly series: readonly RedSeries[];
}
/** Arrays run over the intervals from `startUnixMs`; nulls where nothing was seen. */
export interface RedSeries {
  readonly service: string;
  readonly requests: readonly number[];
  readonly errors: readonly number[];
  readonly storedErrors: readonly number[];
  readonly p50Nano: readonly (number | null)[];
  readonly p95Nano: readonly (number | null)[];
}

/**
 * GET /aode/v1/traces?service&operation&attribute=key=value (repeatable)&minDuration&maxDuration (nanoseconds)
 * &start&end&error=true|false&limit (default 50, at most 1 000)&cursor. Newest first. All filters are optional. A
 * trace matches when one of its spans matches all span filters; durations are those of the whole trace.
 */
export interface TracesResponse {
  readonly traces: readonly TraceSummary[];
  readonly nextCursor: string | null;
  /** Traces that match in the whole range, however many are listed. */
  readonly totalCount: number;
  readonly errorCount: number;
}
export interface TraceSummary {
  readonly traceId: string;
  readonly startUnixNano: string;
  readonly durationNano: number;
  /** Root span, or the earliest span where the root is missing. */
  readonly rootService: string;
  readonly rootName: string;
  readonly spanCount: number;
  readonly logCount: number;
  readonly errorCount: number;
  /** HTTP or gRPC status or error.type of the root when it failed. */
  readonly errorCode: string | null;
  /** Own time by service, largest first: where the time went. */
  readonly services: readonly {
    readonly name: string;
    readonly spanCount: number;
    readonly selfNano: number;
  }[];
}

/** GET /aode/v1/scatter, same filters as traces: at most 3 000 points, failed and slow ones first to be kept. */
export interface ScatterResponse {
  readonly points: readonly ScatterPoint[];
  readonly totalCount: number;
}
export interface ScatterPoint {
  readonly traceId: string;
  readonly startUnixMs: number;
  readonly durationNano: number;
  readonly error: boolean;
}

/** GET /aode/v1/traces/{traceId}: everything of one trace. 404 when unknown. */
export interface TraceResponse {
  readonly traceId: string;
  readonly spans: readonly SpanRow[];
  readonly logs: readonly LogRow[];
  /** Index into `resources` from each span and line, so that attributes of a process are sent once. */
  readonly resources: readonly ResourceRow[];
  /** True when spans or lines were left out because the trace is beyond the limit of one answer. */
  readonly partial: boolean;
  /** Service names to hues, for all services named here. */
  readonly hues: Readonly<Record<string, number>>;
  /** What the trace itself says about its failure, or null when nothing failed. */
  readonly cause: TraceCause | null;
  /** Parts that should be here and are not, at most 1 000. */
  readonly gaps: readonly TraceGap[];
}
/**
 * A call to somebody who usually records the other end, and of whom there is nothing here; or a span whose parent is
 * not here. Parts that may still be under way are left out until they are 8 s late.
 */
export interface TraceGap {
  /** The span that made the call, or that has no parent. */
  readonly spanId: string;
  readonly missing: 'callee' | 'parent';
  /** Who should have recorded it, as earlier traces tell; null where none does. */
  readonly service: string | null;
  readonly reason: GapReason;
}
/**
 * `process_lost`: an instance of the service ended around then and took along what it had not sent, or the connection
 * to it broke. `not_sampled`: the service records sampled traces only, and its caller had not sampled this one.
 * `out_of_horizon`: the trace was asked for when no process remembered it any more. `unknown`: nothing tells why.
 */
export type GapReason = 'process_lost' | 'not_sampled' | 'out_of_horizon' | 'unknown';
/** The deepest error that no child explains: where to look first. */
export interface TraceCause {
  readonly spanId: string;
  readonly service: string;
  readonly name: string;
  readonly code: string | null;
  readonly message: string | null;
  /** `id` of the log line that says it, when there is one. */
  readonly logId: string | null;
}
export interface ResourceRow {
  readonly attributes: readonly AttributeRow[];
}
/** An attribute with its OTLP type; `value` as JSON: int and bytes are strings (decimal, base64). */
export interface AttributeRow {
  readonly key: string;
  readonly type: 'string' | 'bool' | 'int' | 'double' | 'bytes' | 'array' | 'kvlist' | 'empty';
  readonly value: AttributeJson;
}
export type AttributeJson =
  | string
  | number
  | boolean
  | null
  | readonly AttributeJson[]
  | { readonly [key: string]: AttributeJson };
export interface SpanRow {
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly service: string;
  readonly name: string;
  readonly kind: number;
  readonly startUnixNano: string;
  readonly durationNano: number;
  readonly statusCode: number;
  readonly statusMessage: string;
  /** HTTP or gRPC status or error.type when the span failed. */
  readonly errorCode: string | null;
  readonly resource: number;
  readonly scopeName: string;
  readonly scopeVersion: string;
  readonly traceState: string;
  readonly attributes: readonly AttributeRow[];
  readonly events: readonly EventRow[];
  readonly links: readonly LinkRow[];
  readonly dropped: { readonly attributes: number; readonly events: number; readonly links: number };
}
export interface EventRow {
  readonly timeUnixNano: string;
  readonly name: string;
  readonly attributes: readonly AttributeRow[];
}
export interface LinkRow {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceState: string;
  readonly attributes: readonly AttributeRow[];
}
export interface LogRow {
  /** Stable address of the line in this hub. */
  readonly id: string;
  readonly timeUnixNano: string;
  readonly service: string;
  readonly severityNumber: number;
  readonly severityText: string;
  /** The body as text: a string body as it is, anything else as JSON. */
  readonly body: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly eventName: string;
  readonly attributes: readonly AttributeRow[];
  /** Index into `TraceResponse.resources`; -1 in lists of log lines. */
  readonly resource: number;
}

/**
 * GET /aode/v1/logs?service&severity (least OTLP number)&text (substring, case-insensitive)&traceId&spanId
 * &attribute=key=value (repeatable)&start&end&limit (default 200, at most 2 000)&cursor. Newest first.
 */
export interface LogsResponse {
  readonly logs: readonly LogRow[];
  readonly nextCursor: string | null;
  readonly totalCount: number;
  readonly errorCount: number;
  /** Of all matching lines, those with a trace id. */
  readonly alignedCount: number;
  readonly hues: Readonly<Record<string, number>>;
}

/**
 * GET /aode/v1/logs/tail, the filters of /aode/v1/logs but no times, and limit and cursor: lines in the order in which
 * they arrived, whatever times they have. Without a cursor the last `limit` of them; with one all that came since, each
 * once, also those that were late.
 */
export interface LogTailResponse {
  readonly logs: readonly LogRow[];
  /** Where to go on, also where there was nothing. */
  readonly cursor: string;
  /** There are more already. */
  readonly more: boolean;
}

/** GET /aode/v1/logs/histogram, same filters and `step` seconds: lines by interval and level. */
export interface LogHistogramResponse {
  readonly startUnixMs: number;
  readonly endUnixMs: number;
  readonly stepSeconds: number;
  readonly error: readonly number[];
  readonly warn: readonly number[];
  readonly other: readonly number[];
}

/** GET /aode/v1/metrics?start&end: what metrics there are. */
export interface MetricsResponse {
  readonly metrics: readonly MetricRow[];
}
export interface MetricRow {
  readonly service: string;
  readonly name: string;
  readonly kind: string;
  readonly unit: string;
  readonly pointCount: number;
  readonly lastUnixNano: string;
}

/**
 * GET /aode/v1/causes?start&end&at: ranked services with evidence for [start, end). `at` (ms) says when it began;
 * without it every plausible start in the range is tried and the strongest verdict stands.
 */
export interface CausesResponse {
  readonly state: 'fault' | 'calm' | 'not-enough-data';
  /** In words, for 'not-enough-data': what is missing. */
  readonly reason: string | null;
  readonly startUnixMs: number;
  readonly endUnixMs: number;
  /** When the fault began, as given or found; null when calm. */
  readonly faultUnixMs: number | null;
  /** Since when all has been well again; null while the fault goes on. */
  readonly faultEndUnixMs: number | null;
  readonly calmTraceCount: number;
  readonly faultTraceCount: number;
  readonly failedTraceCount: number;
  /** Score in bits above which a fault is called. */
  readonly thresholdBits: number;
  readonly causes: readonly Cause[];
  readonly hues: Readonly<Record<string, number>>;
  readonly computedMs: number;
}
export interface Cause {
  readonly service: string;
  readonly scoreBits: number;
  readonly confidence: 'very-likely' | 'likely' | 'possible' | 'unlikely';
  /** Bits of its own anomalies that the anomalies of its callees explain away. */
  readonly explainedBits: number;
  /** One sentence in English; the board writes its own from the evidence. */
  readonly summary: string;
  readonly evidence: readonly Evidence[];
}
export interface Evidence {
  /** self, edge, blind, error, shape, log, metric: see docs/guide/causes.md. 'explained' rows speak against. */
  readonly kind: 'self' | 'edge' | 'blind' | 'error' | 'shape' | 'log' | 'metric' | 'explained';
  readonly direction: 'for' | 'against';
  readonly bits: number;
  /** Who observed it: the caller for edge, blind and error rows, else the service itself; '*' for all. */
  readonly from: string;
  readonly operation: string;
  /** Expected and seen, in the unit of the row; both null where only the mix changed. */
  readonly expected: number | null;
  readonly seen: number | null;
  readonly unit: 'ms' | 'share' | 'percent' | 'none';
  /** Traces (or points) observed since the fault and in the calm before. */
  readonly seenCount: number;
  readonly calmCount: number;
  readonly z: number;
  readonly p: number;
  /** What appeared or vanished, for shape and log rows: template or child set. */
  readonly detail: string | null;
  /** English sentence with the numbers. */
  readonly words: string;
  /** Where to see it: traces, and the span and log line inside when there is one. Never empty when spans are known. */
  readonly examples: readonly {
    readonly traceId: string;
    readonly spanId: string | null;
    readonly logId: string | null;
  }[];
}
