/** Traces made of a few words, for the tests of what the board makes of them. */
import type { LogRow, SpanRow, TraceGap, TraceResponse } from '@aode/wire/hub-api';

/** Time zero of made traces, nanoseconds since 1970. */
const BASE_NANO = 1_795_000_000_000_000_000n;

export interface MadeSpan {
  readonly id: string;
  readonly parent?: string;
  /** Nanoseconds from the beginning. */
  readonly from?: number;
  readonly to?: number;
  readonly service?: string;
  readonly name?: string;
  readonly failed?: boolean;
  /** OTLP's number; server where it is left out. */
  readonly kind?: number;
  readonly attributes?: Readonly<Record<string, string | number>>;
}

function spanRow({ id, parent, from, to, service, name, failed, kind, attributes }: MadeSpan): SpanRow {
  return {
    spanId: id,
    parentSpanId: parent ?? '',
    service: service ?? 'shop',
    name: name ?? 'work',
    kind: kind ?? 2,
    startUnixNano: String(BASE_NANO + BigInt(from ?? 0)),
    durationNano: Math.max(0, (to ?? 100) - (from ?? 0)),
    statusCode: failed === true ? 2 : 0,
    statusMessage: '',
    errorCode: failed === true ? '500' : null,
    resource: 0,
    scopeName: '',
    scopeVersion: '',
    traceState: '',
    attributes: Object.entries(attributes ?? {}).map(([key, value]) => ({
      key,
      type: typeof value === 'string' ? 'string' : 'double',
      value,
    })),
    events: [],
    links: [],
    dropped: { attributes: 0, events: 0, links: 0 },
  };
}

export function logRow(id: string, spanId: string, at: number): LogRow {
  return {
    id,
    timeUnixNano: String(BASE_NANO + BigInt(at)),
    service: 'shop',
    severityNumber: 9,
    severityText: 'INFO',
    body: `line ${id}`,
    traceId: '0'.repeat(32),
    spanId,
    eventName: '',
    attributes: [],
    resource: 0,
  };
}

export function traceOf(
  spans: readonly MadeSpan[],
  logs: readonly LogRow[] = [],
  gaps: readonly TraceGap[] = [],
): TraceResponse {
  return {
    traceId: '0'.repeat(32),
    spans: spans.map(spanRow),
    logs,
    resources: [{ attributes: [] }],
    partial: false,
    hues: {},
    cause: null,
    gaps,
  };
}
