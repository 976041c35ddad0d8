/**
 * Local observations: what each span shows of its own service, or of the call that it makes, given what was asked of it
 * and what its callees did. Locality is what keeps a caller from being accused of its callees' doing.
 *
 *   self   own time of a span that calls no other service              charged to its service
 *   edge   own time of a call that was answered: network, queue, proxy charged to the callee
 *   blind  own time of a call that nobody is seen to answer            charged to the callee
 *   error  an error that no child has                                  charged to the callee if a call, else its own
 *   shape  the set of distinct children, given who asked as part of what charged to its service
 *   wait   duration of a call   } accuse nobody: what the caller sees of its callees explains the caller
 *   fail   error of a call      }
 */
import { calleeOf, type Node, type Trace } from './trace-forest.ts';

export interface Observation {
  /** Who is charged. */
  readonly service: string;
  /** Who observed: the caller of a call, else the service itself. */
  readonly from: string;
  readonly operation: string;
  /** Index of the trace; traces, not spans, are the units of every test. */
  readonly trace: number;
}

/** log(1 + milliseconds). */
export interface NumberObservation extends Observation {
  readonly value: number;
}

/** One of a set of outcomes, given a context. */
export interface SymbolObservation extends Observation {
  readonly symbol: string;
  readonly context: string;
}

/** Did it happen? */
export interface ShareObservation extends Observation {
  readonly hit: boolean;
}

export interface Observations {
  readonly self: NumberObservation[];
  readonly edge: NumberObservation[];
  readonly blind: NumberObservation[];
  readonly wait: NumberObservation[];
  readonly error: ShareObservation[];
  readonly fail: ShareObservation[];
  readonly shape: SymbolObservation[];
}

/** Separator of key parts: cannot be typed, and in a hostile name it can only merge two keys of that name's sender. */
export const SEPARATOR = '\u0000';

/** The set of what a span asks for, as text. */
export function shapeOf({ span, children }: Node): string {
  const names = new Set(
    children.map(({ span: child }) =>
      child.service === span.service ? child.name : `${child.service}:${child.name}`,
    ),
  );
  return [...names].sort().join(';');
}

/**
 * Who asked, and as part of what: the nearest span of another service above, with its shape. A callee that behaves
 * differently because it is asked something different is innocent.
 */
function contextOf(node: Node): string {
  const own = node.span.service;
  let asker = node.parent;
  while (asker !== undefined && asker.span.service === own) asker = asker.parent;
  if (asker === undefined) return '';
  // Past the client span, whose only child is the answer, to the span that decided to call.
  const around = asker.parent;
  const { service } = asker.span;
  const onlyCalls = asker.children.every((child) => child.span.service !== service);
  if (around !== undefined && around.span.service === service && onlyCalls) asker = around;
  return `${asker.span.service}/${asker.span.name}/${shapeOf(asker)}`;
}

/** Spans (`traceId` + `service`) that are excused from shape and log observations: see excuse.ts. */
export type Excused = ReadonlySet<string>;

export const excuseKey = (traceId: string, service: string): string => traceId + SEPARATOR + service;

export function observe(traces: readonly Trace[], excused: Excused): Observations {
  const all: Observations = { self: [], edge: [], blind: [], wait: [], error: [], fail: [], shape: [] };
  traces.forEach(({ nodes }, trace) => {
    for (const node of nodes) observeSpan(node, trace, excused, all);
  });
  return all;
}

function observeSpan(node: Node, trace: number, excused: Excused, all: Observations): void {
  const { span, children, selfMs, durationMs } = node;
  const callee = calleeOf(node);
  const calls = callee !== '' && callee !== span.service;
  const service = calls ? callee : span.service;
  const base = { service, from: span.service, operation: span.name, trace };
  const own = { ...base, value: Math.log(selfMs + 1) };
  if (!calls) all.self.push(own);
  else if (children.length > 0) all.edge.push(own);
  else all.blind.push(own);
  all.error.push({ ...base, hit: span.error && !children.some((child) => child.span.error) });
  if (calls) {
    all.wait.push({ ...base, value: Math.log(durationMs + 1) });
    all.fail.push({ ...base, hit: span.error });
  } else if (!excused.has(excuseKey(span.traceId, span.service))) {
    all.shape.push({ ...base, symbol: shapeOf(node), context: contextOf(node) });
  }
}
