/** The SDK's composition root: options into parts, parts into the process. */
import { readFileSync } from 'node:fs';
import { AodeError, type Clock, createDiag, type Diag, systemClock, systemRandom } from '@aode/base';
import { createPoster, type Poster } from '@aode/journal';
import { context as contextApi, propagation, trace, type TracerProvider } from '@opentelemetry/api';
import { traceFetch } from './boundary/fetch.ts';
import { traceHttpClients } from './boundary/http-client.ts';
import { traceHttpServers } from './boundary/http-server.ts';
import { watchRoutes } from './boundary/route.ts';
import { AsyncContext } from './context/async-context.ts';
import { createPropagator, type Propagator } from './context/propagator.ts';
import { createHostTrust } from './context/trust-boundary.ts';
import { environment } from './env.ts';
import { onPackageLoad } from './load-hook.ts';
import { patchPino } from './log/pino.ts';
import { createLosses, type Losses } from './losses.ts';
import { nearestManifest } from './manifest.ts';
import { checkedPropagators, resolveOptions, type SdkOptions } from './options.ts';
import { detectResource } from './resource.ts';
import { flushAtExit } from './ship/exit-flush.ts';
import { Shipper } from './ship/shipper.ts';
import { createTracerProvider } from './trace/tracer.ts';

export interface Aode {
  /** Delivers everything recorded so far; false when the hub has not answered all of it within `deadlineMs`. */
  flush(deadlineMs?: number): Promise<boolean>;
  /** Flushes, then takes everything back that was patched. */
  shutdown(): Promise<void>;
  /** Records lost so far, by reason. */
  losses(): Readonly<Partial<Record<string, number>>>;
  /**
   * Replaces the option `propagators` at once: requests that start from now on are read by these headers and written
   * with them, those under way go on with theirs. Throws AODE_OPTION_INVALID for what is no list of names, and changes
   * nothing then.
   */
  setPropagators(propagators: readonly string[]): void;
}

/** What a disabled SDK answers. */
const DISABLED: Aode = Object.freeze({
  flush: async () => true,
  shutdown: async () => undefined,
  losses: () => ({}),
  setPropagators: () => undefined,
});

/** Where the running SDK is found, also by a second installed copy of this package. */
const RUNNING = Symbol.for('aode.sdk');
const processWide = globalThis as { [RUNNING]?: Aode | undefined };

/**
 * Starts recording in this process. Throws AODE_OPTION_INVALID, and AODE_REGISTER_FAILED when another OpenTelemetry SDK
 * is registered already; nothing stays patched then. Starting twice gives the running one, whatever its options: the
 * OpenTelemetry API knows one provider a process.
 */
export function startAode(options: Partial<SdkOptions> = {}): Aode {
  return processWide[RUNNING] ?? start(options);
}

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
  const propagator = createPropagator([], { losses, baggageAllow: options.baggageAllow });
  const setPropagators = (names: readonly string[]): void => warnOfUnknown(propagator.use(names), diag);
  setPropagators(options.propagators);
  const patches = patchProcess({ options, clock, losses, diag, shipper, poster, propagator });
  const running: Aode = {
    flush: (deadlineMs = options.exitTimeoutMs) => shipper.flush(deadlineMs),
    async shutdown() {
      await shipper.flush(options.exitTimeoutMs);
      patches[Symbol.dispose]();
      poster.close();
      if (processWide[RUNNING] === running) processWide[RUNNING] = undefined;
    },
    losses: () => losses.counts(),
    setPropagators: (names) => setPropagators(checkedPropagators(names)),
  };
  processWide[RUNNING] = running;
  return running;
}

interface Parts {
  readonly options: SdkOptions;
  readonly clock: Clock;
  readonly losses: Losses;
  readonly diag: Diag;
  readonly shipper: Shipper;
  readonly poster: Poster;
  readonly propagator: Propagator;
}

/** Everything that reaches into the process, as one thing to take back; all of it or, when it throws, nothing. */
function patchProcess(parts: Parts): Disposable {
  const { options, clock, losses, diag, shipper, poster, propagator } = parts;
  const contexts = new AsyncContext();
  const provider = createTracerProvider({
    clock,
    random: systemRandom,
    sink: shipper,
    dye: options.baggageAllow,
  });
  const tracer = provider.getTracer('@aode/sdk', ownVersion());
  const { requestIdHeader } = options;
  const untrustedPorts = new Set(options.untrustedPorts);
  const outgoing = { tracer, losses, requestIdHeader, isTrusted: createHostTrust(options.trustedHosts) };
  const sink = options.logs ? shipper : undefined;
  const pino = {
    name: 'pino',
    entry: 'pino.js',
    patch: (exports: unknown) =>
      patchPino(exports, {
        clock,
        losses,
        activeContext: () => contexts.active(),
        sink,
        dye: options.baggageAllow,
      }),
  };
  const done: Disposable[] = [];
  const undo = (): void => done.toReversed().forEach((one) => one[Symbol.dispose]());
  try {
    done.push(registerApi({ contexts, provider, propagator }));
    done.push(watchRoutes(losses));
    done.push(traceHttpServers({ tracer, random: systemRandom, losses, requestIdHeader, untrustedPorts }));
    done.push(traceHttpClients(outgoing));
    done.push(traceFetch(outgoing));
    done.push(onPackageLoad([pino]));
    done.push(flushAtExit({ shipper, poster, options, clock, losses, diag }));
  } catch (error) {
    undo();
    throw error;
  }
  return { [Symbol.dispose]: undo };
}

interface ApiParts {
  readonly contexts: AsyncContext;
  readonly provider: TracerProvider;
  readonly propagator: Propagator;
}

/** Behind `@opentelemetry/api`, where there is room for one; AODE_REGISTER_FAILED when somebody else is there. */
function registerApi({ contexts, provider, propagator }: ApiParts): Disposable {
  const steps: readonly (readonly [register: () => boolean, undo: () => void])[] = [
    [() => trace.setGlobalTracerProvider(provider), () => trace.disable()],
    [() => contextApi.setGlobalContextManager(contexts), () => contextApi.disable()],
    [() => propagation.setGlobalPropagator(propagator), () => propagation.disable()],
  ];
  const done: (() => void)[] = [];
  const undo = (): void => {
    done.toReversed().forEach((one) => one());
    contexts.disable();
  };
  for (const [register, unregister] of steps) {
    if (register()) done.push(unregister);
    else {
      undo();
      throw new AodeError('AODE_REGISTER_FAILED', { why: 'another OpenTelemetry SDK is registered already' });
    }
  }
  return { [Symbol.dispose]: undo };
}

/** Unknown names are warned of and ignored (OpenTelemetry, environment variable specification, § Enum). */
function warnOfUnknown(names: readonly string[], diag: Diag): void {
  if (names.length === 0) return;
  const value = names.join(', ');
  diag.warn(new AodeError('AODE_OPTION_INVALID', { option: 'propagators', value, why: 'it is ignored' }));
}

function ownVersion(): string {
  const manifest = new URL('../package.json', import.meta.url);
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
