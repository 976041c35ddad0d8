/** Own time: what a span spends outside its children. */

export interface TimedSpan {
  readonly spanId: bigint;
  readonly parentId: bigint | null;
  readonly start: bigint;
  /** Never before `start`. */
  readonly end: bigint;
}

/** Nanoseconds of own time, in the order of `spans`: duration minus the union of the children's intervals within. */
export function selfTimes(spans: readonly TimedSpan[]): readonly number[] {
  const childrenOf = new Map<bigint, TimedSpan[]>();
  for (const span of spans) {
    if (span.parentId === null || span.parentId === span.spanId) continue;
    const children = childrenOf.get(span.parentId);
    if (children === undefined) childrenOf.set(span.parentId, [span]);
    else children.push(span);
  }
  return spans.map((span) =>
    Number(span.end - span.start - covered(span, childrenOf.get(span.spanId) ?? [])),
  );
}

function covered(span: TimedSpan, children: TimedSpan[]): bigint {
  children.sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
  let sum = 0n;
  let upTo = span.start;
  for (const child of children) {
    const from = child.start > upTo ? child.start : upTo;
    const to = child.end < span.end ? child.end : span.end;
    if (to <= from) continue;
    sum += to - from;
    upTo = to;
  }
  return sum;
}
