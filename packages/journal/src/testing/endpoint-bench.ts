/** Endpoints that are up, away, silent or busy as the test says, on a clock that it moves. */
import { durationMs, type Random, seededRandom } from '@aode/base';
import { type ManualClock, manualClock } from '@aode/base/manual-clock';
import { decodeTraces, REPLAYED_KEY } from '@aode/wire';
import { createEndpoints, type EndpointPoster } from '../ship/endpoints.ts';
import type { Poster, PostResult, ShippedSignal } from '../ship/otlp-post.ts';

/**
 * `silent`: no answer for 5 s, and it was not taken. `late`: it was. A number: 503 with Retry-After. `picky`: finds
 * fault with requests. `refuses`: would take none from us. `broken`: answers that something is broken.
 */
export type State = 'up' | 'away' | 'silent' | 'late' | 'picky' | 'refuses' | 'broken' | number;

export interface Sent {
  readonly at: number;
  readonly signal: ShippedSignal;
  readonly body: Uint8Array;
  readonly isReplay: boolean;
  readonly isTaken: boolean;
}

export interface EndpointBench {
  readonly endpoints: EndpointPoster;
  readonly clock: ManualClock;
  readonly states: State[];
  /** Requests in the order in which they were sent, without probes. */
  readonly sent: Sent[];
  /** Number of probes to each. */
  readonly probes: number[];
  /** Endpoints in use, from the second on. */
  readonly moves: number[];
  /** Lets what is due happen, in small steps, for `ms`. */
  advance(ms: number): Promise<void>;
}

const SILENCE_MS = 5000;
const STEP_MS = 100;

const REFUSALS: ReadonlyMap<string, PostResult> = new Map([
  ['picky', { kind: 'never', why: 'status 400' }],
  ['refuses', { kind: 'never', why: 'status 401', isOfReceiver: true }],
  ['broken', { kind: 'never', why: 'status 500', isOfReceiver: true, isInDoubt: true }],
]);

export function endpointBench(count: number, random: Random = seededRandom(1)): EndpointBench {
  const clock = manualClock();
  const states = Array.from({ length: count }, (): State => 'up');
  const sent: Sent[] = [];
  const probes = states.map(() => 0);
  const moves: number[] = [];
  const answer = (at: number): Promise<PostResult> => {
    const state = states[at] ?? 'away';
    const done = { kind: 'done', rejectedCount: 0, errorMessage: '' } as const;
    if (state === 'up') return Promise.resolve(done);
    const refusal = typeof state === 'string' ? REFUSALS.get(state) : undefined;
    if (refusal !== undefined) return Promise.resolve(refusal);
    if (state === 'away') return Promise.resolve({ kind: 'again', why: 'ECONNREFUSED', afterMs: undefined });
    if (typeof state === 'number')
      return Promise.resolve({ kind: 'again', why: 'status 503', afterMs: state });
    return new Promise((resolve) => {
      const late = { kind: 'again', why: 'no answer', afterMs: undefined, isInDoubt: true } as const;
      clock.timer(durationMs(SILENCE_MS), () => resolve(late));
    });
  };
  const posters = states.map((_, at): Poster => ({
    post(signal, body) {
      if (body.length === 0) probes[at] = (probes[at] ?? 0) + 1;
      else {
        const isTaken = states[at] === 'up' || states[at] === 'late';
        sent.push({ at, signal, body, isReplay: signal !== 'metrics' && isReplay(body), isTaken });
      }
      return answer(at);
    },
    keepAlive: () => undefined,
    close: () => undefined,
  }));
  const endpoints = createEndpoints({ posters, clock, random });
  endpoints.onMoved(() => moves.push(endpoints.active));
  return {
    endpoints,
    clock,
    states,
    sent,
    probes,
    moves,
    async advance(ms) {
      for (let left = ms; left > 0; left -= STEP_MS) {
        clock.advance(Math.min(STEP_MS, left));
        await promisesRun();
      }
    },
  };
}

export const promisesRun = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Of traces and lines alike: the resource stands at the same place in both. */
const isReplay = (body: Uint8Array): boolean =>
  decodeTraces(body).some(({ resource }) => resource.attributes.some(({ key }) => key === REPLAYED_KEY));
