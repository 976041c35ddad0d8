/**
 * AWS X-Ray's header `x-amzn-trace-id` (X-Ray developer guide, § Tracing header): fields in any order,
 *
 *   Root=1-{8 hex, seconds since 1970}-{24 hex};Parent={16 hex};Sampled={0|1|?};Self=…;Lineage=…
 *
 * A load balancer sends `Root` alone: the trace has a name and no span yet. `?` asks us to decide. Fields that mean
 * nothing to us are passed on.
 */
import { type RemoteTrace, spanIdOf, traceIdOf, trimBlanks } from './remote-trace.ts';

/** AWS itself writes no more than about 250 characters. */
const CHARS_MAX = 512;
const FIELDS_MAX = 16;

const ROOT = /^1-([0-9a-f]{8})-([0-9a-f]{24})$/i;
const PARENT = /^[0-9a-f]{16}$/i;
const OTHER = /^[A-Za-z0-9_-]{1,64}=[!-:<-~]{1,256}$/;
const SAMPLED: ReadonlyMap<string, boolean | undefined> = new Map([
  ['1', true],
  ['0', false],
  ['?', undefined],
]);

export interface XRayTrace extends RemoteTrace {
  /** Other fields as `key=value`, in their order. */
  readonly others: readonly string[];
}

export function parseXRay(header: string): XRayTrace | undefined {
  if (header.length > CHARS_MAX) return undefined;
  const known = new Map<string, string>();
  const others: string[] = [];
  for (const part of header.split(';')) {
    const field = trimBlanks(part);
    if (field === '') continue;
    const at = field.indexOf('=');
    const key = field.slice(0, Math.max(0, at));
    if (known.size + others.length === FIELDS_MAX || known.has(key)) return undefined;
    if (key === 'Root' || key === 'Parent' || key === 'Sampled') known.set(key, field.slice(at + 1));
    else if (OTHER.test(field)) others.push(field);
    else return undefined;
  }
  const ids = idsOf(known.get('Root') ?? '', known.get('Parent'));
  const sampled = known.get('Sampled') ?? '?';
  if (ids === undefined || !SAMPLED.has(sampled)) return undefined;
  return { ...ids, sampled: SAMPLED.get(sampled), debug: false, others };
}

/** '' for what names no trace. There is no debug in this format. */
export function formatXRay({ traceId, spanId, sampled, others }: XRayTrace): string {
  if (traceId === undefined) return '';
  let header = `Root=1-${traceId.slice(0, 8)}-${traceId.slice(8)}`;
  if (spanId !== undefined) header += `;Parent=${spanId}`;
  if (sampled !== undefined) header += `;Sampled=${sampled ? '1' : '0'}`;
  for (const field of others) header += `;${field}`;
  return header;
}

function idsOf(
  root: string,
  parent: string | undefined,
): Pick<RemoteTrace, 'traceId' | 'spanId'> | undefined {
  const [, seconds = '', rest = ''] = ROOT.exec(root) ?? [];
  const traceId = traceIdOf(`${seconds}${rest}`.toLowerCase());
  if (traceId === undefined) return undefined;
  if (parent === undefined) return { traceId, spanId: undefined };
  const spanId = PARENT.test(parent) ? spanIdOf(parent.toLowerCase()) : undefined;
  return spanId === undefined ? undefined : { traceId, spanId };
}
