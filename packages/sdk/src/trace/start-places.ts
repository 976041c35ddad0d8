/**
 * Where spans were started: `file:line`, for a share of them, because finding out costs more than the span. Once a span
 * of some name was not ended or was ended twice, all of that name are looked at, so that the next one is found. Bench:
 * bench/span.bench.ts.
 */
import { type CapturedStack, captureStack, placeOf } from './code-place.ts';
import type { RecordingSpan } from './span.ts';

/** Enough frames to leave this package and the OpenTelemetry API. */
const FRAMES = 8;
/** Enough to leave `fetch` too, whose request is made some twenty frames down. */
const FRAMES_SUSPECT = 32;
/** Names under suspicion; a program with more has other worries. */
const SUSPECTS_MAX = 256;

export class StartPlaces {
  readonly #every: number;
  readonly #suspects = new Set<string>();
  readonly #places = new WeakMap<RecordingSpan, CapturedStack>();
  #count = 0;

  /** Looks at one of `every` spans; 0 for none but those under suspicion. */
  constructor(every: number) {
    this.#every = every;
  }

  started(span: RecordingSpan): void {
    this.#count += 1;
    const isDue = this.#every > 0 && this.#count >= this.#every;
    if (isDue) this.#count = 0;
    else if (this.#suspects.size === 0 || !this.#suspects.has(span.name)) return;
    this.#places.set(span, captureStack(isDue && this.#every > 1 ? FRAMES : FRAMES_SUSPECT));
  }

  /** All spans of this name are looked at from now on. */
  suspect({ name }: RecordingSpan): void {
    if (this.#suspects.size < SUSPECTS_MAX) this.#suspects.add(name);
  }

  /** Undefined when nobody looked. */
  placeOf(span: RecordingSpan): string | undefined {
    this.suspect(span);
    return placeOf(this.#places.get(span));
  }
}
