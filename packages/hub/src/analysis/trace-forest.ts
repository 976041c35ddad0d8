/** Traces as trees: spans with their parent, their children, and the time they spent on their own. */
import type { WindowSpan } from './window.ts';

export interface Node {
  readonly span: WindowSpan;
  readonly parent: Node | undefined;
  readonly children: readonly Node[];
  readonly durationMs: number;
  /** Duration not covered by the union of the children's intervals. */
  readonly selfMs: number;
}

export interface Trace {
  readonly traceId: string;
  /** Start of the earliest span. */
  readonly startMs: number;
  readonly nodes: readonly Node[];
}

interface Draft {
  readonly span: WindowSpan;
  parent: Draft | undefined;
  readonly children: Draft[];
  readonly durationMs: number;
  selfMs: number;
}

/**
 * Traces in the order of their start. Of two spans with one id in one trace the later in `spans` stays; a span that is
 * its own ancestor keeps its place, but such a loop is nobody's subtree.
 */
export function plantTraces(spans: readonly WindowSpan[]): Trace[] {
  const byTrace = new Map<string, Map<string, Draft>>();
  for (const span of spans) {
    let drafts = byTrace.get(span.traceId);
    if (drafts === undefined) byTrace.set(span.traceId, (drafts = new Map()));
    const durationMs = Math.max(0, span.endMs - span.startMs);
    drafts.set(span.spanId, { span, parent: undefined, children: [], durationMs, selfMs: durationMs });
  }
  const traces: Trace[] = [];
  for (const [traceId, drafts] of byTrace) {
    let startMs = Number.POSITIVE_INFINITY;
    for (const draft of drafts.values()) {
      const parent = draft.span.parentSpanId === '' ? undefined : drafts.get(draft.span.parentSpanId);
      if (parent !== undefined && parent !== draft) {
        draft.parent = parent;
        parent.children.push(draft);
      }
      startMs = Math.min(startMs, draft.span.startMs);
    }
    for (const draft of drafts.values()) draft.selfMs = selfMsOf(draft);
    traces.push({ traceId, startMs, nodes: [...drafts.values()] });
  }
  return traces.sort((a, b) => a.startMs - b.startMs || (a.traceId < b.traceId ? -1 : 1));
}

function selfMsOf({ span, children, durationMs }: Draft): number {
  if (children.length === 0) return durationMs;
  const inside = children
    .map(
      (child) =>
        [Math.max(child.span.startMs, span.startMs), Math.min(child.span.endMs, span.endMs)] as const,
    )
    .filter(([from, to]) => to > from)
    .sort((a, b) => a[0] - b[0]);
  let covered = 0;
  let reached = Number.NEGATIVE_INFINITY;
  for (const [from, to] of inside) {
    if (to <= reached) continue;
    covered += to - Math.max(from, reached);
    reached = to;
  }
  return Math.max(0, durationMs - covered);
}

/** The service that an outgoing span talks to: the one that answered, else `peer.service`, else ''. */
export function calleeOf({ span, children }: Node): string {
  for (const child of children) if (child.span.service !== span.service) return child.span.service;
  return span.peerService;
}

/** Whether a span is a call to another service. */
export function isCall(node: Node): boolean {
  const callee = calleeOf(node);
  return callee !== '' && callee !== node.span.service;
}
