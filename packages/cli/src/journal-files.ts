/** Journals below a directory, and what is in them, decoded: for `aode wal`. */
import { AodeError } from '@aode/base';
import {
  encodeEnvelope,
  type JournalView,
  listJournals,
  type RecoveredFrame,
  REPLAY_MARK,
  viewJournal,
} from '@aode/journal';
import {
  decodeLogs,
  decodeMetrics,
  decodeResource,
  decodeTraces,
  encodeLines,
  encodeLogsJson,
  encodeMetricsJson,
  encodeTracesJson,
  type Resource,
} from '@aode/wire';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

export interface JournalFiles {
  readonly directory: string;
  readonly view: JournalView;
  /** Who has written it; undefined where nothing says so. */
  readonly resource: Resource | undefined;
}

/** Journals lie in the place of their service, and that in the place of all. */
const DEPTH_MAX = 3;

export interface JournalsFound {
  readonly journals: readonly JournalFiles[];
  /** Those that cannot be looked at, and why; others go on without them. */
  readonly unreadable: readonly { readonly directory: string; readonly why: string }[];
}

/** The journals in `root` and below it, by path. Throws AODE_JOURNAL_UNREADABLE where `root` itself cannot be read. */
export function journalsBelow(root: string): JournalsFound {
  try {
    readdirSync(root);
  } catch (error) {
    throw new AodeError('AODE_JOURNAL_UNREADABLE', { directory: root, why: whyOf(error) }, error);
  }
  const journals: JournalFiles[] = [];
  const unreadable: { directory: string; why: string }[] = [];
  for (const directory of [...directoriesIn(root, DEPTH_MAX)].toSorted()) {
    try {
      const view = viewJournal(directory);
      journals.push({ directory, view, resource: resourceOf(view) });
    } catch (error) {
      unreadable.push({ directory, why: whyOf(error) });
    }
  }
  return { journals, unreadable };
}

const whyOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function* directoriesIn(root: string, depth: number): Generator<string> {
  if (readNames(root).some((name) => name === 'cursor' || name.endsWith('.segment'))) yield root;
  if (depth === 0) return;
  const journals = new Set(listJournals(root));
  for (const name of readNames(root)) {
    if (journals.has(name)) yield join(root, name);
    else yield* directoriesIn(join(root, name), depth - 1);
  }
}

/** None for what is no directory, or has gone. */
function readNames(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function resourceOf({ recovery: { origin } }: JournalView): Resource | undefined {
  if (origin === undefined || origin.byteLength === 0) return undefined;
  try {
    return decodeResource(origin);
  } catch {
    return undefined;
  }
}

/** One frame that waits, or what is in it of one trace, as a line of OTLP JSON. */
export interface FrameLine {
  readonly json: string;
  readonly recordCount: number;
  /** Of its records, Unix nanoseconds; undefined where none has a time. */
  readonly first: bigint | undefined;
  readonly last: bigint | undefined;
}

/** Undefined for a frame that has gone since, or whose payload cannot be read. */
export function frameLine(
  { directory, view }: JournalFiles,
  frame: RecoveredFrame,
  traceId: string | undefined,
): FrameLine | undefined {
  const stored = view.payloadOf(frame);
  if (stored === undefined) return undefined;
  const payload = frame.form === 'lines' ? encodeLines(stored, basename(directory)).payload : stored;
  // Whoever takes it in may have it already, or get it later from the next process of the service.
  const origin = Buffer.concat([view.recovery.origin ?? new Uint8Array(), REPLAY_MARK]);
  try {
    const body = encodeEnvelope({ origin, payloads: [payload], schemaUrl: '' });
    if (frame.signal === 'traces') return tracesLine(body, traceId);
    return frame.signal === 'logs' ? logsLine(body, traceId) : metricsLine(body, frame, traceId);
  } catch {
    // Whole by its checksum, and not what this version writes.
    return undefined;
  }
}

function tracesLine(body: Uint8Array, traceId: string | undefined): FrameLine {
  const traces = decodeTraces(body).map((resource) => ({
    ...resource,
    scopeSpans: resource.scopeSpans.map((one) => ({ ...one, spans: ofTrace(one.spans, traceId) })),
  }));
  const spans = traces.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
  const times = spans.flatMap((span) => [span.startTimeUnixNano, span.endTimeUnixNano]);
  return { json: encodeTracesJson(traces), recordCount: spans.length, ...rangeOf(times) };
}

function logsLine(body: Uint8Array, traceId: string | undefined): FrameLine {
  const logs = decodeLogs(body).map((resource) => ({
    ...resource,
    scopeLogs: resource.scopeLogs.map((one) => ({ ...one, logRecords: ofTrace(one.logRecords, traceId) })),
  }));
  const lines = logs.flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords));
  const times = lines.map((line) => line.timeUnixNano || line.observedTimeUnixNano);
  return { json: encodeLogsJson(logs), recordCount: lines.length, ...rangeOf(times) };
}

/** Its points are of no trace. */
function metricsLine(
  body: Uint8Array,
  { recordCount }: RecoveredFrame,
  traceId: string | undefined,
): FrameLine {
  const json = encodeMetricsJson(decodeMetrics(body));
  return { json, recordCount: traceId === undefined ? recordCount : 0, first: undefined, last: undefined };
}

/** Those of one trace, or all. */
function ofTrace<R extends { readonly traceId: string }>(
  records: readonly R[],
  traceId: string | undefined,
): readonly R[] {
  return traceId === undefined ? records : records.filter((record) => record.traceId === traceId);
}

function rangeOf(times: readonly bigint[]): Pick<FrameLine, 'first' | 'last'> {
  const [one] = times;
  if (one === undefined) return { first: undefined, last: undefined };
  return {
    first: times.reduce((a, b) => (b < a ? b : a), one),
    last: times.reduce((a, b) => (b > a ? b : a), one),
  };
}
