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

/** Newest spans that are looked at: some four minutes of the shop, half a second of analysis. */
const SPANS_MAX = 60_000;
/** An answer is this old at most; boards ask every 2 s. */
const KEEP_MS = 3000;
/** Ranges that end within this of each other are the same question. */
const GRID_MS = 1000;
const KEPT_MAX = 32;

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
  readonly at: MonoNs;
  readonly answer: Promise<CausesResponse>;
}

/** The worker is started by the first question. */
export function createCauseFinder(store: Pick<Store, 'window' | 'services'>, clock: Clock): CauseFinder {
  const waiting = new Map<number, { resolve(report: FaultReport): void; reject(error: unknown): void }>();
  const kept = new Map<string, Kept>();
  let worker: Worker | undefined;
  let lastId = 0;

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
      const grid = (ms: number): number => Math.floor(ms / GRID_MS);
      const key = `${grid(range.startMs)} ${grid(range.endMs)} ${atMs}`;
      const now = clock.mono();
      for (const [other, { at }] of kept) {
        if (elapsedMs(at, now) > KEEP_MS || kept.size > KEPT_MAX) kept.delete(other);
      }
      const known = kept.get(key);
      if (known !== undefined) return known.answer;
      const fresh = answer(range, atMs);
      kept.set(key, { at: now, answer: fresh });
      fresh.catch(() => {
        if (kept.get(key)?.answer === fresh) kept.delete(key);
      });
      return fresh;
    },
    async close() {
      await worker?.terminate();
    },
  };
}
