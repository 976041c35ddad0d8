/**
 * What a trace itself says about its failure: the deepest failed span whose children did not fail. An error travels
 * from callee to caller, so a failed span with a failed child only passes it on.
 */
import type { LogRow, SpanRow, TraceCause } from '@aode/wire/hub-api';

export interface FailedSpan {
  readonly row: SpanRow;
  readonly failed: boolean;
  /** `exception.message` of the span's last exception event. */
  readonly exceptionMessage: string | null;
}

/** OTLP severity numbers from here on are errors (logs.proto, SeverityNumber). */
const SEVERITY_ERROR = 17;

/** Null when nothing failed. Of several, the deepest; of equally deep ones, the earliest. `spans` sorted by start. */
export function causeOf(spans: readonly FailedSpan[], logs: readonly LogRow[]): TraceCause | null {
  const depths = depthsOf(spans.map((span) => span.row));
  const passedOn = new Set<string>();
  for (const { row, failed } of spans)
    if (failed && row.parentSpanId !== row.spanId) passedOn.add(row.parentSpanId);
  let cause: FailedSpan | undefined;
  let causeDepth = -1;
  for (const span of spans) {
    const depth = depths.get(span.row.spanId) ?? 0;
    if (!span.failed || passedOn.has(span.row.spanId) || depth <= causeDepth) continue;
    cause = span;
    causeDepth = depth;
  }
  // A ring of parents, which only a broken sender makes, has no innermost span: the earliest failed one stands for it.
  cause ??= spans.find((span) => span.failed);
  return cause === undefined ? null : describe(cause, logs);
}

function describe({ row, exceptionMessage }: FailedSpan, logs: readonly LogRow[]): TraceCause {
  const line = logs.find((log) => log.spanId === row.spanId && log.severityNumber >= SEVERITY_ERROR);
  const message = row.statusMessage === '' ? (exceptionMessage ?? line?.body ?? null) : row.statusMessage;
  return {
    spanId: row.spanId,
    service: row.service,
    name: row.name,
    code: row.errorCode,
    message,
    logId: line?.id ?? null,
  };
}

/** Steps to the root, or to the last ancestor that is there; rings are cut where they are entered. */
function depthsOf(rows: readonly SpanRow[]): ReadonlyMap<string, number> {
  const parentOf = new Map(rows.map((row) => [row.spanId, row.parentSpanId]));
  const depths = new Map<string, number>();
  for (const { spanId } of rows) {
    const path: string[] = [];
    const seen = new Set<string>();
    let at: string | undefined = spanId;
    while (at !== undefined && parentOf.has(at) && !depths.has(at) && !seen.has(at)) {
      seen.add(at);
      path.push(at);
      at = parentOf.get(at);
    }
    let depth = at === undefined ? 0 : (depths.get(at) ?? -1) + 1;
    for (const id of path.toReversed()) {
      depths.set(id, depth);
      depth += 1;
    }
  }
  return depths;
}
