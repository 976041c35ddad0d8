/**
 * What is typed into a search field, as filters: `service=pay error=true duration>500ms http.status=502`, a trace id,
 * and the rest as plain words. Values with spaces stand in double quotes.
 */
import type { BoardState } from './board-state.ts';
import { readDuration } from './board-state.ts';

/** Number of OTLP severity from which a level counts. */
export const SEVERITY: Readonly<Record<string, number>> = {
  trace: 1,
  debug: 5,
  info: 9,
  warn: 13,
  error: 17,
  fatal: 21,
};

export interface SearchTerms {
  /** Set when the whole input is a trace id: go there. */
  readonly traceId: string | null;
  readonly changes: Partial<BoardState>;
  /** What is no filter. */
  readonly words: string;
}

const TERM = /(?:"[^"]*"|\S)+/g;
const FILTER = /^([^=<>≥≤"]+?)\s*(>=|<=|≥|≤|[=<>])(.*)$/s;

export function readTerms(input: string, known: readonly string[]): SearchTerms {
  const trimmed = input.trim();
  if (/^[0-9a-f]{32}$/i.test(trimmed)) return { traceId: trimmed.toLowerCase(), changes: {}, words: '' };
  let changes: Partial<BoardState> = {};
  const words: string[] = [];
  for (const term of trimmed.match(TERM) ?? []) {
    const filter = FILTER.exec(term);
    const change =
      filter === null ? null : filterOf(filter[1] ?? '', filter[2] ?? '', unquoted(filter[3] ?? ''));
    if (change === null) words.push(unquoted(term));
    else changes = merged(changes, change);
  }
  if (words.length === 1 && known.includes(words[0] ?? '')) {
    return { traceId: null, changes: { ...changes, service: words[0] ?? null }, words: '' };
  }
  return { traceId: null, changes, words: words.join(' ') };
}

function filterOf(key: string, sign: string, value: string): Partial<BoardState> | null {
  if (value === '') return null;
  if (key === 'duration') return durationFilter(sign, value);
  if (key === 'level') return Object.hasOwn(SEVERITY, value) ? { severity: SEVERITY[value] ?? null } : null;
  if (sign !== '=') return null;
  if (key === 'service') return { service: value };
  if (key === 'operation') return { operation: value };
  if (key === 'error' && (value === 'true' || value === 'false')) return { error: value === 'true' };
  if (key === 'trace') return { traceId: value };
  return { attributes: [`${key}=${value}`] };
}

function durationFilter(sign: string, value: string): Partial<BoardState> | null {
  const nano = readDuration(value);
  if (nano === null || sign === '=') return null;
  return sign.startsWith('<') || sign === '≤' ? { maxNano: nano } : { minNano: nano };
}

function merged(one: Partial<BoardState>, other: Partial<BoardState>): Partial<BoardState> {
  const attributes = [...(one.attributes ?? []), ...(other.attributes ?? [])];
  return { ...one, ...other, ...(attributes.length > 0 ? { attributes } : {}) };
}

function unquoted(text: string): string {
  return text.length >= 2 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;
}
