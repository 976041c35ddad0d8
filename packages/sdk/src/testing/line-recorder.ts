/** A line writer whose lines stay in a list, in a context that the test may change. */
import { systemClock } from '@aode/base';
import { type Context, ROOT_CONTEXT, type Span, type SpanContext, trace } from '@opentelemetry/api';
import { LineWriter } from '../log/line-writer.ts';
import type { LogLine } from '../log/log-line.ts';
import { createLosses, type Losses } from '../losses.ts';
import { Timeline } from '../trace/timeline.ts';

export interface LineRecorder {
  /** What runs from now on. */
  context: Context;
  readonly writer: LineWriter;
  readonly lines: LogLine[];
  readonly below: LogLine[];
  readonly losses: Losses;
  /** Whether lines below a logger's level are of use just now. */
  readonly isBelowWanted: () => boolean;
}

export interface LineRecorderOptions {
  readonly dye?: readonly string[];
  readonly charsMax?: number;
}

export const SPAN: SpanContext = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 };
export const IN_SPAN: Context = trace.setSpanContext(ROOT_CONTEXT, SPAN);

export function recordLines(context: Context, options: LineRecorderOptions = {}): LineRecorder {
  const { dye = [], charsMax = 64 * 1024 } = options;
  const lines: LogLine[] = [];
  const below: LogLine[] = [];
  const losses = createLosses();
  const sink = {
    line: (line: LogLine) => void lines.push({ ...line, values: line.values?.slice() }),
    wants: (span: Span | undefined) => span !== undefined,
    below: (_: unknown, line: LogLine) => void below.push({ ...line }),
  };
  const recorder: LineRecorder = {
    context,
    lines,
    below,
    losses,
    writer: new LineWriter({
      timeline: new Timeline(systemClock),
      clock: systemClock,
      losses,
      activeContext: () => recorder.context,
      sink,
      dye,
      charsMax,
    }),
    isBelowWanted: () => sink.wants(recorder.writer.span()),
  };
  return recorder;
}
