/**
 * Where spans were started: `file:line`, for a share of them, because finding out costs more than the span. Once a span
 * of some name was not ended or was ended twice, all of that name are looked at, so that the next one is found. Bench:
 * bench/span.bench.ts.
 */
import type { RecordingSpan } from './span.ts';

/** Enough frames to leave this package and the OpenTelemetry API. */
const FRAMES = 8;
/** Names under suspicion; a program with more has other worries. */
const SUSPECTS_MAX = 256;

export class StartPlaces {
  readonly #every: number;
  readonly #suspects = new Set<string>();
  readonly #places = new WeakMap<RecordingSpan, { stack?: string }>();
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
    const holder: { stack?: string } = {};
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = FRAMES;
    // Captured, and made into text only if somebody asks.
    Error.captureStackTrace(holder);
    Error.stackTraceLimit = stackTraceLimit;
    this.#places.set(span, holder);
  }

  /** All spans of this name are looked at from now on. */
  suspect({ name }: RecordingSpan): void {
    if (this.#suspects.size < SUSPECTS_MAX) this.#suspects.add(name);
  }

  /** Undefined when nobody looked. */
  placeOf(span: RecordingSpan): string | undefined {
    this.suspect(span);
    const lines = this.#places.get(span)?.stack?.split('\n').slice(1) ?? [];
    const own = lines.find((line) => !FOREIGN.test(line));
    return own === undefined ? undefined : placeIn(own);
  }
}

/** Frames of this package, of the API, and of Node.js. */
const FOREIGN =
  /[\\/](?:@aode[\\/]sdk|packages[\\/]sdk[\\/](?:src|dist))[\\/]|@opentelemetry[\\/]api|node:|<anonymous>/;

/** The place of a frame: `at name (place)` or `at place`. */
function placeIn(line: string): string {
  const inner = /\(([^()]+)\)\s*$/.exec(line)?.[1] ?? line.trim().replace(/^at (?:async )?/, '');
  return inner.replace(/^file:\/\//, '');
}
