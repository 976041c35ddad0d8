/**
 * Spans that are open for so long that somebody may have forgotten them: no longer held, so that the garbage collector
 * tells when nobody can end them any more. What they were is kept aside, for the record that they become then. Only old
 * spans are watched, because watching costs more than recording.
 */
import type { KeyPath } from '../pool/key-path.ts';
import type { PoolTrace } from '../pool/pool-trace.ts';
import type { SpanFields } from '../pool/span-record.ts';
import type { LineCounts } from './line-counts.ts';
import type { RecordingSpan } from './span.ts';

/** What is left of a span that was collected. Attributes that it got until then are in it. */
export interface ForgottenSpan {
  readonly trace: PoolTrace;
  readonly fields: SpanFields;
  /** Those that it has now; the values in `fields` are its own and grow with it. */
  keys: KeyPath;
  readonly place: string | undefined;
  lines: LineCounts | undefined;
}

export class WatchedSpans {
  readonly #spans = new Map<ForgottenSpan, WeakRef<RecordingSpan>>();
  readonly #registry: FinalizationRegistry<ForgottenSpan>;

  constructor(onForgotten: (span: ForgottenSpan) => void) {
    this.#registry = new FinalizationRegistry((forgotten) => {
      // One that ended in its last moments has been taken out already.
      if (this.#spans.delete(forgotten)) onForgotten(forgotten);
    });
  }

  get count(): number {
    return this.#spans.size;
  }

  watch(span: RecordingSpan, place: string | undefined): void {
    const { trace, traceStateText, keys, lines } = span;
    const forgotten = { trace, fields: Object.assign({}, span, { traceStateText }), keys, place, lines };
    span.forgotten = forgotten;
    this.#spans.set(forgotten, new WeakRef(span));
    this.#registry.register(span, forgotten, span);
  }

  /** It has ended. */
  release(span: RecordingSpan, forgotten: ForgottenSpan): void {
    this.#spans.delete(forgotten);
    this.#registry.unregister(span);
  }

  /** Those that are still there. */
  *spans(): Generator<RecordingSpan> {
    for (const reference of this.#spans.values()) {
      const span = reference.deref();
      if (span !== undefined) yield span;
    }
  }
}
