/** The SDK's composition root: options into parts, parts into the process. */
import { readFileSync } from 'node:fs';
import { type Clock, createDiag, type Diag, systemClock, systemRandom } from '@aode/base';
import { context as contextApi, propagation, type TextMapPropagator, trace } from '@opentelemetry/api';
import { traceFetch } from './boundary/fetch.ts';
import { traceHttpClients } from './boundary/http-client.ts';
import { traceHttpServers } from './boundary/http-server.ts';
import { watchRoutes } from './boundary/route.ts';
import { AsyncContext } from './context/async-context.ts';
import { createBaggagePropagator, joinPropagators } from './context/baggage-propagator.ts';
import { createTraceContextPropagator } from './context/propagator.ts';
import { environment } from './env.ts';
import { onPackageLoad } from './load-hook.ts';
import { patchPino } from './log/pino.ts';
import { createLosses, type Losses } from './losses.ts';
import { nearestManifest } from './manifest.ts';
import { resolveOptions, type SdkOptions } from './options.ts';
import { detectResource } from './resource.ts';
import { flushAtExit } from './ship/exit-flush.ts';
import { createPoster } from './ship/otlp-post.ts';
import { Shipper } from './ship/shipper.ts';
import { createTracerProvider } from './trace/tracer.ts';

export interface Aode {
  /** Delivers everything recorded so far; false when the hub has not answered all of it within `deadlineMs`. */
  flush(deadlineMs?: number): Promise<boolean>;
  /** Flushes, then takes everything back that was patched. */
  shutdown(): Promise<void>;
  /** Records lost so far, by reason. */
  losses(): Readonly<Partial<Record<string, number>>>;
}

/** What a disabled SDK answers. */
const DISABLED: Aode = Object.freeze({
  flush: async () => true,
  shutdown: async () => undefined,
  losses: () => ({}),
});

/**
 * Starts recording in this process. Throws AODE_OPTION_INVALID. Starting twice gives the running one: the OpenTelemetry
 * API knows one provider a process.
 */
export function startAode(options: Partial<SdkOptions> = {}): Aode {
  running ??= start(options);
  return running;
}

let running: Aode | undefined;

function start(code: Partial<SdkOptions>): Aode {
  const env = environment();
  const manifest = nearestManifest(process.argv[1], process.cwd());
  const options = resolveOptions({ code, env, manifest: manifest.aode });
  if (options.disabled) return DISABLED;

  const clock = systemClock;
  const losses = createLosses();
  const diag = createDiag(clock, (line) => void process.stderr.write(line));
  const resource = detectResource({ options, env, manifest, sdkVersion: ownVersion() });
  const poster = createPoster(options);
  const shipper = new Shipper({ ...options, resource, poster, clock, random: systemRandom, losses, diag });
  const stack: Disposable[] = [{ [Symbol.dispose]: () => poster.close() }];
  stack.push(...patchProcess({ options, clock, losses, diag, shipper }));
  return {
    flush: (deadlineMs = options.exitTimeoutMs) => shipper.flush(deadlineMs),
    async shutdown() {
      await shipper.flush(options.exitTimeoutMs);
      for (const one of stack.toReversed()) one[Symbol.dispose]();
      running = undefined;
    },
    losses: () => losses.counts(),
  };
}

interface Parts {
  readonly options: SdkOptions;
  readonly clock: Clock;
  readonly losses: Losses;
  readonly diag: Diag;
  readonly shipper: Shipper;
}

/** Everything that reaches into the process, each with its way back. */
function patchProcess({ options, clock, losses, diag, shipper }: Parts): Disposable[] {
  const contexts = new AsyncContext();
  const provider = createTracerProvider({ clock, random: systemRandom, sink: shipper });
  contextApi.setGlobalContextManager(contexts);
  trace.setGlobalTracerProvider(provider);
  propagation.setGlobalPropagator(propagatorOf(options, losses));
  const globals = {
    [Symbol.dispose]() {
      contextApi.disable();
      trace.disable();
      propagation.disable();
      contexts.disable();
    },
  };
  const tracer = provider.getTracer('@aode/sdk', ownVersion());
  const { requestIdHeader } = options;
  const pino = {
    name: 'pino',
    entry: 'pino.js',
    patch: (exports: unknown) =>
      patchPino(exports, {
        clock,
        activeContext: () => contexts.active(),
        sink: options.logs ? shipper : undefined,
      }),
  };
  return [
    globals,
    watchRoutes(),
    traceHttpServers({ tracer, random: systemRandom, losses, requestIdHeader }),
    traceHttpClients({ tracer, requestIdHeader }),
    traceFetch({ tracer, requestIdHeader }),
    onPackageLoad([pino]),
    flushAtExit({ shipper, options, losses, diag }),
  ];
}

function propagatorOf({ propagators }: SdkOptions, losses: Losses): TextMapPropagator {
  const all: TextMapPropagator[] = [];
  if (propagators.includes('tracecontext')) all.push(createTraceContextPropagator(losses));
  if (propagators.includes('baggage')) all.push(createBaggagePropagator());
  return joinPropagators(all);
}

function ownVersion(): string {
  const manifest = new URL('../package.json', import.meta.url);
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
