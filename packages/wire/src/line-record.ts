/**
 * A line as the logger made it, JSON most of the time, as an OTLP log record: what it says of itself becomes fields,
 * what it carries attributes. Done when it is sent, off the way of whoever logs.
 */
import { VALUE_DEPTH_MAX } from '@aode/base';
import { encodeScopeLogs } from './encode-log.ts';
import { runFrameBytes, wordBytesOf } from './frame-run.ts';
import { type DecodedLine, readLineFrame } from './line-frame.ts';
import type { LineFields } from './line-values.ts';
import { severityOfLevel, severityOfName } from './logger-level.ts';
import type { Attribute, LogRecord, Scope, Value } from './model.ts';
import { RECORD_UID_KEY } from './replay.ts';

/** What there is to know of a line; ids are hexadecimal or empty. */
export type WrittenLine = Omit<DecodedLine, 'ring' | 'number' | 'fields'> &
  Partial<Pick<DecodedLine, 'fields'>>;

/** Attribute of a line of which the end is missing, because it was longer than a line may be. */
const CUT_KEY = 'aode.log.cut';

const REQUEST_ID_KEY = 'request_id';

/** What a logger writes besides what it was told: said elsewhere in the record, or on the resource. */
const OWN_KEYS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['pino', new Set(['level', 'time', 'pid', 'hostname'])],
  ['bunyan', new Set(['level', 'time', 'pid', 'hostname', 'v'])],
  ['winston', new Set(['level'])],
]);

const ATTRIBUTES_MAX = 128;
const SECOND_NS = 1_000_000_000n;

export function logRecordOf(line: WrittenLine): LogRecord {
  const fields = line.fields ?? parse(line.text);
  const message = fields?.[line.messageKey];
  const timeUnixNano = BigInt(line.sec) * SECOND_NS + BigInt(line.nano);
  return {
    timeUnixNano,
    observedTimeUnixNano: timeUnixNano,
    // A destination that was told no level finds it in the line.
    severityNumber: line.severityNumber === 0 ? severityOfField(fields?.['level']) : line.severityNumber,
    severityText: line.severityText,
    body: fields === undefined ? line.text.trimEnd() : (jsonValue(message) ?? ''),
    ...attributesOf(fields ?? {}, line),
    flags: line.traceFlags,
    traceId: line.traceId,
    spanId: line.spanId,
    eventName: '',
  };
}

/** Undefined when the line is not a JSON object, as some formatters make it. */
function parse(text: string): LineFields | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? (parsed as LineFields) : undefined;
  } catch {
    return undefined;
  }
}

function attributesOf(
  fields: LineFields,
  line: WrittenLine,
): Pick<LogRecord, 'attributes' | 'droppedAttributesCount'> {
  const { scopeName, messageKey, errorKey, requestId, isCut } = line;
  const attributes: Attribute[] = [];
  let dropped = 0;
  const add = (key: string, raw: unknown): void => {
    const value = jsonValue(raw);
    if (value === undefined) return;
    if (attributes.length < ATTRIBUTES_MAX) attributes.push({ key, value });
    else dropped += 1;
  };
  for (const [key, raw] of Object.entries(fields)) {
    if (key === messageKey || isSaidElsewhere(key, raw, line)) continue;
    // winston lays an error flat into the record.
    if (key === 'stack' && scopeName === 'winston' && typeof raw === 'string') addStack(raw, add);
    else if (key === errorKey && typeof raw === 'object' && raw !== null)
      addException(raw as LineFields, add);
    else add(key, raw);
  }
  if (requestId !== '' && fields[REQUEST_ID_KEY] === undefined) add(REQUEST_ID_KEY, requestId);
  if (isCut) add(CUT_KEY, true);
  return { attributes, droppedAttributesCount: dropped };
}

/** The application's own fields of these names are no less than others. */
function isSaidElsewhere(key: string, raw: unknown, { scopeName, traceId, spanId }: WrittenLine): boolean {
  if (key === 'trace_id') return raw === traceId;
  if (key === 'span_id') return raw === spanId;
  return OWN_KEYS.get(scopeName)?.has(key) ?? false;
}

/** A serialized error under the names of the semantic conventions; what else it carries keeps its own. */
function addException(error: LineFields, add: (key: string, value: unknown) => void): void {
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

/** Of the member `level` of a line: pino's number, or a name. */
function severityOfField(level: unknown): number {
  if (typeof level === 'number') return severityOfLevel(level);
  return typeof level === 'string' ? severityOfName(level.toLowerCase()) : 0;
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

export interface EncodedLines {
  /** OTLP's `scope_logs`, one behind the other. */
  readonly payload: Uint8Array;
  /** Fewer than there were frames where some cannot be read. */
  readonly recordCount: number;
}

/**
 * A run of line frames as OTLP. With `uidPrefix` each record has a name by which a receiver knows it again: the prefix,
 * the number of its ring and its own in that.
 */
export function encodeLines(run: Uint8Array, uidPrefix: string | undefined): EncodedLines {
  const { bytes, words } = wordBytesOf(run);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // A logger that comes again has a group of its own again: so all lines stay in their order.
  const groups: { readonly scope: Scope; readonly schemaUrl: ''; readonly logRecords: LogRecord[] }[] = [];
  let recordCount = 0;
  for (let at = 0; at < bytes.byteLength; at += runFrameBytes(words, at)) {
    const line = readLineFrame(buffer, at);
    if (line === undefined) continue;
    recordCount += 1;
    const { scopeName: name, scopeVersion: version, ring, number } = line;
    let group = groups.at(-1);
    if (group?.scope.name !== name || group.scope.version !== version) {
      const scope = { name, version, attributes: [], droppedAttributesCount: 0 };
      group = { scope, schemaUrl: '', logRecords: [] };
      groups.push(group);
    }
    const record = logRecordOf(line);
    const uid =
      uidPrefix === undefined ? undefined : `${uidPrefix}-${ring.toString(36)}-${number.toString(36)}`;
    group.logRecords.push(uid === undefined ? record : named(record, uid));
  }
  return { payload: encodeScopeLogs(groups), recordCount };
}

const named = (record: LogRecord, uid: string): LogRecord => ({
  ...record,
  attributes: [...record.attributes, { key: RECORD_UID_KEY, value: uid }],
});
