/** A line that a logger has written, and the OTLP record made of it when it is sent, off the logger's path. */
import { VALUE_DEPTH_MAX } from '@aode/base';
import type { Attribute, LogRecord, Scope, Value } from '@aode/wire';
import type { Span } from '@opentelemetry/api';
import { SEVERITY } from '@aode/wire';
import { severityOfName } from './severity-name.ts';

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
}

/** Of a line or a text that was cut: how long it was. */
export const ORIGINAL_CHARS = 'aode.log.original_chars';

/** What a logger writes besides what it was told: said elsewhere in the record, or on the resource. */
const OWN_KEYS: ReadonlySet<string> = new Set(['level', 'time', 'pid', 'hostname', 'trace_id', 'span_id']);

/** The version of bunyan's format. */
const BUNYAN_KEY = 'v';

const ATTRIBUTES_MAX = 128;
const SECOND_NS = 1_000_000_000n;

export function logRecordOf(line: LogLine): LogRecord {
  const { head } = line;
  const fields = parse(line.text);
  const message = fields?.[head.messageKey];
  const timeUnixNano = BigInt(line.sec) * SECOND_NS + BigInt(line.nano);
  return {
    timeUnixNano,
    observedTimeUnixNano: timeUnixNano,
    // A destination that was told no level finds it in the line.
    severityNumber: head.severityNumber === 0 ? severityOfField(fields?.['level']) : head.severityNumber,
    severityText: head.severityText,
    body: fields === undefined ? line.text.trimEnd() : (jsonValue(message) ?? ''),
    ...attributesOf(fields ?? {}, head),
    flags: line.traceFlags,
    traceId: line.traceId,
    spanId: line.spanId,
    eventName: '',
  };
}

type Fields = Readonly<Record<string, unknown>>;

/** Undefined when the line is not a JSON object, as some formatters make it. */
function parse(text: string): Fields | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Fields) : undefined;
  } catch {
    return undefined;
  }
}

function attributesOf(
  fields: Fields,
  { messageKey, errorKey, scope }: LineHead,
): Pick<LogRecord, 'attributes' | 'droppedAttributesCount'> {
  const attributes: Attribute[] = [];
  let dropped = 0;
  const add = (key: string, raw: unknown): void => {
    const value = jsonValue(raw);
    if (value === undefined) return;
    if (attributes.length < ATTRIBUTES_MAX) attributes.push({ key, value });
    else dropped += 1;
  };
  for (const [key, raw] of Object.entries(fields)) {
    if (OWN_KEYS.has(key) || key === messageKey) continue;
    if (key === BUNYAN_KEY && scope.name === 'bunyan') continue;
    // winston lays an error flat into the record.
    if (key === 'stack' && scope.name === 'winston' && typeof raw === 'string') addStack(raw, add);
    else if (key === errorKey && typeof raw === 'object' && raw !== null) addException(raw as Fields, add);
    else add(key, raw);
  }
  return { attributes, droppedAttributesCount: dropped };
}

/** A serialized error under the names of the semantic conventions; what else it carries keeps its own. */
function addException(error: Fields, add: (key: string, value: unknown) => void): void {
  const { type, name, message, stack, ...rest } = error;
  add('exception.type', type ?? name);
  add('exception.message', message);
  add('exception.stacktrace', stack);
  if (type !== undefined) add('exception.name', name);
  for (const [key, value] of Object.entries(rest)) add(`exception.${key}`, value);
}

/** Type and message of an error of which the stack is there alone: `TypeError: no such thing` and the places below. */
function addStack(stack: string, add: (key: string, value: unknown) => void): void {
  const head = stack.split(/\n\s+at /, 1)[0] ?? '';
  const [, type, message] = /^([\w$.]{1,200})(?: \[\w+\])?(?:: ([^]*))?$/.exec(head) ?? [];
  add('exception.type', type);
  add('exception.message', type === undefined ? head : message);
  add('exception.stacktrace', stack);
}

/** What lies deeper than a decoder would follow becomes null. */
function jsonValue(raw: unknown, depth = VALUE_DEPTH_MAX): Value | undefined {
  switch (typeof raw) {
    case 'string':
    case 'boolean':
      return raw;
    case 'number':
      return Number.isSafeInteger(raw) && !Object.is(raw, -0) ? BigInt(raw) : raw;
    case 'object': {
      if (raw === null || depth === 1) return undefined;
      if (Array.isArray(raw)) return raw.map((item) => jsonValue(item, depth - 1) ?? null);
      const entries = Object.entries(raw).map(([key, value]) => ({
        key,
        value: jsonValue(value, depth - 1) ?? null,
      }));
      return { entries };
    }
    default:
      return undefined;
  }
}

/** pino's level numbers; what lies between two belongs to the lower. */
const LEVELS: readonly (readonly [number, number])[] = [
  [60, SEVERITY['fatal'] ?? 0],
  [50, SEVERITY['error'] ?? 0],
  [40, SEVERITY['warn'] ?? 0],
  [30, SEVERITY['info'] ?? 0],
  [20, SEVERITY['debug'] ?? 0],
];

/** Of the member `level` of a line: pino's number, or a name. */
function severityOfField(level: unknown): number {
  if (typeof level === 'number') return severityOfLevel(level);
  return typeof level === 'string' ? severityOfName(level.toLowerCase()) : 0;
}

export function severityOfLevel(level: number): number {
  return LEVELS.find(([least]) => level >= least)?.[1] ?? SEVERITY['trace'] ?? 0;
}
