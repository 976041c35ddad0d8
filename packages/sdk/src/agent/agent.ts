/**
 * Everything that is not done on the application's thread: reads what is kept out of the pools, encodes it, appends it
 * to the journal, and lets it be shipped. Takes steps when it is called and does nothing by itself, so that it runs
 * in a worker, on the application's own thread where there is no worker, and in simulations.
 */
import { AodeError, type Clock, type Diag, durationMs } from '@aode/base';
import type { RingReader, Shipper } from '@aode/journal';
import {
  encodeScopeLogs,
  encodeScopeSpans,
  type LineSpace,
  type LogRecord,
  logRecordOf,
  RECORD_UID_KEY,
  type Scope,
  type Span,
} from '@aode/wire';
import type { BoundKeeper } from '../clock/bound-files.ts';
import { type LogLine, writtenLineOf } from '../log/log-line.ts';
import type { EmittedLog } from '../log/logger-provider.ts';
import { COUNT } from '../pool/counts.ts';
import type { PoolReader, RecordVisitor } from '../pool/pool-reader.ts';
import type { ReadSpan } from '../pool/span-record.ts';
import type { AgentCounts } from './agent-counts.ts';
import type { AgentJournal } from './agent-journal.ts';
import type { AskClient } from './ask-client.ts';
import type { JournalHeir } from './journal-heir.ts';
import { LineNumbers, lineRunsOf } from './line-runs.ts';
import type { SelfReport } from './self-report.ts';

/** Half a MiB of records: some ten milliseconds of work, between which sockets are looked after. */
const CHUNKS_PER_STEP = 256;

/** What one write takes; a ring is read in several steps. */
const LINES_BYTES_PER_STEP = 1024 * 1024;

/** Of the time that the end of a process has, for a request with what others have left. */
const INHERITED_SHARE = 0.5;

/** How often the receiver may not answer at the end of a process. */
const LAST_FAILURES_MAX = 2;

/** What became of everything at the end: the receiver has it, the next process of the service will send it, neither. */
export type Delivery = 'delivered' | 'stored' | 'lost';

export interface AgentParts {
  readonly pools: readonly PoolReader[];
  /** The lines of the same threads. */
  readonly rings: readonly RingReader[];
  readonly journal: AgentJournal;
  readonly shipper: Shipper;
  readonly heir: JournalHeir | undefined;
  readonly counts: AgentCounts;
  readonly diag: Diag;
  readonly asks: AskClient;
  readonly report: SelfReport;
  readonly clock: Clock;
  /** Above all times that leave; undefined where none is kept. */
  readonly bound: BoundKeeper | undefined;
}

export class Agent {
  readonly #parts: AgentParts;
  /** Of each ring. */
  readonly #numbers: readonly LineNumbers[];
  #lastFailures: { count: number; readonly giveUp: () => void } | undefined;

  constructor(parts: AgentParts) {
    this.#parts = parts;
    this.#numbers = parts.rings.map(() => new LineNumbers());
  }

  /** Whether pools hold something to read. */
  get hasMore(): boolean {
    const { pools, rings } = this.#parts;
    return pools.some((pool) => !pool.isEmpty) || rings.some((ring) => !ring.isEmpty);
  }

  /** Spans and lines that were begun, whatever became of them. */
  get recordedCount(): number {
    let count = 0;
    for (const { counts } of this.#parts.pools)
      count += (counts[COUNT.spansStarted] ?? 0) + (counts[COUNT.linesStarted] ?? 0);
    return count;
  }

  /** A bounded share of the work; call again while `hasMore`. */
  step(): void {
    const { clock, counts } = this.#parts;
    const startMs = clock.ticks();
    this.#readLines();
    const batch = new Batch(this.#parts);
    for (const pool of this.#parts.pools) if (!pool.isEmpty) pool.read(CHUNKS_PER_STEP, batch);
    for (const [priority, { spans, lines }] of batch.groups) {
      this.#append('traces', priority, [...spans.values()], encodeSpanGroups);
      const nameOf = this.#parts.journal.namesOfNext();
      this.#append('logs', priority, [...lines.values()], (groups) => encodeLineGroups(groups, nameOf));
    }
    this.#parts.journal.appended();
    this.#noteWritten();
    this.#parts.shipper.wake();
    counts.stepped(clock.ticks() - startMs);
  }

  /** Of each ring what one write to a disk takes. */
  #readLines(): void {
    const { pools, rings, counts } = this.#parts;
    for (const [i, ring] of rings.entries()) {
      const taken = ring.take(LINES_BYTES_PER_STEP);
      if (taken === undefined) continue;
      const runs = lineRunsOf(taken);
      const lineCount = runs.reduce((sum, run) => sum + run.lineCount, 0);
      const missing = this.#numbers[i]?.missingBefore(taken, lineCount) ?? 0;
      counts.add('taken', 'logs', lineCount + missing);
      pools[i]?.noteLinesTaken(lineCount + missing);
      for (const one of runs) this.#appendLines(one.run, one.lineCount);
      if (missing > 0) this.#lineDamage(missing);
    }
  }

  /** Something has written over memory that is between threads. */
  #lineDamage(lost: number): void {
    const { counts, diag } = this.#parts;
    counts.add('journal_damaged', 'logs', lost);
    const why = 'memory between threads was written over';
    diag.warn(new AodeError('AODE_EXPORT_FAILED', { reason: 'journal_damaged', why, lost }));
  }

  #appendLines(run: LineSpace, lineCount: number): void {
    const { journal, counts, diag, bound } = this.#parts;
    bound?.extend();
    try {
      if (journal.appendLines(run, lineCount)) return;
      counts.add('journal_full', 'logs', lineCount);
      diag.warn(new AodeError('AODE_EXPORT_FAILED', { reason: 'journal_full', lost: lineCount }));
    } catch (error) {
      counts.add('encode_failed', 'logs', lineCount);
      const why = error instanceof Error ? error.message : String(error);
      diag.warn(
        new AodeError('AODE_EXPORT_FAILED', { reason: 'encode_failed', why, lost: lineCount }, error),
      );
    }
  }

  /** The pool of a thread that is gone is made ready for the next one, once it is read. False while it is not. */
  reset(index: number): boolean {
    const { pools, rings, counts, diag } = this.#parts;
    const pool = pools[index];
    if (pool?.isEmpty !== true || rings[index]?.isEmpty === false) return false;
    const { spans, lines } = pool.reset();
    this.#numbers[index]?.forget();
    counts.add('thread_lost', 'traces', spans);
    counts.add('thread_lost', 'logs', lines);
    const lost = spans + lines;
    if (lost > 0) diag.warn(new AodeError('AODE_EXPORT_FAILED', { reason: 'thread_lost', lost }));
    return true;
  }

  /** Reads everything that was handed over before the call, then delivers it. */
  async flush(deadlineMs: number, onStored: () => void = () => undefined): Promise<boolean> {
    if (this.store()) onStored();
    const { shipper, asks } = this.#parts;
    const [isDelivered] = await Promise.all([
      shipper.flush(deadlineMs),
      this.#atMost(deadlineMs, asks.settle()),
    ]);
    return isDelivered;
  }

  /**
   * The same for a process that ends. Where the receiver does not answer, it is tried once more and then given up:
   * nobody waits for seconds at the end of each program because no hub runs. `onStored` is told, before anything is
   * sent, that nothing can be lost any more.
   */
  async flushLast(deadlineMs: number, onStored: () => void): Promise<Delivery> {
    const givenUp = new Promise<boolean>((resolve) => {
      this.#lastFailures = { count: 0, giveUp: () => resolve(false) };
    });
    let isStored = false;
    const noteStored = (): void => {
      isStored = true;
      onStored();
    };
    const inherited = this.#finishInherited(deadlineMs);
    const isDelivered = await Promise.race([this.#flushAndReport(deadlineMs, noteStored), givenUp]);
    await inherited;
    if (!isDelivered) return isStored ? 'stored' : 'lost';
    this.#parts.journal[Symbol.dispose]();
    return 'delivered';
  }

  /** So that what others have left does not arrive twice. */
  #finishInherited(deadlineMs: number): Promise<void> {
    const { heir } = this.#parts;
    return heir === undefined ? Promise.resolve() : this.#atMost(deadlineMs * INHERITED_SHARE, heir.finish());
  }

  /** Resolves when the work is done, or the time is over; the work goes on. */
  #atMost(ms: number, work: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#parts.clock.timer(durationMs(ms), resolve);
      void work.then(() => {
        timer[Symbol.dispose]();
        resolve();
      });
    });
  }

  /** Reads everything that was handed over before the call; whether it is on stable storage then. */
  store(): boolean {
    while (this.hasMore) this.step();
    const isStored = this.#parts.journal.sync();
    this.#noteWritten();
    return isStored;
  }

  #noteWritten(): void {
    const unwritten = this.#parts.journal.unwritten();
    if (unwritten !== undefined) this.#parts.counts.wrote(unwritten);
  }

  /** The last report says what became of the last records, so it goes behind them. */
  async #flushAndReport(deadlineMs: number, onStored: () => void): Promise<boolean> {
    const { clock, shipper, report } = this.#parts;
    const startMs = clock.ticks();
    if (!(await this.flush(deadlineMs, onStored))) return false;
    if (report.append()) await shipper.flush(Math.max(1, deadlineMs - (clock.ticks() - startMs)));
    return true;
  }

  /** The receiver did not take a request. Returns whether that is worth saying. */
  failed(): boolean {
    const failures = this.#lastFailures;
    if (failures === undefined) return true;
    failures.count += 1;
    if (failures.count >= LAST_FAILURES_MAX) failures.giveUp();
    // What is lost is said by the thread that waits.
    return false;
  }

  /** A record that cannot be encoded costs its batch, counted and said. */
  #append<T>(
    signal: 'traces' | 'logs',
    priority: number,
    groups: readonly Group<T>[],
    encode: (groups: readonly Group<T>[]) => Uint8Array,
  ): void {
    const { counts, diag, bound } = this.#parts;
    const { journal } = this.#parts.journal;
    const recordCount = groups.reduce((sum, { records }) => sum + records.length, 0);
    if (recordCount === 0) return;
    bound?.extend();
    try {
      const payload = encode(groups);
      if (journal.append({ signal, priority, recordCount, payload }) !== undefined) return;
      counts.add('journal_full', signal, recordCount);
      diag.warn(new AodeError('AODE_EXPORT_FAILED', { reason: 'journal_full', lost: recordCount }));
    } catch (error) {
      counts.add('encode_failed', signal, recordCount);
      const why = error instanceof Error ? error.message : String(error);
      diag.warn(
        new AodeError('AODE_EXPORT_FAILED', { reason: 'encode_failed', why, lost: recordCount }, error),
      );
    }
  }
}

/** Records of one scope. */
interface Group<T> {
  readonly scope: Scope;
  readonly records: T[];
}

interface Groups {
  readonly spans: Map<string, Group<Span>>;
  readonly lines: Map<string, Group<LogLine | EmittedLog>>;
}

/** What one step has read, by importance and scope. */
class Batch implements RecordVisitor {
  readonly groups = new Map<number, Groups>();
  readonly #parts: AgentParts;

  constructor(parts: AgentParts) {
    this.#parts = parts;
  }

  span({ scopeName, scopeVersion, span }: ReadSpan, priority: number): void {
    put(this.#groups(priority).spans, { name: scopeName, version: scopeVersion }, span);
  }

  line(line: LogLine | EmittedLog, priority: number): void {
    put(this.#groups(priority).lines, 'record' in line ? line.scope : line.head.scope, line);
  }

  ask(traceId: string, reason: string): void {
    this.#parts.asks.ask(traceId, reason);
  }

  taken(spanCount: number, lineCount: number): void {
    const { counts } = this.#parts;
    counts.add('taken', 'traces', spanCount);
    counts.add('taken', 'logs', lineCount);
  }

  damaged(spanCount: number, lineCount: number, why: string): void {
    const { counts, diag } = this.#parts;
    counts.add('agent_failed', 'traces', spanCount);
    counts.add('agent_failed', 'logs', lineCount);
    diag.warn(new AodeError('AODE_AGENT_FAILED', { why, lost: spanCount + lineCount }));
  }

  #groups(priority: number): Groups {
    let groups = this.groups.get(priority);
    if (groups === undefined) {
      groups = { spans: new Map(), lines: new Map() };
      this.groups.set(priority, groups);
    }
    return groups;
  }
}

function put<T>(
  groups: Map<string, Group<T>>,
  { name, version }: Pick<Scope, 'name' | 'version'>,
  one: T,
): void {
  const key = `${name}@${version}`;
  const group = groups.get(key);
  if (group !== undefined) group.records.push(one);
  else
    groups.set(key, { scope: { name, version, attributes: [], droppedAttributesCount: 0 }, records: [one] });
}

function encodeSpanGroups(groups: readonly Group<Span>[]): Uint8Array {
  return encodeScopeSpans(groups.map(({ scope, records }) => ({ scope, schemaUrl: '', spans: records })));
}

/** `nameOf` gives each line a name by which a receiver knows it again. */
function encodeLineGroups(
  groups: readonly Group<LogLine | EmittedLog>[],
  nameOf: ((index: number) => string) | undefined,
): Uint8Array {
  let index = 0;
  const recordOf = (line: LogLine | EmittedLog): LogRecord => {
    const record = 'record' in line ? line.record : logRecordOf(writtenLineOf(line));
    if (nameOf === undefined) return record;
    const uid = { key: RECORD_UID_KEY, value: nameOf(index++) };
    return { ...record, attributes: [...record.attributes, uid] };
  };
  return encodeScopeLogs(
    groups.map(({ scope, records }) => ({ scope, schemaUrl: '', logRecords: records.map(recordOf) })),
  );
}
