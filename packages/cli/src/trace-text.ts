/** A trace as text: the tree of its spans, each line of log under the span that wrote it. Pure. */
import { unixNs, visible } from '@aode/base';
import type { GapReason, LogRow, SpanRow, TraceGap, TraceResponse } from '@aode/wire/hub-api';
import stringWidth from 'string-width';
import { countText, dateText, durationText, manyText, timeText } from './amount.ts';
import { fitted } from './fitted-text.ts';
import type { Paint } from './paint.ts';
import { severityPaint } from './severity-paint.ts';

export interface TraceTextOptions {
  readonly paint: Paint;
  /** Lines of log are cut to this width; spans are not cut. */
  readonly columns: number;
}

/** A span with what belongs below it. */
interface Node {
  readonly span: SpanRow;
  readonly children: Node[];
  readonly logs: LogRow[];
  /** It names a parent that is not there. */
  readonly orphan: boolean;
  /** Why it is not, where the hub says. */
  readonly orphanFor: GapReason | undefined;
  /** The answer to its call that nobody has recorded. */
  readonly lacks: TraceGap | undefined;
}

/** A span in its place: what stands before it on its own line, and before the lines below it. */
interface Placed {
  readonly node: Node;
  readonly stem: string;
  readonly below: string;
}

const KIND_WORDS: Readonly<Record<number, string>> = { 3: 'calls', 4: 'sends', 5: 'receives' };
/** "  +1.84 s   325 ms  " */
const LEFT_COLUMNS = 22;
/** Log text is worth a line of at least this width, however deep its span lies. */
const LOG_COLUMNS_MIN = 40;
/** Deeper spans stand no further to the right: 60 levels are more than an eye follows, and the text grows linearly. */
const STEM_COLUMNS_MAX = 120;

/** Headline, cause, tree. Ends with a newline. */
export function traceText(trace: TraceResponse, options: TraceTextOptions): string {
  const { roots, stray } = treeOf(trace);
  const from = trace.spans.reduce((least, s) => (startOf(s) < least ? startOf(s) : least), MAX_NANO);
  const lines = [headline(trace, roots[0]?.span, options.paint), ...causeLines(trace, options.paint), ''];
  for (const placed of placedBelow(roots)) {
    lines.push(spanLine(placed, from, options.paint));
    const stem = `${placed.below}${placed.node.children.length > 0 ? '│ ' : '  '}`;
    for (const log of placed.node.logs) lines.push(logLine(log, stem, options));
    if (placed.node.lacks !== undefined) lines.push(gapLine(placed.node.lacks, stem, options));
  }
  for (const log of stray) lines.push(logLine(log, '', options));
  if (trace.partial) lines.push('', 'The trace is larger than one answer; part of it is left out.');
  return `${lines.join('\n')}\n`;
}

/** Later than every span. */
const MAX_NANO = 1n << 64n;

const startOf = (span: SpanRow): bigint => BigInt(span.startUnixNano);
const byTime = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

/** Children and lines in order of time. A span whose parent is missing stands as a root. */
function treeOf(trace: TraceResponse): { roots: Node[]; stray: LogRow[] } {
  const ids = new Set(trace.spans.map((s) => s.spanId));
  const gaps = new Map(trace.gaps.map((gap) => [`${gap.missing} ${gap.spanId}`, gap]));
  const nodes = new Map<string, Node>();
  for (const span of trace.spans.toSorted((a, b) => byTime(startOf(a), startOf(b)))) {
    const orphan = span.parentSpanId !== '' && !ids.has(span.parentSpanId);
    const orphanFor = gaps.get(`parent ${span.spanId}`)?.reason;
    const lacks = gaps.get(`callee ${span.spanId}`);
    nodes.set(span.spanId, { span, children: [], logs: [], orphan, orphanFor, lacks });
  }
  const roots: Node[] = [];
  for (const node of nodes.values()) (nodes.get(node.span.parentSpanId)?.children ?? roots).push(node);
  const stray: LogRow[] = [];
  for (const log of trace.logs.toSorted((a, b) => byTime(BigInt(a.timeUnixNano), BigInt(b.timeUnixNano)))) {
    (nodes.get(log.spanId)?.logs ?? stray).push(log);
  }
  return { roots: [...roots, ...unreached(roots, nodes)], stray };
}

/** One span of each ring: a careless sender can make spans their own ancestors, and no root leads to them. */
function unreached(roots: readonly Node[], nodes: ReadonlyMap<string, Node>): Node[] {
  const seen = new Set<Node>();
  const reach = (start: readonly Node[]): void => {
    const stack = [...start];
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      if (seen.has(node)) continue;
      seen.add(node);
      for (const child of node.children) stack.push(child);
    }
  };
  reach(roots);
  const found: Node[] = [];
  for (const node of nodes.values()) {
    if (seen.has(node)) continue;
    found.push(node);
    reach([node]);
  }
  return found;
}

/** Depth first, each span once, without recursion: a trace may be deeper than the stack. */
function* placedBelow(roots: readonly Node[]): Generator<Placed> {
  const seen = new Set<Node>();
  const stack: Placed[] = roots.map((node) => ({ node, stem: '', below: '' })).toReversed();
  for (let placed = stack.pop(); placed !== undefined; placed = stack.pop()) {
    const { node, below } = placed;
    if (seen.has(node)) continue;
    seen.add(node);
    yield placed;
    const children = node.children.filter((child) => !seen.has(child));
    children.forEach((_, i) => {
      // From the last to the first, because the stack turns them round.
      const child = children[children.length - 1 - i];
      if (child === undefined) return;
      const [stem, bar] = i === 0 ? ['└ ', '  '] : ['├ ', '│ '];
      const deep = below.length >= STEM_COLUMNS_MAX;
      stack.push({ node: child, stem: below + stem, below: deep ? below : below + bar });
    });
  }
}

function headline(trace: TraceResponse, root: SpanRow | undefined, paint: Paint): string {
  const services = new Set(trace.spans.map((s) => s.service)).size;
  const errors = trace.spans.filter((s) => s.errorCode !== null || s.statusCode === 2).length;
  const counts = [
    manyText(services, 'service'),
    manyText(trace.spans.length, 'span'),
    manyText(trace.logs.length, 'log line'),
    manyText(errors, 'error'),
  ];
  if (root === undefined) return `${visible(trace.traceId)}  ${counts.join(' · ')}`;
  const title = paint.strong(visible(`${root.service}: ${root.name}`));
  const code = root.errorCode === null ? '' : `  ${paint.error(visible(root.errorCode))}`;
  const when = dateText(unixNs(BigInt(root.startUnixNano)));
  const first = `${title}${code}  ${durationText(root.durationNano)}  ${counts.join(' · ')}`;
  return `${first}\n${visible(trace.traceId)}  ${when}`;
}

function causeLines({ cause, logs }: TraceResponse, paint: Paint): string[] {
  if (cause === null) return [];
  const code = cause.code === null ? '' : ` ${cause.code}`;
  const said = logs.find((log) => log.id === cause.logId)?.body ?? cause.message;
  const sentence = `${cause.service} ${cause.name}${code}${said === null || said === '' ? '' : ` — ${said}`}`;
  return [`${paint.error('cause:')} ${visible(sentence)}`];
}

const REASON_WORDS: Readonly<Record<GapReason, string>> = {
  process_lost: 'process lost',
  not_sampled: 'not sampled there',
  out_of_horizon: 'asked for too late',
  unknown: 'nobody knows why',
};

function gapLine({ service, reason }: TraceGap, stem: string, { paint }: TraceTextOptions): string {
  const who = service === null ? '' : `${paint.strong(visible(service))} `;
  const words = paint.warn(`no answer recorded · ${REASON_WORDS[reason]}`);
  return `${' '.repeat(LEFT_COLUMNS - 1)}${paint.dim(stem)}${who}${words}`;
}

function spanLine({ node: { span, orphan, orphanFor }, stem }: Placed, from: bigint, paint: Paint): string {
  const afterNano = Number(startOf(span) - from);
  const offset = (afterNano === 0 ? '0' : `+${durationText(afterNano)}`).padStart(9);
  const duration = durationText(span.durationNano).padStart(9);
  const failed = span.errorCode !== null || span.statusCode === 2;
  const kind = KIND_WORDS[span.kind] === undefined ? '' : paint.dim(`${KIND_WORDS[span.kind]} `);
  const name = `${paint.strong(visible(span.service))} ${kind}${visible(span.name)}`;
  const code = visible(span.errorCode ?? (span.statusMessage === '' ? 'error' : span.statusMessage));
  const mark = failed ? `  ${paint.error(`✕ ${code}`)}` : '';
  const why = orphanFor === undefined || orphanFor === 'unknown' ? '' : ` · ${REASON_WORDS[orphanFor]}`;
  const lost = orphan ? `  ${paint.warn(`its parent is missing${why}`)}` : '';
  const lines = linesText(span);
  const count = lines === '' ? '' : `  ${paint.dim(lines)}`;
  return `${paint.dim(offset)} ${duration}  ${paint.dim(stem)}${name}${mark}${lost}${count}`;
}

/** Levels that are worth a word, each with its attribute; the others are lines. */
const LINE_COUNT = 'aode.log.count.';
const LOUD_LEVELS: readonly string[] = ['fatal', 'error', 'warn'];

/** `12 lines, 1 error, 2 warn`: what the process says it has written, which may be more than what is stored. */
function linesText({ attributes }: SpanRow): string {
  const counts = new Map<string, number>();
  for (const { key, value } of attributes) {
    if (key.startsWith(LINE_COUNT)) counts.set(key.slice(LINE_COUNT.length), Number(value));
  }
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (!(total > 0)) return '';
  const loud = LOUD_LEVELS.flatMap((level) => {
    const count = counts.get(level);
    return count === undefined ? [] : [`${countText(count)} ${level}`];
  });
  return [manyText(total, 'line'), ...loud].join(', ');
}

function logLine(log: LogRow, stem: string, { paint, columns }: TraceTextOptions): string {
  const level = (log.severityText === '' ? 'log' : log.severityText.toLowerCase()).slice(0, 8);
  const colour = severityPaint(log.severityNumber, paint);
  const time = timeText(unixNs(BigInt(log.timeUnixNano)));
  const room = Math.max(
    LOG_COLUMNS_MIN,
    columns - LEFT_COLUMNS - stringWidth(stem) - level.length - time.length,
  );
  const text = fitted(visible(log.body), room);
  return `${' '.repeat(LEFT_COLUMNS - 1)}${paint.dim(stem)}${paint.dim(time)} ${colour(visible(level))} ${text}`;
}
