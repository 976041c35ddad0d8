/** Traces as trees: spans with their parent, their children, and the time they spent on their own. */
import type { WindowSpan } from './window.ts';

export interface Node {
  readonly span: WindowSpan;
  readonly parent: Node | undefined;
  /** In the order of their start. */
  readonly children: readonly Node[];
  readonly durationMs: number;
  /** Duration not covered by the union of the children's intervals. */
  readonly selfMs: number;
  /** The set of what the span asks for, as text; '' for nothing. */
  readonly shape: string;
  /** The service that the span talks to, '' when it talks to none or nobody knows. */
  readonly callee: string;
}

export interface Trace {
  readonly traceId: string;
  /** Start of the earliest span. */
  readonly startMs: number;
  /** In the order of their start. */
  readonly nodes: readonly Node[];
}

interface Draft {
  readonly span: WindowSpan;
  parent: Draft | undefined;
  readonly children: Draft[];
  readonly durationMs: number;
  selfMs: number;
  shape: string;
  callee: string;
}

/**
 * A span that asks for more different things is a batch, or names its spans after ids. The rest is left out, because
 * the shape becomes part of the keys of all that stands below.
 */
const SHAPE_NAMES_MAX = 64;

/**
 * Traces in the order of their start; the order of `spans` does not matter. Of two spans with one id in one trace the
 * later stays. A parent that is not here makes a root, and so does a loop of parents, at its earliest span.
 */
export function plantTraces(spans: readonly WindowSpan[]): Trace[] {
  const traces: Trace[] = [];
  const calls: Draft[] = [];
  for (const [traceId, own] of Map.groupBy(spans, (span) => span.traceId)) {
    const nodes = plant(own.sort(byStart));
    traces.push({ traceId, startMs: nodes[0]?.span.startMs ?? 0, nodes });
    for (const node of nodes) if (node.span.peerAddress !== '') calls.push(node);
  }
  nameSilentCallees(calls);
  return traces.sort((a, b) => a.startMs - b.startMs || (a.traceId < b.traceId ? -1 : 1));
}

/** Ties are broken so that equal sets of spans give equal trees. */
function byStart(a: WindowSpan, b: WindowSpan): number {
  if (a.startMs !== b.startMs) return a.startMs - b.startMs;
  if (a.spanId !== b.spanId) return a.spanId < b.spanId ? -1 : 1;
  return a.endMs - b.endMs;
}

function plant(spans: readonly WindowSpan[]): Draft[] {
  const byId = new Map<string, Draft>();
  for (const span of spans) {
    const durationMs = Math.max(0, span.endMs - span.startMs);
    // Deleted first, so that the later of two spans with one id also stands at its own place.
    byId.delete(span.spanId);
    byId.set(span.spanId, {
      span,
      parent: undefined,
      children: [],
      durationMs,
      selfMs: durationMs,
      shape: '',
      callee: '',
    });
  }
  const drafts = [...byId.values()];
  for (const draft of drafts) {
    const { parentSpanId } = draft.span;
    draft.parent = parentSpanId === '' ? undefined : byId.get(parentSpanId);
  }
  cutLoops(drafts);
  for (const draft of drafts) draft.parent?.children.push(draft);
  for (const draft of drafts) {
    draft.callee = answererOf(draft) ?? draft.span.peerService;
    if (draft.children.length === 0) continue;
    draft.selfMs = selfMsOf(draft);
    draft.shape = shapeOf(draft);
  }
  return drafts;
}

/** Walks up the parents would never end on a loop. `drafts` stand in the order of their start. */
function cutLoops(drafts: readonly Draft[]): void {
  const rooted = new Set<Draft>();
  for (const draft of drafts) {
    const path = new Set<Draft>();
    let at: Draft | undefined = draft;
    while (at !== undefined && !rooted.has(at) && !path.has(at)) {
      path.add(at);
      at = at.parent;
    }
    if (at !== undefined && path.has(at)) earliestOfLoop(at).parent = undefined;
    for (const one of path) rooted.add(one);
  }
}

function earliestOfLoop(member: Draft): Draft {
  let first = member;
  for (let at = member.parent; at !== undefined && at !== member; at = at.parent) {
    if (byStart(at.span, first.span) < 0) first = at;
  }
  return first;
}

function shapeOf({ span, children }: Draft): string {
  const names = new Set(
    children.map(({ span: child }) =>
      child.service === span.service ? child.name : `${child.service}:${child.name}`,
    ),
  );
  const sorted = [...names].sort();
  if (sorted.length > SHAPE_NAMES_MAX) sorted.splice(SHAPE_NAMES_MAX, sorted.length, '…');
  return sorted.join(';');
}

function selfMsOf({ span, children, durationMs }: Draft): number {
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

/** Who answered a call: the service of the first child that is another's. */
function answererOf({ span, children }: Draft): string | undefined {
  return children.find((child) => child.span.service !== span.service)?.span.service;
}

/**
 * A service that is down records nothing, so who did not answer is told by who used to: the service that answered the
 * same caller at the same address. Where several did, nobody can say which one it is.
 */
function nameSilentCallees(calls: readonly Draft[]): void {
  const keyOf = ({ span }: Draft): string => `${span.service}\0${span.peerAddress}`;
  const answerers = new Map<string, string>();
  for (const call of calls) {
    const answerer = answererOf(call);
    if (answerer === undefined) continue;
    const known = answerers.get(keyOf(call));
    answerers.set(keyOf(call), known === undefined || known === answerer ? answerer : '');
  }
  for (const call of calls) if (call.callee === '') call.callee = answerers.get(keyOf(call)) ?? '';
}

/** Whether a span is a call to another service. */
export function isCall({ callee, span }: Node): boolean {
  return callee !== '' && callee !== span.service;
}
