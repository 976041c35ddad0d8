/** The SDK's composition root: options into parts, parts into the process. */
import { AodeError, type Diag, systemClock, systemRandom } from '@aode/base';
import { type Attribute, SEVERITY } from '@aode/wire';
import {
  type Context,
  context as contextApi,
  propagation,
  ProxyTracerProvider,
  trace,
} from '@opentelemetry/api';
import type { PropagatorAdapter, TracerAdapter } from './adapters.ts';
import { AgentCounts } from './agent/agent-counts.ts';
import type { Engine } from './agent/engine.ts';
import { deliverAtExit } from './agent/exit-delivery.ts';
import { traceFetch } from './boundary/fetch.ts';
import { traceHttpClients } from './boundary/http-client.ts';
import { traceHttpServers } from './boundary/http-server.ts';
import { watchRoutes } from './boundary/route.ts';
import { openRunningClock } from './clock/logical-clock.ts';
import { frameOf } from './clock/shared-time.ts';
import { AsyncContext } from './context/async-context.ts';
import { createPropagator, type Propagator } from './context/propagator.ts';
import { createHostTrust } from './context/trust-boundary.ts';
import { type Doctor, processDoctor } from './doctor/doctor.ts';
import { type Environment, environment } from './env.ts';
import type { Enabled } from './instrument/enable.ts';
import { instrument } from './instrument/instrument.ts';
import type { Instrumentation, InstrumentationReport } from './instrument/instrumentation.ts';
import { withoutDoubles } from './instrument/muted-tracer.ts';
import { type LineDoor, openLineDoor } from './log/line-door.ts';
import type { LineOptions } from './log/log-options.ts';
import { LineWriter } from './log/line-writer.ts';
import type { LineSink } from './log/log-line.ts';
import { createLoggerProvider, type LoggerProvider, registerLogsApi } from './log/logger-provider.ts';
import { patchLoggers } from './log/patched-loggers.ts';
import { warmLines } from './log/warm-lines.ts';
import { type Ledger, lostOf, readLedger } from './loss/ledger.ts';
import type { LostContext } from './loss/lost-context.ts';
import { type Manifest, nearestManifest } from './manifest.ts';
import type { SdkOptions } from './options.ts';
import { checkedPropagators, deadlineOf, resolveOptions } from './resolve-options.ts';
import { type Recording, samplingOf, startRecording } from './recording.ts';
import { detectResource } from './resource.ts';
import type { SamplingSettings } from './sampling/settings.ts';
import { followSettingsFile } from './sampling/settings-file.ts';
import type { ClockReading } from './clock/clock-reading.ts';
import { captureStack } from './trace/code-place.ts';
import { flushCritical } from './trace/flush-critical.ts';
import { RecordingSpan } from './trace/span.ts';
import { createTracerProvider } from './trace/tracer.ts';
import { endAllOpen, endOverdue } from './trace/unfinished.ts';
import { SDK_VERSION } from './version.ts';

export interface Aode {
  /**
   * Delivers everything recorded so far; false when the hub has not answered all of it within `deadlineMs`. Here and
   * below, without a deadline, or with one that is none, the option `exitTimeoutMs` holds.
   */
  flush(deadlineMs?: number): Promise<boolean>;
  /**
   * Keeps the trace of this id in all services, whatever sampling says, and resolves true once the receiver has all
   * that this thread has recorded of it. False when that is not so within `deadlineMs`, when records were lost
   * meanwhile, and when not all of it is here (docs/guide/shipping.md).
   */
  flushCritical(traceId: string, deadlineMs?: number): Promise<boolean>;
  /**
   * Resolves true once everything recorded so far that is kept survives the end of this process and of the machine: it
   * is on stable storage, or the hub has it. False when that is not so within `deadlineMs`.
   */
  durable(deadlineMs?: number): Promise<boolean>;
  /** Flushes, then takes everything back that was patched. */
  shutdown(): Promise<void>;
  /**
   * This moment by the clock of spans and lines, with its error bound: it slews and never steps, and strictly increases
   * within a thread (docs/guide/clock.md).
   */
  now(): ClockReading;
  /** Records lost so far, by reason. */
  losses(): Readonly<Partial<Record<string, number>>>;
  /**
   * Where requests have lost their context, at most 64 places: counted as `context_lost` in `losses` too
   * (docs/guide/context.md).
   */
  lostContexts(): readonly LostContext[];
  /** What became of every span and every line of this process; it adds up (docs/guide/sampling.md). */
  ledger(): Ledger;
  /** Keeps the trace of the running code, in all services. False when it is in none of ours. */
  keep(): boolean;
  /** Replaces what it names of the sampling settings, for traces that begin from now on. Throws AODE_OPTION_INVALID. */
  setSampling(settings: Readonly<Partial<SamplingSettings>>): void;
  /**
   * Replaces the option `propagators` at once: requests that start from now on are read by these headers and written
   * with them, those under way go on with theirs. Throws AODE_OPTION_INVALID for what is no list of names, and changes
   * nothing then.
   */
  setPropagators(propagators: readonly string[]): void;
  /** What contrib instrumentations were found or given, which of them work, and why the others do not. */
  instrumentations(): readonly InstrumentationReport[];
  /** Tracers, as `trace.getTracerProvider()` gives them out. */
  readonly tracers: TracerAdapter;
  /** Context in and out of headers, as `propagation` does it. */
  readonly propagator: PropagatorAdapter;
}

/** What a disabled SDK answers. */
const DISABLED: Aode = Object.freeze({
  flush: async () => true,
  // Nothing is recorded, so nothing is anywhere.
  flushCritical: async () => false,
  durable: async () => true,
  shutdown: async () => undefined,
  now: () => ({
    utc: systemClock.now(),
    errorMs: Number.POSITIVE_INFINITY,
    status: 'unsynchronised' as const,
  }),
  losses: () => ({}),
  lostContexts: () => [],
  ledger: () => readLedger([], new AgentCounts(new ArrayBuffer(0))),
  keep: () => false,
  setSampling: () => undefined,
  setPropagators: () => undefined,
  instrumentations: () => [],
  tracers: new ProxyTracerProvider(),
  propagator: { inject: () => undefined, extract: (context: Context) => context, fields: () => [] },
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
  return startWith(options, {});
}

/** What is no option, because it has no text form. */
export interface StartParts {
  /** Of the resource: above what is detected, below what the options say. */
  readonly attributes?: readonly Attribute[];
  /** Instead of those in the application's tree. */
  readonly instrumentations?: readonly Instrumentation[];
}

/** What runs in this process, started by whomever. */
export const running = (): Aode | undefined => processWide[RUNNING];

/** `startAode` for the other doors of this package. */
export function startWith(options: Partial<SdkOptions>, parts: StartParts): Aode {
  const env = environment();
  const doctor = processDoctor(env, SDK_VERSION);
  doctor?.starting(captureStack(START_FRAMES));
  const present = running();
  if (present !== undefined) return present;
  try {
    return start(options, parts, { env, doctor });
  } catch (error) {
    doctor?.failed(error);
    throw error;
  }
}

/** Enough to leave this package and a module loader. */
const START_FRAMES = 32;

interface Surroundings {
  readonly env: Environment;
  readonly doctor: Doctor | undefined;
}

function start(code: Partial<SdkOptions>, given: StartParts, { env, doctor }: Surroundings): Aode {
  const manifest = nearestManifest(process.argv[1], process.cwd());
  const options = resolveOptions({ code, env, manifest: manifest.aode });
  if (options.disabled) {
    openLineDoor('off');
    return DISABLED;
  }

  const resource = detectResource({
    options,
    env,
    manifest,
    sdkVersion: SDK_VERSION,
    attributes: given.attributes ?? [],
  });
  const recording = startRecording(options, resource, doctor);
  const { clock, losses, lost, diag, sampling, engine, recorder, logical } = recording;
  const propagator = createPropagator([], { losses, baggageAllow: options.baggageAllow, logical });
  const setPropagators = (names: readonly string[]): void => warnOfUnknown(propagator.use(names), diag);
  setPropagators(options.propagators);
  const { instrumentations } = given;
  const patches = patchProcess({ ...recording, propagator, manifest, instrumentations });
  const exit = deliverAtExit({ engine, recorder, options, clock, diag, ending: () => doctor?.write(true) });
  const aode: Aode = {
    flush: (deadlineMs) => engine.flush(deadlineOf(deadlineMs, options)),
    flushCritical: (traceId, deadlineMs) =>
      flushCritical({ engine, recorder }, traceId, deadlineOf(deadlineMs, options)),
    durable: (deadlineMs) => engine.store(deadlineOf(deadlineMs, options)),
    async shutdown() {
      // Nothing begins any more; what is under way is told as far as it has come.
      patches[Symbol.dispose]();
      endAllOpen(recorder, 'shutdown');
      await engine.flush(options.exitTimeoutMs);
      doctor?.[Symbol.dispose]();
      exit[Symbol.dispose]();
      engine.close();
      if (processWide[RUNNING] === aode) processWide[RUNNING] = undefined;
    },
    now: () => recorder.timeline.reading(),
    losses: () => ({ ...losses.counts(), ...lostOf(engine.ledger()) }),
    lostContexts: () => lost.list(),
    ledger: () => engine.ledger(),
    keep() {
      const span = trace.getActiveSpan();
      if (!(span instanceof RecordingSpan)) return false;
      span.fail('keep');
      return true;
    },
    setSampling: (settings) => sampling.apply(settings),
    setPropagators: (names) => setPropagators(checkedPropagators(names)),
    instrumentations: () => patches.instrumented.reports(),
    tracers: patches.tracers,
    propagator,
  };
  processWide[RUNNING] = aode;
  const frame = frameOf(engine.time, clock);
  doctor?.attend({ ...aode, recorder, clock, clockReport: () => engine.time.report(frame.now()) });
  return aode;
}

interface Parts extends Recording {
  readonly propagator: Propagator;
  readonly manifest: Manifest;
  readonly instrumentations: readonly Instrumentation[] | undefined;
}

interface Patches extends Disposable {
  readonly tracers: TracerAdapter;
  readonly instrumented: Enabled;
}

/** Everything that reaches into the process, as one thing to take back; all of it or, when it throws, nothing. */
function patchProcess(parts: Parts): Patches {
  const { options, losses, lost, engine, recorder, logical, propagator, diag, manifest } = parts;
  const contexts = new AsyncContext();
  const provider = withoutDoubles(createTracerProvider({ recorder, dye: options.baggageAllow, lost }));
  const tracer = provider.getTracer('@aode/sdk', SDK_VERSION);
  const { requestIdHeader } = options;
  const untrustedPorts = new Set(options.untrustedPorts);
  const boundary = { tracer, losses, requestIdHeader, logical };
  const outgoing = { ...boundary, isTrusted: createHostTrust(options.trustedHosts) };
  const sink = options.logs ? lineSinkOf(engine, options) : undefined;
  if (sink !== undefined) warmLines();
  const lines = new LineWriter({
    timeline: recorder.timeline,
    clock: parts.clock,
    losses,
    activeContext: () => contexts.active(),
    sink,
    dye: options.baggageAllow,
    charsMax: options.lineCharsMax,
    outside: () => lost.wroteLine(),
  });
  const logger = options.logs ? loggerProviderOf(lines, parts) : undefined;
  let instrumented: Enabled;
  const done: Disposable[] = [];
  const undo = (): void => {
    done.toReversed().forEach((one) => one[Symbol.dispose]());
  };
  try {
    done.push(registerApi({ contexts, provider, propagator }));
    done.push(watchRoutes(losses));
    done.push(openRunningClock(logical));
    done.push(traceHttpServers({ ...boundary, random: systemRandom, lost, untrustedPorts }));
    done.push(traceHttpClients(outgoing), traceFetch(outgoing));
    done.push(patchLoggers({ lines, sink, options }), openLineDoor(doorOf(lines, parts)));
    if (logger !== undefined) done.push(registerLogsApi(logger, manifest.directory));
    instrumented = instrument({
      given: parts.instrumentations,
      wanted: options.instrumentations,
      manifest,
      nodeOptions: environment()['NODE_OPTIONS'] ?? '',
      provider,
      logger,
      diag,
    });
    done.push(instrumented);
    done.push(...watchers(parts));
  } catch (error) {
    undo();
    engine.close();
    throw error;
  }
  return { tracers: provider, instrumented, [Symbol.dispose]: undo };
}

function watchers({ options, clock, losses, diag, recorder, sampling }: Parts): Disposable[] {
  const onUnfinished = (): void => losses.add('span_unfinished', 1);
  const done = [endOverdue({ recorder, clock, deadlineMs: options.spanDeadlineMs, onUnfinished })];
  const path = options.samplingFile;
  if (path !== undefined) {
    done.push(followSettingsFile({ path, sampling, start: samplingOf(options), clock, diag }));
  }
  return done;
}

function doorOf(writer: LineWriter, { engine, options }: Parts): LineDoor | 'off' {
  if (!options.logs) return 'off';
  const { debugLines } = options;
  return {
    writer,
    belowFrom: debugLines === 'off' ? NEVER : (SEVERITY[debugLines] ?? NEVER),
    wantsBelow: () => writer.span() instanceof RecordingSpan,
    durable: () => engine.store(options.exitTimeoutMs),
    hurry: () => engine.wake(true),
  };
}

/** No severity is that high. */
const NEVER = 99;

/** From which severity on a call returns only when its line is safe. */
const durableFrom = ({ logDurable }: LineOptions): number =>
  logDurable === 'off' ? NEVER : (SEVERITY[logDurable] ?? NEVER);

function lineSinkOf(engine: Engine, options: LineOptions): LineSink {
  const from = durableFrom(options);
  return {
    line(line) {
      engine.lines.write(line);
      if (line.head.severityNumber >= from) engine.storeAndWait(options.syncTimeoutMs);
      else engine.wakeLines();
    },
    wants: (span) => span instanceof RecordingSpan,
    below(span, line) {
      if (!(span instanceof RecordingSpan)) return;
      engine.pool.traceLine(span.trace, line);
      if (span.trace.keptFor !== undefined) engine.wake(false);
    },
  };
}

function loggerProviderOf(lines: LineWriter, { engine, clock, options }: Parts): LoggerProvider {
  const from = durableFrom(options);
  return createLoggerProvider({
    clock,
    requests: lines,
    emitted(log) {
      engine.pool.line(log);
      if (log.record.severityNumber >= from) engine.storeAndWait(options.syncTimeoutMs);
      else engine.wake(false);
    },
  });
}

interface ApiParts {
  readonly contexts: AsyncContext;
  readonly provider: TracerAdapter;
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
