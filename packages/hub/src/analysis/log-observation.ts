/**
 * What log lines show: which line follows which inside one span (loops, early ends, new lines), given the span's
 * operation and children; and whether a span that logs has an ERROR line.
 */
import { templateOf } from './log-template.ts';
import {
  type Excused,
  excuseKey,
  SEPARATOR,
  type ShareObservation,
  type SymbolObservation,
} from './observation.ts';
import type { Node, Trace } from './trace-forest.ts';
import type { WindowLog } from './window.ts';

/** OTLP severity numbers from ERROR up. */
export const ERROR_SEVERITY_MIN = 17;

/** Marks in place of a line before the first and after the last. */
const START = '^';
const END = '$';

export interface LogObservations {
  readonly path: SymbolObservation[];
  readonly error: ShareObservation[];
  /**
   * How many of the first `i` traces have at least one line that is known; the index in `trace` of the observations
   * counts these alone.
   */
  readonly loggedBefore: readonly number[];
}

/**
 * `traces` and `logs` are those before and since the fault, so that an operation that falls silent, or begins to log,
 * is seen to do so. Lines of spans that are not among `traces`, or that claim a service that is not their span's, are
 * left out.
 */
export function observeLogs(
  traces: readonly Trace[],
  logs: readonly WindowLog[],
  excused: Excused,
): LogObservations {
  const nodes = new Map<string, Node>();
  for (const { nodes: own } of traces) {
    for (const node of own) nodes.set(node.span.traceId + SEPARATOR + node.span.spanId, node);
  }
  const lines = new Map<Node, WindowLog[]>();
  /** Operations that are known to log; silence of the others means nothing. */
  const logging = new Set<string>();
  for (const log of logs) {
    const node = nodes.get(log.traceId + SEPARATOR + log.spanId);
    if (node === undefined || node.span.service !== log.service) continue;
    logging.add(log.service + SEPARATOR + node.span.name);
    const list = lines.get(node);
    if (list === undefined) lines.set(node, [log]);
    else list.push(log);
  }
  const all = { path: [] as SymbolObservation[], error: [] as ShareObservation[], traceCount: 0 };
  const loggedBefore: number[] = [0];
  for (const { nodes: own } of traces) {
    // A trace without any line: the stretch of logs was lost, or nothing logs here at all.
    if (own.some((node) => lines.has(node))) {
      for (const node of own) {
        const { service, name, traceId } = node.span;
        if (!logging.has(service + SEPARATOR + name) || excused.has(excuseKey(traceId, service))) continue;
        observeSpanLines(node, lines.get(node) ?? [], all);
      }
      all.traceCount += 1;
    }
    loggedBefore.push(all.traceCount);
  }
  return { path: all.path, error: all.error, loggedBefore };
}

/** Lines of one millisecond stand in the order of their arrival; ids are decimal numbers of any length. */
function byTime(a: WindowLog, b: WindowLog): number {
  return a.timeMs - b.timeMs || a.id.length - b.id.length || (a.id < b.id ? -1 : Number(a.id > b.id));
}

/** Lines of one statement stand apart by who asked: the same code serves several operations. */
export const pathOperation = ({ parent, span }: Node): string => `${parent?.span.name ?? ''}>${span.name}`;

function observeSpanLines(
  node: Node,
  unordered: readonly WindowLog[],
  all: { path: SymbolObservation[]; error: ShareObservation[]; readonly traceCount: number },
): void {
  const { service, name } = node.span;
  const trace = all.traceCount;
  const operation = pathOperation(node);
  const lines = unordered.toSorted(byTime);
  let last = START;
  const step = (symbol: string): void => {
    all.path.push({ service, from: service, operation, trace, symbol, context: `${node.shape}#${last}` });
    last = symbol;
  };
  for (const { body } of lines) step(templateOf(body));
  step(END);
  if (lines.length > 0) {
    const hit = lines.some(({ severityNumber }) => severityNumber >= ERROR_SEVERITY_MIN);
    all.error.push({ service, from: service, operation: name, trace, hit });
  }
}
