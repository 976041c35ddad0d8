/**
 * What Jaeger's query service does to the spans of a trace before it shows them, with its defaults: doubles are
 * removed, a client and a server span with one id are told apart, clock skew is computed and noted but not applied,
 * tags are sorted, the parent comes first among the references.
 */
import { goDuration } from './go-format.ts';
import type { JaegerSpan, Reference } from './jaeger-trace.ts';
import type { KeyValue } from './jaeger-value.ts';

export function adjust(spans: readonly JaegerSpan[]): JaegerSpan[] {
  const distinct = withoutDoubles(spans);
  separateSharedIds(distinct);
  noteSkew(distinct);
  for (const span of distinct) {
    sortByKey(span.tags);
    sortByKey(span.process.tags);
    for (const log of span.logs) sortByKey(log.fields);
    parentFirst(span);
  }
  return distinct;
}

function withoutDoubles(spans: readonly JaegerSpan[]): JaegerSpan[] {
  const seen = new Set<string>();
  return spans.filter((span) => {
    const content = JSON.stringify(span, (_, value: unknown) =>
      typeof value === 'bigint' ? `${value}n` : value,
    );
    const fresh = !seen.has(content);
    seen.add(content);
    return fresh;
  });
}

const isKind = (span: JaegerSpan, kind: string): boolean =>
  span.tags.some(({ key, value }) => key === 'span.kind' && value === kind);

/** Zipkin's way of one id for both ends of a call: the server gets a new id, and the client as its parent. */
function separateSharedIds(spans: readonly JaegerSpan[]): void {
  const ids = new Set(spans.map((span) => span.spanID));
  const renamed = new Map<string, string>();
  let next = 0n;
  for (const server of spans) {
    if (!isKind(server, 'server')) continue;
    const shared = spans.some((s) => s !== server && s.spanID === server.spanID && isKind(s, 'client'));
    if (!shared) continue;
    let id = '';
    do id = (next += 1n).toString(16).padStart(16, '0');
    while (ids.has(id));
    ids.add(id);
    renamed.set(server.spanID, id);
    const { spanID, traceID } = server;
    server.references = [{ refType: 'CHILD_OF', traceID, spanID }];
    server.spanID = id;
  }
  // What was a child of the shared id is a child of the server, the far end of the call.
  const servers = new Set(renamed.values());
  for (const span of spans) {
    if (servers.has(span.spanID)) continue;
    span.references = span.references.map((reference) => {
      const id = reference.traceID === span.traceID ? renamed.get(reference.spanID) : undefined;
      return id === undefined ? reference : { ...reference, spanID: id };
    });
  }
}

function parentOf(span: JaegerSpan): Reference | undefined {
  const own = span.references.filter(({ traceID }) => traceID === span.traceID);
  return own.find(({ refType }) => refType === 'CHILD_OF') ?? own[0];
}

/** Jaeger knows a host by the process tag `ip` alone; spans without it are all strangers to each other. */
function hostOf(span: JaegerSpan): string {
  const ip = span.process.tags.find(({ key }) => key === 'ip');
  return typeof ip?.value === 'string' ? ip.value : '';
}

interface Skew {
  readonly host: string;
  readonly deltaNano: bigint;
}

function noteSkew(spans: readonly JaegerSpan[]): void {
  const byId = new Map(spans.map((span) => [span.spanID, span]));
  const children = new Map<JaegerSpan, JaegerSpan[]>();
  const roots: JaegerSpan[] = [];
  for (const span of spans) {
    const wanted = parentOf(span);
    const parent = wanted === undefined ? undefined : byId.get(wanted.spanID);
    if (parent === undefined) {
      roots.push(span);
      if (wanted !== undefined) {
        span.warnings.push(`invalid parent span IDs=${wanted.spanID}; skipping clock skew adjustment`);
      }
    } else if (parent !== span) children.set(parent, [...(children.get(parent) ?? []), span]);
  }
  // A loop of spans has no root and stays untouched. The stack replaces recursion: traces can be very deep.
  const stack = roots.map((span) => ({
    span,
    parent: undefined as JaegerSpan | undefined,
    skew: skewOf(span),
  }));
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    const { span, parent } = at;
    let { skew } = at;
    const host = hostOf(span);
    if (parent !== undefined && (host !== skew.host || host === '')) {
      skew = { host, deltaNano: skewDelta(span, parent) };
    }
    if (skew.deltaNano !== 0n) {
      const delta = goDuration(skew.deltaNano);
      span.warnings.push(`clock skew adjustment disabled; not applying calculated delta of ${delta}`);
    }
    for (const child of children.get(span) ?? []) stack.push({ span: child, parent: span, skew });
  }
}

const skewOf = (root: JaegerSpan): Skew => ({ host: hostOf(root), deltaNano: 0n });

/** By how much the child would have to move to lie in the middle of its parent; 0 when it already lies inside. */
function skewDelta(child: JaegerSpan, parent: JaegerSpan): bigint {
  if (child.durationNano > parent.durationNano) {
    // It outlasted its parent, so it was asynchronous or given up: only an early start can be skew.
    return child.startNano < parent.startNano ? parent.startNano - child.startNano : 0n;
  }
  const childEnd = child.startNano + child.durationNano;
  const parentEnd = parent.startNano + parent.durationNano;
  if (child.startNano >= parent.startNano && childEnd <= parentEnd) return 0n;
  const latency = (parent.durationNano - child.durationNano) / 2n;
  return parent.startNano + latency - child.startNano;
}

function sortByKey(list: KeyValue[]): void {
  list.sort((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)));
}

function parentFirst(span: JaegerSpan): void {
  const parent = parentOf(span);
  const at = parent === undefined ? 0 : span.references.indexOf(parent);
  const first = span.references[0];
  if (parent === undefined || first === undefined || at === 0) return;
  span.references = span.references.with(0, parent).with(at, first);
}
