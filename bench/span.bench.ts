/**
 * What a span costs the thread that records it: start, ten attributes, end, eight spans a trace, every one recorded.
 *
 *   npm run bench -- span [--json FILE] [--runs 9]
 *
 * Aode: the engine as it runs, agent worker included, at a baseline of 1 %. Peers: OpenTelemetry's SDK that samples
 * everything, once with a processor that does nothing, so that nothing is stored at all, and once with the batch
 * processor and an exporter that does nothing, so that spans are stored and never encoded. The event loop turns after
 * 64 traces on all sides, which is when the batch processor exports. Nanoseconds of the thread's processor time.
 *
 * `each` sets attributes one by one, `options` gives them to startSpan as instrumentations do, `bare` sets none.
 * `heap` is what a span leaves on the heap after a collection.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createDiag, systemClock, systemRandom } from '@aode/base';
import { POST_DEFAULTS } from '@aode/journal';
import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  trace,
  type Tracer,
  type TracerProvider,
} from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOnSampler,
  BatchSpanProcessor,
  NoopSpanProcessor,
  type SpanProcessor,
  TracerProvider as OtelTracerProvider,
} from '@opentelemetry/sdk-trace';
import { startEngine } from '../packages/sdk/src/agent/engine.ts';
import { defaultMemoryBytes, memoryBudget } from '../packages/sdk/src/agent/memory-budget.ts';
import { LINE_DEFAULTS } from '../packages/sdk/src/log/log-options.ts';
import { createSampling } from '../packages/sdk/src/sampling/settings.ts';
import { Recorder } from '../packages/sdk/src/trace/recorder.ts';
import { createTracerProvider } from '../packages/sdk/src/trace/tracer.ts';
import { benchOptions, type Figure, figure, publish } from './measure.ts';
import { startSink } from './otlp-sink.ts';

const SPANS_PER_TRACE = 8;
/** The batch processor exports 512 spans at a time and holds 2 048. */
const TRACES_PER_LOOP_TURN = 64;
const LOOP_TURNS = 40;
const SPANS = SPANS_PER_TRACE * TRACES_PER_LOOP_TURN * LOOP_TURNS;
const WARMUP_TURNS = 6;
const HEAP_TURNS = 50;
/** The default of the option `spanPlaces`. */
const PLACE_EVERY = 1000;

type Workload = (tracer: Tracer, i: number) => void;

/** Of a server span, as instrumentations set them. */
const attributesOf = (i: number): Attributes => ({
  'http.request.method': 'GET',
  'url.path': '/a/b',
  'url.scheme': 'http',
  'server.address': 'localhost',
  'server.port': 8080,
  'network.protocol.version': '1.1',
  'user_agent.original': 'x',
  'http.route': '/a/:b',
  'http.response.status_code': 200,
  'client.port': i & 1023,
});

/** A context that is not made anew with each parent, because that would cost as much as the span. */
class ParentContext implements Context {
  parent: Span | undefined;

  getValue(key: symbol): unknown {
    return key === PARENT_KEY ? this.parent : undefined;
  }

  setValue(): Context {
    throw new Error('nothing is to be set here');
  }

  deleteValue(): Context {
    return ROOT_CONTEXT;
  }
}

/** The key of the API that a context has its span under. */
const PARENT_KEY = keyOfSpan();
function keyOfSpan(): symbol {
  let found = Symbol('none');
  const asked: Context = {
    getValue: (key) => void (found = key),
    setValue: () => asked,
    deleteValue: () => asked,
  };
  trace.getSpan(asked);
  return found;
}

const context = new ParentContext();
/** Every eighth span begins a trace, and the next seven are its children. */
function follow(i: number, span: Span): void {
  if ((i & 7) === 7) context.parent = undefined;
  else context.parent ??= span;
}

const workloads: Readonly<Record<string, Workload>> = {
  each(tracer, i) {
    const span = tracer.startSpan('GET /a/:b', {}, context);
    span.setAttribute('http.request.method', 'GET');
    span.setAttribute('url.path', '/a/b');
    span.setAttribute('url.scheme', 'http');
    span.setAttribute('server.address', 'localhost');
    span.setAttribute('server.port', 8080);
    span.setAttribute('network.protocol.version', '1.1');
    span.setAttribute('user_agent.original', 'x');
    span.setAttribute('http.route', '/a/:b');
    span.setAttribute('http.response.status_code', 200);
    span.setAttribute('client.port', i & 1023);
    span.end();
    follow(i, span);
  },
  options(tracer, i) {
    const span = tracer.startSpan('GET /a/:b', { attributes: attributesOf(i) }, context);
    span.end();
    follow(i, span);
  },
  bare(tracer, i) {
    const span = tracer.startSpan('GET /a/:b', undefined, context);
    span.end();
    follow(i, span);
  },
};

/** Nanoseconds of this thread's processor time a span; others on the machine do not count. */
async function turn(work: Workload, tracer: Tracer): Promise<number> {
  const start = process.threadCpuUsage();
  for (let n = 0; n < LOOP_TURNS; n += 1) {
    for (let i = 0; i < SPANS_PER_TRACE * TRACES_PER_LOOP_TURN; i += 1) work(tracer, i);
    await nextTurn();
  }
  const { user, system } = process.threadCpuUsage(start);
  return ((user + system) * 1000) / SPANS;
}

async function heapBytesOf(work: Workload, tracer: Tracer): Promise<number> {
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < HEAP_TURNS; i += 1) await turn(work, tracer);
  globalThis.gc?.();
  return (process.memoryUsage().heapUsed - before) / (HEAP_TURNS * SPANS);
}

const sink = await startSink();
const engine = startEngine(
  {
    resource: { attributes: [], droppedAttributesCount: 0, entityRefs: [] },
    post: { ...POST_DEFAULTS, endpoints: [sink.endpoint] },
    budget: memoryBudget(defaultMemoryBytes()),
    journal: undefined,
    flushIntervalMs: 1000,
    lines: LINE_DEFAULTS,
    metricIntervalMs: 0,
    clock: systemClock,
    random: systemRandom,
    diag: createDiag(systemClock, (line) => void process.stderr.write(line)),
    instance: 'bench',
    time: { sources: ['none'], servers: [], slewPpm: 500 },
    wishes: { onAsked: () => undefined, onSampling: () => undefined },
  },
  'worker',
);
const recorder = new Recorder({
  clock: systemClock,
  time: engine.time,
  random: systemRandom,
  pool: engine.pool,
  sampling: createSampling({ probability: 0.01, tracesPerSecondMin: 0, keep: [] }),
  placeEvery: PLACE_EVERY,
  wake: (urgent) => engine.wake(urgent),
  misused: () => undefined,
  forgotten: () => undefined,
});

function otelWith(processor: SpanProcessor): TracerProvider {
  return new OtelTracerProvider({
    sampler: new AlwaysOnSampler(),
    spanProcessors: [processor],
    resource: resourceFromAttributes({}),
  });
}
const noExporter = {
  export: (_: unknown, done: (result: { code: number }) => void): void => done({ code: 0 }),
  shutdown: async (): Promise<void> => undefined,
};
const tracers = {
  aode: createTracerProvider({ recorder, dye: [] }).getTracer('bench'),
  'otel, no processor': otelWith(new NoopSpanProcessor()).getTracer('bench'),
  'otel, batch, no exporter': otelWith(new BatchSpanProcessor({ exporter: noExporter })).getTracer('bench'),
};

const options = benchOptions(9);
const only = options.rest[0];
const figures: Figure[] = [];
for (const [name, work] of Object.entries(workloads)) {
  if (only !== undefined && only !== name) continue;
  const times = new Map<string, number[]>();
  for (let i = -WARMUP_TURNS; i < options.runs; i += 1) {
    for (const [side, tracer] of Object.entries(tracers)) {
      const ns = await turn(work, tracer);
      if (i >= 0) times.set(side, [...(times.get(side) ?? []), ns]);
    }
  }
  const { aode = [], ...peers } = Object.fromEntries(times);
  figures.push(figure({ name, unit: 'ns a span', better: 'lower' }, aode, peers));
}
const heap = [await heapBytesOf(workloads['each'] as Workload, tracers.aode)];
figures.push(figure({ name: 'heap', unit: 'bytes a span', better: 'lower' }, heap));
const { spans } = engine.ledger();
if (!(await engine.flush(30_000))) throw new Error('not all that was kept was delivered');
publish('span', options, figures);
process.stdout.write(`kept ${spans.kept} of ${spans.ended} spans\n`);
engine.close();
await sink.stop();
