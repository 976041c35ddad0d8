import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attributesOf } from '@aode/journal/otlp-receiver';
import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { manualClock } from '@aode/base/manual-clock';
import { recordLines } from '../testing/line-recorder.ts';
import { recordInto } from '../testing/recorder.ts';
import { LineCounts } from './line-counts.ts';
import { createTracerProvider } from './tracer.ts';
import { recordOf } from '../testing/records.ts';

const HEAD = {
  scope: { name: 'pino', version: '', attributes: [], droppedAttributesCount: 0 },
  severityText: '',
  messageKey: 'msg',
  errorKey: 'err',
};

test('each severity counts for its level, the first error is remembered', () => {
  const counts = new LineCounts();
  for (let severity = 0; severity <= 24; severity += 1) counts.add(severity, severity, 7);
  const told: Record<string, unknown> = {};
  counts.tell((key, value) => (told[key] = value));
  assert.deepEqual(told, {
    'aode.log.count.trace': 4,
    'aode.log.count.debug': 4,
    'aode.log.count.info': 5,
    'aode.log.count.warn': 4,
    'aode.log.count.error': 4,
    'aode.log.count.fatal': 4,
    'aode.log.first_error': '17000000007',
  });
});

function spanWith(severities: readonly number[]): {
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly times: readonly bigint[];
} {
  const { recorder, spans } = recordInto(manualClock());
  const span = createTracerProvider({ recorder, dye: [] }).getTracer('t').startSpan('work');
  const lines = recordLines(trace.setSpan(ROOT_CONTEXT, span));
  const write = (severityNumber: number): void => {
    const origin = lines.writer.origin();
    assert.ok(origin !== undefined);
    lines.writer.write({ ...HEAD, severityNumber }, '{"msg":"m"}', origin);
  };
  severities.forEach(write);
  span.end();
  // Whoever still has the context may write, and finds nobody who counts.
  write(17);
  const [ended] = spans;
  assert.ok(ended !== undefined);
  return {
    attributes: attributesOf(ended),
    times: lines.lines.map((line) => recordOf(line).timeUnixNano),
  };
}

test('a span says how many lines it has by level, and when the first error was', () => {
  const { attributes, times } = spanWith([9, 9, 13, 17, 21]);
  assert.deepEqual(attributes, {
    'aode.log.count.info': 2n,
    'aode.log.count.warn': 1n,
    'aode.log.count.error': 1n,
    'aode.log.count.fatal': 1n,
    'aode.log.first_error': String(times[3]),
  });
});

test('a span without lines says nothing', () => {
  assert.deepEqual(spanWith([]).attributes, {});
});
