/**
 * The `raw` column: each record, resource, scope and metric as an OTLP message of its own, without what the columns
 * beside it hold. Whoever has the proto files can read it; nothing of what was sent is lost.
 */
import {
  type LogRecord,
  type Metric,
  type Resource,
  type Scope,
  type Span,
  decodeLogs,
  decodeMetrics,
  decodeTraces,
  encodeLogs,
  encodeMetrics,
  encodeTraces,
} from '@aode/wire';
import { AodeError } from '@aode/base';

const NO_RESOURCE: Resource = { attributes: [], droppedAttributesCount: 0, entityRefs: [] };
const NO_SCOPE: Scope = { name: '', version: '', attributes: [], droppedAttributesCount: 0 };

/** A resource with the schema URL that stood beside it. */
export interface ResourceEntry {
  readonly resource: Resource;
  readonly schemaUrl: string;
}
export interface ScopeEntry {
  readonly scope: Scope;
  readonly schemaUrl: string;
}

export function packResource(entry: ResourceEntry): Uint8Array {
  return encodeTraces([{ ...entry, scopeSpans: [] }]);
}

export function unpackResource(raw: Uint8Array): ResourceEntry {
  const { resource, schemaUrl } = only(decodeTraces(raw));
  return { resource, schemaUrl };
}

export function packScope(entry: ScopeEntry): Uint8Array {
  return encodeTraces([{ resource: NO_RESOURCE, schemaUrl: '', scopeSpans: [{ ...entry, spans: [] }] }]);
}

export function unpackScope(raw: Uint8Array): ScopeEntry {
  const { scope, schemaUrl } = only(only(decodeTraces(raw)).scopeSpans);
  return { scope, schemaUrl };
}

export function packSpan(span: Span): Uint8Array {
  return encodeTraces([
    { resource: NO_RESOURCE, schemaUrl: '', scopeSpans: [{ scope: NO_SCOPE, schemaUrl: '', spans: [span] }] },
  ]);
}

export function unpackSpan(raw: Uint8Array): Span {
  return only(only(only(decodeTraces(raw)).scopeSpans).spans);
}

export function packLog(logRecord: LogRecord): Uint8Array {
  return encodeLogs([
    {
      resource: NO_RESOURCE,
      schemaUrl: '',
      scopeLogs: [{ scope: NO_SCOPE, schemaUrl: '', logRecords: [logRecord] }],
    },
  ]);
}

export function unpackLog(raw: Uint8Array): LogRecord {
  return only(only(only(decodeLogs(raw)).scopeLogs).logRecords);
}

/** A metric: alone with no points, or with the one point of a row. */
export function packMetric(metric: Metric): Uint8Array {
  return encodeMetrics([
    {
      resource: NO_RESOURCE,
      schemaUrl: '',
      scopeMetrics: [{ scope: NO_SCOPE, schemaUrl: '', metrics: [metric] }],
    },
  ]);
}

export function unpackMetric(raw: Uint8Array): Metric {
  return only(only(only(decodeMetrics(raw)).scopeMetrics).metrics);
}

function only<T>(list: readonly T[]): T {
  const [first] = list;
  if (first === undefined) throw new AodeError('AODE_DATA_DAMAGED', { what: 'a stored record is empty' });
  return first;
}
