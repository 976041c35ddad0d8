/**
 * What a trace lacks: the other end of calls to somebody who records it elsewhere, and parents that are named and not
 * here. Who should have recorded it is learned from the traces around the same time. Why it is missing is said as far
 * as the spans tell; what only the hub's main thread knows is added there (asks/gap-reason.ts).
 */
import type { GapReason, TraceGap } from '@aode/wire/hub-api';
import { SPAN_KIND } from '@aode/wire';
import { inRange } from './filter.ts';
import { hex16 } from './id-bits.ts';
import { bigOf, numberOf, Parameters, type Row, rowsOf, textOf, textOrNull } from './query.ts';
import type { ReadContext } from './read-context.ts';

const GAPS_MAX = 1000;
/** How far before and after the trace others are looked at: a service that is called seldom is called in an hour. */
const LEARN_MS = 60 * 60_000;
/** Calls that are looked at for one question, newest first; of a thousand one is enough. */
const CALLS_MAX = 20_000;
/** Pairs of service and address of one question. */
const PAIRS_MAX = 100;

/** Columns that this file reads beside those of the span. */
export const GAP_COLUMNS = 'error_type, peer_service, peer_address, messaging_destination, adjusted_count';

/** How a connection ends when the process behind it does; `UND_ERR_SOCKET` is what fetch says. */
const BROKEN: ReadonlySet<string> = new Set(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'UND_ERR_SOCKET']);

const CALLS: ReadonlySet<number> = new Set([SPAN_KIND.client, SPAN_KIND.producer]);
const ANSWERS: ReadonlySet<number> = new Set([SPAN_KIND.server, SPAN_KIND.consumer]);
const isCall = (row: Row): boolean => CALLS.has(numberOf(row, 'kind'));
const isAnswer = (row: Row): boolean => ANSWERS.has(numberOf(row, 'kind'));
const spanIdOf = (row: Row): string => hex16(bigOf(row, 'span_id'));
const parentIdOf = (row: Row): string => (row['parent_id'] === null ? '' : hex16(bigOf(row, 'parent_id')));
const targetOf = (row: Row): string | null =>
  textOrNull(row, 'peer_address') ?? textOrNull(row, 'messaging_destination');

/** Rows of spans of one trace, all of them. */
export async function gapsOf(context: ReadContext, rows: readonly Row[]): Promise<readonly TraceGap[]> {
  const open = unanswered(rows);
  const orphans = parentless(rows);
  if (open.length === 0 && orphans.length === 0) return [];
  const callees = await calleesOf(context, open);
  const callers = await callersOf(context, orphans);
  const gaps: TraceGap[] = [];
  for (const row of open) {
    const service = callees(row);
    if (service === undefined) continue;
    gaps.push({ spanId: spanIdOf(row), missing: 'callee', service, reason: reasonOf(row) });
  }
  for (const row of orphans) {
    // Who is not asked from outside has its parent in its own process.
    const service = isAnswer(row) ? callers(row) : textOf(row, 'service');
    const reason = isAnswer(row) ? reasonOf(row) : 'unknown';
    gaps.push({ spanId: spanIdOf(row), missing: 'parent', service: service ?? null, reason });
  }
  return gaps.slice(0, GAPS_MAX);
}

/** As far as the span itself tells. */
function reasonOf(row: Row): GapReason {
  if (isCall(row) && BROKEN.has(textOrNull(row, 'error_type') ?? '')) return 'process_lost';
  return numberOf(row, 'adjusted_count') === 0 ? 'not_sampled' : 'unknown';
}

/** Calls below which nobody has answered. A child of the same service may be the connection, and is no answer. */
function unanswered(rows: readonly Row[]): readonly Row[] {
  const serviceOf = new Map(rows.map((row) => [spanIdOf(row), textOf(row, 'service')]));
  const answered = new Set<string>();
  for (const row of rows) {
    const parentId = parentIdOf(row);
    if (isAnswer(row) || serviceOf.get(parentId) !== textOf(row, 'service')) answered.add(parentId);
  }
  return rows.filter((row) => isCall(row) && !answered.has(spanIdOf(row)));
}

function parentless(rows: readonly Row[]): readonly Row[] {
  const ids = new Set(rows.map(spanIdOf));
  return rows.filter((row) => parentIdOf(row) !== '' && !ids.has(parentIdOf(row)));
}

type Known = (row: Row) => string | undefined;

/** Who answers where these calls went. */
async function calleesOf(context: ReadContext, open: readonly Row[]): Promise<Known> {
  const pairs = pairsOf(open, targetOf);
  if (pairs.length === 0) return () => undefined;
  const range = rangeOf(open);
  const p = new Parameters();
  const found = await rowsOf(
    context.connection,
    `WITH wanted AS (${wantedPairs(pairs, p)}), calls AS (
       SELECT trace_high, trace_low, span_id, wanted.service AS a, wanted.b
       FROM spans JOIN wanted ON spans.service = wanted.service
         AND coalesce(peer_address, messaging_destination) = wanted.b
       WHERE kind IN (${SPAN_KIND.client}, ${SPAN_KIND.producer}) AND ${inRange('start_ns', range, p)}
       ORDER BY start_ns DESC LIMIT ${CALLS_MAX}
     )
     SELECT a, b, other.service AS other, count(*) AS n FROM calls JOIN spans AS other
       ON other.trace_low = calls.trace_low AND other.trace_high = calls.trace_high
         AND other.parent_id = calls.span_id
     WHERE ${inRange('other.start_ns', range, p)} AND kind IN (${SPAN_KIND.server}, ${SPAN_KIND.consumer})
     GROUP BY ALL ORDER BY n DESC, other`,
    p,
  );
  return lookUp(found, targetOf);
}

/** Who asks for these operations. */
async function callersOf(context: ReadContext, orphans: readonly Row[]): Promise<Known> {
  const nameOf = (row: Row): string => textOf(row, 'name');
  const pairs = pairsOf(orphans.filter(isAnswer), nameOf);
  if (pairs.length === 0) return () => undefined;
  const range = rangeOf(orphans);
  const p = new Parameters();
  const found = await rowsOf(
    context.connection,
    `WITH wanted AS (${wantedPairs(pairs, p)}), answers AS (
       SELECT trace_high, trace_low, parent_id, wanted.service AS a, wanted.b
       FROM spans JOIN wanted ON spans.service = wanted.service AND spans.name = wanted.b
       WHERE kind IN (${SPAN_KIND.server}, ${SPAN_KIND.consumer}) AND parent_id IS NOT NULL
         AND ${inRange('start_ns', range, p)}
       ORDER BY start_ns DESC LIMIT ${CALLS_MAX}
     )
     SELECT a, b, other.service AS other, count(*) AS n FROM answers JOIN spans AS other
       ON other.trace_low = answers.trace_low AND other.trace_high = answers.trace_high
         AND other.span_id = answers.parent_id
     WHERE ${inRange('other.start_ns', range, p)}
     GROUP BY ALL ORDER BY n DESC, other`,
    p,
  );
  return lookUp(found, nameOf);
}

/** The most frequent of each pair comes first. */
function lookUp(found: readonly Row[], second: (row: Row) => string | null): Known {
  const others = new Map<string, string>();
  for (const row of found) {
    const key = keyOf(textOf(row, 'a'), textOf(row, 'b'));
    if (!others.has(key)) others.set(key, textOf(row, 'other'));
  }
  return (row) => {
    const b = second(row);
    return b === null ? undefined : others.get(keyOf(textOf(row, 'service'), b));
  };
}

const keyOf = (a: string, b: string): string => `${a}\0${b}`;

function pairsOf(
  rows: readonly Row[],
  second: (row: Row) => string | null,
): readonly (readonly [string, string])[] {
  const pairs = new Map<string, readonly [string, string]>();
  for (const row of rows) {
    const b = second(row);
    if (b === null || pairs.size >= PAIRS_MAX) continue;
    const a = textOf(row, 'service');
    pairs.set(keyOf(a, b), [a, b]);
  }
  return [...pairs.values()];
}

function wantedPairs(pairs: readonly (readonly [string, string])[], p: Parameters): string {
  const services = p.textList(pairs.map(([a]) => a));
  return `SELECT unnest(${services}) AS service, unnest(${p.textList(pairs.map(([, b]) => b))}) AS b`;
}

function rangeOf(rows: readonly Row[]): { readonly startMs: number; readonly endMs: number } {
  let first = Number.POSITIVE_INFINITY;
  let last = 0;
  for (const row of rows) {
    const atMs = Number(bigOf(row, 'start_ns') / 1_000_000n);
    first = Math.min(first, atMs);
    last = Math.max(last, atMs);
  }
  return { startMs: Math.max(0, first - LEARN_MS), endMs: last + LEARN_MS };
}
