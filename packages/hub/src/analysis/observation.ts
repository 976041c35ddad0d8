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
import { createAsked } from './asked.ts';
import { isCall, type Node, type Trace } from './trace-forest.ts';

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

/** Spans (`traceId` + `service`) that are excused from shape and log observations: see excuse.ts. */
export type Excused = ReadonlySet<string>;

export const excuseKey = (traceId: string, service: string): string => traceId + SEPARATOR + service;

export function observe(traces: readonly Trace[], excused: Excused): Observations {
  const all: Observations = { self: [], edge: [], blind: [], wait: [], error: [], fail: [], shape: [] };
  traces.forEach(({ nodes }, trace) => {
    const asked = createAsked();
    for (const node of nodes) {
      observeCall(node, trace, all);
      if (isCall(node) || excused.has(excuseKey(node.span.traceId, node.span.service))) continue;
      const { service, name } = node.span;
      const symbol = node.shape;
      all.shape.push({ service, from: service, operation: name, trace, symbol, context: asked(node) });
    }
  });
  return all;
}

function observeCall(node: Node, trace: number, all: Observations): void {
  const { span, children, selfMs, durationMs } = node;
  const { callee } = node;
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
  }
}
