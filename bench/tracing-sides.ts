/**
 * The ways in which the servers of the request benches are traced. Each is set up before the first import of `http`, as
 * an application would have it by `--import`.
 */
import { createRequire } from 'node:module';
import type * as http from 'node:http';

export const SIDES = ['none', 'aode 1 %', 'aode 100 %', 'otel 1 %', 'otel 100 %'] as const;
export type SideName = (typeof SIDES)[number];

export interface Side {
  readonly http: typeof http;
  /** Delivers everything that was recorded so far. */
  readonly flush: () => Promise<void>;
}

const require = createRequire(import.meta.url);

export async function startSide(name: SideName, endpoint: string): Promise<Side> {
  const flush = await startTracing(name, endpoint);
  // By require, because OpenTelemetry's instrumentation reaches that without a further loader.
  return { http: require('node:http') as typeof http, flush };
}

async function startTracing(name: SideName, endpoint: string): Promise<() => Promise<void>> {
  switch (name) {
    case 'aode 1 %':
      return startAode(endpoint, 0.01);
    case 'aode 100 %':
      return startAode(endpoint, 1);
    case 'otel 1 %':
      return startOtel(endpoint, 0.01);
    case 'otel 100 %':
      return startOtel(endpoint, 1);
    default:
      return async () => undefined;
  }
}

/** As it is by default, but for the least number of traces a second, which would blur what 1 % costs. */
async function startAode(endpoint: string, samplingProbability: number): Promise<() => Promise<void>> {
  const { startAode: start } = await import('@aode/sdk');
  const options = { endpoint, samplingProbability, samplingTracesPerSecondMin: 0, serviceName: 'bench' };
  const aode = start(options);
  return async () => {
    if (!(await aode.flush(30_000))) throw new Error('not all that was kept was delivered');
  };
}

/**
 * As `@opentelemetry/sdk-node` puts it together: async local storage, W3C headers, batch processor, OTLP as protobuf
 * over HTTP, the instrumentations of http and undici; all with their defaults, but for the queue of the processor. That
 * holds 2 048 spans, which a fast server exceeds between two exports; what it then drops would cost it nothing.
 */
async function startOtel(endpoint: string, probability: number): Promise<() => Promise<void>> {
  const api = await import('@opentelemetry/api');
  const { AsyncLocalStorageContextManager } = await import('@opentelemetry/context-async-hooks');
  const core = await import('@opentelemetry/core');
  const { resourceFromAttributes } = await import('@opentelemetry/resources');
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-proto');
  const { registerInstrumentations } = await import('@opentelemetry/instrumentation');
  const { HttpInstrumentation } = await import('@opentelemetry/instrumentation-http');
  const { UndiciInstrumentation } = await import('@opentelemetry/instrumentation-undici');
  const sdk = await import('@opentelemetry/sdk-trace');
  const exporter = new OTLPTraceExporter({ url: `${endpoint}/v1/traces` });
  const provider = new sdk.TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'bench' }),
    sampler: new sdk.ParentBasedSampler({ root: new sdk.TraceIdRatioBasedSampler(probability) }),
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter, maxQueueSize: OTEL_QUEUE })],
  });
  api.trace.setGlobalTracerProvider(provider);
  api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  api.propagation.setGlobalPropagator(
    new core.CompositePropagator({
      propagators: [new core.W3CTraceContextPropagator(), new core.W3CBaggagePropagator()],
    }),
  );
  registerInstrumentations({ instrumentations: [new HttpInstrumentation(), new UndiciInstrumentation()] });
  return () => provider.forceFlush();
}

const OTEL_QUEUE = 65_536;
