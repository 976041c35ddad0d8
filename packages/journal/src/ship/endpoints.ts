/**
 * Several endpoints as one: the first that is up in the order in which they are given, and when that fails the next, at
 * once. Behind the back of the requests it is asked of those that are preferred or have failed, by empty requests,
 * whether they are there again; a preferred one that has answered several of these in a row has its place back.
 *
 * What always holds: one request goes to one endpoint at a time, and to the next only after the one before has failed;
 * so whoever sends one after the other keeps the order. What one refuses for reasons of its own is offered to all. A
 * request that an endpoint may have taken goes to others, and after a while to the same, as a replay (replay-mark.ts):
 * a hub that has it knows it again.
 */
import { assert, type Clock, durationMs, elapsedMs, type MonoNs, type Random } from '@aode/base';
import { reasonText } from './answer-text.ts';
import type { Poster, PostResult, ShippedSignal } from './otlp-post.ts';
import { markReplayed } from './replay-mark.ts';
import { RetryBudget } from './retry-budget.ts';

/** The endpoints of one receiver, or of several that stand for each other. */
export interface EndpointPoster extends Poster {
  /** Index of the endpoint in use. */
  readonly active: number;
  /** Calls `moved` whenever another endpoint is in use, until disposed of. */
  onMoved(moved: () => void): Disposable;
  /** The bytes by which the endpoint in use is to be sent this request, where somebody else sends it. */
  bytesFor(signal: ShippedSignal, body: Uint8Array): Uint8Array;
}

export interface EndpointParts {
  /** At least one; the preferred first. */
  readonly posters: readonly Poster[];
  /** Of each, for a person to read in what it refuses or why it fails. Without them nobody is named. */
  readonly names?: readonly string[];
  readonly clock: Clock;
  readonly random: Random;
}

/** Between two looks, give or take a quarter, so that those who have moved together do not come back together. */
const PROBE_MS = 4000;
const PROBE_JITTER = 0.25;
/** Answers in a row that bring a preferred endpoint back: a hub that starts may answer once and fall over. */
const ANSWERS_MIN = 2;
/** Where it fails soon after it came back, twice as many as before, up to this: a minute or so. */
const ANSWERS_MAX = 16;
const SOON_MS = 60_000;
/** One that answers, but takes nothing for so long, is left for another. */
const THROTTLED_MS_MAX = 10_000;
/** What one refuses waits so long for the others. */
const REFUSED_MS_MAX = 60_000;
/** A hub remembers requests by their bytes for 15 minutes; what was in doubt came to it up to a timeout before. */
const DOUBT_MS_MAX = 14 * 60_000;

export function createEndpoints(parts: EndpointParts): EndpointPoster {
  return new Endpoints(parts);
}

interface Endpoint {
  readonly poster: Poster;
  readonly name: string | undefined;
  isUp: boolean;
  /** Answers to probes, in a row. */
  answers: number;
  answersWanted: number;
  isProbed: boolean;
  /** When it got its place back. */
  backAt: MonoNs | undefined;
  /** Since when it answers, but takes nothing. */
  throttledAt: MonoNs | undefined;
}

/** A request that may have been taken. */
interface Doubt {
  at: number;
  since: MonoNs;
  isMarked: boolean;
}

type Failed = Exclude<PostResult, { kind: 'done' }>;

type Refused = Extract<PostResult, { kind: 'never' }>;

/** For reasons of its own. */
const refusalIn = (result: PostResult): Refused | undefined =>
  result.kind === 'never' && result.isOfReceiver === true ? result : undefined;

/** The first, with what each of them says. */
function oneOf(refusals: readonly Refused[]): Refused | undefined {
  const [first] = refusals;
  return first && { ...first, why: refusals.map(({ why }) => why).join('; ') };
}

function named(name: string | undefined, result: PostResult): PostResult {
  if (name === undefined) return result;
  if (result.kind !== 'done') return { ...result, why: `${name}: ${result.why}` };
  const { rejectedCount, errorMessage } = result;
  return rejectedCount === 0 ? result : { ...result, errorMessage: `${name}: ${reasonText(errorMessage)}` };
}

class Endpoints implements EndpointPoster {
  readonly #all: readonly Endpoint[];
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #budget = new RetryBudget();
  readonly #listeners = new Set<() => void>();
  /** By the body; whoever tries again does so with the same. */
  readonly #doubts = new WeakMap<Uint8Array, Doubt>();
  /** Refused by one while others were away, by the body. */
  readonly #refusedSince = new WeakMap<Uint8Array, MonoNs>();
  #active = 0;
  #timer: Disposable | undefined;
  #isClosed = false;

  constructor({ posters, names = [], clock, random }: EndpointParts) {
    this.#all = posters.map((poster, index) => ({
      poster,
      name: names[index],
      isUp: true,
      answers: 0,
      answersWanted: ANSWERS_MIN,
      isProbed: false,
      backAt: undefined,
      throttledAt: undefined,
    }));
    this.#clock = clock;
    this.#random = random;
  }

  get active(): number {
    return this.#active;
  }

  onMoved(moved: () => void): Disposable {
    this.#listeners.add(moved);
    return { [Symbol.dispose]: () => void this.#listeners.delete(moved) };
  }

  async post(signal: ShippedSignal, body: Uint8Array): Promise<PostResult> {
    const tried = new Set<number>();
    const refusals = new Map<number, Refused>();
    let failure: Failed | undefined;
    while (tried.size < this.#all.length) {
      const at = this.#next(tried);
      tried.add(at);
      const result = await this.#postTo(at, signal, body);
      if (this.#isClosed) return result;
      const refusal = refusalIn(result);
      if (refusal !== undefined) refusals.set(at, refusal);
      else if (result.kind !== 'again') {
        if (result.kind === 'done') this.#leaveRefusing(refusals, at);
        return result;
      } else if (this.#hasFailed(at, result)) {
        failure = result;
        this.#leave(at, tried);
        if (!this.#budget.isLeft) return result;
      } else return result;
    }
    const refusal = oneOf([...refusals.values()]);
    if (failure === undefined || (refusal !== undefined && this.#isRefusedForLong(body))) failure = refusal;
    else if (refusal !== undefined) failure = { ...failure, why: `${failure.why}; ${refusal.why}` };
    assert(failure !== undefined, 'each endpoint has refused it or failed');
    return failure;
  }

  async #postTo(at: number, signal: ShippedSignal, body: Uint8Array): Promise<PostResult> {
    const { poster, name } = this.#at(at);
    const result = named(name, await poster.post(signal, this.#bytes(at, signal, body)));
    if (result.kind !== 'done' && result.isInDoubt === true) this.#doubt(at, body);
    if (result.kind !== 'again' && refusalIn(result) === undefined) {
      this.#budget.succeeded();
      this.#noteUp(at);
    }
    return result;
  }

  /** That another took what they have refused says that it lies with them. Where all refuse, all stay what they are. */
  #leaveRefusing(refusals: ReadonlyMap<number, PostResult>, taker: number): void {
    for (const at of refusals.keys()) this.#noteDown(this.#at(at));
    if (refusals.has(this.#active)) this.#moveTo(taker);
    if (refusals.size > 0) this.#schedule();
  }

  /** Those who are away may take it when they are back; but what is behind it must not wait for them for ever. */
  #isRefusedForLong(body: Uint8Array): boolean {
    const since = this.#refusedSince.get(body) ?? this.#clock.mono();
    this.#refusedSince.set(body, since);
    return elapsedMs(since, this.#clock.mono()) > REFUSED_MS_MAX;
  }

  /** Whether another endpoint should have the request. One that asks for patience is there, and is given some. */
  #hasFailed(at: number, { afterMs }: Extract<PostResult, { kind: 'again' }>): boolean {
    this.#budget.failed();
    if (afterMs === undefined) return true;
    const endpoint = this.#at(at);
    endpoint.throttledAt ??= this.#clock.mono();
    return elapsedMs(endpoint.throttledAt, this.#clock.mono()) + afterMs > THROTTLED_MS_MAX;
  }

  #at(index: number): Endpoint {
    const endpoint = this.#all[index];
    if (endpoint === undefined) throw new RangeError(`no endpoint ${index}`);
    return endpoint;
  }

  /** The one in use, else the first that is up, else the one behind the last that was tried. */
  #next(tried: ReadonlySet<number>): number {
    if (!tried.has(this.#active)) return this.#active;
    const up = this.#all.findIndex(({ isUp }, index) => isUp && !tried.has(index));
    if (up >= 0) return up;
    const count = this.#all.length;
    for (let step = 1; step < count; step += 1) {
      const index = (this.#active + step) % count;
      if (!tried.has(index)) return index;
    }
    return this.#active;
  }

  #leave(at: number, tried: ReadonlySet<number>): void {
    const endpoint = this.#at(at);
    if (endpoint.isUp) this.#noteDown(endpoint);
    if (this.#active === at) this.#moveTo(this.#next(tried.size < this.#all.length ? tried : new Set([at])));
    this.#schedule();
  }

  #noteDown(endpoint: Endpoint): void {
    const { backAt } = endpoint;
    endpoint.isUp = false;
    endpoint.answers = 0;
    endpoint.throttledAt = undefined;
    endpoint.backAt = undefined;
    const isSoon = backAt !== undefined && elapsedMs(backAt, this.#clock.mono()) < SOON_MS;
    endpoint.answersWanted = isSoon ? Math.min(ANSWERS_MAX, endpoint.answersWanted * 2) : ANSWERS_MIN;
  }

  #moveTo(index: number): void {
    if (index === this.#active) return;
    this.#active = index;
    for (const moved of this.#listeners) moved();
  }

  /** It has answered a request that counts. */
  #noteUp(at: number): void {
    const endpoint = this.#at(at);
    endpoint.isUp = true;
    endpoint.throttledAt = undefined;
    // Where the one in use has failed meanwhile, this one is known to be there.
    if (!this.#at(this.#active).isUp) this.#moveTo(at);
    this.#schedule();
  }

  /** Those of which more should be known: that are preferred to the one in use, or have failed. */
  #isWanted(index: number): boolean {
    return index < this.#active || !this.#at(index).isUp;
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#isClosed || this.#all.length === 1) return;
    if (!this.#all.some((_, index) => this.#isWanted(index))) return;
    const jitter = 1 - PROBE_JITTER + (2 * PROBE_JITTER * this.#random.next()) / 0x1_0000_0000;
    this.#timer = this.#clock.timer(durationMs(Math.round(PROBE_MS * jitter)), () => {
      this.#timer = undefined;
      this.#all.forEach((_, index) => void (this.#isWanted(index) && this.#probe(index)));
      this.#schedule();
    });
  }

  /** Asks by an export request without records, which every receiver of OTLP answers. */
  async #probe(index: number): Promise<void> {
    const endpoint = this.#at(index);
    if (endpoint.isProbed) return;
    endpoint.isProbed = true;
    const { kind } = await endpoint.poster.post('traces', new Uint8Array());
    endpoint.isProbed = false;
    if (this.#isClosed) return;
    // Who refuses even nothing is no receiver to come back to.
    if (kind !== 'done') {
      endpoint.answers = 0;
      return;
    }
    endpoint.isUp = true;
    endpoint.answers += 1;
    if (!this.#at(this.#active).isUp) this.#moveTo(index);
    else if (index < this.#active && endpoint.answers >= endpoint.answersWanted) this.#returnTo(index);
  }

  #returnTo(index: number): void {
    this.#at(index).backAt = this.#clock.mono();
    this.#moveTo(index);
  }

  #doubt(at: number, body: Uint8Array): void {
    const before = this.#doubts.get(body);
    if (before === undefined) this.#doubts.set(body, { at, since: this.#clock.mono(), isMarked: false });
    else if (before.at !== at) {
      // By no one's bytes any more.
      before.isMarked = true;
      before.at = at;
    }
  }

  bytesFor(signal: ShippedSignal, body: Uint8Array): Uint8Array {
    return this.#bytes(this.#active, signal, body);
  }

  #bytes(at: number, signal: ShippedSignal, body: Uint8Array): Uint8Array {
    const doubt = this.#doubts.get(body);
    // Data points have no names by which a hub could know them again; their bytes it does.
    if (doubt === undefined || signal === 'metrics') return body;
    const isOld = elapsedMs(doubt.since, this.#clock.mono()) > DOUBT_MS_MAX;
    return doubt.isMarked || doubt.at !== at || isOld ? markReplayed(body) : body;
  }

  keepAlive(on: boolean): void {
    for (const { poster } of this.#all) poster.keepAlive(on);
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.[Symbol.dispose]();
    for (const { poster } of this.#all) poster.close();
  }
}
