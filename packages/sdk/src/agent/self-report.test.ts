import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createDiag, seededRandom } from '@aode/base';
import { type ManualClock, manualClock } from '@aode/base/manual-clock';
import type { Poster, PostResult } from '@aode/journal';
import { attributesOf, openReceiver, type Receiver } from '@aode/journal/otlp-receiver';
import { decodeMetrics, type Metric, type NumberPoint } from '@aode/wire';
import { newTimeMemory, SharedTime } from '../clock/shared-time.ts';
import { createLosses } from '../losses.ts';
import { PoolWriter } from '../pool/pool-writer.ts';
import { createSampling } from '../sampling/settings.ts';
import { folder, run } from '../testing/application.ts';
import { lineNamed } from '../testing/records.ts';
import { Recorder } from '../trace/recorder.ts';
import { createTracerProvider } from '../trace/tracer.ts';
import { AgentCounts } from './agent-counts.ts';
import { createAgent, type RunningAgent } from './create-agent.ts';

/** A process of two threads in miniature: its agent on a clock that is turned by hand. */
interface World extends Pick<RunningAgent, 'agent'> {
  readonly clock: ManualClock;
  readonly counts: AgentCounts;
  readonly said: string[];
  readonly posted: { readonly signal: string; readonly body: Uint8Array }[];
  readonly writers: readonly PoolWriter[];
  readonly recorder: Recorder;
  readonly time: SharedTime;
  /** The newest report that was posted, by name and reason. */
  report(): Readonly<Record<string, number>>;
  /** Lets answers of the receiver arrive. */
  settle(): Promise<void>;
}

const DONE: PostResult = { kind: 'done', rejectedCount: 0, errorMessage: '' };

function world(answer: (signal: string) => PostResult = () => DONE, probability = 1): World {
  const clock = manualClock();
  const buffers = [new ArrayBuffer(512 * 1024), new ArrayBuffer(512 * 1024)];
  const writers = buffers.map((buffer) => new PoolWriter(buffer, () => undefined));
  const [pool = assert.fail()] = writers;
  const counts = new AgentCounts(new ArrayBuffer(512));
  const time = new SharedTime(newTimeMemory(clock));
  const posted: World['posted'] = [];
  const said: string[] = [];
  const poster: Poster = {
    post(signal, body) {
      posted.push({ signal, body });
      return Promise.resolve(answer(signal));
    },
    keepAlive: () => undefined,
    close: () => undefined,
  };
  const running = createAgent(
    {
      resource: { attributes: [], droppedAttributesCount: 0, entityRefs: [] },
      journalBytesMax: 1024 * 1024,
      journal: undefined,
      instance: 'i',
      metricIntervalMs: 15_000,
      kind: 'worker',
    },
    {
      pools: buffers,
      rings: [],
      poster,
      clock,
      random: seededRandom(1),
      counts,
      diag: createDiag(clock, (line) => void said.push(line)),
      asks: { post: async () => 202, open: () => ({ [Symbol.dispose]: () => undefined }) },
      wishes: { onAsked: () => undefined, onSampling: () => undefined },
      time,
    },
  );
  const recorder = new Recorder({
    clock,
    random: seededRandom(2),
    pool,
    sampling: createSampling({ probability, tracesPerSecondMin: 0, keep: [] }),
    placeEvery: 0,
    misused: () => undefined,
    forgotten: () => undefined,
    wake: () => undefined,
  });
  return {
    agent: running.agent,
    clock,
    counts,
    said,
    posted,
    writers,
    recorder,
    time,
    report: () => valuesOf(reportsIn(posted).at(-1) ?? assert.fail('no report')),
    async settle() {
      for (let i = 0; i < 20; i += 1) await Promise.resolve();
    },
  };
}

const reportsIn = (posted: World['posted']): (readonly Metric[])[] =>
  posted
    .filter(({ signal }) => signal === 'metrics')
    .map(({ body }) => decodeMetrics(body).flatMap(({ scopeMetrics }) => scopeMetrics))
    .map((scopes) => scopes.flatMap(({ metrics }) => metrics));

function pointsOf({ data }: Metric): readonly NumberPoint[] {
  assert.ok(data.kind === 'sum' || data.kind === 'gauge');
  return data.dataPoints;
}

const valueText = (value: unknown): string => (typeof value === 'string' ? value : assert.fail('no text'));

/** `name` or `name:reason` to value. */
function valuesOf(metrics: readonly Metric[]): Record<string, number> {
  const pairs = metrics.flatMap((metric) =>
    pointsOf(metric).map((point): [string, number] => {
      const attributes = attributesOf(point);
      const reason = attributes['error.type'] ?? attributes['aode.sdk.problem'];
      return [
        reason === undefined ? metric.name : `${metric.name}:${valueText(reason)}`,
        Number(point.value),
      ];
    }),
  );
  return Object.fromEntries(pairs);
}

/** `started = ended + open` and what follows from it, of one report. */
function assertAddsUp(values: Readonly<Record<string, number>>): void {
  const sum = (prefix: string): number =>
    Object.entries(values).reduce((all, [key, value]) => all + (key.startsWith(prefix) ? value : 0), 0);
  const of = (name: string): number => values[name] ?? assert.fail(`no ${name}`);
  assert.equal(of('otel.sdk.span.started'), of('aode.sdk.span.ended') + of('otel.sdk.span.live'));
  for (const [signal, ended] of [
    ['span', of('aode.sdk.span.ended')],
    ['log', of('otel.sdk.log.created')],
  ] as const) {
    const settled = sum(`otel.sdk.processor.${signal}.processed`) + of(`aode.sdk.${signal}.evicted`);
    assert.equal(ended, settled + of(`aode.sdk.${signal}.undecided`), signal);
    const kept = of(`otel.sdk.processor.${signal}.processed`);
    const gone = sum(`otel.sdk.exporter.${signal}.exported`);
    assert.equal(kept, gone + of(`otel.sdk.exporter.${signal}.inflight`), signal);
  }
}

describe('the report of the SDK on itself', () => {
  test('nothing recorded, nothing said; then one every 15 s, which adds up', async () => {
    const w = world();
    w.clock.advance(60_000);
    await w.settle();
    assert.deepEqual(w.posted, []);
    const tracer = createTracerProvider({ recorder: w.recorder, dye: [] }).getTracer('t');
    tracer.startSpan('a').end();
    const open = tracer.startSpan('b');
    w.writers[0]?.sealAll();
    w.agent.step();
    await w.settle();
    w.clock.advance(14_999);
    await w.settle();
    assert.equal(reportsIn(w.posted).length, 0);
    w.clock.advance(1);
    await w.settle();
    assert.equal(reportsIn(w.posted).length, 1);
    const first = w.report();
    assertAddsUp(first);
    assert.equal(first['otel.sdk.span.started'], 2);
    assert.equal(first['otel.sdk.span.live'], 1);
    assert.equal(first['otel.sdk.exporter.span.exported'], 1);
    assert.equal(first['otel.sdk.exporter.metric_data_point.exported'], 0);
    assert.equal(first['aode.sdk.sampling.probability'], 1);
    open.end();
    w.clock.advance(15_000);
    await w.settle();
    const second = w.report();
    assertAddsUp(second);
    assert.equal(second['otel.sdk.span.live'], 0);
    const said = reportsIn(w.posted)[0]?.reduce((sum, metric) => sum + pointsOf(metric).length, 0);
    assert.equal(second['otel.sdk.exporter.metric_data_point.exported'], said, 'its own points stand apart');
    assert.equal(w.counts.of('delivered', 'traces'), 1);
  });

  test('sums are cumulative from the start of the agent, gauges are of the moment', async () => {
    const w = world();
    const startUnixNano = w.clock.now();
    createTracerProvider({ recorder: w.recorder, dye: [] }).getTracer('t').startSpan('a').end();
    w.clock.advance(15_000);
    await w.settle();
    for (const metric of reportsIn(w.posted)[0] ?? assert.fail()) {
      for (const point of pointsOf(metric)) {
        assert.equal(point.timeUnixNano, startUnixNano + 15_000_000_000n);
        assert.equal(point.startTimeUnixNano, metric.data.kind === 'sum' ? startUnixNano : 0n, metric.name);
      }
    }
  });
});

test('how the clock stands: status, what is left, its bound once there is one, what was refused', async () => {
  const w = world();
  createTracerProvider({ recorder: w.recorder, dye: [] }).getTracer('t').startSpan('a').end();
  const clockOf = async (): Promise<Record<string, number>> => {
    w.clock.advance(15_000);
    await w.settle();
    return Object.fromEntries(Object.entries(w.report()).filter(([key]) => key.includes('.clock.')));
  };
  const first = await clockOf();
  assert.deepEqual(
    [first['aode.sdk.clock.status'], first['aode.sdk.clock.offset'], first['aode.sdk.clock.error']],
    [1, 0, undefined],
  );
  w.time.refused('forged');
  const at = w.clock.ticks() + 15_000;
  w.time.publish({
    ...w.time.read(),
    bound: { at, low: -100, high: 900 },
    aim: { at, offset: 800, rate: 0 },
    staleAt: at,
  });
  const second = await clockOf();
  assert.equal(second['aode.sdk.clock.offset'], 0.8);
  assert.equal(second['aode.sdk.clock.error'], 0.9);
  assert.equal(second['aode.sdk.clock.refused:forged'], 1);
  const status = reportsIn(w.posted)
    .at(-1)
    ?.find(({ name }) => name === 'aode.sdk.clock.status');
  const [point] = status === undefined ? [] : pointsOf(status);
  assert.equal(point === undefined ? '' : attributesOf(point)['aode.sdk.clock.status'], 'converging');
});

test('while nothing is counted a report comes before a minute is over, and at once when something is', async () => {
  const w = world();
  const record = (): void => {
    createTracerProvider({ recorder: w.recorder, dye: [] }).getTracer('t').startSpan('a').end();
  };
  const reportsAfter = async (ms: number): Promise<number> => {
    w.clock.advance(ms);
    await w.settle();
    return reportsIn(w.posted).length;
  };
  record();
  assert.deepEqual(
    [await reportsAfter(15_000), await reportsAfter(15_000), await reportsAfter(15_000)],
    [1, 1, 1],
  );
  assert.deepEqual([await reportsAfter(15_000), await reportsAfter(15_000)], [2, 2]);
  record();
  assert.equal(await reportsAfter(15_000), 3);
});

describe('what the report holds', () => {
  test('what went wrong on any thread, what was evicted, and how far back the pools reach', async () => {
    const w = world(() => DONE, 0);
    const [first = assert.fail(), second = assert.fail()] = w.writers;
    createLosses(first.counts).add('propagation_invalid', 2);
    createLosses(second.counts).add('propagation_invalid', 3);
    createLosses(second.counts).add('span_ended_twice', 1);
    second.line(lineNamed('{}'));
    const tracer = createTracerProvider({ recorder: w.recorder, dye: [] }).getTracer('t');
    // More than the pool holds: the oldest give way.
    for (let i = 0; i < 400; i += 1) {
      tracer.startSpan('a').end();
      w.clock.advance(10);
    }
    w.clock.advance(11_000);
    await w.settle();
    const values = w.report();
    assertAddsUp(values);
    assert.equal(values['aode.sdk.problems:propagation_invalid'], 5);
    assert.equal(values['aode.sdk.problems:span_ended_twice'], 1);
    assert.equal(values['otel.sdk.log.created'], 1);
    const evicted = values['aode.sdk.span.evicted'] ?? 0;
    assert.ok(evicted > 0);
    // The oldest that is left came behind those that were evicted.
    assert.ok(Math.abs((values['aode.sdk.horizon'] ?? 0) - (15 - evicted * 0.01)) < 1e-6);
    // All of the first pool, and of the second one chunk for the line.
    const half = (values['aode.sdk.pool.chunk.count'] ?? 0) / 2;
    assert.equal(values['aode.sdk.pool.chunk.free'], half - 1);
    assert.equal(values['aode.sdk.sampling.probability'], undefined, 'a probability of 0 samples nothing');
  });
});

describe('a receiver that does not take it', () => {
  test('while the receiver is away one report waits, not one for every quarter of a minute', async () => {
    const w = world(() => ({ kind: 'again', why: 'away', afterMs: 3_600_000 }));
    createTracerProvider({ recorder: w.recorder, dye: [] }).getTracer('t').startSpan('a').end();
    for (let i = 0; i < 10; i += 1) {
      w.clock.advance(15_000);
      await w.settle();
    }
    const points = reportsIn(w.posted)[0]?.reduce((sum, metric) => sum + pointsOf(metric).length, 0);
    assert.equal(w.counts.of('taken', 'metrics'), points);
  });

  test('a receiver that takes no metrics is asked once, and nobody hears of it', async () => {
    const w = world((signal) => (signal === 'metrics' ? { kind: 'never', why: 'status 404' } : DONE));
    createTracerProvider({ recorder: w.recorder, dye: [] }).getTracer('t').startSpan('a').end();
    for (let i = 0; i < 5; i += 1) {
      w.clock.advance(15_000);
      await w.settle();
    }
    assert.equal(reportsIn(w.posted).length, 1);
    assert.ok(w.counts.of('refused', 'metrics') > 0);
    assert.equal(w.counts.of('refused', 'traces'), 0);
    assert.deepEqual(w.said, []);
  });
});

describe('a process that ends says what became of its last records', { concurrency: 2 }, () => {
  const SCRIPT = `
    import { trace } from '@opentelemetry/api';
    const tracer = trace.getTracer('t');
    for (let i = 0; i < 100; i += 1) tracer.startSpan('a').end();
    const twice = tracer.startSpan('b');
    twice.end();
    twice.end();`;
  const ended = async (script: string, env: Record<string, string>): Promise<Receiver> => {
    const receiver = await openReceiver();
    using app = folder({ 'app.mjs': script });
    const all = { AODE_HUB_OTLP: receiver.endpoint, AODE_SAMPLING_PROBABILITY: '1', ...env };
    const { stderr, code } = await run({ cwd: app.path, args: ['app.mjs'], env: all });
    assert.equal(stderr, '');
    assert.equal(code, 0);
    return receiver;
  };

  for (const [kind, waiting] of [
    ['worker', 0],
    // Its records and its report leave the process together, in other hands.
    ['inline', 101],
  ] as const) {
    test(`agent: ${kind}`, async () => {
      await using receiver = await ended(SCRIPT, { AODE_AGENT: kind });
      const values = valuesOf(receiver.metrics);
      assertAddsUp(values);
      assert.equal(receiver.spans.length, 101);
      assert.equal(values['otel.sdk.span.started'], 101);
      assert.equal(values['otel.sdk.exporter.span.exported'], 101 - waiting);
      assert.equal(values['otel.sdk.exporter.span.inflight'], waiting);
      assert.equal(values['aode.sdk.problems:span_ended_twice'], 1);
      const running = receiver.metrics.find(({ name }) => name === 'aode.sdk.agent.running');
      const [point = assert.fail()] = running === undefined ? [] : pointsOf(running);
      assert.equal(attributesOf(point)['aode.sdk.agent'], kind);
    });
  }

  test('one that has recorded nothing says nothing, and none does that was told not to', async () => {
    await using idle = await ended('', {});
    assert.deepEqual(idle.metrics, []);
    await using quiet = await ended(SCRIPT, { OTEL_METRIC_EXPORT_INTERVAL: '0' });
    assert.equal(quiet.spans.length, 101);
    assert.deepEqual(quiet.metrics, []);
  });
});
