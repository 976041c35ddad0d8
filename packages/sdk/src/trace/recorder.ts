/**
 * What a thread records: spans into its pool, by trace, and which traces are kept. Every span is recorded; a trace is
 * kept when it is in the baseline sample, or as soon as somebody asks for it. Bench: bench/span.bench.ts.
 */
import type { Clock, Random } from '@aode/base';
import { STATUS_CODE, TRACE_FLAG } from '@aode/wire';
import {
  type Baggage,
  type SpanContext,
  type SpanKind,
  SpanStatusCode,
  type TraceState,
} from '@opentelemetry/api';
import type { TraceSeed } from '../context/request-context.ts';
import type { SharedTime } from '../clock/shared-time.ts';
import { COUNT, STATE } from '../pool/counts.ts';
import { keysOf, pathOf } from '../pool/key-path.ts';
import type { PoolTrace, TraceWords } from '../pool/pool-trace.ts';
import { BASELINE, type PoolWriter } from '../pool/pool-writer.ts';
import type { HeldValue } from '../pool/record-writer.ts';
import type { SpanFields } from '../pool/span-record.ts';
import { decideChild } from '../sampling/decide.ts';
import { readOtelState, withDecision } from '../sampling/ot-member.ts';
import type { Sampling } from '../sampling/settings.ts';
import { thresholdOf } from '../sampling/threshold.ts';
import { KEEP_REASON, reasonOfAttribute, reasonOfRule, reasonOfStatus, ROUTE } from '../sampling/triggers.ts';
import { AskedTraces } from './asked-traces.ts';
import { OpenSpans } from './open-spans.ts';
import type { RecordingSpan } from './span.ts';
import { newTraceWords, traceIdText, traceWords } from './span-identity.ts';
import { StartPlaces } from './start-places.ts';
import { Timeline } from './timeline.ts';
import { hasVerdict } from './verdict.ts';
import { type ForgottenSpan, WatchedSpans } from './watched-spans.ts';

export interface RecorderParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly pool: PoolWriter;
  readonly sampling: Sampling;
  /** Something that is kept waits; `urgent` when others are to hear of it at once. Must not throw. */
  readonly wake: (urgent: boolean) => void;
  /** A span has failed and is recorded: blocks until it is safe, where that is wanted. */
  readonly failed?: () => void;
  /** A span that has ended is used as if it had not. Must not throw. */
  readonly misused: (span: RecordingSpan, how: Misuse) => void;
  /** A span was left open, and nobody can end it any more. Must not throw. */
  readonly forgotten: () => void;
  /** Notes where one of so many spans was started; 0 for none. */
  readonly placeEvery: number;
  /** The clock of the process; without it one of its own that nobody corrects. */
  readonly time?: SharedTime;
}

export type Misuse = 'end' | 'write';

/** Where a new span stands. */
export interface SpanPlace {
  readonly trace: PoolTrace;
  readonly traceFlags: number;
  readonly traceState: TraceState | undefined;
}

/** Why a span was ended that nobody has ended, and where it was started. */
export const INCOMPLETE = 'aode.span.incomplete';
export const STARTED_AT = 'aode.span.started_at';

/** Of no influence where the parent has decided. */
const ALL = thresholdOf(1);

export class Recorder {
  readonly timeline: Timeline;
  readonly random: Random;
  readonly open: OpenSpans<RecordingSpan> = new OpenSpans();
  readonly watched: WatchedSpans;
  readonly places: StartPlaces;
  readonly pool: PoolWriter;
  readonly #sampling: Sampling;
  readonly #misused: (span: RecordingSpan, how: Misuse) => void;
  readonly #forgotten: () => void;
  readonly #wake: (urgent: boolean) => void;
  readonly #failed: (() => void) | undefined;
  readonly #counts: Float64Array;
  readonly #asked = new AskedTraces();

  constructor(parts: RecorderParts) {
    const { clock, random, pool, sampling, wake, failed, misused, placeEvery, forgotten } = parts;
    this.timeline = new Timeline(clock, parts.time);
    this.places = new StartPlaces(placeEvery);
    this.watched = new WatchedSpans((span) => this.#collected(span));
    this.#forgotten = forgotten;
    this.random = random;
    this.pool = pool;
    this.#counts = pool.counts;
    this.#sampling = sampling;
    this.#misused = misused;
    this.#wake = wake;
    this.#failed = failed;
  }

  /** A span that begins a trace. An id that somebody else has given is not known to be random. */
  root(seed: TraceSeed | undefined): SpanPlace {
    const given = seed?.traceId;
    const words = given === undefined ? newTraceWords(this.random) : undefined;
    const text = words === undefined ? (given ?? '') : traceIdText(words);
    const state = seed?.traceState;
    const threshold = this.#sampling.baseline.next(this.timeline.ticks());
    const decision = decideChild(text, seed?.sampled, readOtelState(state), threshold);
    const { adjustedCount } = threshold;
    this.#counts[STATE.samplingProbability] = adjustedCount === 0 ? 0 : 1 / adjustedCount;
    return {
      // An id that was drawn just now stands for nothing yet.
      trace:
        words === undefined
          ? this.#trace(text, decision.sampled)
          : this.#begin(words, text, decision.sampled),
      traceFlags: (decision.sampled ? TRACE_FLAG.sampled : 0) | (given === undefined ? TRACE_FLAG.random : 0),
      traceState: withDecision(state, decision),
    };
  }

  /**
   * A span below one that is not ours: of another process, or made by somebody else in this one. `isUndecided` when the
   * other process has left the decision open.
   */
  under({ traceId, traceFlags, traceState, isRemote }: SpanContext, isUndecided: boolean): SpanPlace {
    const wasSampled = (traceFlags & TRACE_FLAG.sampled) !== 0;
    if (isRemote !== true) return { trace: this.#trace(traceId, wasSampled), traceFlags, traceState };
    const state = readOtelState(traceState);
    const decision = isUndecided
      ? decideChild(traceId, undefined, state, this.#sampling.baseline.next(this.timeline.ticks()))
      : decideChild(traceId, wasSampled, state, ALL);
    const trace = this.#trace(traceId, decision.sampled);
    if (hasVerdict(traceState)) this.keep(trace, 'verdict');
    return {
      trace,
      traceFlags: (traceFlags & ~TRACE_FLAG.sampled) | (decision.sampled ? TRACE_FLAG.sampled : 0),
      traceState: withDecision(traceState, decision),
    };
  }

  #trace(traceId: string, sampled: boolean): PoolTrace {
    const words = traceWords(traceId);
    const known = this.pool.find(words);
    if (known === undefined) return this.#begin(words, traceId, sampled);
    if (sampled) this.pool.keep(known, BASELINE);
    return known;
  }

  #begin(words: TraceWords, traceId: string, sampled: boolean): PoolTrace {
    const trace = this.pool.begin(words, traceId, sampled ? BASELINE : undefined);
    if (this.#asked.size > 0 && this.#asked.has(traceId, this.timeline.ticks())) this.keep(trace, 'asked');
    return trace;
  }

  started(span: RecordingSpan): void {
    this.open.add(span);
    this.places.started(span);
    span.trace.openCount += 1;
    this.#counts[COUNT.spansStarted] = (this.#counts[COUNT.spansStarted] ?? 0) + 1;
  }

  ended(span: RecordingSpan): void {
    const { trace, forgotten } = span;
    if (forgotten === undefined) this.open.remove(span);
    else this.watched.release(span, forgotten);
    this.#keepFailed(trace, span);
    const { keptFor } = trace;
    if (keptFor !== undefined && keptFor !== BASELINE && !trace.isTold) {
      trace.isTold = true;
      span.note(KEEP_REASON, keptFor);
    }
    span.lines?.tell((key, value) => span.note(key, value));
    this.#record(trace, span);
    if (span.statusCode === STATUS_CODE.error) this.#failed?.();
  }

  #record(trace: PoolTrace, span: SpanFields): void {
    trace.openCount -= 1;
    this.#counts[COUNT.spansEnded] = (this.#counts[COUNT.spansEnded] ?? 0) + 1;
    if (!this.pool.span(trace, span)) trace.isCut = true;
    if (trace.openCount === 0) this.pool.quiet(trace);
    if (trace.keptFor !== undefined) this.#wake(false);
  }

  /** Lets go of a span that has been open for long. */
  watch(span: RecordingSpan): void {
    this.open.remove(span);
    this.watched.watch(span, this.places.placeOf(span));
  }

  #collected({ trace, fields, keys, place, lines }: ForgottenSpan): void {
    this.timeline.at(this.timeline.ticks());
    const notes = [INCOMPLETE];
    const values = [...fields.values, 'collected'];
    const note = (key: string, value: HeldValue): void => {
      notes.push(key);
      values.push(value);
    };
    if (place !== undefined) note(STARTED_AT, place);
    lines?.tell(note);
    this.keep(trace, 'incomplete');
    const { sec, nano } = this.timeline;
    const told = pathOf([...keysOf(keys), ...notes]);
    this.#record(trace, { ...fields, keys: told, values, endSec: sec, endNano: nano });
    this.#forgotten();
  }

  /** A span that another SDK has made, with its end; `isFirst` when none of this process is above it. */
  foreign(trace: PoolTrace, span: SpanFields, isFirst: boolean): void {
    this.#keepFailed(trace, span);
    this.#counts[COUNT.spansStarted] = (this.#counts[COUNT.spansStarted] ?? 0) + 1;
    this.#counts[COUNT.spansEnded] = (this.#counts[COUNT.spansEnded] ?? 0) + 1;
    if (!this.pool.span(trace, span)) trace.isCut = true;
    if (isFirst) this.pool.quiet(trace);
    if (trace.keptFor !== undefined) this.#wake(false);
  }

  #keepFailed(trace: PoolTrace, span: SpanFields): void {
    if (span.statusCode !== STATUS_CODE.error) return;
    const isRoot = span.parentHi === 0 && span.parentLo === 0;
    // The API counts kinds from 0, OTLP from 1.
    const reason = reasonOfStatus((span.kind - 1) as SpanKind, isRoot, SpanStatusCode.ERROR);
    if (reason !== undefined) this.keep(trace, reason);
  }

  misused(span: RecordingSpan, how: Misuse): void {
    this.places.suspect(span);
    this.#misused(span, how);
  }

  /** The first span of a request in this process has this baggage. */
  begun(span: RecordingSpan, baggage: Baggage): void {
    const rule = this.#sampling.rules.atStart(baggage);
    if (rule !== undefined) this.#keepByRule(span, rule);
  }

  get asksForEachAttribute(): boolean {
    return this.#sampling.rules.hasAttributes;
  }

  attribute(span: Pick<RecordingSpan, 'trace'>, key: string, value: unknown): void {
    // Response codes are numbers; asking so first costs the others nothing.
    if (typeof value === 'number') {
      const reason = reasonOfAttribute(key, value);
      if (reason !== undefined) this.keep(span.trace, reason);
    }
    const { rules } = this.#sampling;
    const rule =
      rules.onAttribute(key, value) ??
      (key === ROUTE && typeof value === 'string' ? rules.onRoute(value) : undefined);
    if (rule !== undefined) this.#keepByRule(span, rule);
  }

  #keepByRule({ trace }: Pick<RecordingSpan, 'trace'>, rule: string): void {
    const { keptFor } = trace;
    if (keptFor !== undefined && keptFor !== BASELINE) return;
    const reason = reasonOfRule(rule);
    if (this.#sampling.limits.take(reason, this.timeline.ticks())) this.keep(trace, reason);
  }

  /** Somebody else has asked for this trace: what is here is kept, and what may still come. */
  asked(traceId: string): void {
    const known = this.pool.find(traceWords(traceId));
    if (known !== undefined) this.keep(known, 'asked');
    else this.#asked.add(traceId, this.timeline.ticks());
  }

  /**
   * Keeps a trace that somebody wants to be sure of, everywhere. False when not all of it is here: what comes of it is
   * kept all the same.
   */
  keepCritical(traceId: string): boolean {
    const known = this.pool.find(traceWords(traceId));
    if (known === undefined) this.#asked.add(traceId, this.timeline.ticks());
    else this.keep(known, 'critical');
    return known?.isCut === false;
  }

  /** Keeps the whole trace, here; and, when this is the first to see why, everywhere. */
  keep(trace: PoolTrace, reason: string): void {
    const { keptFor } = trace;
    if (keptFor !== undefined && keptFor !== BASELINE) return;
    const isOurs = reason !== 'verdict' && reason !== 'asked';
    if (keptFor === BASELINE) trace.keptFor = reason;
    else this.pool.keep(trace, reason);
    if (isOurs) this.pool.ask(trace, reason);
    this.#wake(isOurs);
  }
}
