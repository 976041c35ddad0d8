/** What every engine must do, in a worker or on the thread itself, with a real receiver at the other end. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { createDiag, seededRandom, systemClock, systemRandom } from '@aode/base';
import { POST_DEFAULTS } from '@aode/journal';
import { openReceiver, type Receiver } from '@aode/journal/otlp-receiver';
import { encodeExportResponse } from '@aode/wire';
import type { SignalLedger } from '../loss/ledger.ts';
import { LINE_DEFAULTS } from '../log/log-options.ts';
import { COUNT } from '../pool/counts.ts';
import { lineNamed, spanNamed } from '../testing/records.ts';
import { newTraceWords, traceIdText } from '../trace/span-identity.ts';
import type { JournalPlace } from './agent-journal.ts';
import { type Engine, startEngine } from './engine.ts';
import { memoryBudget } from './memory-budget.ts';

const MIB = 1024 * 1024;
const NOBODY = 'http://127.0.0.1:9';

interface Bench extends Disposable {
  readonly engine: Engine;
  readonly said: string[];
  /** Records spans, each a kept trace of its own, as the recorder would. */
  readonly record: (count: number, chars?: number) => void;
}

interface OpenOptions {
  readonly memoryBytes?: number;
  readonly journal?: JournalPlace | undefined;
}

function open(
  mode: 'worker' | 'inline',
  endpoint: string,
  { memoryBytes = 16 * MIB, journal }: OpenOptions = {},
): Bench {
  const said: string[] = [];
  const random = seededRandom(1);
  const engine = startEngine(
    {
      resource: { attributes: [], droppedAttributesCount: 0, entityRefs: [] },
      post: { ...POST_DEFAULTS, endpoints: [endpoint], timeoutMs: 2000 },
      budget: memoryBudget(memoryBytes),
      journal,
      flushIntervalMs: 20,
      lines: { ...LINE_DEFAULTS, logFlushMs: 20 },
      clock: systemClock,
      random: systemRandom,
      diag: createDiag(systemClock, (line) => void said.push(line)),
      instance: 'test',
      metricIntervalMs: 0,
      time: { sources: ['none'], servers: [], slewPpm: 500 },
      wishes: { onAsked: () => undefined, onSampling: () => undefined },
    },
    mode,
  );
  const { pool } = engine;
  const count = (which: number): void => {
    pool.counts[which] = (pool.counts[which] ?? 0) + 1;
  };
  const record = (n: number, chars = 0): void => {
    for (let i = 0; i < n; i += 1) {
      const words = newTraceWords(random);
      const trace = pool.begin(words, traceIdText(words), 'error');
      count(COUNT.spansStarted);
      count(COUNT.spansEnded);
      pool.span(trace, spanNamed(`s${i}`, { t: 'x'.repeat(chars) }));
      pool.quiet(trace);
    }
    engine.wake(false);
  };
  return { engine, said, record, [Symbol.dispose]: () => engine.close() };
}

const lostOf = ({ dropped }: SignalLedger): number =>
  Object.values(dropped).reduce((sum, count) => sum + count, 0);

/** Everything that was ended is somewhere, and nothing is in two places. */
function addsUp({ engine }: Bench): SignalLedger {
  const { spans, lines } = engine.ledger();
  for (const one of [spans, lines]) {
    const { pool_full: full = 0, too_large: large = 0, ring_full: ring = 0 } = one.dropped;
    assert.equal(one.started, one.ended + one.open);
    assert.equal(one.ended, one.kept + one.evicted + one.undecided + full + large + ring);
    assert.equal(one.kept, one.delivered + one.waiting + lostOf(one) - full - large - ring);
    assert.ok(one.waiting >= 0 && one.undecided >= 0 && one.open >= 0);
  }
  return spans;
}

/** Resolves when `holds`; looked at again in each turn of the event loop. */
async function until(holds: () => boolean): Promise<void> {
  const end = systemClock.ticks() + 20_000;
  while (!holds()) {
    assert.ok(systemClock.ticks() < end, 'it takes too long');
    await new Promise((turn) => setImmediate(turn));
  }
}

/** Lines in one turn, some of which have no room in the ring of 512 KiB. Returns how many. */
function lineBurst({ engine }: Bench): number {
  let count = 0;
  for (; !engine.lines.hasSpilled; count += 1) engine.lines.write(lineNamed(`${count} `.padEnd(1000, 'x')));
  for (let more = 0; more < 50; more += 1, count += 1) {
    engine.lines.write(lineNamed(`${count} `.padEnd(1000, 'x')));
  }
  engine.wakeLines();
  return count;
}

const namesOf = ({ spans }: Receiver): string[] => spans.map(({ name }) => name);

for (const mode of ['worker', 'inline'] as const) {
  describe(`${mode}: delivery`, () => {
    test('flush delivers spans and lines, and says so', async () => {
      await using receiver = await openReceiver();
      using bench = open(mode, receiver.endpoint);
      bench.record(3);
      bench.engine.pool.line(lineNamed('a line'));
      assert.equal(await bench.engine.flush(5000), true);
      assert.deepEqual(namesOf(receiver), ['s0', 's1', 's2']);
      assert.equal(receiver.logs[0]?.body, 'a line');
      const { delivered, waiting } = addsUp(bench);
      assert.deepEqual([delivered, waiting], [3, 0]);
      assert.equal(await bench.engine.flush(5000), true);
    });

    test('without a flush what is kept arrives by itself', async () => {
      await using receiver = await openReceiver();
      using bench = open(mode, receiver.endpoint);
      bench.record(2);
      await receiver.until(() => receiver.spans.length === 2);
      await until(() => bench.engine.ledger().spans.delivered === 2);
      addsUp(bench);
    });

    test('a burst of 10 000 spans in one turn loses none, each comes once', async () => {
      await using receiver = await openReceiver();
      using bench = open(mode, receiver.endpoint, { memoryBytes: 64 * MIB });
      bench.record(10_000);
      assert.equal(await bench.engine.flush(20_000), true);
      assert.equal(receiver.spans.length, 10_000);
      assert.equal(new Set(receiver.spans.map(({ traceId }) => traceId)).size, 10_000);
      assert.equal(addsUp(bench).delivered, 10_000);
    });

    test('flushAndWait blocks no longer than it may', async () => {
      await using receiver = await openReceiver();
      using bench = open(mode, receiver.endpoint);
      bench.record(5);
      // The receiver is on this thread, which is blocked: it can only be given up here, in time.
      const start = systemClock.ticks();
      assert.equal(bench.engine.flushAndWait(300), 'lost');
      const tookMs = systemClock.ticks() - start;
      assert.ok(tookMs >= 250 && tookMs < 3000, `${tookMs} ms`);
      addsUp(bench);
    });

    test('close ends it: nothing is sent any more, and nothing throws', async () => {
      await using receiver = await openReceiver();
      const bench = open(mode, receiver.endpoint);
      bench.record(1);
      assert.equal(await bench.engine.flush(5000), true);
      bench.engine.close();
      bench.record(1);
      bench.engine.wake(true);
      const start = systemClock.ticks();
      assert.equal(await bench.engine.flush(200), false);
      assert.ok(systemClock.ticks() - start < 2000);
      assert.equal(receiver.spans.length, 1);
      addsUp(bench);
    });
  });

  describe(`${mode}: lines`, () => {
    test('a burst of lines that is more than the ring holds arrives whole, in order', async () => {
      await using receiver = await openReceiver();
      using bench = open(mode, receiver.endpoint, { memoryBytes: 4 * MIB });
      const count = lineBurst(bench);
      assert.equal(await bench.engine.flush(20_000), true);
      const bodies = receiver.logs.map(({ body }) => String(body as string).split(' ')[0]);
      assert.deepEqual(
        bodies,
        Array.from({ length: count }, (_, i) => `${i}`),
      );
      addsUp(bench);
      assert.equal(bench.engine.ledger().lines.undecided, 0);
    });

    test('at the end of the thread such a burst is on its way or counted', async () => {
      await using receiver = await openReceiver();
      using bench = open(mode, receiver.endpoint, { memoryBytes: 4 * MIB });
      const count = lineBurst(bench);
      assert.equal(bench.engine.flushAndWait(500), 'lost');
      addsUp(bench);
      // A worker that has not begun to read within the time makes no room.
      const { kept, undecided, dropped } = bench.engine.ledger().lines;
      assert.deepEqual([kept + (dropped.ring_full ?? 0), undecided], [count, 0]);
    });
  });

  describe(`${mode}: a receiver that`, () => {
    test('is not there: everything waits, flush says no in time, the ledger is true', async () => {
      using bench = open(mode, NOBODY);
      bench.record(10);
      const start = systemClock.ticks();
      assert.equal(await bench.engine.flush(200), false);
      assert.ok(systemClock.ticks() - start < 2000);
      const { kept, waiting, delivered } = addsUp(bench);
      assert.deepEqual([kept, waiting, delivered], [10, 10, 0]);
    });

    test('is slow: nothing is delivered before it has answered', async () => {
      await using receiver = await openReceiver();
      let answer = (): void => undefined;
      receiver.answer = (_, response) => {
        answer = () => void response.writeHead(200).end();
        return true;
      };
      using bench = open(mode, receiver.endpoint);
      bench.record(4);
      const flushed = bench.engine.flush(10_000);
      await receiver.until(() => receiver.requests.length === 1);
      assert.deepEqual([addsUp(bench).waiting, addsUp(bench).delivered], [4, 0]);
      answer();
      assert.equal(await flushed, true);
      assert.deepEqual([addsUp(bench).waiting, addsUp(bench).delivered], [0, 4]);
    });

    test('refuses: counted as refused, and the next ones go', async () => {
      await using receiver = await openReceiver();
      receiver.answer = (_, response) => {
        if (receiver.requests.length > 1) return false;
        response.writeHead(400).end();
        return true;
      };
      using bench = open(mode, receiver.endpoint);
      bench.record(4);
      assert.equal(await bench.engine.flush(5000), true);
      assert.deepEqual(addsUp(bench).dropped, { refused: 4 });
      bench.record(1);
      assert.equal(await bench.engine.flush(5000), true);
      assert.equal(addsUp(bench).delivered, 1);
    });

    test('takes a part: the rest is rejected', async () => {
      await using receiver = await openReceiver();
      receiver.answer = (_, response) => {
        const rejected = { rejectedCount: 3, errorMessage: 'bad ids' };
        response.writeHead(200, { 'content-type': 'application/x-protobuf' });
        response.end(encodeExportResponse('traces', rejected, 'protobuf'));
        return true;
      };
      using bench = open(mode, receiver.endpoint);
      bench.record(5);
      assert.equal(await bench.engine.flush(5000), true);
      const { delivered, dropped } = addsUp(bench);
      assert.deepEqual([delivered, dropped], [2, { rejected: 3 }]);
    });

    test('never comes while ever more is kept: what gives way is counted', async () => {
      using bench = open(mode, NOBODY, { memoryBytes: MIB });
      // Four times of what pool and journal together hold, in turns in which the agent can read.
      for (let i = 0; i < 40; i += 1) {
        bench.record(50, 1000);
        await bench.engine.flush(20);
      }
      const { kept, ended, delivered, dropped } = addsUp(bench);
      assert.equal(ended, 2000);
      assert.equal(delivered, 0);
      assert.ok((dropped.journal_full ?? 0) > 0 && kept > 0);
    });
  });
}

/** As it happens: where the worker of an engine is, nobody but Node.js knows. */
function watched(
  endpoint: string,
  journal?: JournalPlace,
): { readonly bench: Bench; readonly workers: Worker[] } {
  const workers: Worker[] = [];
  const onWorker = (worker: Worker): void => void workers.push(worker);
  process.on('worker', onWorker);
  const bench = open('worker', endpoint, { journal });
  return {
    workers,
    bench: {
      ...bench,
      [Symbol.dispose]() {
        process.off('worker', onWorker);
        bench.engine.close();
      },
    },
  };
}
const saidOf = ({ said }: Bench): string[] => said.filter((line) => line.includes('AODE_AGENT_FAILED'));

test('a worker that dies is started again; what it had taken is counted, the rest delivered', async () => {
  await using receiver = await openReceiver();
  receiver.answer = () => true;
  const { bench, workers } = watched(receiver.endpoint);
  using _ = bench;
  bench.record(4);
  const flushed = bench.engine.flush(20_000);
  await receiver.until(() => receiver.requests.length === 1);
  bench.record(3);
  receiver.answer = () => false;
  await workers[0]?.terminate();
  assert.equal(await flushed, false);
  assert.equal(await bench.engine.flush(20_000), true);
  const { delivered, waiting, dropped } = addsUp(bench);
  // The last three may have been taken before it died.
  assert.equal(delivered, receiver.spans.length);
  assert.deepEqual([waiting, delivered + (dropped.agent_failed ?? 0)], [0, 7]);
  assert.ok((dropped.agent_failed ?? 0) >= 4);
  assert.equal(workers.length, 2);
});

test('what a worker that dies has left on disk is delivered by the next one, and is never called lost', async (t) => {
  await using receiver = await openReceiver();
  const directory = mkdtempSync(join(tmpdir(), 'aode-engine-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  receiver.answer = () => true;
  const journal = { directory, bytesMax: MIB, syncMs: 50, token: 'this process' };
  const { bench, workers } = watched(receiver.endpoint, journal);
  using _ = bench;
  bench.record(4);
  const flushed = bench.engine.flush(20_000);
  await receiver.until(() => receiver.requests.length === 1);
  receiver.answer = () => false;
  await workers[0]?.terminate();
  assert.equal(await flushed, false);
  await until(() => bench.engine.ledger().spans.delivered === 4);
  const { waiting, dropped } = addsUp(bench);
  assert.deepEqual([waiting, dropped, receiver.spans.length], [0, {}, 4]);
  assert.ok(
    saidOf(bench).some((line) => line.includes('lost 0')),
    saidOf(bench).join(),
  );
});

test('a worker that dies for the fourth time: the thread itself goes on', async () => {
  await using receiver = await openReceiver();
  const { bench, workers } = watched(receiver.endpoint);
  using _ = bench;
  for (let death = 1; death <= 4; death += 1) {
    bench.record(2);
    assert.equal(await bench.engine.flush(20_000), true);
    assert.equal(workers.length, death);
    await workers.at(-1)?.terminate();
  }
  assert.equal(workers.length, 4);
  bench.record(2);
  assert.equal(await bench.engine.flush(20_000), true);
  assert.equal(receiver.spans.length, 10);
  assert.equal(addsUp(bench).delivered, 10);
  bench.record(2);
  await receiver.until(() => receiver.spans.length === 12);
  bench.record(1);
  // Nobody takes it, because this thread is blocked; it is accounted for all the same.
  assert.equal(bench.engine.flushAndWait(300), 'lost');
  const { waiting, delivered, dropped } = addsUp(bench);
  assert.equal(waiting, 0);
  assert.equal(delivered + (dropped.exit_timeout ?? 0), 13);
  assert.ok(saidOf(bench).length >= 1);
});

test('a worker that dies before it has read anything: nothing is lost', async () => {
  await using receiver = await openReceiver();
  const { bench, workers } = watched(receiver.endpoint);
  using _ = bench;
  await until(() => workers.length === 1);
  await workers[0]?.terminate();
  bench.record(3);
  assert.equal(await bench.engine.flush(20_000), true);
  assert.equal(receiver.spans.length, 3);
  assert.deepEqual(addsUp(bench).dropped, {});
});
