/**
 * Jaeger's own header, from before OpenTelemetry (jaegertracing.io, § Client libraries, propagation format):
 *
 *   uber-trace-id: {trace, 1 to 32 hex}:{span, 1 to 16 hex}:{parent, deprecated}:{flags, 1 or 2 hex}
 *
 * Some senders percent-encode the colons, some leave leading zeros out. Baggage travels as one header an entry,
 * `uberctx-{key}`, its value percent-encoded.
 */
import { type RemoteTrace, spanIdOf, traceIdOf } from './remote-trace.ts';

export const JAEGER_BAGGAGE_PREFIX = 'uberctx-';

/** Four fields of 32, 16, 16 and 2 digits with their colons, three characters each where they are encoded. */
const CHARS_MAX = 75;
const FLAG = { sampled: 1, debug: 2 } as const;
const FLAGS = /^[0-9a-f]{1,2}$/i;
const PARENT = /^[0-9a-f]{1,16}$/i;

export function parseJaeger(header: string): RemoteTrace | undefined {
  if (header.length > CHARS_MAX) return undefined;
  const plain = header.includes('%') ? header.replaceAll('%3A', ':').replaceAll('%3a', ':') : header;
  const [trace = '', span = '', parent = '', flags = '', ...more] = plain.split(':');
  if (trace === '' || span === '' || !PARENT.test(parent) || !FLAGS.test(flags) || more.length > 0) {
    return undefined;
  }
  const traceId = traceIdOf(trace.toLowerCase());
  const spanId = spanIdOf(span.toLowerCase());
  if (traceId === undefined || spanId === undefined) return undefined;
  const bits = Number.parseInt(flags, 16);
  const debug = (bits & FLAG.debug) !== 0;
  return { traceId, spanId, sampled: debug || (bits & FLAG.sampled) !== 0, debug };
}

/** '' for what names no span. This format cannot leave a decision open: undecided is not sampled. */
export function formatJaeger({ traceId, spanId, sampled, debug }: RemoteTrace): string {
  if (traceId === undefined || spanId === undefined) return '';
  const bits = debug ? FLAG.sampled | FLAG.debug : sampled === true ? FLAG.sampled : 0;
  return `${traceId}:${spanId}:0:${bits}`;
}
