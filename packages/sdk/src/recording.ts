/** Engine and recorder as one: what records, decides and ships, before anything of the process is patched. */
import { AodeError, type Clock, createDiag, type Diag, systemClock, systemRandom } from '@aode/base';
import { type PostOptions, readProxy } from '@aode/journal';
import type { Resource } from '@aode/wire';
import { type Engine, startEngine } from './agent/engine.ts';
import { journalPlaceOf } from './agent/journal-place.ts';
import { defaultMemoryBytes, memoryBudget } from './agent/memory-budget.ts';
import { postOptionsOf } from './agent/ship-options.ts';
import type { ClockSettings } from './clock/clock-keeper.ts';
import { createLogicalClock, type LogicalClock } from './clock/logical-clock.ts';
import { serverOf } from './clock/server-name.ts';
import { createLosses, type Losses } from './losses.ts';
import type { SdkOptions } from './options.ts';
import { createSampling, type Sampling, type SamplingSettings } from './sampling/settings.ts';
import { createHubSampling } from './sampling/hub-settings.ts';
import type { Doctor } from './doctor/doctor.ts';
import { LostContexts } from './trace/lost-context.ts';
import { Recorder } from './trace/recorder.ts';

export interface Recording {
  readonly options: SdkOptions;
  readonly clock: Clock;
  readonly losses: Losses;
  readonly diag: Diag;
  readonly sampling: Sampling;
  readonly engine: Engine;
  readonly recorder: Recorder;
  /** Orders cause and effect between processes. */
  readonly logical: LogicalClock;
  readonly lost: LostContexts;
  readonly doctor: Doctor | undefined;
}

/** `engine.close()` ends it. `doctor` looks at what goes wrong, if somebody has called it. */
export function startRecording(options: SdkOptions, resource: Resource, doctor?: Doctor): Recording {
  const system = systemClock;
  const random = systemRandom;
  const diag = createDiag(system, (line) => void process.stderr.write(line));
  const sampling = createSampling(samplingOf(options));
  const engine = startEngine(
    {
      resource,
      post: checkedPost(options, diag),
      budget: memoryBudget(options.memoryBytesMax === 0 ? defaultMemoryBytes() : options.memoryBytesMax),
      journal: journalPlaceOf(options, resource),
      flushIntervalMs: options.flushIntervalMs,
      lines: options,
      metricIntervalMs: options.metricIntervalMs,
      clock: system,
      random,
      diag,
      instance: instanceOf(resource),
      time: clockSettingsOf(options),
      wishes: {
        onAsked: (traceIds) => traceIds.forEach((traceId) => recorder.asked(traceId)),
        onSampling: createHubSampling(sampling, diag),
      },
    },
    options.agent,
  );
  const losses = createLosses(engine.pool.counts);
  const recorder = new Recorder({
    clock: system,
    time: engine.time,
    random,
    pool: engine.pool,
    sampling,
    placeEvery: doctor === undefined ? options.spanPlaces : 1,
    forgotten: () => losses.add('span_unfinished', 1),
    wake: (urgent) => engine.wake(urgent),
    ...(options.sync === 'critical' ? { failed: () => void engine.storeAndWait(options.syncTimeoutMs) } : {}),
    misused(span, how) {
      losses.add(how === 'end' ? 'span_ended_twice' : 'span_written_after_end', 1);
      doctor?.misused(span, how);
    },
  });
  const logical = createLogicalClock({
    shared: engine.time,
    timeline: recorder.timeline,
    offsetMsMax: options.clockRemoteOffsetMsMax,
    onRefused: () => losses.add('clock_remote_refused', 1),
  });
  const lost = new LostContexts({ recorder, losses, isThorough: doctor !== undefined });
  // Lines and spans are of one clock.
  const clock: Clock = { ...system, now: () => recorder.timeline.now() };
  return { options, clock, losses, diag, sampling, engine, recorder, logical, lost, doctor };
}

const clockSettingsOf = ({ clockSources, clockServers, clockSlewPpm }: SdkOptions): ClockSettings => ({
  sources: clockSources,
  servers: clockServers.map(serverOf),
  slewPpm: clockSlewPpm,
});

/** A proxy that cannot be one is said now; the endpoints are tried without it. */
function checkedPost(options: SdkOptions, diag: Diag): PostOptions {
  const post = postOptionsOf(options);
  for (const name of ['https', 'http'] as const) {
    if (post.proxy[name] !== '' && readProxy(post.proxy[name]) === undefined) {
      diag.warn(new AodeError('AODE_PROXY_INVALID', { option: `${name}Proxy` }));
    }
  }
  return post;
}

function instanceOf({ attributes }: Resource): string {
  const id = attributes.find(({ key }) => key === 'service.instance.id')?.value;
  return typeof id === 'string' ? id : String(process.pid);
}

export function samplingOf(options: SdkOptions): SamplingSettings {
  return {
    probability: options.samplingProbability,
    tracesPerSecondMin: options.samplingTracesPerSecondMin,
    keep: options.keep,
  };
}
