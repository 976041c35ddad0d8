/** Tests as evidence that people read: in words and numbers, with traces and lines to look at. */
import type { Cause, Evidence } from '@aode/wire/hub-api';
import type { Test } from './calibration.ts';
import { ERROR_SEVERITY_MIN, pathOperation } from './log-observation.ts';
import { templateOf } from './log-template.ts';
import { SEPARATOR } from './observation.ts';
import type { Excuse, Kind, RankedService, Ranking } from './rank.ts';
import { isCall, type Node, type Trace } from './trace-forest.ts';
import type { WindowLog } from './window.ts';

type Example = Evidence['examples'][number];

/** Rows of one cause: more are noise. */
const ROWS_MAX = 6;
const EXAMPLES_MAX = 3;
/** This share of the slowest observations is passed over: the next ones are typical and not freakish. */
const FREAK_SHARE = 0.05;

const UNITS: Readonly<Record<Kind, Evidence['unit']>> = {
  self: 'ms',
  edge: 'ms',
  blind: 'ms',
  error: 'share',
  shape: 'none',
  log: 'none',
  metric: 'percent',
};

/** What the examples are drawn from. */
interface Sources {
  readonly nodes: readonly Node[];
  /** Lines of the fault by trace and span. */
  readonly lines: ReadonlyMap<string, readonly WindowLog[]>;
}

const lineKey = (traceId: string, spanId: string): string => traceId + SEPARATOR + spanId;

/** The first `count` services as causes; those without any bit are none. */
export function causesOf(ranking: Ranking, logs: readonly WindowLog[], count: number): Cause[] {
  const sources: Sources = {
    nodes: ranking.faultTraces.flatMap(({ nodes }: Trace) => nodes),
    lines: Map.groupBy(logs, ({ traceId, spanId }) => lineKey(traceId, spanId)),
  };
  const { services } = ranking;
  return services
    .slice(0, count)
    .filter(({ scoreBits }) => scoreBits > 0)
    .map((service, place) => causeOf(service, services[place === 0 ? 1 : 0]?.scoreBits ?? 0, sources));
}

function causeOf(ranked: RankedService, rivalBits: number, sources: Sources): Cause {
  const evidence = evidenceOf(ranked, sources);
  return {
    service: ranked.service,
    scoreBits: ranked.scoreBits,
    confidence: confidenceOf(ranked.scoreBits, rivalBits),
    explainedBits: ranked.explainedBits,
    summary: evidence[0]?.words ?? '',
    evidence,
  };
}

/** Bits above 4 are beyond what calm windows reach; three bits of lead are odds of eight to one. */
function confidenceOf(bits: number, rivalBits: number): Cause['confidence'] {
  const lead = bits - rivalBits;
  if (bits >= 8 && lead >= 3) return 'very-likely';
  if (bits >= 4 && lead >= 1) return 'likely';
  return bits >= 2 && lead > -3 ? 'possible' : 'unlikely';
}

function evidenceOf(ranked: RankedService, sources: Sources): Evidence[] {
  const rows = ranked.tests
    // The pooled test of a service says nothing that its operations do not say better, unless it stands alone.
    .filter(({ test }) => !test.pooled || ranked.tests.length === 1)
    .slice(0, ROWS_MAX)
    .map(({ kind, test }) => rowOf(kind, test, sources));
  const against = ranked.excuse;
  if (against !== undefined && ranked.explainedBits >= 1) rows.push(explainedRow(against, ranked, sources));
  return rows;
}

function rowOf(kind: Kind, test: Test, sources: Sources): Evidence {
  const isErrorLine = kind === 'log' && test.seen !== undefined;
  const unit = isErrorLine ? 'share' : UNITS[kind];
  return {
    kind,
    direction: 'for',
    bits: Math.max(0, Math.log2(0.5 / Math.sqrt(test.p))),
    from: test.from,
    operation: test.operation,
    expected: test.expected ?? null,
    seen: test.seen ?? null,
    unit,
    seenCount: test.seenCount,
    calmCount: test.calmCount,
    z: test.z,
    p: test.p,
    detail: test.detail ?? null,
    words: words(kind, test),
    examples: examplesOf(kind, test, sources),
  };
}

function explainedRow({ kind, test }: Excuse, ranked: RankedService, sources: Sources): Evidence {
  const explained = ranked.explainedBits.toFixed(1);
  return {
    kind: 'explained',
    direction: 'against',
    bits: ranked.explainedBits,
    from: test.from,
    operation: test.operation,
    expected: test.expected ?? null,
    seen: test.seen ?? null,
    unit: kind === 'fail' ? 'share' : 'ms',
    seenCount: test.seenCount,
    calmCount: test.calmCount,
    z: test.z,
    p: test.p,
    detail: test.service,
    words:
      `${ranked.service} calls ${test.service}, whose answers explain ${explained} bits of this: ` +
      (kind === 'fail' ? `${shares(test)} failed` : times(test)),
    examples: examplesOf(kind, test, sources),
  };
}

const ms = (value: number | undefined): string =>
  value === undefined
    ? 'nothing'
    : value >= 1000
      ? `${(value / 1000).toFixed(2)} s`
      : `${value.toPrecision(3)} ms`;
const percent = (value: number | undefined): string =>
  value === undefined ? 'none' : `${(value * 100).toFixed(1)} %`;
const times = ({ expected, seen }: Test): string => `${ms(seen)} instead of ${ms(expected)}`;
const shares = ({ expected, seen }: Test): string => `${percent(seen)} instead of ${percent(expected)}`;
const traces = (count: number): string => `${count} ${count === 1 ? 'trace' : 'traces'}`;

function words(kind: Kind, test: Test): string {
  const { service, from, operation, expected, seen, detail } = test;
  const where = test.pooled ? `all operations of ${service}` : operation;
  const count = traces(test.seenCount);
  switch (kind) {
    case 'self':
      return `own time of ${where}: ${times(test)} (${count})`;
    case 'edge':
      return `gap around calls ${from} → ${service} (${where}): ${times(test)} (${count})`;
    case 'blind':
      return `unanswered calls ${from} → ${service} (${where}): ${times(test)} (${count})`;
    case 'error':
      return `errors of ${where} that nothing below explains: ${shares(test)} (${count})`;
    case 'shape':
      return `${where} asks for something else than before: ${detail ?? 'another mix'} (${count})`;
    case 'log':
      return seen === undefined
        ? `lines of ${where} follow each other differently: ${lineDetail(detail)} (${count})`
        : `${where}: requests that log an error: ${shares(test)} (${count})`;
    case 'metric':
      return `${operation}: ${seen?.toFixed(0)} % instead of ${expected?.toFixed(0)} %`;
  }
}

type Shown = Kind | Excuse['kind'];

/** The mark of the end is no line that anybody has written. */
const lineDetail = (detail: string | undefined): string =>
  detail?.replace(/^([+-]) \$$/, '$1 the end') ?? 'another mix';

function examplesOf(kind: Shown, test: Test, sources: Sources): Example[] {
  if (kind === 'metric') return [];
  const matching = sources.nodes.filter((node) => observes(kind, test, node));
  const chosen = pick(kind, test, matching, sources);
  return chosen.slice(0, EXAMPLES_MAX).map((node) => exampleOf(node, sources));
}

/** Whether a span is among those that the test was made of. */
function observes(kind: Shown, test: Test, node: Node): boolean {
  const { span } = node;
  if (kind === 'log') {
    // Error lines are told by operation, the way of the lines by asker and operation.
    const { operation } = test;
    return span.service === test.service && (operation === span.name || operation === pathOperation(node));
  }
  const charged = isCall(node) ? node.callee : span.service;
  if (charged !== test.service) return false;
  return test.pooled || (span.service === test.from && span.name === test.operation);
}

function pick(kind: Shown, test: Test, nodes: readonly Node[], sources: Sources): readonly Node[] {
  switch (kind) {
    case 'error':
      return nodes.filter(({ span, children }) => span.error && !children.some((child) => child.span.error));
    case 'fail':
      return nodes.filter(({ span }) => span.error);
    case 'wait':
      return slowest(nodes, ({ durationMs }) => durationMs);
    case 'shape': {
      const symbol = newSymbol(test);
      const showing = nodes.filter((node) => node.shape === symbol);
      return showing.length > 0 ? showing : nodes;
    }
    case 'log':
      return telling(test, nodes, sources);
    case 'self':
    case 'edge':
    case 'blind':
    case 'metric':
      return slowest(nodes, ({ selfMs }) => selfMs);
  }
}

/** What appeared, or grew, of a mix. */
const newSymbol = ({ detail }: Test): string | undefined =>
  detail?.startsWith('+ ') === true ? detail.slice(2) : undefined;

/** Spans with the line that is new, else with an error line, else any. */
function telling(test: Test, nodes: readonly Node[], sources: Sources): readonly Node[] {
  const symbol = newSymbol(test);
  const having = (wanted: (line: WindowLog) => boolean): readonly Node[] =>
    nodes.filter((node) => linesOf(node, sources).some(wanted));
  const showing = having(({ body }) => templateOf(body) === symbol);
  if (showing.length > 0) return showing;
  const failing = having(({ severityNumber }) => severityNumber >= ERROR_SEVERITY_MIN);
  return failing.length > 0 ? failing : nodes;
}

function slowest(nodes: readonly Node[], timeOf: (node: Node) => number): readonly Node[] {
  const sorted = nodes.toSorted((a, b) => timeOf(b) - timeOf(a));
  return sorted.slice(Math.floor(sorted.length * FREAK_SHARE));
}

const linesOf = ({ span }: Node, { lines }: Sources): readonly WindowLog[] =>
  lines.get(lineKey(span.traceId, span.spanId)) ?? [];

/**
 * The span, with its first error line; a call's own side often says less than the side that failed, so lines of the
 * answering span are looked at first.
 */
function exampleOf(node: Node, sources: Sources): Example {
  const below = node.children.filter(({ span }) => span.service !== node.span.service);
  for (const place of [...below, node, ...node.children]) {
    const line = linesOf(place, sources).find(({ severityNumber }) => severityNumber >= ERROR_SEVERITY_MIN);
    if (line !== undefined) return { traceId: line.traceId, spanId: place.span.spanId, logId: line.id };
  }
  return { traceId: node.span.traceId, spanId: node.span.spanId, logId: null };
}
