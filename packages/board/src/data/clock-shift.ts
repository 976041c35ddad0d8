/**
 * Effect after cause between processes whose clocks differ. What was measured is never changed; a span that has
 * received says by its hybrid logical clock what it must come behind (`aode.clock.hlc`, docs/adr/0011-clock.md). Where
 * its own time is before that, it is drawn later, with all that its process did for it.
 *
 * What it must come behind is the span that has sent, if that is there: the number may be ahead of both, because their
 * processes have heard of somebody else whose clock is.
 */
import type { SpanRow } from '@aode/wire/hub-api';

/** OTLP kinds of spans that receive. */
const SERVER = 2;
const CONSUMER = 5;

/** The logical clock counts whole milliseconds: what is less than this behind is not behind. */
const BEHIND_NANO_MIN = 1_000_000n;

const COUNTER_BITS = 16n;
const NANO_PER_MS = 1_000_000n;
const LOGICAL = /^[0-9a-f]{16}$/;

/** Nanoseconds by which each span is to be drawn later than it was measured, 0 for most. */
export function shiftsOf(spans: readonly SpanRow[]): readonly number[] {
  const indexOf = new Map<string, number>();
  for (const [index, { spanId }] of spans.entries()) if (!indexOf.has(spanId)) indexOf.set(spanId, index);
  const shifts = Array.from<number | undefined>({ length: spans.length });
  for (let start = 0; start < spans.length; start += 1) {
    const path: number[] = [];
    let at: number | undefined = start;
    // Up to somebody whose shift is known; a circle ends where it comes back to itself.
    while (at !== undefined && shifts[at] === undefined) {
      shifts[at] = 0;
      path.push(at);
      at = indexOf.get(spans[at]?.parentSpanId ?? '');
    }
    let above = at;
    for (const one of path.toReversed()) {
      shifts[one] = shiftBelow(spans[one], spans[above ?? -1], shifts[above ?? -1] ?? 0);
      above = one;
    }
  }
  return shifts.map((shift) => shift ?? 0);
}

/** Of a span, when that of its parent is `shift`, which it shares unless it has come from another process. */
function shiftBelow(span: SpanRow | undefined, parent: SpanRow | undefined, shift: number): number {
  const received = span === undefined || !isReceiving(span) ? undefined : logicalOf(span);
  if (span === undefined || received === undefined) return shift;
  const sent = parent === undefined ? undefined : logicalOf(parent);
  // A caller that was too far ahead was not followed.
  if (sent !== undefined && sent >= received) return 0;
  const cause =
    parent === undefined || sent === undefined
      ? (received >> COUNTER_BITS) * NANO_PER_MS
      : BigInt(parent.startUnixNano) + BigInt(Math.round(shift));
  const behind = cause - BigInt(span.startUnixNano);
  return behind < BEHIND_NANO_MIN ? 0 : Number(behind);
}

const isReceiving = ({ kind }: SpanRow): boolean => kind === SERVER || kind === CONSUMER;

function logicalOf(span: SpanRow): bigint | undefined {
  const text = valueOf(span, 'aode.clock.hlc');
  return typeof text === 'string' && LOGICAL.test(text) ? BigInt(`0x${text}`) : undefined;
}

/** Nanoseconds by which the times of a span may be off; 0 where nobody says so. */
export function clockErrorOf(span: SpanRow): number {
  const ms = Number(valueOf(span, 'aode.clock.error_ms') ?? 0);
  return Number.isFinite(ms) && ms > 0 ? ms * 1e6 : 0;
}

const valueOf = ({ attributes }: SpanRow, wanted: string): unknown =>
  attributes.find(({ key }) => key === wanted)?.value;
