/** W3C Trace Context as an OpenTelemetry propagator: `traceparent` and `tracestate` in and out of any carrier. */
import { formatTraceparent, parseTraceparent, parseTracestate } from '@aode/wire';
import type { SpanId, TraceId } from '@aode/base';
import {
  type Context,
  isSpanContextValid,
  type SpanContext,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
  trace,
} from '@opentelemetry/api';
import type { Losses } from '../losses.ts';
import { MemberState } from '../trace/member-state.ts';

const TRACEPARENT = 'traceparent';
const TRACESTATE = 'tracestate';

export function createTraceContextPropagator(losses: Losses): TextMapPropagator {
  return {
    fields: () => [TRACEPARENT, TRACESTATE],
    inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
      const parent = trace.getSpanContext(context);
      if (parent === undefined || !isSpanContextValid(parent)) return;
      setter.set(carrier, TRACEPARENT, formatTraceparent(brand(parent)));
      const state = parent.traceState?.serialize() ?? '';
      if (state !== '') setter.set(carrier, TRACESTATE, state);
    },
    extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
      const header = getter.get(carrier, TRACEPARENT);
      if (header === undefined || header.length === 0) return context;
      const text = only(header);
      const parent = text === undefined ? undefined : parseTraceparent(text.trim());
      if (parent === undefined) {
        losses.add('propagation_invalid', 1);
        return context;
      }
      const remote: SpanContext = {
        ...withState(getter.get(carrier, TRACESTATE), losses),
        ...spanContext(parent),
      };
      return trace.setSpanContext(context, remote);
    },
  };
}

function spanContext({
  traceId,
  spanId,
  flags,
}: {
  traceId: string;
  spanId: string;
  flags: number;
}): SpanContext {
  return { traceId, spanId, traceFlags: flags, isRemote: true };
}

function brand({ traceId, spanId, traceFlags }: SpanContext): {
  traceId: TraceId;
  spanId: SpanId;
  flags: number;
} {
  // isSpanContextValid has checked both.
  return { traceId: traceId as TraceId, spanId: spanId as SpanId, flags: traceFlags };
}

/** Several traceparent headers are as good as none (W3C § 3.2): nobody can say which is right. */
function only(header: string | string[]): string | undefined {
  return Array.isArray(header) ? (header.length === 1 ? header[0] : undefined) : header;
}

function withState(header: string | string[] | undefined, losses: Losses): Pick<SpanContext, 'traceState'> {
  const text = Array.isArray(header) ? header.join(',') : header;
  if (text === undefined) return {};
  const members = parseTracestate(text);
  if (members === undefined) losses.add('propagation_invalid', 1);
  return members === undefined || members.length === 0 ? {} : { traceState: new MemberState(members) };
}
