/**
 * The hub's answers as React reads them. The key of a live range holds its length and not its moments, so that each
 * poll replaces the last answer in place; the moments are taken when the request leaves, by the hub's clock.
 */
import type {
  CausesResponse,
  LogHistogramResponse,
  LogsResponse,
  OperationsResponse,
  RedResponse,
  ScatterResponse,
  SdkHealthResponse,
  ServicesResponse,
  StatusResponse,
  TraceResponse,
  TracesResponse,
} from '@aode/wire/hub-api';
import {
  type InfiniteData,
  keepPreviousData,
  type QueryClient,
  useInfiniteQuery,
  type UseInfiniteQueryResult,
  useQuery,
  useQueryClient,
  type UseQueryResult,
} from '@tanstack/react-query';
import type { BoardState } from './board-state.ts';
import { nowMs } from './clock.ts';
import { type FilterSet, searchParams } from './filters.ts';
import { askHub, isSilence } from './hub.ts';
import { type Range, type Span, spanOf, stepSeconds, stripSpan } from './range.ts';
import { msOfNano } from './time.ts';

/** Live pages ask this often; a hub that is silent is asked this often too. */
const POLL_MS = 2_000;
/** The strip holds twelve hours: a new bar every three minutes, so this is soon enough. */
const STRIP_POLL_MS = 15_000;
/** Charts have about one interval for each six pixels at usual widths. */
const INTERVALS_MAX = 60;
const STRIP_INTERVALS_MAX = 240;

const STATUS_KEY = ['status'] as const;

export function useStatus(): UseQueryResult<StatusResponse> {
  return useQuery({
    queryKey: STATUS_KEY,
    queryFn: ({ signal }) => askHub<StatusResponse>('status', new URLSearchParams(), signal),
    refetchInterval: POLL_MS,
    retry: false,
  });
}

/** Now by the hub's clock: a browser whose clock is off still asks for the minutes that the hub means. */
export function useHubNow(): () => number {
  const client = useQueryClient();
  return () => hubNow(client);
}

function hubNow(client: QueryClient): number {
  const status = client.getQueryState<StatusResponse>(STATUS_KEY);
  if (status?.data === undefined) return nowMs();
  return nowMs() + msOfNano(status.data.nowUnixNano) - status.dataUpdatedAt;
}

/** Stored data as a span of milliseconds; null while empty or unknown. */
export function dataSpanOf(status: StatusResponse | undefined): Span | null {
  const range = status?.dataRange ?? null;
  if (range === null) return null;
  return { startMs: msOfNano(range.startUnixNano), endMs: msOfNano(range.endUnixNano) };
}

export function useServices(range: Range): UseQueryResult<ServicesResponse> {
  return useRanged<ServicesResponse>('services', range, () => new URLSearchParams());
}

/** Processes report every 15 s: asked for a little more often. */
export function useSdkHealth(range: Range): UseQueryResult<SdkHealthResponse> {
  return useRanged<SdkHealthResponse>('sdk-health', range, () => new URLSearchParams(), POLL_MS * 2);
}

export function useOperations(range: Range, service: string | null): UseQueryResult<OperationsResponse> {
  const params = new URLSearchParams(service === null ? {} : { service });
  return useRanged<OperationsResponse>('operations', range, () => params, POLL_MS * 15);
}

export function useRed(range: Range): UseQueryResult<RedResponse> {
  return useRanged<RedResponse>('red', range, (span) => stepParams(span, INTERVALS_MAX));
}

export function useStrip(range: Range): UseQueryResult<RedResponse> {
  const client = useQueryClient();
  return useQuery({
    queryKey: ['strip', rangeKey(range)],
    queryFn: ({ signal }) => {
      const now = hubNow(client);
      const span = stripSpan(now, dataSpanOf(client.getQueryData(STATUS_KEY)), spanOf(range, now));
      const params = stepParams(span, STRIP_INTERVALS_MAX);
      params.set('by', 'total');
      return askHub<RedResponse>('red', ranged(params, span), signal);
    },
    refetchInterval: range.kind === 'last' ? STRIP_POLL_MS : false,
    placeholderData: keepPreviousData,
    retry: retryOnce,
  });
}

export function useCauses(range: Range): UseQueryResult<CausesResponse> {
  const client = useQueryClient();
  return useQuery({
    queryKey: ['causes', rangeKey(range)],
    queryFn: ({ signal }) =>
      askHub<CausesResponse>('causes', ranged(new URLSearchParams(), now(client, range)), signal),
    // A verdict that takes long to reach is asked for less often: at most a tenth of the hub's time goes into it.
    refetchInterval: ({ state }) =>
      range.kind === 'last' ? Math.max(POLL_MS, (state.data?.computedMs ?? 0) * 10) : false,
    placeholderData: keepPreviousData,
    retry: retryOnce,
  });
}

export function useScatter(state: BoardState): UseQueryResult<ScatterResponse> {
  const params = searchParams(state, 'traces');
  return useRanged<ScatterResponse>('scatter', state.range, () => params);
}

export function useHistogram(state: BoardState): UseQueryResult<LogHistogramResponse> {
  return useRanged<LogHistogramResponse>('logs/histogram', state.range, (span) => {
    const params = searchParams(state, 'logs');
    params.set('step', String(stepSeconds(span, INTERVALS_MAX)));
    return params;
  });
}

export function useTrace(traceId: string): UseQueryResult<TraceResponse> {
  return useQuery({
    queryKey: ['trace', traceId],
    queryFn: ({ signal }) =>
      askHub<TraceResponse>(`traces/${encodeURIComponent(traceId)}`, new URLSearchParams(), signal),
    // Late spans of a trace arrive within seconds; what is on the screen must not jump after that.
    staleTime: POLL_MS * 5,
    retry: retryOnce,
  });
}

type Pages<T> = UseInfiniteQueryResult<InfiniteData<T, string | null>>;

export function useTraceList(state: BoardState): Pages<TracesResponse> {
  return usePaged<TracesResponse>('traces', state, 'traces');
}

export function useLogList(state: BoardState): Pages<LogsResponse> {
  return usePaged<LogsResponse>('logs', state, 'logs');
}

/** How many match with other filters: asked only when nothing matches. */
export function useMatchCount(state: BoardState, set: FilterSet, enabled: boolean): UseQueryResult<number> {
  const client = useQueryClient();
  const params = searchParams(state, set);
  params.set('limit', '1');
  return useQuery({
    queryKey: ['count', set, rangeKey(state.range), params.toString()],
    queryFn: async ({ signal }) => {
      const answer = await askHub<{ readonly totalCount: number }>(
        set,
        ranged(params, now(client, state.range)),
        signal,
      );
      return answer.totalCount;
    },
    enabled,
    retry: retryOnce,
  });
}

function usePaged<T extends { readonly nextCursor: string | null }>(
  path: string,
  state: BoardState,
  set: FilterSet,
): Pages<T> {
  const client = useQueryClient();
  const params = searchParams(state, set);
  return useInfiniteQuery({
    queryKey: [path, rangeKey(state.range), params.toString()],
    queryFn: ({ signal, pageParam }) => {
      const asked = ranged(params, now(client, state.range));
      if (pageParam !== null) asked.set('cursor', pageParam);
      return askHub<T>(path, asked, signal);
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
    // Whoever reads on in the past is not interrupted by the present.
    refetchInterval: ({ state: query }) =>
      state.range.kind === 'last' && (query.data?.pages.length ?? 0) < 2 ? POLL_MS : false,
    placeholderData: keepPreviousData,
    retry: retryOnce,
  });
}

function useRanged<T>(
  path: string,
  range: Range,
  paramsOf: (span: Span) => URLSearchParams,
  pollMs: number = POLL_MS,
): UseQueryResult<T> {
  const client = useQueryClient();
  const sample = paramsOf(spanOf(range, 0)).toString();
  return useQuery({
    queryKey: [path, rangeKey(range), sample],
    queryFn: ({ signal }) => {
      const span = now(client, range);
      return askHub<T>(path, ranged(paramsOf(span), span), signal);
    },
    refetchInterval: range.kind === 'last' ? pollMs : false,
    placeholderData: keepPreviousData,
    retry: retryOnce,
  });
}

function now(client: QueryClient, range: Range): Span {
  return spanOf(range, hubNow(client));
}

function ranged(params: URLSearchParams, span: Span): URLSearchParams {
  const all = new URLSearchParams(params);
  all.set('start', String(Math.floor(span.startMs)));
  all.set('end', String(Math.ceil(span.endMs)));
  return all;
}

function stepParams(span: Span, count: number): URLSearchParams {
  return new URLSearchParams({ step: String(stepSeconds(span, count)) });
}

function rangeKey(range: Range): string {
  return range.kind === 'last' ? `last ${range.minutes}` : `${range.startMs}-${range.endMs}`;
}

/** What the hub refused it refuses again; silence is worth a second try. */
function retryOnce(count: number, error: Error): boolean {
  return isSilence(error) && count < 1;
}
