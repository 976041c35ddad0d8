/** The filters that hold, one by one: shown as chips, and tried one after the other when nothing matches. */
import { type BoardState, durationText } from './board-state.ts';
import { SEVERITY } from './search-terms.ts';

export interface Filter {
  readonly key: string;
  readonly sign: '=' | '≥' | '≤' | '∋';
  readonly value: string;
  /** The state without it. */
  readonly without: Partial<BoardState>;
}

export type FilterSet = 'traces' | 'logs';

export function filtersOf(state: BoardState, set: FilterSet): readonly Filter[] {
  const filters: Filter[] = [];
  const add = (
    key: string,
    sign: Filter['sign'],
    value: string | null,
    without: Partial<BoardState>,
  ): void => {
    if (value !== null) filters.push({ key, sign, value, without });
  };
  add('service', '=', state.service, { service: null });
  if (set === 'traces') {
    add('operation', '=', state.operation, { operation: null });
    add('duration', '≥', durationOf(state.minNano), { minNano: null });
    add('duration', '≤', durationOf(state.maxNano), { maxNano: null });
    add('error', '=', state.error === null ? null : String(state.error), { error: null });
  } else {
    add('level', '≥', levelName(state.severity), { severity: null });
    add('text', '∋', state.text, { text: null });
    add('trace', '=', state.traceId, { traceId: null });
  }
  state.attributes.forEach((pair, at) => {
    const cut = pair.indexOf('=');
    const attributes = state.attributes.filter((_, other) => other !== at);
    add(pair.slice(0, cut), '=', pair.slice(cut + 1), { attributes });
  });
  return filters;
}

/** The state with all its filters of this set dropped; range and selection stay. */
export function withoutFilters(state: BoardState, set: FilterSet): BoardState {
  return filtersOf(state, set).reduce<BoardState>((all, filter) => {
    const attributes = filter.without.attributes === undefined ? all.attributes : [];
    return { ...all, ...filter.without, attributes };
  }, state);
}

/** Parameters of a search request; the range is added by who sends it. */
export function searchParams(state: BoardState, set: FilterSet): URLSearchParams {
  const params = new URLSearchParams();
  const put = (name: string, value: string | number | boolean | null): void => {
    if (value !== null) params.set(name, String(value));
  };
  put('service', state.service);
  if (set === 'traces') {
    put('operation', state.operation);
    put('minDuration', state.minNano);
    put('maxDuration', state.maxNano);
    put('error', state.error);
  } else {
    put('severity', state.severity);
    put('text', state.text);
    put('traceId', state.traceId);
  }
  for (const pair of state.attributes) params.append('attribute', pair);
  return params;
}

/** The name of the highest level that begins at or below this severity number. */
export function levelName(severity: number | null): string | null {
  if (severity === null) return null;
  const level = Object.entries(SEVERITY).findLast(([, least]) => least <= severity);
  return level === undefined ? null : level[0];
}

function durationOf(nano: number | null): string | null {
  return nano === null ? null : durationText(nano);
}
