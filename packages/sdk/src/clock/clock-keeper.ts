/**
 * Keeps the clock of a process: asks its sources, looks after the machine's own clocks every second, or every other
 * while nobody records, and publishes what follows to all threads. Runs where the agent runs. No source, or none that
 * ever answers, is a normal state.
 */
import { type Clock, durationMs, type Random } from '@aode/base';
import { DRIFT_MAX } from './drift.ts';
import { FusedClock } from './fused-clock.ts';
import { frameOf, type SharedTime } from './shared-time.ts';
import type { ClockSample } from './source-history.ts';
import { chrony } from './sources/chrony.ts';
import type { HostCommand } from './sources/host-command.ts';
import { type CommandRunner, HostSource } from './sources/host-source.ts';
import { ntpq } from './sources/ntpq.ts';
import { type NtpServer, SntpClient, type SntpPace, type UdpOpener } from './sources/sntp.ts';
import type { ClockFrame, SourceEvents, TimeSource } from './sources/source.ts';
import { timedatectl } from './sources/timedatectl.ts';

/** What the options say; plain data, so that a worker can be told. */
export interface ClockSettings {
  /** `auto`, `none`, or names of sources. */
  readonly sources: readonly string[];
  readonly servers: readonly NtpServer[];
  /** Largest deviation from the monotonic clock, parts per million. */
  readonly slewPpm: number;
}

export interface ClockEffects {
  readonly clock: Clock;
  readonly random: Random;
  /** Time since the machine was started, with that in which it slept; undefined where nobody knows. */
  readonly bootMs: () => number | undefined;
  readonly open: UdpOpener;
  readonly run: CommandRunner;
  /** Whether a program of this name can be run here. */
  readonly has: (file: string) => boolean;
  readonly pace: SntpPace;
  /** Counts what is recorded; without it somebody always does. */
  readonly recordedCount?: () => number;
}

/** A sleep is noticed that much later at most. */
const WATCH_MS = 1000;

/** The same while nobody records anything: what is woken now is woken for this alone. */
const IDLE_WATCH_MS = 2000;

/** A thread that was not running for so long would read by the old course once: readings still do not go back. */
const LEAD_MS = 10;

/** Starts to ask; until disposed of. */
export function keepClock(shared: SharedTime, settings: ClockSettings, effects: ClockEffects): Disposable {
  return new ClockKeeper(shared, settings, effects);
}

class ClockKeeper implements Disposable {
  readonly #shared: SharedTime;
  readonly #effects: ClockEffects;
  readonly #frame: ClockFrame;
  readonly #fused: FusedClock;
  readonly #sources: readonly TimeSource[];
  #timer: Disposable | undefined;
  #recordedCount = 0;
  #isIdle = false;

  constructor(shared: SharedTime, settings: ClockSettings, effects: ClockEffects) {
    this.#shared = shared;
    this.#effects = effects;
    this.#frame = frameOf(shared, effects.clock);
    this.#sources = sourcesOf(settings, this.#frame, effects, {
      onSample: (sample) => this.#sample(sample),
      onRefused: (reason) => shared.refused(reason),
    });
    const rateMax = settings.slewPpm * 1e-6;
    const sourceCount = this.#sources.length;
    const leastMs = Number(shared.leastNs - shared.zeroNs) / 1e6;
    const options = { sourceCount, rateMax, drift: DRIFT_MAX, leadMs: LEAD_MS, leastMs };
    this.#fused = new FusedClock(options, shared.read());
    this.#watch();
    for (const source of this.#sources) source.start();
  }

  #watch(): void {
    this.#look();
    this.#rest();
    const ms = this.#isIdle ? IDLE_WATCH_MS : WATCH_MS;
    this.#timer = this.#effects.clock.timer(durationMs(ms), () => this.#watch());
  }

  /** Whoever records nothing does not need to know the time as exactly. */
  #rest(): void {
    const count = this.#effects.recordedCount?.();
    if (count === undefined) return;
    this.#isIdle = count === this.#recordedCount;
    this.#recordedCount = count;
    for (const source of this.#sources) source.rest(this.#isIdle);
  }

  #look(): void {
    const { clock, bootMs } = this.#effects;
    const at = this.#frame.now();
    const wallMs = Number(clock.now() - this.#frame.zeroNs) / 1e6;
    const seen = this.#fused.watch({ at, wallMs, bootMs: bootMs() });
    if (seen === undefined) return;
    this.#shared.saw(seen);
    this.#shared.publish(this.#fused.state);
    for (const source of this.#sources) source.hurry();
  }

  #sample(sample: ClockSample): void {
    // What was not seen yet would make a wrong sample look right.
    this.#look();
    const wasSuspect = this.#fused.state.isSuspect;
    this.#shared.setWhileUnread((isUnread) => {
      const refusal = this.#fused.sample(sample, isUnread);
      if (refusal !== undefined) this.#shared.refused(refusal);
      this.#shared.publish(this.#fused.state);
    });
    if (wasSuspect || !this.#fused.state.isSuspect) return;
    for (const source of this.#sources) source.hurry();
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    for (const source of this.#sources) source[Symbol.dispose]();
  }
}

/** Of this host; whichever answers first is the one. */
const COMMANDS: readonly HostCommand[] = [chrony, ntpq, timedatectl];

function sourcesOf(
  { sources, servers }: ClockSettings,
  frame: ClockFrame,
  effects: ClockEffects,
  events: SourceEvents,
): readonly TimeSource[] {
  const { clock, random, open, run, has, pace } = effects;
  const isAuto = sources.includes('auto');
  const commands = isAuto
    ? COMMANDS.filter(({ file }) => has(file))
    : COMMANDS.filter(({ name }) => sources.includes(name));
  const asked = isAuto || sources.includes('sntp') ? servers : [];
  const made: TimeSource[] = asked.map(
    (server) => new SntpClient({ server, frame, clock, random, open, pace, events }),
  );
  if (commands.length > 0) made.push(new HostSource({ commands, run, frame, clock, events }));
  return made;
}
