/**
 * What only the hub sees: errors in traces of senders that ask for nothing, requests slower than their like, parents
 * that never come, ways that nobody goes. Steps over the spans that are stored, in the store's worker, where they are
 * decoded already; what fires is an ask (asks/), limited on the main thread. Everything here is bounded.
 *
 * On the hot path of `write`; bench/ingest.bench.ts.
 */
import { SPAN_KIND, type Span } from '@aode/wire';
import { DueQueue } from './due-queue.ts';
import { type Route, Routes } from './route.ts';
import { SeenSpans } from './seen-spans.ts';

export type TriggerReason = 'error' | 'slow' | 'broken-chain' | 'rare-path' | 'person';

export interface Fired {
  readonly traceId: string;
  readonly reason: TriggerReason;
}

/** A parent usually ends, and is sent, a little later than its child. */
export const PARENT_SOON_MS = 2000;
/** OpenTelemetry's batch processor sends every 5 s: a parent that is not here by then is asked for. */
export const PARENT_LATE_MS = 8000;
/** For this long after a start every way is new to the hub. */
export const LEARNING_MS: number = 10 * 60_000;
export const RARE_MS: number = 60 * 60_000;
/** Of one operation in one minute. One in a hundred is slow by definition. */
export const SLOW_PER_MINUTE = 2;
/** Of this many requests, so many parents must have come, else callers are simply not recorded here. */
export const CHECKED_MIN = 50;
const MISSING_SHARE_MAX = 0.1;
/** Counts are halved here, so that a caller that begins to be recorded is believed within the hour. */
const CHECKED_MAX = 1000;
/** Server spans that wait for their parent: 2 000 a second, some 4 MB. */
const WAITING_MAX = 16_384;
/** What may fire between two commits; the main thread lets less of it through. */
const FIRED_MAX = 256;
/** Traces that are not fired for again; as many once more are remembered from before. */
const RECENT_MAX = 4096;
const SERVICES_MAX = 65_535;
const MINUTE_MS = 60_000;

interface Orphan {
  readonly traceId: string;
  readonly parentSpanId: string;
  readonly service: string;
  readonly route: Route;
  /** A consumer's producer may have been long before, and elsewhere. */
  readonly isServer: boolean;
}

export class Triggers {
  readonly #seen = new SeenSpans();
  readonly #routes = new Routes();
  readonly #soon = new DueQueue<Orphan>(PARENT_SOON_MS, WAITING_MAX);
  readonly #late = new DueQueue<Orphan>(PARENT_LATE_MS - PARENT_SOON_MS, WAITING_MAX);
  readonly #numbers = new Map<string, number>();
  readonly #startMs: number;
  /** Spans come by resource: most are of the service of the one before. */
  #lastService = '';
  #lastNumber = 0;
  #fired: Fired[] = [];
  #recent = new Set<string>();
  #before = new Set<string>();

  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  /** A span that is being stored. `adjustedCount` is 0 when it was kept for a reason, and so is asked for already. */
  step(
    span: Span,
    service: string,
    about: { readonly failed: boolean; readonly adjustedCount: number },
    nowMs: number,
  ): void {
    this.#seen.add(span.spanId, this.#numberOf(service));
    if (about.failed) this.#fire(span.traceId, 'error');
    const isServer = span.kind === SPAN_KIND.server;
    if (!isServer && span.kind !== SPAN_KIND.consumer) return;
    const route = this.#routes.at(service, span.name, nowMs);
    if (route === undefined) return;
    if (about.adjustedCount > 0 && isServer) this.#judgeDuration(span, route, nowMs);
    if (span.parentSpanId === '') return;
    // Looked for in a while: a parent is seldom here before its child.
    const { traceId, parentSpanId } = span;
    this.#soon.push({ traceId, parentSpanId, service, route, isServer }, nowMs);
  }

  /** What has become certain by now. */
  tick(nowMs: number): void {
    for (let one = this.#soon.shift(nowMs); one !== undefined; one = this.#soon.shift(nowMs)) {
      if (!this.#join(one, nowMs)) this.#late.push(one, nowMs);
    }
    for (let one = this.#late.shift(nowMs); one !== undefined; one = this.#late.shift(nowMs)) {
      if (!this.#join(one, nowMs)) this.#miss(one);
    }
  }

  /** What has fired since it was taken last. */
  take(): readonly Fired[] {
    if (this.#fired.length === 0) return NOTHING;
    const fired = this.#fired;
    this.#fired = [];
    return fired;
  }

  #judgeDuration(span: Span, route: Route, nowMs: number): void {
    const nano = span.endTimeUnixNano - span.startTimeUnixNano;
    const durationMs = nano > 0n ? Number(nano) / 1e6 : 0;
    if (durationMs > route.tail.limitMs) {
      if (nowMs - route.slowSinceMs >= MINUTE_MS) {
        route.slowSinceMs = nowMs;
        route.slowCount = 0;
      }
      route.slowCount += 1;
      if (route.slowCount <= SLOW_PER_MINUTE) this.#fire(span.traceId, 'slow');
    }
    route.tail.add(durationMs);
  }

  /** Whether the parent is here; then the way from its service is known. */
  #join({ traceId, parentSpanId, service, route }: Orphan, nowMs: number): boolean {
    const caller = this.#seen.serviceOf(parentSpanId);
    if (caller === 0) return false;
    check(route, 0);
    const sinceMs = route.sinceAsked(caller, nowMs) ?? 0;
    const isLearning = nowMs - this.#startMs < LEARNING_MS;
    if (sinceMs > RARE_MS && !isLearning && this.#routes.isNamed(service)) this.#fire(traceId, 'rare-path');
    return true;
  }

  #miss({ traceId, route, isServer }: Orphan): void {
    if (!isServer) return;
    if (route.checked >= CHECKED_MIN && route.missing <= route.checked * MISSING_SHARE_MAX) {
      this.#fire(traceId, 'broken-chain');
    }
    check(route, 1);
  }

  #fire(traceId: string, reason: TriggerReason): void {
    if (this.#fired.length >= FIRED_MAX || this.#recent.has(traceId) || this.#before.has(traceId)) return;
    if (this.#recent.size >= RECENT_MAX) {
      this.#before = this.#recent;
      this.#recent = new Set();
    }
    this.#recent.add(traceId);
    this.#fired.push({ traceId, reason });
  }

  /** From 1; all beyond the limit share the last. */
  #numberOf(service: string): number {
    if (service === this.#lastService && this.#lastNumber > 0) return this.#lastNumber;
    this.#lastService = service;
    return (this.#lastNumber = this.#lookUp(service));
  }

  #lookUp(service: string): number {
    const known = this.#numbers.get(service);
    if (known !== undefined) return known;
    if (this.#numbers.size >= SERVICES_MAX - 1) return SERVICES_MAX;
    const number = this.#numbers.size + 1;
    this.#numbers.set(service, number);
    return number;
  }
}

const NOTHING: readonly Fired[] = [];

function check(route: Route, missing: number): void {
  route.checked += 1;
  route.missing += missing;
  if (route.checked < CHECKED_MAX) return;
  route.checked /= 2;
  route.missing /= 2;
}
