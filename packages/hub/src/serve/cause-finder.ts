/**
 * Causes for the API: fetches the window from the store, has it analysed in a worker thread, and keeps answers for a
 * few seconds, because every open board asks for the same.
 */
import { Worker } from 'node:worker_threads';
import { AodeError, type Clock, elapsedMs, type MonoNs } from '@aode/base';
import type { CausesResponse } from '@aode/wire/hub-api';
import type { FaultReport } from '../analysis/index.ts';
import type { Window } from '../analysis/window.ts';
import type { Store, TimeRange } from '../store/store.ts';

/** Newest spans that are looked at: some four minutes of the shop, three seconds of analysis with an unknown start. */
const SPANS_MAX = 60_000;
/** An answer is this old at most; boards ask every 2 s. */
const KEEP_MS = 3000;
/** Ranges that end within this of each other are the same question. */
const GRID_MS = 1000;
const KEPT_MAX = 32;
/**
 * While an answer is on its way, the same question about a range that moved by less shares it: boards ask for "until
 * now" again and again, and would else queue up more analyses than there is time for.
 */
const SHARED_MS = 15_000;

export interface CauseFinder {
  /** `atMs` says when the fault began; without it the start is looked for. */
  find(range: TimeRange, atMs: number | undefined): Promise<CausesResponse>;
  close(): Promise<void>;
}

export interface AnalysisJob {
  readonly id: number;
  readonly window: Window;
  readonly atMs: number | undefined;
}

export type AnalysisDone = { readonly id: number } & (
  | { readonly report: FaultReport }
  | { readonly failure: string }
);

interface Kept {
  readonly range: TimeRange;
  readonly atMs: number | undefined;
  readonly at: MonoNs;
  /** Whether the answer is there. */
  done: boolean;
  readonly answer: Promise<CausesResponse>;
}

/** The worker is started by the first question. */
export function createCauseFinder(store: Pick<Store, 'window' | 'services'>, clock: Clock): CauseFinder {
  const waiting = new Map<number, { resolve(report: FaultReport): void; reject(error: unknown): void }>();
  const kept = new Set<Kept>();
  let worker: Worker | undefined;
  let lastId = 0;
  let isClosed = false;

  function start(): Worker {
    const file = import.meta.url.replace(/cause-finder\.(ts|js)$/, 'cause-worker.$1');
    const started = new Worker(new URL(file), { name: 'aode-analysis' });
    started.on('message', (done: AnalysisDone) => {
      const one = waiting.get(done.id);
      waiting.delete(done.id);
      if ('report' in done) one?.resolve(done.report);
      else one?.reject(new AodeError('AODE_INTERNAL', { part: 'analysis', why: done.failure }));
    });
    const end = (cause?: unknown): void => {
      // After 'error' comes 'exit', and by then another worker may be at work on other questions.
      if (worker !== started) return;
      worker = undefined;
      for (const one of waiting.values())
        one.reject(new AodeError('AODE_INTERNAL', { part: 'analysis' }, cause));
      waiting.clear();
    };
    started.on('error', end);
    started.on('exit', () => end());
    return started;
  }

  function analyse(window: Window, atMs: number | undefined): Promise<FaultReport> {
    // The store may answer after the end; a worker that begins then would keep the process alive for good.
    if (isClosed)
      return Promise.reject(new AodeError('AODE_INTERNAL', { part: 'analysis', why: 'the hub is closed' }));
    worker ??= start();
    lastId += 1;
    const job: AnalysisJob = { id: lastId, window, atMs };
    const done = new Promise<FaultReport>((resolve, reject) => waiting.set(job.id, { resolve, reject }));
    worker.postMessage(job);
    return done;
  }

  async function answer(range: TimeRange, atMs: number | undefined): Promise<CausesResponse> {
    const from = clock.mono();
    const window = await store.window(range, SPANS_MAX);
    const report = await analyse(window, atMs);
    const services = await store.services(range);
    return {
      ...report,
      startUnixMs: range.startMs,
      endUnixMs: range.endMs,
      hues: Object.fromEntries(services.services.map(({ name, hue }) => [name, hue])),
      computedMs: elapsedMs(from, clock.mono()),
    };
  }

  return {
    find(range, atMs) {
      const now = clock.mono();
      for (const one of kept) {
        if (one.done && (elapsedMs(one.at, now) > KEEP_MS || kept.size > KEPT_MAX)) kept.delete(one);
      }
      for (const one of kept) if (isSame(one, range, atMs)) return one.answer;
      const fresh: Kept = { range, atMs, at: now, done: false, answer: answer(range, atMs) };
      kept.add(fresh);
      fresh.answer.then(
        () => (fresh.done = true),
        () => kept.delete(fresh),
      );
      return fresh.answer;
    },
    async close() {
      isClosed = true;
      await worker?.terminate();
    },
  };
}

function isSame(one: Kept, range: TimeRange, atMs: number | undefined): boolean {
  const grid = (ms: number): number => Math.floor(ms / GRID_MS);
  if (one.atMs !== atMs) return false;
  if (grid(one.range.startMs) === grid(range.startMs) && grid(one.range.endMs) === grid(range.endMs))
    return true;
  const moved = range.endMs - one.range.endMs;
  const isAsLong = grid(one.range.endMs - one.range.startMs) === grid(range.endMs - range.startMs);
  return !one.done && isAsLong && moved >= 0 && moved < SHARED_MS;
}
