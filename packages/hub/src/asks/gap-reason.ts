/** Why parts of a trace are missing, by what the hub knows of processes and of what it asked them for. */
import type { GapReason, TraceGap, TraceResponse } from '@aode/wire/hub-api';
import type { AskDesk } from './ask-desk.ts';

/** OpenTelemetry's batch processor sends every 5 s; until then nothing is missing, only late. */
export const LATE_MS = 8000;

/** The trace with its gaps explained, without those that may still close. */
export function withReasons(trace: TraceResponse, desk: AskDesk): TraceResponse {
  if (trace.gaps.length === 0) return trace;
  const spans = new Map(trace.spans.map((span) => [span.spanId, span]));
  const gaps = trace.gaps.flatMap((gap): TraceGap[] => {
    const span = spans.get(gap.spanId);
    if (span === undefined) return [];
    const startMs = Number(BigInt(span.startUnixNano) / 1_000_000n);
    const time = { startMs, endMs: startMs + span.durationNano / 1e6 };
    const reason = reasonOf(gap, time, { traceId: trace.traceId, desk });
    if (reason !== 'process_lost' && desk.nowMs - time.endMs < LATE_MS) return [];
    return [{ ...gap, reason }];
  });
  return { ...trace, gaps };
}

interface About {
  readonly traceId: string;
  readonly desk: AskDesk;
}

function reasonOf(
  { service, reason }: TraceGap,
  time: { readonly startMs: number; readonly endMs: number },
  { traceId, desk }: About,
): GapReason {
  if (reason === 'process_lost') return reason;
  if (service !== null && desk.instances.hasLost(service, time)) return 'process_lost';
  // Who listens for asks records all, whatever its caller has sampled.
  if (reason === 'not_sampled' && service !== null && !desk.instances.knows(service)) return reason;
  const askedMs = desk.log.askedAt(traceId, desk.nowMs);
  if (askedMs !== undefined && askedMs - time.endMs > desk.retainMs) return 'out_of_horizon';
  return 'unknown';
}
