/**
 * The time daemon of this host, whichever answers: all of them speak of the same wall clock, so together they are one
 * source. The wall clock only carries the answer from the daemon to us: it is read when the daemon says how wrong it
 * is, and not used when it was set meanwhile.
 */
import { type Clock, durationMs } from '@aode/base';
import { DRIFT_MAX } from '../drift.ts';
import type { HostClock, HostCommand } from './host-command.ts';
import type { ClockFrame, SourceEvents, TimeSource } from './source.ts';

/** Runs a program; rejects when it is not there, fails or takes longer than `timeoutMs`. */
export type CommandRunner = (file: string, args: readonly string[], timeoutMs: number) => Promise<string>;

export interface HostSourceParts {
  /** In the order in which they are tried. */
  readonly commands: readonly HostCommand[];
  readonly run: CommandRunner;
  readonly frame: ClockFrame;
  readonly clock: Clock;
  readonly events: SourceEvents;
}

const POLL_MS = 5000;
/** While nobody records anything: each poll starts a program. By then readings are off by 13 ms more at most. */
const IDLE_POLL_MS = 64_000;
/** Nobody is there: looked for ever more seldom, as somebody may install one. */
const POLL_MS_MAX = 320_000;
const TIMEOUT_MS = 2000;

/** The wall clock is read with a resolution of its own, see `systemClock`. */
const WALL_ERROR_MS = 2;

export class HostSource implements TimeSource {
  readonly name = 'host';
  readonly #parts: HostSourceParts;
  #timer: Disposable | undefined;
  #pollMs = POLL_MS;
  #isOver = false;
  #isIdle = false;
  /** It is not asked as often as it would be if somebody recorded. */
  #isResting = false;
  /** The one that has answered last is asked first. */
  #first = 0;

  constructor(parts: HostSourceParts) {
    this.#parts = parts;
  }

  start(): void {
    void this.#poll();
  }

  /** It is asked often anyway, if it is not resting. */
  hurry(): void {
    this.#pollMs = POLL_MS;
    this.#wake();
  }

  rest(isIdle: boolean): void {
    this.#isIdle = isIdle;
    if (!isIdle) this.#wake();
  }

  #wake(): void {
    if (!this.#isResting) return;
    this.#isResting = false;
    this.#timer?.[Symbol.dispose]();
    void this.#poll();
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#timer?.[Symbol.dispose]();
  }

  /** From an answer to the next question. */
  get #nextMs(): number {
    return this.#isIdle ? IDLE_POLL_MS : POLL_MS;
  }

  async #poll(): Promise<void> {
    const answered = await this.#askAll();
    if (this.#isOver) return;
    this.#pollMs = answered ? POLL_MS : Math.min(POLL_MS_MAX, this.#pollMs * 2);
    const waitMs = this.#isIdle ? Math.max(this.#pollMs, IDLE_POLL_MS) : this.#pollMs;
    this.#isResting = waitMs > this.#pollMs;
    this.#timer = this.#parts.clock.timer(durationMs(waitMs), () => {
      this.#isResting = false;
      void this.#poll();
    });
  }

  async #askAll(): Promise<boolean> {
    const { commands } = this.#parts;
    for (let i = 0; i < commands.length && !this.#isOver; i += 1) {
      const at = (this.#first + i) % commands.length;
      const command = commands[at];
      // One after the other: the next is asked only when this one has failed.
      if (command === undefined || !(await this.#ask(command))) continue;
      this.#first = at;
      return true;
    }
    return false;
  }

  async #ask(command: HostCommand): Promise<boolean> {
    const { run, frame, events } = this.#parts;
    const askedAt = frame.now();
    const before = this.#wallOff();
    let output: string;
    try {
      output = await run(command.file, command.args, TIMEOUT_MS);
    } catch {
      if (!this.#isOver) events.onRefused('unreachable');
      return false;
    }
    if (this.#isOver) return false;
    const reading = command.read(output);
    const after = this.#wallOff();
    const refusal = typeof reading === 'string' ? reading : undefined;
    if (refusal !== undefined || Math.abs(after - before) > WALL_ERROR_MS) {
      events.onRefused(refusal ?? 'step');
      return false;
    }
    this.#tell(reading as HostClock, askedAt, after);
    return true;
  }

  #tell({ correctionMs, errorMs }: HostClock, askedAt: number, wallOff: number): void {
    const { frame, events } = this.#parts;
    const at = frame.now();
    events.onSample({
      source: this.name,
      askedAt,
      at,
      offsetMs: wallOff + correctionMs,
      errorMs: errorMs + WALL_ERROR_MS + DRIFT_MAX * (at - askedAt),
      nextMs: this.#nextMs,
    });
  }

  /** The distance of the wall clock from the monotonic one. */
  #wallOff(): number {
    const { frame, clock } = this.#parts;
    const at = frame.now();
    return Number(clock.now() - frame.zeroNs) / 1e6 - at;
  }
}
