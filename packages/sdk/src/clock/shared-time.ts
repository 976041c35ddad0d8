/**
 * The clock's state in memory that all threads of a process share. One writer, the agent; no lock and nothing to wait
 * for: it fills the slot that is not in use and then counts up, so a writer that dies in the middle harms nobody, and a
 * reader that finds the count unchanged has read one whole state.
 *
 * What holds between threads: all of them compute readings by the same course from the same monotonic clock, and a new
 * course is published before it begins (`leadMs`). So what a thread reads after it has heard of another's reading, by a
 * message or by shared memory, is not below it; threads calibrate their zero to `CALIBRATED_NS`, which no way from one
 * thread to another undercuts.
 */
import type { Clock } from '@aode/base';
import type { ClockReport } from './clock-reading.ts';
import { type ClockState, errorAt, leftAt, statusAt } from './clock-state.ts';
import { offsetAt, slewed, straightCourse } from './course.ts';
import { newClockState } from './fused-clock.ts';
import type { ClockFrame } from './sources/source.ts';
import { beginAfter } from './time-bound.ts';

/** Places of 32 bits. */
const WORD = {
  /** Counts published states; the newest is in slot `sequence & 1`. */
  sequence: 0,
  /** Whether readings were handed out, see `READ`. */
  read: 1,
  steps: 2,
  sleeps: 3,
  /** Refused samples, by reason. */
  refused: 8,
} as const;

/** Nobody has read yet; somebody has; nobody has and the writer is setting the clock. */
const READ = { no: 0, yes: 1, setting: 2 } as const;

/** Every reason for which a sample, or the lack of one, is counted. */
const REFUSED = [
  'invalid',
  'distance',
  'slept',
  'contradiction',
  'malformed',
  'forged',
  'server_unsynchronised',
  'kiss_rate',
  'kiss_deny',
  'kiss_rstr',
  'kiss_other',
  'timeout',
  'unreachable',
  'step',
] as const;

/** Places of 64 bits. */
const LONG = { zeroNs: 16, monoZero: 17, logical: 18, leastNs: 19 } as const;

/** Of the hybrid logical clock among the longs. */
export const LOGICAL_PLACE: number = LONG.logical;

const SLOTS_FROM = 20;
const SLOT = 18;
const TIME_BYTES = (SLOTS_FROM + 2 * SLOT) * 8;

/** Bits of the flags in a slot. */
const FLAG = { suspect: 1, aimed: 2 } as const;

/** What went before this process. */
export interface Past {
  /** Of the processes of its service (time-bound.ts). */
  readonly bounds: readonly bigint[];
  /** How fast a beginning that is ahead of the wall clock goes back to it, as a share. */
  readonly rateMax: number;
}

const NO_PAST: Past = { bounds: [], rateMax: 0 };

/** The first reading is what `clock` says, or a bound that was kept and is at most a second ahead of it. */
export function newTimeMemory(clock: Clock, { bounds, rateMax }: Past = NO_PAST): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(TIME_BYTES);
  const longs = new BigInt64Array(memory);
  const { wall, mono } = firstLook(clock);
  const { reading, least, isNewEpoch } = beginAfter(wall, bounds);
  longs[LONG.zeroNs] = reading;
  longs[LONG.monoZero] = mono;
  longs[LONG.leastNs] = least ?? 0n;
  // Where nobody else says what the time is, being ahead of the wall clock should not last as long as the process.
  const aim = { at: 0, offset: Number(wall - reading) / 1e6, rate: 0 };
  const course = slewed(straightCourse(0), aim, { now: 0, leadMs: 0, rateMax });
  new SharedTime(memory).publish({ ...newClockState(0), course, epoch: isNewEpoch ? 1 : 0 });
  return memory;
}

interface FirstLook {
  readonly wall: bigint;
  readonly mono: bigint;
}

/** Both clocks at one moment, as nearly as they can be read. */
function firstLook(clock: Clock): FirstLook {
  let best: FirstLook | undefined;
  let least: bigint | undefined;
  for (let i = 0; i < LOOKS; i += 1) {
    const before = clock.mono();
    const wall = clock.now();
    const apart = clock.mono() - before;
    if (best !== undefined && least !== undefined && apart >= least) continue;
    least = apart;
    best = { wall, mono: before + apart / 2n };
  }
  return best ?? { wall: clock.now(), mono: clock.mono() };
}

/** A thread that is interrupted in one has the others. */
const LOOKS = 5;

export class SharedTime {
  /** Read plainly at each reading of a clock; see `sequence`. */
  readonly words: Int32Array;
  /** Among them the hybrid logical clock, see logical-clock.ts. */
  readonly longs: BigInt64Array;
  readonly #numbers: Float64Array;
  readonly zeroNs: bigint;
  readonly monoZero: bigint;
  /** No reading is below it; 0 where nothing is known of times before. */
  readonly leastNs: bigint;

  constructor(memory: ArrayBufferLike) {
    this.words = new Int32Array(memory);
    this.longs = new BigInt64Array(memory);
    this.#numbers = new Float64Array(memory);
    this.zeroNs = this.longs[LONG.zeroNs] ?? 0n;
    this.monoZero = this.longs[LONG.monoZero] ?? 0n;
    this.leastNs = this.longs[LONG.leastNs] ?? 0n;
  }

  /** Changes whenever the state does. Not atomic: a thread hears of it a little later, which the lead allows for. */
  get sequence(): number {
    return this.words[WORD.sequence] ?? 0;
  }

  publish(state: ClockState): void {
    const next = (Atomics.load(this.words, WORD.sequence) + 1) | 0;
    const at = SLOTS_FROM + (next & 1) * SLOT;
    const { course, bound, aim, isSuspect, staleAt, epoch, drift } = state;
    const flags = (isSuspect ? FLAG.suspect : 0) | (aim === undefined ? 0 : FLAG.aimed);
    this.#numbers.set(
      [
        course.from,
        course.offsetBefore,
        course.rateBefore,
        course.offset,
        course.rate,
        course.until,
        course.rateAfter,
        bound.at,
        bound.low,
        bound.high,
        aim?.at ?? 0,
        aim?.offset ?? 0,
        aim?.rate ?? 0,
        staleAt,
        epoch,
        drift,
        flags,
      ],
      at,
    );
    Atomics.store(this.words, WORD.sequence, next);
  }

  read(): ClockState {
    for (;;) {
      const sequence = Atomics.load(this.words, WORD.sequence);
      const state = this.#slot(SLOTS_FROM + (sequence & 1) * SLOT);
      // The writer comes back to this slot only after the other one, some milliseconds later at the earliest.
      if (Atomics.load(this.words, WORD.sequence) === sequence) return state;
    }
  }

  #slot(from: number): ClockState {
    const at = (i: number): number => this.#numbers[from + i] ?? 0;
    const flags = at(16);
    return {
      course: {
        from: at(0),
        offsetBefore: at(1),
        rateBefore: at(2),
        offset: at(3),
        rate: at(4),
        until: at(5),
        rateAfter: at(6),
      },
      bound: { at: at(7), low: at(8), high: at(9) },
      aim: (flags & FLAG.aimed) === 0 ? undefined : { at: at(10), offset: at(11), rate: at(12) },
      isSuspect: (flags & FLAG.suspect) !== 0,
      staleAt: at(13),
      epoch: at(14),
      drift: at(15),
    };
  }

  /** What a thread reads at `at` milliseconds of the frame. */
  readingAt(at: number): bigint {
    return this.zeroNs + BigInt(Math.round((at + offsetAt(this.read().course, at)) * 1e6));
  }

  /** A thread is about to hand out its first reading: from now on the clock only slews. */
  handOut(): void {
    for (let i = 0; i < SPINS_MAX; i += 1) {
      if (Atomics.compareExchange(this.words, WORD.read, READ.no, READ.yes) !== READ.setting) return;
    }
    // Who was setting it is gone.
    Atomics.store(this.words, WORD.read, READ.yes);
  }

  /** Runs `set` with true when no reading was handed out so far; none is while it runs. */
  setWhileUnread(set: (isUnread: boolean) => void): void {
    const isUnread = Atomics.compareExchange(this.words, WORD.read, READ.no, READ.setting) === READ.no;
    try {
      set(isUnread);
    } finally {
      if (isUnread) Atomics.compareExchange(this.words, WORD.read, READ.setting, READ.no);
    }
  }

  /** A reason that is not known is counted as `invalid`. */
  refused(reason: string): void {
    const at = Math.max(0, (REFUSED as readonly string[]).indexOf(reason));
    Atomics.add(this.words, WORD.refused + at, 1);
  }

  saw(what: 'step' | 'sleep'): void {
    Atomics.add(this.words, what === 'step' ? WORD.steps : WORD.sleeps, 1);
  }

  report(now: number): ClockReport {
    const state = this.read();
    const count = (at: number): number => Atomics.load(this.words, at);
    const refused = REFUSED.map((reason, i) => [reason, count(WORD.refused + i)] as const);
    const errorMs = errorAt(state, now);
    return {
      status: statusAt(state, now),
      errorMs: Number.isFinite(errorMs) ? errorMs : undefined,
      leftMs: leftAt(state, now),
      epoch: state.epoch,
      steps: count(WORD.steps),
      sleeps: count(WORD.sleeps),
      refused: Object.fromEntries(refused.filter(([, n]) => n > 0)),
    };
  }
}

/** Longer than it takes to set the clock, by far. */
const SPINS_MAX = 1_000_000;

/** A thread's `clock.ticks()` has a zero of its own; this many milliseconds are between it and that of the process. */
export function ticksAhead(clock: Clock, { monoZero }: Pick<SharedTime, 'monoZero'>): number {
  let low = Number.NEGATIVE_INFINITY;
  let high = Number.POSITIVE_INFINITY;
  for (let i = 0; i < CALIBRATIONS_MAX && !(high - low < CALIBRATED_NS); i += 1) {
    const before = Number(clock.mono() - monoZero);
    const ticks = clock.ticks() * 1e6;
    const after = Number(clock.mono() - monoZero);
    low = Math.max(low, before - ticks);
    high = Math.min(high, after - ticks);
  }
  return (low + high) / 2e6;
}

/** Below the time that any message takes from one thread to another. */
const CALIBRATED_NS = 100;
/** Each takes about 150 ns; a thread that is interrupted in one of them has others. */
const CALIBRATIONS_MAX = 1000;

/** Monotonic time of the process, as this thread reads it. */
export function frameOf(shared: SharedTime, clock: Clock): ClockFrame {
  const ahead = ticksAhead(clock, shared);
  return { zeroNs: shared.zeroNs, now: () => clock.ticks() + ahead };
}
