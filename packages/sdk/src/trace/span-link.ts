/** Links of the OpenTelemetry API as OTLP links, and the flags that say where a span context comes from. */
import type { SpanLink } from '@aode/wire';
import {
  isValidSpanId,
  isValidTraceId,
  type Link,
  type SpanContext,
  type TraceState,
} from '@opentelemetry/api';
import { otlpAttributes } from './attribute-value.ts';

/** OTLP span flags: whether it is known where the context comes from, and whether it is another process. */
const HAS_IS_REMOTE = 0x100;
const IS_REMOTE = 0x200;

export function remoteFlags({ isRemote }: Pick<SpanContext, 'isRemote'>): number {
  return HAS_IS_REMOTE | (isRemote === true ? IS_REMOTE : 0);
}

/** The tracestate in its text form; '' when there is none or, somebody else's object, it cannot say. */
export function stateText(traceState: TraceState | undefined): string {
  try {
    const text: unknown = traceState?.serialize();
    return typeof text === 'string' ? text : '';
  } catch {
    return '';
  }
}

/**
 * Undefined for what links to nothing and says nothing. A link without a valid context is kept for its attributes
 * (OpenTelemetry specification, § Specifying links).
 */
export function spanLinkOf(link: unknown): SpanLink | undefined {
  // Asked first, because an exception for each of many is slow.
  if (typeof link !== 'object' || link === null) return undefined;
  try {
    const { context, attributes: given } = link as Link;
    if (typeof context !== 'object' || context === null) return undefined;
    const { attributes, dropped } = otlpAttributes(given);
    const isValid = isValidTraceId(context.traceId) && isValidSpanId(context.spanId);
    const traceState = stateText(context.traceState);
    if (!isValid && attributes.length === 0 && traceState === '') return undefined;
    return {
      traceId: isValid ? context.traceId : '',
      spanId: isValid ? context.spanId : '',
      traceState,
      attributes,
      droppedAttributesCount: dropped,
      flags: (Number(context.traceFlags) & 0xff) | remoteFlags(context),
    };
  } catch {
    return undefined;
  }
}
