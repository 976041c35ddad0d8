/** One request of each signal with something in every field, for tests that go through all bytes of a message. */
import type {
  Attribute,
  Exemplar,
  Resource,
  ResourceLogs,
  ResourceMetrics,
  ResourceSpans,
  Scope,
} from '../model.ts';
import { SPAN_KIND, STATUS_CODE, TEMPORALITY } from '../model.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const SPAN_ID = 'b7ad6b7169203331';

const attributes: readonly Attribute[] = [
  { key: 'http.route', value: '/api/v1/items' },
  { key: 'näme', value: '奥德' },
  { key: 'ok', value: true },
  { key: 'status', value: 200n },
  { key: 'least', value: -(2n ** 63n) },
  { key: 'ratio', value: 0.25 },
  { key: 'bytes', value: new Uint8Array([0, 255, 128]) },
  { key: 'none', value: null },
  { key: 'list', value: ['a', 1n, [], null] },
  { key: 'map', value: { entries: [{ key: 'k', value: { entries: [{ key: 'k', value: 'v' }] } }] } },
];
const few: readonly Attribute[] = [{ key: 'k', value: 'v' }];

const resource: Resource = {
  attributes: [{ key: 'service.name', value: 'cart' }],
  droppedAttributesCount: 1,
  entityRefs: [{ schemaUrl: 'u', type: 'service', idKeys: ['service.name'], descriptionKeys: ['d'] }],
};
const scope: Scope = { name: 'http', version: '1.0.0', attributes: few, droppedAttributesCount: 300 };

export const sampleTraces: readonly ResourceSpans[] = [
  {
    resource,
    schemaUrl: 'https://opentelemetry.io/schemas/1.30.0',
    scopeSpans: [
      {
        scope,
        schemaUrl: 's',
        spans: [
          {
            traceId: TRACE_ID,
            spanId: SPAN_ID,
            traceState: 'a=1',
            parentSpanId: '00f067aa0ba902b7',
            flags: 0x101,
            name: 'GET /api/v1/items',
            kind: SPAN_KIND.server,
            startTimeUnixNano: 1_795_392_000_000_000_001n,
            endTimeUnixNano: 2n ** 64n - 1n,
            attributes,
            droppedAttributesCount: 2,
            events: [{ timeUnixNano: 5n, name: 'exception', attributes: few, droppedAttributesCount: 1 }],
            droppedEventsCount: 3,
            links: [
              {
                traceId: TRACE_ID,
                spanId: SPAN_ID,
                traceState: 'b=2',
                attributes: few,
                droppedAttributesCount: 1,
                flags: 1,
              },
            ],
            droppedLinksCount: 4,
            status: { code: STATUS_CODE.error, message: 'no stock' },
          },
        ],
      },
    ],
  },
];

export const sampleLogs: readonly ResourceLogs[] = [
  {
    resource,
    schemaUrl: 'r',
    scopeLogs: [
      {
        scope,
        schemaUrl: 's',
        logRecords: [
          {
            timeUnixNano: 7n,
            observedTimeUnixNano: 8n,
            severityNumber: 17,
            severityText: 'ERROR',
            body: { entries: attributes },
            attributes,
            droppedAttributesCount: 1,
            flags: 1,
            traceId: TRACE_ID,
            spanId: SPAN_ID,
            eventName: 'payment.failed',
          },
        ],
      },
    ],
  },
];

const exemplars: readonly Exemplar[] = [
  { filteredAttributes: few, timeUnixNano: 3n, value: 2.5, spanId: SPAN_ID, traceId: TRACE_ID },
  { filteredAttributes: [], timeUnixNano: 4n, value: -2n, spanId: '', traceId: '' },
];
const base = { attributes: few, startTimeUnixNano: 1n, timeUnixNano: 2n, flags: 1 };
const buckets = { offset: -3, bucketCounts: [1n, 300n, 2n ** 64n - 1n] };
const metric = { description: 'd', unit: 'ms', metadata: few };

export const sampleMetrics: readonly ResourceMetrics[] = [
  {
    resource,
    schemaUrl: 'r',
    scopeMetrics: [
      {
        scope,
        schemaUrl: 's',
        metrics: [
          {
            ...metric,
            name: 'gauge',
            data: { kind: 'gauge', dataPoints: [{ ...base, value: 0n, exemplars }] },
          },
          {
            ...metric,
            name: 'sum',
            data: {
              kind: 'sum',
              aggregationTemporality: TEMPORALITY.delta,
              isMonotonic: true,
              dataPoints: [{ ...base, value: 1.5, exemplars: [] }],
            },
          },
          {
            ...metric,
            name: 'histogram',
            data: {
              kind: 'histogram',
              aggregationTemporality: TEMPORALITY.cumulative,
              dataPoints: [
                {
                  ...base,
                  count: 3n,
                  sum: 0,
                  bucketCounts: [1n, 2n],
                  explicitBounds: [10],
                  exemplars,
                  min: -1,
                  max: 9,
                },
              ],
            },
          },
          {
            ...metric,
            name: 'exponential',
            data: {
              kind: 'exponentialHistogram',
              aggregationTemporality: TEMPORALITY.delta,
              dataPoints: [
                {
                  ...base,
                  count: 3n,
                  sum: undefined,
                  scale: -2,
                  zeroCount: 1n,
                  positive: buckets,
                  negative: buckets,
                  exemplars: [],
                  min: undefined,
                  max: 1,
                  zeroThreshold: 0.001,
                },
              ],
            },
          },
          {
            ...metric,
            name: 'summary',
            data: {
              kind: 'summary',
              dataPoints: [{ ...base, count: 2n, sum: 4, quantileValues: [{ quantile: 0.5, value: 2 }] }],
            },
          },
          { ...metric, name: 'empty', data: { kind: 'none' } },
        ],
      },
    ],
  },
];
