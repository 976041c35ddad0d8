/**
 * Datadog's headers: `x-datadog-trace-id` and `x-datadog-parent-id` in decimal, the trace id's low 64 bits only; its
 * high half as `_dd.p.tid` in `x-datadog-tags`; the decision as `x-datadog-sampling-priority`: -1 and 0 drop, 1 and 2
 * keep, -1 and 2 because somebody asked for it; `x-datadog-origin`, where the trace began.
 */
import { type RemoteTrace, spanIdOf, traceIdOf } from './remote-trace.ts';

/** Values of the headers, undefined where there is none. */
export interface DatadogHeaders {
  readonly traceId: string | undefined;
  readonly parentId: string | undefined;
  readonly priority: string | undefined;
  readonly origin: string | undefined;
  readonly tags: string | undefined;
}

export interface DatadogTrace extends RemoteTrace {
  /** -1, 0, 1 or 2; undefined when there is none. Says `sampled` and `debug` as well. */
  readonly priority: number | undefined;
  readonly origin: string | undefined;
  /** `_dd.p.*` but for the high half of the trace id. */
  readonly tags: readonly (readonly [key: string, value: string])[];
}

const DECIMAL = /^[0-9]{1,20}$/;
const UINT64_MAX = 2n ** 64n - 1n;
const PRIORITY = /^(?:-1|0|1|2)$/;
const ORIGIN = /^[!-~]{1,128}$/;
/** Datadog's own limit for the header. */
const TAGS_CHARS_MAX = 512;
const TAG_KEY = /^_dd\.p\.[!-+\--<>-~]+$/;
const TAG_VALUE = /^[ -+\--~]*$/;
const HIGH_HALF = '_dd.p.tid';

/** A parent of 0 is none: Datadog's synthetic requests begin a trace so. */
export function parseDatadog(headers: DatadogHeaders): DatadogTrace | undefined {
  const low = hexOf(headers.traceId ?? '');
  const parent = hexOf(headers.parentId ?? '0');
  if (low === undefined || parent === undefined) return undefined;
  const { high, tags } = tagsOf(headers.tags ?? '');
  // An id of 64 zero bits is none, whatever the high half is.
  const traceId = spanIdOf(low) === undefined ? undefined : traceIdOf(high + low);
  if (traceId === undefined) return undefined;
  const { priority: given = '', origin = '' } = headers;
  const priority = PRIORITY.test(given) ? Number(given) : undefined;
  return {
    traceId,
    spanId: spanIdOf(parent),
    sampled: priority === undefined ? undefined : priority > 0,
    debug: priority === 2,
    priority,
    origin: ORIGIN.test(origin) ? origin : undefined,
    tags,
  };
}

/** No header at all for a trace that Datadog cannot name: without an id, or with one whose low half is zero. */
export function formatDatadog({ traceId, spanId, priority, origin, tags }: DatadogTrace): DatadogHeaders {
  const low = traceId?.slice(16) ?? '';
  const isNamed = spanIdOf(low) !== undefined;
  return {
    traceId: isNamed ? decimalOf(low) : undefined,
    parentId: isNamed && spanId !== undefined ? decimalOf(spanId) : undefined,
    priority: isNamed && priority !== undefined ? String(priority) : undefined,
    origin: isNamed ? origin : undefined,
    tags: isNamed ? tagsText(traceId?.slice(0, 16) ?? '', tags) : undefined,
  };
}

/** 16 hex digits; undefined for what is no unsigned 64-bit decimal. */
function hexOf(decimal: string): string | undefined {
  if (!DECIMAL.test(decimal)) return undefined;
  const value = BigInt(decimal);
  return value > UINT64_MAX ? undefined : value.toString(16).padStart(16, '0');
}

const decimalOf = (hex: string): string => BigInt(`0x${hex}`).toString();

/** A bad list is dropped as a whole, as Datadog does; the trace stands, with a high half of zero. */
function tagsOf(header: string): { readonly high: string; readonly tags: DatadogTrace['tags'] } {
  const tags: [string, string][] = [];
  let high = '';
  if (header === '' || header.length > TAGS_CHARS_MAX) return { high, tags };
  for (const part of header.split(',')) {
    const at = part.indexOf('=');
    const key = part.slice(0, Math.max(0, at));
    const value = part.slice(at + 1);
    if (!TAG_KEY.test(key) || !TAG_VALUE.test(value)) return { high: '', tags: [] };
    if (key !== HIGH_HALF) tags.push([key, value]);
    else if (/^[0-9a-f]{16}$/.test(value)) high = value;
  }
  return { high, tags };
}

function tagsText(high: string, tags: DatadogTrace['tags']): string | undefined {
  let text = spanIdOf(high) === undefined ? '' : `${HIGH_HALF}=${high}`;
  for (const [key, value] of tags) {
    const tag = `${key}=${value}`;
    if (text.length + 1 + tag.length <= TAGS_CHARS_MAX) text += text === '' ? tag : `,${tag}`;
  }
  return text === '' ? undefined : text;
}
