/**
 * The spans of one trace as a tree. Always holds: each span is reached exactly once from `roots`, whatever the data
 * say (missing parents, parents of themselves, circles, ids used twice); no recursion, because depth is not ours.
 */
import type { GapReason, LogRow, SpanRow, TraceGap, TraceResponse } from '@aode/wire/hub-api';
import { clockErrorOf, shiftsOf } from './clock-shift.ts';
import { type Interval, gapsOf } from './intervals.ts';
import { nanoSince } from './time.ts';

export interface SpanNode {
  readonly index: number;
  /** Null for a stub: a parent that is named but is not there. */
  readonly row: SpanRow | null;
  readonly spanId: string;
  readonly service: string;
  readonly name: string;
  readonly failed: boolean;
  /** Nanoseconds from the beginning of the trace, behind what has caused it. */
  readonly from: number;
  readonly to: number;
  /** By how much that is later than it was measured (clock-shift.ts). */
  readonly shift: number;
  /** By how much its times may be off; 0 where nobody says. */
  readonly clockError: number;
  readonly children: SpanNode[];
  readonly logs: LogNode[];
  /** The answer to its call that nobody has recorded. */
  lacks: TraceGap | null;
  /** Of a stub: why it is not there, where the hub says. */
  reason: GapReason | null;
  parent: SpanNode | null;
  depth: number;
  /** When it works itself: nobody it called is running. */
  own: readonly Interval[];
  critical: Interval[];
}

export interface LogNode {
  readonly row: LogRow;
  readonly at: number;
}

export interface TraceTree {
  readonly traceId: string;
  /** Beginning of the trace, nanoseconds since 1970. */
  readonly startNano: bigint;
  readonly durationNano: number;
  /** All, stubs last. */
  readonly nodes: readonly SpanNode[];
  readonly roots: readonly SpanNode[];
  readonly bySpanId: ReadonlyMap<string, SpanNode>;
  /** Lines that name no span that is here. */
  readonly looseLogs: readonly LogNode[];
  readonly stubCount: number;
  /** Service names in order of first appearance. */
  readonly services: readonly string[];
  readonly errorCount: number;
}

/** OTLP status code of a failed span. */
const STATUS_ERROR = 2;

export function buildTree(trace: TraceResponse): TraceTree {
  const shifts = shiftsOf(trace.spans);
  const startNano = beginning(trace, shifts);
  const nodes = trace.spans.map((row, index) => nodeOf(row, index, { startNano, shift: shifts[index] ?? 0 }));
  const bySpanId = new Map<string, SpanNode>();
  for (const node of nodes) if (!bySpanId.has(node.spanId)) bySpanId.set(node.spanId, node);
  const stubs = connect(nodes, bySpanId);
  for (const gap of trace.gaps) placeGap(gap, bySpanId);
  const looseLogs = placeLogs(trace.logs, bySpanId, startNano);
  const all = [...nodes, ...stubs];
  const roots = rootsOf(all);
  for (const node of all) finish(node);
  return {
    traceId: trace.traceId,
    startNano,
    durationNano: Math.max(1, nodes.length > 0 ? endOf(all) : lastOf(trace.logs, startNano)),
    nodes: all,
    roots,
    bySpanId,
    looseLogs,
    stubCount: stubs.length,
    services: [...new Set([...nodes].sort(byStart).map((node) => node.service))],
    errorCount: nodes.reduce((count, node) => count + (node.failed ? 1 : 0), 0),
  };
}

function beginning(trace: TraceResponse, shifts: readonly number[]): bigint {
  let first: bigint | null = null;
  for (const [index, { startUnixNano }] of trace.spans.entries()) {
    const at = BigInt(startUnixNano) + BigInt(shifts[index] ?? 0);
    if (first === null || at < first) first = at;
  }
  for (const { timeUnixNano } of trace.spans.length === 0 ? trace.logs : []) {
    const at = BigInt(timeUnixNano);
    if (first === null || at < first) first = at;
  }
  return first ?? 0n;
}

function nodeOf(
  row: SpanRow,
  index: number,
  { startNano, shift }: { readonly startNano: bigint; readonly shift: number },
): SpanNode {
  const from = nanoSince(startNano, row.startUnixNano) + shift;
  return {
    index,
    row,
    spanId: row.spanId,
    service: row.service,
    name: row.name,
    failed: row.statusCode === STATUS_ERROR,
    from,
    to: from + row.durationNano,
    shift,
    clockError: clockErrorOf(row),
    children: [],
    logs: [],
    lacks: null,
    reason: null,
    parent: null,
    depth: 0,
    own: [],
    critical: [],
  };
}

/** Hangs each node under its parent and gives a stub to those whose parent is not here. */
function connect(nodes: readonly SpanNode[], bySpanId: Map<string, SpanNode>): readonly SpanNode[] {
  const orphans = new Map<string, SpanNode[]>();
  for (const node of nodes) {
    const parentId = node.row?.parentSpanId ?? '';
    if (parentId === '') continue;
    const parent = bySpanId.get(parentId);
    if (parent === undefined) {
      const siblings = orphans.get(parentId);
      if (siblings === undefined) orphans.set(parentId, [node]);
      else siblings.push(node);
    } else if (parent !== node && parentId !== node.spanId) node.parent = parent;
  }
  cutCircles(nodes);
  const stubs: SpanNode[] = [];
  for (const [spanId, children] of orphans) {
    const from = children.reduce((least, child) => Math.min(least, child.from), Infinity);
    const to = children.reduce((most, child) => Math.max(most, child.to), from);
    const stub: SpanNode = {
      index: nodes.length + stubs.length,
      row: null,
      spanId,
      service: '',
      name: spanId,
      failed: false,
      from,
      to,
      shift: 0,
      clockError: 0,
      children: [],
      logs: [],
      lacks: null,
      reason: null,
      parent: null,
      depth: 0,
      own: [],
      critical: [],
    };
    for (const child of children) child.parent = stub;
    bySpanId.set(spanId, stub);
    stubs.push(stub);
  }
  for (const node of nodes) node.parent?.children.push(node);
  return stubs;
}

/** Spans that are their own ancestors: the earliest of each circle becomes a root. */
function cutCircles(nodes: readonly SpanNode[]): void {
  const state = new Uint8Array(nodes.length);
  for (const start of nodes) {
    const path: SpanNode[] = [];
    let at: SpanNode | null = start;
    while (at !== null && state[at.index] === 0) {
      state[at.index] = 1;
      path.push(at);
      at = at.parent;
    }
    if (at !== null && state[at.index] === 1) {
      const circle = path.slice(path.indexOf(at));
      circle.reduce((first, node) => (node.from < first.from ? node : first)).parent = null;
    }
    for (const node of path) state[node.index] = 2;
  }
}

function placeGap(gap: TraceGap, bySpanId: ReadonlyMap<string, SpanNode>): void {
  const node = bySpanId.get(gap.spanId);
  if (node === undefined) return;
  if (gap.missing === 'callee') node.lacks = gap;
  else if (node.parent?.row === null) node.parent.reason = gap.reason;
}

function placeLogs(
  logs: readonly LogRow[],
  bySpanId: ReadonlyMap<string, SpanNode>,
  startNano: bigint,
): readonly LogNode[] {
  const loose: LogNode[] = [];
  for (const row of logs) {
    const owner = bySpanId.get(row.spanId);
    const log = { row, at: nanoSince(startNano, row.timeUnixNano) + (owner?.shift ?? 0) };
    (owner?.logs ?? loose).push(log);
  }
  return loose.sort((a, b) => a.at - b.at);
}

function rootsOf(nodes: readonly SpanNode[]): readonly SpanNode[] {
  const roots = nodes.filter((node) => node.parent === null).sort(byStart);
  const stack = [...roots];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    for (const child of node.children) {
      child.depth = node.depth + 1;
      stack.push(child);
    }
  }
  return roots;
}

function finish(node: SpanNode): void {
  node.children.sort(byStart);
  node.logs.sort((a, b) => a.at - b.at);
  node.own = node.row === null ? [] : gapsOf(node.from, node.to, node.children);
}

/** A long span before a short one that begins with it, then as sent. */
function byStart(a: SpanNode, b: SpanNode): number {
  return a.from - b.from || b.to - a.to || a.index - b.index;
}

function endOf(nodes: readonly SpanNode[]): number {
  return nodes.reduce((latest, node) => Math.max(latest, node.to), 0);
}

/** Without spans the last line is the end. */
function lastOf(logs: readonly LogRow[], startNano: bigint): number {
  return logs.reduce((latest, log) => Math.max(latest, nanoSince(startNano, log.timeUnixNano)), 0);
}
