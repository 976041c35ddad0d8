/** A shipper between a journal in memory and a receiver that answers when the test says so. */
import { type Random, seededRandom } from '@aode/base';
import { type ManualClock, manualClock } from '@aode/base/manual-clock';
import { decodeLogs, decodeMetrics, decodeTraces, encodeResource, type SignalName } from '@aode/wire';
import type { Frame, Journal } from '../journal.ts';
import { createMemoryJournal } from '../memory-journal.ts';
import type { Poster, PostResult } from '../ship/otlp-post.ts';
import { createShipper, type Delayed, type Settled, type Shipper } from '../ship/shipper.ts';
import { RESOURCE } from './telemetry.ts';

export const DONE: PostResult = { kind: 'done', rejectedCount: 0, errorMessage: '' };
export const SCHEMA_URL = 'https://example.test/schema';

/** A request that waits for its answer. */
export interface Post {
  readonly signal: SignalName;
  readonly body: Uint8Array;
  /** Resolves when the shipper has seen the answer. */
  answer(result: PostResult): Promise<void>;
}

/** Where every record that was appended has gone. */
export interface Ledger {
  appended: number;
  delivered: number;
  readonly dropped: Record<string, number>;
}

export interface ShipBench {
  readonly journal: Journal;
  readonly shipper: Shipper;
  readonly clock: ManualClock;
  readonly posts: Post[];
  readonly settled: Settled[];
  readonly delayed: Delayed[];
  readonly ledger: Ledger;
  /** Appends and counts; does not wake. */
  readonly append: (...frames: readonly Frame[]) => void;
}

export function shipBench(bytesMax = 10_000_000, random: Random = seededRandom(1)): ShipBench {
  const clock = manualClock();
  const posts: Post[] = [];
  const settled: Settled[] = [];
  const delayed: Delayed[] = [];
  const ledger: Ledger = { appended: 0, delivered: 0, dropped: {} };
  const drop = (reason: string, count: number): void => {
    ledger.dropped[reason] = (ledger.dropped[reason] ?? 0) + count;
  };
  const journal = createMemoryJournal({
    bytesMax,
    origin: encodeResource(RESOURCE),
    onDropped: ({ recordCount }, reason) => drop(reason, recordCount),
  });
  const shipper = createShipper({
    journal,
    poster: scripted(posts),
    clock,
    random,
    schemaUrl: SCHEMA_URL,
    onSettled(one) {
      settled.push(one);
      ledger.delivered += one.delivered;
      if (one.dropped !== undefined) drop(one.dropped.reason, one.dropped.count);
    },
    onDelayed: (one) => void delayed.push(one),
  });
  const append = (...frames: readonly Frame[]): void => {
    for (const frame of frames) {
      ledger.appended += frame.recordCount;
      if (journal.append(frame) === undefined) drop('no_room', frame.recordCount);
    }
  };
  return { journal, shipper, clock, posts, settled, delayed, ledger, append };
}

const promisesRun = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function scripted(posts: Post[]): Poster {
  return {
    post: (signal, body) =>
      new Promise((resolve) =>
        posts.push({
          signal,
          body,
          answer(result) {
            resolve(result);
            return promisesRun();
          },
        }),
      ),
    keepAlive: () => undefined,
    close: () => undefined,
  };
}

/** Names of spans and metrics, texts of lines, in their order. */
export function namesIn({
  signal,
  body,
}: {
  readonly signal: SignalName;
  readonly body: Uint8Array;
}): string[] {
  switch (signal) {
    case 'traces':
      return decodeTraces(body).flatMap((r) => r.scopeSpans.flatMap((s) => s.spans.map(({ name }) => name)));
    case 'logs':
      return decodeLogs(body).flatMap((r) =>
        r.scopeLogs.flatMap((s) =>
          s.logRecords.map(({ body }) => (typeof body === 'string' ? body : 'not a text')),
        ),
      );
    case 'metrics':
      return decodeMetrics(body).flatMap((r) =>
        r.scopeMetrics.flatMap((s) => s.metrics.map(({ name }) => name)),
      );
  }
}
