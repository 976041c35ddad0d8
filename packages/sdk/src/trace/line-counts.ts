/**
 * How many lines a span has, by level, and when its first error was written: the way from a span to its lines. An
 * object a span that has lines, made with the first of them; a line itself costs no memory.
 */
import type { HeldValue } from '../pool/record-writer.ts';

/** `aode.log.count.error` and so on; levels without a line are not written. */
const LINE_COUNT = 'aode.log.count.';

/** Time of the line, nanoseconds since 1970 as decimal digits: with the span's id it names one line. */
const FIRST_ERROR = 'aode.log.first_error';

/** Upper ends of OpenTelemetry's ranges of severity numbers. */
const TRACE_MAX = 4;
const DEBUG_MAX = 8;
const INFO_MAX = 12;
const WARN_MAX = 16;
const ERROR_MAX = 20;

export class LineCounts {
  trace = 0;
  debug = 0;
  info = 0;
  warn = 0;
  error = 0;
  fatal = 0;
  firstErrorSec = 0;
  firstErrorNano = 0;

  /** A line without a level counts as information. */
  add(severity: number, sec: number, nano: number): void {
    if (severity > WARN_MAX) {
      if (this.error + this.fatal === 0) {
        this.firstErrorSec = sec;
        this.firstErrorNano = nano;
      }
      if (severity > ERROR_MAX) this.fatal += 1;
      else this.error += 1;
    } else if (severity > INFO_MAX) this.warn += 1;
    else if (severity > DEBUG_MAX || severity === 0) this.info += 1;
    else if (severity > TRACE_MAX) this.debug += 1;
    else this.trace += 1;
  }

  /** The attributes that say so. */
  tell(note: (key: string, value: HeldValue) => void): void {
    for (const level of LEVELS) if (this[level] > 0) note(LINE_COUNT + level, this[level]);
    if (this.error + this.fatal > 0) {
      note(FIRST_ERROR, `${this.firstErrorSec}${String(this.firstErrorNano).padStart(9, '0')}`);
    }
  }
}

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
