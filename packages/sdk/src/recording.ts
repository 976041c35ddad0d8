/** Engine and recorder as one: what records, decides and ships, before anything of the process is patched. */
import { type Clock, createDiag, type Diag, systemClock, systemRandom } from '@aode/base';
import type { PostOptions } from '@aode/journal';
import type { Resource } from '@aode/wire';
import { type Engine, startEngine } from './agent/engine.ts';
import { defaultMemoryBytes, memoryBudget } from './agent/memory-budget.ts';
import { createLosses, type Losses } from './losses.ts';
import type { SdkOptions } from './options.ts';
import { createSampling, type Sampling, type SamplingSettings } from './sampling/settings.ts';
import { Recorder } from './trace/recorder.ts';

export interface Recording {
  readonly options: SdkOptions;
  readonly clock: Clock;
  readonly losses: Losses;
  readonly diag: Diag;
  readonly sampling: Sampling;
  readonly engine: Engine;
  readonly recorder: Recorder;
}

/** `engine.close()` ends it. */
export function startRecording(options: SdkOptions, resource: Resource): Recording {
  const clock = systemClock;
  const random = systemRandom;
  const losses = createLosses();
  const diag = createDiag(clock, (line) => void process.stderr.write(line));
  const sampling = createSampling(samplingOf(options));
  const engine = startEngine(
    {
      resource,
      post: postOf(options),
      budget: memoryBudget(options.memoryBytesMax === 0 ? defaultMemoryBytes() : options.memoryBytesMax),
      flushIntervalMs: options.flushIntervalMs,
      clock,
      random,
      diag,
      instance: instanceOf(resource),
      onAsked: (traceIds) => traceIds.forEach((traceId) => recorder.asked(traceId)),
    },
    options.agent,
  );
  const recorder = new Recorder({
    clock,
    random,
    pool: engine.pool,
    sampling,
    placeEvery: options.spanPlaces,
    wake: (urgent) => engine.wake(urgent),
    misused: (_, how) => losses.add(how === 'end' ? 'span_ended_twice' : 'span_written_after_end', 1),
  });
  return { options, clock, losses, diag, sampling, engine, recorder };
}

/** What a worker is to know of the options. */
const postOf = ({ endpoint, headers, compression, timeoutMs }: SdkOptions): PostOptions => ({
  endpoint,
  headers,
  compression,
  timeoutMs,
});

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
