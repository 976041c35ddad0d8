/**
 * Requests that have lost their context on the way: by a queue or a pool that calls back from elsewhere. Two things
 * show it. A response is answered while another request's span is active, or none: that is certain. A span begins a
 * trace of its own while requests are open, at a place in the code where none was ever begun while no request was: that
 * is likely, and stops to be when one is. The stack is captured in these cases only, and so many times a second.
 */
import { SPAN_KIND } from '@aode/wire';
import { context as contextApi, trace } from '@opentelemetry/api';
import type { LostContext, LostHow } from '../loss/lost-context.ts';
import type { Losses } from '../losses.ts';
import { captureStack, entryOf, placeOf } from './code-place.ts';
import type { OpenSpans } from './open-spans.ts';
import { RecordingSpan } from './span.ts';
import type { Timeline } from './timeline.ts';

/** A span carries how its context was lost. */
const LOST = 'aode.context.lost';
/** Enough to leave `fetch`, whose request is made some twenty frames below its caller. */
const FRAMES = 48;
/** A program with more of them has one and the same reason for all. */
const PLACES_MAX = 64;
/** Ten captures and their texts are 0.1 ms, which is the most that a second may cost. */
const LOOKS_PER_SECOND = 10;
/** Open spans looked at for a request; behind so many that are none, one is taken to be open. */
const OPEN_MAX = 64;

export interface LostContextsParts {
  readonly recorder: { readonly open: OpenSpans<RecordingSpan>; readonly timeline: Timeline };
  readonly losses: Losses;
  /** Each is looked at: a person waits for the answer. */
  readonly isThorough?: boolean;
}

export class LostContexts {
  readonly #parts: LostContextsParts;
  readonly #found = new Map<string, { -readonly [K in keyof LostContext]: LostContext[K] }>();
  /** Places where traces begin that belong to no request. */
  readonly #background = new Set<string>();
  #secondStart = 0;
  #looks = 0;

  constructor(parts: LostContextsParts) {
    this.#parts = parts;
  }

  /** A span that begins a trace without being told to. */
  began(span: RecordingSpan): void {
    if (span.kind === SPAN_KIND.server || span.kind === SPAN_KIND.consumer) return;
    // Whoever has a span and passes a context without one means it.
    if (trace.getSpan(contextApi.active()) !== undefined || !this.#mayLook()) return;
    const stack = captureStack(FRAMES);
    const key = `root ${placeOf(stack) ?? span.name}`;
    if (this.#background.has(key)) return;
    if (!this.#hasRequest()) {
      if (this.#background.size < PLACES_MAX) this.#background.add(key);
      // Here is somebody who needs no request, so those before did not either.
      this.#found.delete(key);
      return;
    }
    this.#note(span, 'root', key, stack);
  }

  /** A response of the request of `span` is about to be written. */
  answered(span: RecordingSpan): void {
    const active = trace.getSpan(contextApi.active());
    const own = active instanceof RecordingSpan ? active.trace.text : active?.spanContext().traceId;
    if (own === span.trace.text) return;
    const how = own === undefined ? 'answer_outside' : 'answer_in_other';
    const stack = this.#mayLook() ? captureStack(FRAMES) : undefined;
    this.#note(span, how, `${how} ${placeOf(stack) ?? span.name}`, stack);
  }

  /** A log line was written where no span was active. No error: but no trace will show it. */
  wroteLine(): void {
    if (this.#hasRequest()) this.#parts.losses.add('lines_without_trace', 1);
  }

  /** What was seen so far, at most 64 places. */
  list(): readonly LostContext[] {
    return [...this.#found.values()].map((one) => ({ ...one }));
  }

  #note(
    span: RecordingSpan,
    how: LostHow,
    key: string,
    stack: ReturnType<typeof captureStack> | undefined,
  ): void {
    this.#parts.losses.add('context_lost', 1);
    span.setAttribute(LOST, how);
    const known = this.#found.get(key);
    if (known !== undefined) known.count += 1;
    else if (this.#found.size < PLACES_MAX) {
      const { name } = span;
      this.#found.set(key, { how, name, place: placeOf(stack), entry: entryOf(stack), count: 1 });
    }
  }

  #hasRequest(): boolean {
    let left = OPEN_MAX;
    for (let span = this.#parts.recorder.open.oldest; span !== undefined; span = span.newerOpen) {
      if (span.kind === SPAN_KIND.server || left === 0) return true;
      left -= 1;
    }
    return false;
  }

  #mayLook(): boolean {
    if (this.#parts.isThorough === true) return true;
    const now = this.#parts.recorder.timeline.ticks();
    if (now - this.#secondStart >= 1000) {
      this.#secondStart = now;
      this.#looks = 0;
    }
    this.#looks += 1;
    return this.#looks <= LOOKS_PER_SECOND;
  }
}
