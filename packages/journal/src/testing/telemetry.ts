/** Small spans, lines and gauges, made and made up, for tests that look at what arrives. */
import {
  type Attribute,
  encodeScopeLogs,
  encodeScopeMetrics,
  encodeScopeSpans,
  type LogRecord,
  type Resource,
  type Scope,
  type ScopeLogs,
  type ScopeMetrics,
  type ScopeSpans,
  type SignalName,
  type Span,
} from '@aode/wire';
import fc from 'fast-check';
import type { Frame } from '../journal.ts';

export const RESOURCE: Resource = {
  attributes: [{ key: 'service.name', value: 'cart' }],
  droppedAttributesCount: 0,
  entityRefs: [],
};
const SCOPE: Scope = { name: 't', version: '1', attributes: [], droppedAttributesCount: 0 };

function span(name: string): Span {
  return {
    traceId: 'a'.repeat(32),
    spanId: 'b'.repeat(16),
    traceState: '',
    parentSpanId: '',
    flags: 0,
    name,
    kind: 1,
    startTimeUnixNano: 1n,
    endTimeUnixNano: 2n,
    attributes: [],
    droppedAttributesCount: 0,
    events: [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    status: { code: 0, message: '' },
  };
}

function line(body: string): LogRecord {
  return {
    timeUnixNano: 1n,
    observedTimeUnixNano: 1n,
    severityNumber: 9,
    severityText: 'info',
    body,
    attributes: [],
    droppedAttributesCount: 0,
    flags: 0,
    traceId: '',
    spanId: '',
    eventName: '',
  };
}

const scopeSpansOf = (scope: Scope, names: readonly string[]): ScopeSpans => ({
  scope,
  schemaUrl: '',
  spans: names.map(span),
});
const scopeLogsOf = (scope: Scope, texts: readonly string[]): ScopeLogs => ({
  scope,
  schemaUrl: '',
  logRecords: texts.map(line),
});
const scopeMetricsOf = (scope: Scope, names: readonly string[]): ScopeMetrics => ({
  scope,
  schemaUrl: '',
  metrics: names.map((name) => ({
    name,
    description: '',
    unit: '',
    metadata: [],
    data: {
      kind: 'gauge',
      dataPoints: [
        { attributes: [], startTimeUnixNano: 0n, timeUnixNano: 1n, flags: 0, value: 1.5, exemplars: [] },
      ],
    },
  })),
});

/** A frame with one record a name, of one scope. */
export function frameOf(signal: SignalName, names: readonly string[], priority = 0): Frame {
  const payload = {
    traces: () => encodeScopeSpans([scopeSpansOf(SCOPE, names)]),
    logs: () => encodeScopeLogs([scopeLogsOf(SCOPE, names)]),
    metrics: () => encodeScopeMetrics([scopeMetricsOf(SCOPE, names)]),
  }[signal]();
  return { signal, priority, recordCount: names.length, payload };
}

/** Records as the decoder makes them: with a prototype. */
const PLAIN = { noNullPrototype: true };
const text = fc.string({ unit: 'grapheme', maxLength: 200 });
const attributes: fc.Arbitrary<Attribute[]> = fc.array(fc.record({ key: text, value: text }, PLAIN), {
  maxLength: 3,
});
const scope: fc.Arbitrary<Scope> = fc.record(
  {
    name: text,
    version: text,
    attributes,
    droppedAttributesCount: fc.nat(),
  },
  PLAIN,
);
const names = fc.array(text, { maxLength: 5 });

export const anyResource: fc.Arbitrary<Resource> = fc.record(
  {
    attributes,
    droppedAttributesCount: fc.nat(),
    entityRefs: fc.constant([]),
  },
  PLAIN,
);
/** One list a frame, of scopes. */
const framesOf = <T>(of: (scope: Scope, names: readonly string[]) => T): fc.Arbitrary<T[][]> =>
  fc.array(
    fc.array(
      fc.tuple(scope, names).map(([one, list]) => of(one, list)),
      { maxLength: 3 },
    ),
    {
      maxLength: 4,
    },
  );
export const anyScopeSpans: fc.Arbitrary<ScopeSpans[][]> = framesOf(scopeSpansOf);
export const anyScopeLogs: fc.Arbitrary<ScopeLogs[][]> = framesOf(scopeLogsOf);
export const anyScopeMetrics: fc.Arbitrary<ScopeMetrics[][]> = framesOf(scopeMetricsOf);
