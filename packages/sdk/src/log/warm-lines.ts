/**
 * Has the way of a line compiled before the first one comes: V8 compiles a function when it is called first, and those
 * of a line together take some milliseconds. At the start nobody waits for them; within a request somebody does.
 */
import { newRingMemory } from '@aode/journal';
import { SEVERITY } from '@aode/wire';
import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { createLosses } from '../losses.ts';
import { COUNTS } from '../pool/counts.ts';
import { LineRing } from './line-ring.ts';
import { LineWriter, NOWHERE } from './line-writer.ts';
import type { LineHead } from './log-line.ts';
import { LineShapes } from './line-shape.ts';

const HEAD: LineHead = {
  scope: { name: 'aode', version: '', attributes: [], droppedAttributesCount: 0 },
  severityNumber: SEVERITY['info'] ?? 9,
  severityText: 'info',
  messageKey: 'msg',
  errorKey: 'err',
};
const IDS = { traceId: '1'.repeat(32), spanId: '1'.repeat(16), traceFlags: 0 };

/** The clock of the process would be read, and could not be set any more. */
const TIMELINE = { ticks: () => 0, at: () => undefined, sec: 0, nano: 0 };

/** Nothing is to be forgotten: all of it goes at once. */
const NO_TIMERS = { timer: () => ({ [Symbol.dispose]: () => undefined }) };

/** Writes two lines where nobody reads them, a text and one of values; returns the counts of their thread. */
export function warmLines(): Float64Array {
  const counts = new Float64Array(COUNTS);
  const ring = new LineRing({
    memory: newRingMemory(0),
    index: 0,
    counts,
    overflow: 'spill',
    spillBytesMax: 0,
    onPressure: () => undefined,
    now: () => 0,
  });
  const context = trace.setSpanContext(ROOT_CONTEXT, IDS);
  const writer = new LineWriter({
    timeline: TIMELINE,
    clock: NO_TIMERS,
    losses: createLosses(counts),
    activeContext: () => context,
    sink: { line: (line) => ring.write(line), wants: () => false, below: () => undefined },
    dye: [],
    charsMax: 1000,
  });
  const origin = writer.origin() ?? NOWHERE;
  writer.write(HEAD, '{"msg":"warm"}', origin);
  const shapes = new LineShapes(HEAD);
  const shape = shapes.of('warm', { text: 'text', number: 0.5, boolean: true });
  if (shape !== undefined) writer.writeValues(shape.head, shapes.values, origin);
  return counts;
}
