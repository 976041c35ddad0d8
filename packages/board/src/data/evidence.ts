/** What a row of evidence says, taken apart so that any language can say it. */
import type { Cause, Evidence } from '@aode/wire/hub-api';

/** From what a reader feels at once to what has to be thought about. */
const TANGIBLE: readonly Evidence['kind'][] = [
  'error',
  'blind',
  'self',
  'edge',
  'log',
  'metric',
  'shape',
  'explained',
];

/** A row of at least this share of the weightiest may speak for the cause when it is more tangible. */
const SPEAKS_FROM_SHARE = 0.5;

/**
 * The row that speaks for a cause in one sentence: of those that weigh enough the most tangible one. "It fails" says
 * more than "it makes other calls than before", even where the latter weighs a little more.
 */
export function speakingRow(cause: Cause): Evidence | null {
  const rows = cause.evidence.filter(({ direction }) => direction === 'for');
  const most = rows.reduce((top, { bits }) => Math.max(top, bits), 0);
  const [first = null] = rows
    .filter(({ bits }) => bits >= most * SPEAKS_FROM_SHARE)
    .sort((a, b) => TANGIBLE.indexOf(a.kind) - TANGIBLE.indexOf(b.kind) || b.bits - a.bits);
  return first;
}

/** How many times the expected was seen; null where that says nothing (from zero, or not clearly more). */
export function timesOf(row: Evidence): number | null {
  if (row.expected === null || row.seen === null || row.expected <= 0) return null;
  const times = row.seen / row.expected;
  return times >= 1.2 ? times : null;
}

/** An operation as a reader knows it; null for all of the service's. Orders of lines are named `parent>span`. */
export function operationOf(row: Evidence): string | null {
  if (row.operation === '*' || row.operation === '') return null;
  const isOrder = row.kind === 'log' && row.seen === null;
  const name = isOrder ? row.operation.slice(row.operation.indexOf('>') + 1) : row.operation;
  return name === '' ? null : name;
}

export interface Change {
  readonly more: boolean;
  /** What is seen more or less often; empty for no call at all, null where the lines of a span end. */
  readonly what: string | null;
}

/** End of the lines of a span, as the hub writes it. */
const END = '$';

/** What changed in a mix of calls or of lines; null where a row is about numbers. */
export function changeOf(row: Evidence): Change | null {
  if ((row.kind !== 'shape' && row.kind !== 'log') || row.detail === null) return null;
  const sign = row.detail.slice(0, 2);
  if (sign !== '+ ' && sign !== '- ') return null;
  const symbol = row.detail.slice(2);
  const what = row.kind === 'log' ? (symbol === END ? null : symbol) : symbol.split(';').join(', ');
  return { more: sign === '+ ', what };
}
