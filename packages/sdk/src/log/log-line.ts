/** A line that a logger has written, on its way off the logger's path. */
import { type LineSite, type LineValue, type Scope, siteText, type WrittenLine } from '@aode/wire';
import type { Span } from '@opentelemetry/api';

/**
 * Takes lines as they are written, each valid for the call alone. Must not throw; waits only for what is to be safe
 * when it returns.
 */
export interface LineSink {
  line(line: LogLine): void;
  /** Whether lines below the logger's level are of use to this span. */
  wants(span: Span | undefined): boolean;
  /** One of those: kept if its trace is. */
  below(span: Span | undefined, line: LogLine): void;
}

/** Of a line that was cut and whose message could be kept: how it began. */
export const BEGINNING = 'aode.log.beginning';
/** Of a line or a text that was cut: how long it was. */
export const ORIGINAL_CHARS = 'aode.log.original_chars';

/** What the lines of one logger at one level have in common: one object for all of them. */
export interface LineHead {
  readonly scope: Scope;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly messageKey: string;
  readonly errorKey: string;
  /** Of a call site: what its lines have besides. */
  readonly site?: LineSite;
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
  /** Of a call site, instead of the text. */
  readonly values?: readonly LineValue[] | undefined;
}

/** Of a line of a call site, as another has it from its logger. */
export function textOfValues({ head: { site, messageKey }, values = [] }: LogLine): string {
  return site === undefined ? '' : siteText(site, messageKey, values);
}

/** As it is made a record of. */
export function writtenLineOf({ head, ...line }: LogLine): WrittenLine {
  const { scope, ...texts } = head;
  return { ...line, ...texts, scopeName: scope.name, scopeVersion: scope.version, isCut: false };
}
