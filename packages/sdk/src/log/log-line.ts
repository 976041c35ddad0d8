/** A line that a logger has written, on its way off the logger's path. */
import { type Scope, SEVERITY, type WrittenLine } from '@aode/wire';
import type { Span } from '@opentelemetry/api';

/** Takes lines as they are written. Must not throw and must not block. */
export interface LineSink {
  line(line: LogLine): void;
  /** Whether lines below the logger's level are of use to this span. */
  wants(span: Span | undefined): boolean;
  /** One of those: kept if its trace is. */
  below(span: Span | undefined, line: LogLine): void;
}

/** What the lines of one logger at one level have in common: one object for all of them. */
export interface LineHead {
  readonly scope: Scope;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly messageKey: string;
  readonly errorKey: string;
}

export interface LogLine {
  readonly head: LineHead;
  /** When it was written: seconds and nanoseconds since 1970. */
  readonly sec: number;
  readonly nano: number;
  /** The line as the logger made it, JSON: redaction, serializers and mixins have had their say. */
  readonly text: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
  /** Empty where there is none. */
  readonly requestId: string;
}

/** As it is made a record of. */
export function writtenLineOf({ head, ...line }: LogLine): WrittenLine {
  const { scope, ...texts } = head;
  return { ...line, ...texts, scopeName: scope.name, scopeVersion: scope.version, isCut: false };
}

/** pino's level numbers; what lies between two belongs to the lower. */
const LEVELS: readonly (readonly [number, number])[] = [
  [60, SEVERITY['fatal'] ?? 0],
  [50, SEVERITY['error'] ?? 0],
  [40, SEVERITY['warn'] ?? 0],
  [30, SEVERITY['info'] ?? 0],
  [20, SEVERITY['debug'] ?? 0],
];

export function severityOfLevel(level: number): number {
  return LEVELS.find(([least]) => level >= least)?.[1] ?? SEVERITY['trace'] ?? 0;
}
