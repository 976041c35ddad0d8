/** Processes of one service that come, run beside each other and go, and the bounds that they leave. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { createDiag, seededRandom } from '@aode/base';
import { type ManualClock, manualClock } from '@aode/base/manual-clock';
import type { Poster } from '@aode/journal';
import { decodeTraces } from '@aode/wire';
import type { Tracer } from '@opentelemetry/api';
import fc from 'fast-check';
import { AgentCounts } from '../agent/agent-counts.ts';
import { createAgent } from '../agent/create-agent.ts';
import { PoolWriter } from '../pool/pool-writer.ts';
import { createSampling } from '../sampling/settings.ts';
import { Recorder } from '../trace/recorder.ts';
import { createTracerProvider } from '../trace/tracer.ts';
import { beginTime, BoundFile } from './bound-files.ts';
import { frameOf, SharedTime } from './shared-time.ts';
import { boundName, parseBoundName } from './time-bound.ts';

const NOW = 1_700_000_000_000_000_000n;
const MS = 1_000_000n;
const SLEW = { slewPpm: 500 };

function place(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'aode-bound-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'service');
}

const boundsIn = (directory: string): readonly bigint[] =>
  readdirSync(directory)
    .map(parseBoundName)
    .filter((bound) => bound !== undefined);

const greatestIn = (directory: string): bigint =>
  boundsIn(directory).reduce((most, one) => (one > most ? one : most), 0n);

interface Process {
  readonly clock: ManualClock;
  readonly time: SharedTime;
  readonly tracer: Tracer;
  /** Takes what was recorded and sends it; gives the latest time of what was sent. */
  send(): Promise<bigint>;
  reading(): bigint;
}

/** Recorder, pool, agent and journal as they are, with the wall clock at `wall`; ends as by `kill -9`, by itself. */
function begin(directory: string, wall: bigint): Process {
  const clock = manualClock(wall);
  const buffer = new ArrayBuffer(512 * 1024);
  const pool = new PoolWriter(buffer, () => undefined);
  const time = new SharedTime(beginTime(clock, SLEW, directory));
  let sent = 0n;
  const poster: Poster = {
    post(_, body) {
      for (const { scopeSpans } of decodeTraces(body)) {
        for (const { spans } of scopeSpans) {
          for (const { endTimeUnixNano: end } of spans) sent = end > sent ? end : sent;
        }
      }
      // It was there before anything was.
      assert.ok(greatestIn(directory) >= sent);
      return Promise.resolve({ kind: 'done', rejectedCount: 0, errorMessage: '' });
    },
    keepAlive: () => undefined,
    close: () => undefined,
  };
  const journal = { directory, bytesMax: 1024 * 1024, syncMs: 1000, token: String(wall) };
  const { agent } = createAgent(
    {
      resource: { attributes: [], droppedAttributesCount: 0, entityRefs: [] },
      journalBytesMax: 1024 * 1024,
      journal,
      instance: 'i',
      metricIntervalMs: 0,
      kind: 'worker',
    },
    {
      pools: [buffer],
      rings: [],
      poster,
      clock,
      random: seededRandom(1),
      counts: new AgentCounts(new ArrayBuffer(512)),
      diag: createDiag(clock, (line) => assert.fail(line)),
      asks: { post: async () => 202, open: () => ({ [Symbol.dispose]: () => undefined }) },
      wishes: { onAsked: () => undefined, onSampling: () => undefined },
      time,
    },
  );
  const recorder = new Recorder({
    clock,
    time,
    random: seededRandom(2),
    pool,
    sampling: createSampling({ probability: 1, tracesPerSecondMin: 0, keep: [] }),
    placeEvery: 0,
    misused: () => undefined,
    forgotten: () => undefined,
    wake: () => undefined,
  });
  return {
    clock,
    time,
    tracer: createTracerProvider({ recorder, dye: [] }).getTracer('test'),
    async send() {
      pool.sealAll();
      while (agent.hasMore) agent.step();
      // The answer of the receiver arrives.
      for (let i = 0; i < 20; i += 1) await Promise.resolve();
      return sent;
    },
    reading: () => recorder.timeline.now(),
  };
}

test('killed, and the wall clock set back by 800 ms: it begins above all that was sent', async (t) => {
  const directory = place(t);
  const before = begin(directory, NOW);
  let sent = 0n;
  for (let i = 0; i < 10; i += 1) {
    const span = before.tracer.startSpan('work');
    before.clock.advance(70);
    span.end();
    sent = await before.send();
    assert.equal(sent, NOW + BigInt(70 * (i + 1)) * MS);
  }
  const wall = before.clock.now() - 800n * MS;
  const after = begin(directory, wall);
  assert.ok(after.reading() > sent && sent > wall);
  assert.equal(after.time.read().epoch, 0);
  // Within the slack, and not a second ahead as a matter of course.
  assert.ok(after.time.zeroNs - sent <= 2n * MS);
});

test('nothing was recorded: nothing is written, however often somebody looks at the clock', async (t) => {
  const directory = place(t);
  mkdirSync(directory, { recursive: true });
  const idle = begin(directory, NOW);
  for (let i = 0; i < 100; i += 1) {
    idle.clock.advance(1000);
    idle.reading();
    await idle.send();
  }
  assert.deepEqual(boundsIn(directory), []);
});

test('a bound from the far future begins a new epoch, once; what can be gone on from is gone on from', (t) => {
  const directory = place(t);
  mkdirSync(directory, { recursive: true });
  for (const bound of [NOW + 300n * MS, NOW + 1001n * MS, (1n << 64n) - 1n]) {
    writeFileSync(join(directory, boundName(bound)), '');
  }
  writeFileSync(join(directory, 'clock-0123'), '');
  const time = new SharedTime(beginTime(manualClock(NOW), SLEW, directory));
  assert.deepEqual([time.zeroNs, time.read().epoch], [NOW + 300n * MS, 1]);
  const next = new SharedTime(beginTime(manualClock(NOW), SLEW, directory));
  assert.deepEqual([next.zeroNs, next.read().epoch], [NOW + 300n * MS, 0]);
  assert.deepEqual(readdirSync(directory).toSorted(), ['clock-0123', boundName(NOW + 300n * MS)]);
});

test('several that write, begin and die in any order: what is there is never below what anybody has let out', (t) => {
  const directory = place(t);
  const clock = manualClock(NOW);
  const start = (): { readonly time: SharedTime; readonly file: BoundFile } => {
    const time = new SharedTime(beginTime(clock, SLEW, directory));
    return { time, file: new BoundFile({ directory, shared: time, clock, onTrouble: () => assert.fail() }) };
  };
  const acts = fc.array(fc.tuple(fc.nat(3), fc.constantFrom('extend', 'restart'), fc.nat(5)), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(acts, (steps) => {
      const running = [start(), start(), start(), start()];
      let out = 0n;
      for (const [which, what, ms] of steps) {
        clock.advance(ms);
        if (what === 'restart') {
          running[which] = start();
          assert.ok((running[which]?.time.zeroNs ?? 0n) >= out);
        } else {
          const { time, file } = running[which] ?? assert.fail();
          const reading = time.readingAt(frameOf(time, clock).now());
          file.extend();
          out = reading > out ? reading : out;
          assert.ok(greatestIn(directory) >= out);
        }
      }
      // One for each that runs, and that from which the last has begun.
      if (out > 0n) assert.ok(boundsIn(directory).length <= running.length + 1);
    }),
    { numRuns: 50 },
  );
});

test('where it cannot be kept, that is said once, and nothing else happens', (t) => {
  const directory = place(t);
  writeFileSync(directory, 'no directory');
  const clock = manualClock(NOW);
  const time = new SharedTime(beginTime(clock, SLEW, directory));
  assert.equal(time.zeroNs, NOW);
  const said: unknown[] = [];
  const file = new BoundFile({ directory, shared: time, clock, onTrouble: (error) => void said.push(error) });
  for (let i = 0; i < 10; i += 1) {
    clock.advance(1000);
    file.extend();
  }
  assert.equal(said.length, 1);
  assert.equal(new SharedTime(beginTime(clock, SLEW, undefined)).zeroNs, clock.now());
});
