/**
 * Reports of an SDK instance on itself, read back as its ledger. A report is what it said at one moment; two of them
 * give what has changed in between.
 */
import type { Attribute } from '@aode/wire';
import type { SdkCount, SdkInstance, SdkLedger } from '@aode/wire/hub-api';
import { valueText } from './attribute-row.ts';

/** Of one moment. Keys are a metric's name and, behind a space, the reason where points of it have one. */
export interface SdkReport {
  readonly values: ReadonlyMap<string, number>;
  readonly startNs: bigint;
  readonly agent: 'worker' | 'inline' | null;
}

/** Attributes that tell the points of a metric apart. */
const REASONS: ReadonlySet<string> = new Set(['error.type', 'aode.sdk.problem']);

export function reportKey(name: string, attributes: readonly Attribute[]): string {
  const reason = attributes.find(({ key }) => REASONS.has(key));
  return reason === undefined ? name : `${name} ${valueText(reason.value)}`;
}

/** What one moment says of several agents of a process, together; the oldest speaks for what is no count. */
export function togetherOf(reports: readonly SdkReport[]): SdkReport | undefined {
  const [first, ...others] = reports.toSorted((a, b) => (a.startNs < b.startNs ? -1 : 1));
  if (first === undefined) return undefined;
  const values = new Map(first.values);
  for (const report of others) {
    for (const [key, value] of report.values) {
      if (!SINGLE.has(key)) values.set(key, (values.get(key) ?? 0) + value);
    }
  }
  return { ...first, values };
}

const HORIZON = 'aode.sdk.horizon';
const PROBABILITY = 'aode.sdk.sampling.probability';
const SINGLE: ReadonlySet<string> = new Set([HORIZON, PROBABILITY]);

export type SdkNumbers = Pick<
  SdkInstance,
  | 'agent'
  | 'spans'
  | 'lines'
  | 'problems'
  | 'horizonSeconds'
  | 'samplingProbability'
  | 'chunkCount'
  | 'chunksFree'
  | 'addsUp'
>;

/** `before` is what had been counted when the range began; undefined for nothing. */
export function sdkNumbers(last: SdkReport, before: SdkReport | undefined): SdkNumbers {
  const count = (key: string): SdkCount => {
    const total = last.values.get(key) ?? 0;
    return { total, inRange: Math.max(0, total - (before?.values.get(key) ?? 0)) };
  };
  const now = (key: string): number => last.values.get(key) ?? 0;
  const byReason = (name: string): Readonly<Record<string, SdkCount>> =>
    Object.fromEntries(
      [...last.values.keys()]
        .filter((key) => key.startsWith(`${name} `))
        .map((key) => [key.slice(name.length + 1), count(key)]),
    );
  const ledgerOf = (noun: 'span' | 'log'): Omit<SdkLedger, 'started' | 'open' | 'ended'> => ({
    kept: count(`otel.sdk.processor.${noun}.processed`),
    evicted: count(`aode.sdk.${noun}.evicted`),
    undecided: now(`aode.sdk.${noun}.undecided`),
    delivered: count(`otel.sdk.exporter.${noun}.exported`),
    waiting: now(`otel.sdk.exporter.${noun}.inflight`),
    droppedBefore: byReason(`otel.sdk.processor.${noun}.processed`),
    dropped: byReason(`otel.sdk.exporter.${noun}.exported`),
  });
  const created = count('otel.sdk.log.created');
  const spans: SdkLedger = {
    started: count('otel.sdk.span.started'),
    open: now('otel.sdk.span.live'),
    ended: count('aode.sdk.span.ended'),
    ...ledgerOf('span'),
  };
  const lines: SdkLedger = { started: created, open: 0, ended: created, ...ledgerOf('log') };
  return {
    agent: last.agent,
    spans,
    lines,
    problems: byReason('aode.sdk.problems'),
    horizonSeconds: last.values.get(HORIZON) ?? null,
    samplingProbability: last.values.get(PROBABILITY) ?? null,
    chunkCount: now('aode.sdk.pool.chunk.count'),
    chunksFree: now('aode.sdk.pool.chunk.free'),
    addsUp: addsUp(spans) && addsUp(lines),
  };
}

/** The three equations of a ledger, in which no number is below zero. */
function addsUp(ledger: SdkLedger): boolean {
  const { started, open, ended, kept, evicted, undecided, delivered, waiting } = ledger;
  const sum = (counts: Readonly<Record<string, SdkCount>>): number =>
    Object.values(counts).reduce((all, { total }) => all + total, 0);
  return (
    open >= 0 &&
    undecided >= 0 &&
    waiting >= 0 &&
    started.total === ended.total + open &&
    ended.total === kept.total + evicted.total + undecided + sum(ledger.droppedBefore) &&
    kept.total === delivered.total + waiting + sum(ledger.dropped)
  );
}
