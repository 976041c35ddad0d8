/**
 * How many spans a stored span stands for (OpenTelemetry specification, § TraceState: probability sampling): 2^56 /
 * (2^56 - T) when it was drawn with the threshold T that `th` of the tracestate's `ot=` member says, and 0 when it was
 * kept for another reason, because then those it resembles were not.
 *
 * Hot path: no span of a usual sender has a tracestate. bench/ingest.bench.ts.
 */

/** Bit 0 of a span's flags, as in traceparent. */
const SAMPLED = 1;
const THRESHOLD = /^[0-9a-f]{1,14}$/;
const DIGITS = 14;
const ALL = 1n << 56n;

export function adjustedCountOf(traceState: string, flags: number): number {
  const member = traceState === '' ? undefined : otelMember(traceState);
  const th = member === undefined ? undefined : thresholdIn(member);
  if (th !== undefined) return countOf(th);
  if ((flags & SAMPLED) !== 0) return 1;
  // Flags of 0 are also what senders leave who know nothing of flags, and what they send is all that there was.
  return flags !== 0 || member !== undefined ? 0 : 1;
}

/** Value of the first member `ot`. */
function otelMember(traceState: string): string | undefined {
  for (let from = 0; from < traceState.length;) {
    const comma = traceState.indexOf(',', from);
    const to = comma === -1 ? traceState.length : comma;
    const member = traceState.slice(from, to).trim();
    if (member.startsWith('ot=')) return member.slice(3);
    from = to + 1;
  }
  return undefined;
}

function thresholdIn(member: string): string | undefined {
  for (const part of member.split(';')) {
    if (!part.startsWith('th:')) continue;
    const text = part.slice(3);
    return THRESHOLD.test(text) ? text : undefined;
  }
  return undefined;
}

/** A fleet has one threshold, or a few while it is changed; a hostile sender has many. */
const COUNTS_MAX = 256;
const counts = new Map<string, number>();

function countOf(th: string): number {
  const known = counts.get(th);
  if (known !== undefined) return known;
  const threshold = BigInt(`0x${th.padEnd(DIGITS, '0')}`);
  const count = Number(ALL) / Number(ALL - threshold);
  if (counts.size < COUNTS_MAX) counts.set(th, count);
  return count;
}
