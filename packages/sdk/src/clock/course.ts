/**
 * How the clock runs: the distance of its readings from the monotonic clock, as a line of three pieces over monotonic
 * milliseconds. Behind `until` it goes on without anybody, so that readings stay right when whoever corrects them is
 * gone. Pure; each thread of the process reads the same course (shared-time.ts).
 */

export interface Course {
  /** Before it the course is the one that was followed so far: nobody may have read this one yet. */
  readonly from: number;
  /** At `from`, coming from before. */
  readonly offsetBefore: number;
  readonly rateBefore: number;
  /** At `from`, and never less than `offsetBefore`. */
  readonly offset: number;
  readonly rate: number;
  /** From here on with `rateAfter`. */
  readonly until: number;
  readonly rateAfter: number;
}

/** A straight part of it. */
export interface Line {
  readonly at: number;
  readonly offset: number;
  readonly rate: number;
  /** Where the next one begins. */
  readonly end: number;
}

export function straightCourse(offset: number): Course {
  return { from: 0, offsetBefore: offset, rateBefore: 0, offset, rate: 0, until: 0, rateAfter: 0 };
}

export function lineAt(course: Course, at: number): Line {
  const { from, until, offset, rate } = course;
  if (at < from) return { at: from, offset: course.offsetBefore, rate: course.rateBefore, end: from };
  if (at < until) return { at: from, offset, rate, end: until };
  return {
    at: until,
    offset: offset + rate * (until - from),
    rate: course.rateAfter,
    end: Number.POSITIVE_INFINITY,
  };
}

export function offsetAt(course: Course, at: number): number {
  const line = lineAt(course, at);
  return line.offset + line.rate * (at - line.at);
}

/** Where the clock is to be: at `at` by `offset`, and parting from there at `rate`. */
export interface Aim {
  readonly at: number;
  readonly offset: number;
  readonly rate: number;
}

export interface Steering {
  readonly now: number;
  /** A new course begins so much later, so that no thread has yet read the old one where the new one differs. */
  readonly leadMs: number;
  /** Largest deviation from the monotonic clock. */
  readonly rateMax: number;
}

/** The course that runs into `aim`, without a step. */
export function slewed(course: Course, aim: Aim, { now, leadMs, rateMax }: Steering): Course {
  const from = beginningOf(course, now, leadMs);
  const before = lineAt(course, now);
  const offset = before.offset + before.rate * (from - before.at);
  const rateAfter = clamp(aim.rate, rateMax / 2);
  const left = aim.offset + aim.rate * (from - aim.at) - offset;
  const rate = clamp(rateAfter + Math.sign(left) * rateMax, rateMax);
  const until = left === 0 ? from : from + left / (rate - rateAfter);
  return { from, offsetBefore: offset, rateBefore: before.rate, offset, rate, until, rateAfter };
}

/** The course that is ahead by `forward` from `now` on; never back. */
export function advanced(course: Course, now: number, forward: number): Course {
  const line = lineAt(course, now);
  const offsetBefore = line.offset + line.rate * (now - line.at);
  const offset = offsetBefore + Math.max(0, forward);
  return {
    from: now,
    offsetBefore,
    rateBefore: line.rate,
    offset,
    rate: line.rate,
    until: Number.isFinite(line.end) ? line.end : now,
    rateAfter: course.rateAfter,
  };
}

/** A bend of the old course comes first when it is near: what lies before a beginning must be one line. */
function beginningOf({ from, until }: Course, now: number, leadMs: number): number {
  if (from > now) return from;
  const lead = now + leadMs;
  return until > now && until < lead ? until : lead;
}

const clamp = (value: number, most: number): number => Math.max(-most, Math.min(most, value));
