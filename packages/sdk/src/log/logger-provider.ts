/**
 * The Logs API of OpenTelemetry (`@opentelemetry/api` from 1.10, `@opentelemetry/api-logs` before): what is emitted
 * becomes a record of the pool, as it is. Nothing that an application hands over makes it throw.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Clock } from '@aode/base';
import type { Attribute, LogRecord, Scope, Value } from '@aode/wire';
import * as api from '@opentelemetry/api';
import { OWN_BOUNDARIES } from '../instrument/instrumentation.ts';
import { ATTRIBUTES_MAX, otlpValue, readEntries, textOf, VALUE_CHARS_MAX } from '../trace/attribute-value.ts';
import { exceptionAttributes } from '../trace/exception-attributes.ts';
import { timeOf } from '../trace/time-input.ts';
import { ORIGINAL_CHARS } from './log-line.ts';

/** A record that was emitted, with who did it. */
export interface EmittedLog {
  readonly scope: Scope;
  readonly record: LogRecord;
}

/** Structurally the `LogRecord` of either package. */
export interface EmittedFields {
  readonly eventName?: unknown;
  readonly timestamp?: unknown;
  readonly observedTimestamp?: unknown;
  readonly severityNumber?: unknown;
  readonly severityText?: unknown;
  readonly body?: unknown;
  readonly attributes?: unknown;
  readonly exception?: unknown;
  readonly context?: unknown;
}

export interface Logger {
  emit(record: EmittedFields): void;
  enabled(): boolean;
}

export interface LoggerProvider {
  getLogger(name: string, version?: string, options?: unknown): Logger;
}

export interface LoggerParts {
  readonly clock: Pick<Clock, 'now'>;
  /** Must not throw. */
  readonly emitted: (log: EmittedLog) => void;
  readonly requests: LogRequests;
}

/** What is asked of a line writer: whose a record is. None of it throws. */
export interface LogRequests {
  /** Undefined where the context cannot be read. */
  origin(context: api.Context): LogOrigin | undefined;
  /** Counts a record for the span of its context. */
  countIn(context: api.Context, severity: number, timeUnixNano: bigint): void;
  /** Counted: a text was longer than it may be. */
  cut(): void;
  /** Counted: a record could not be made sense of. */
  failed(): void;
}

export interface LogOrigin {
  readonly ids: api.SpanContext | undefined;
  readonly fields: Readonly<Record<string, string>> | undefined;
}

export function createLoggerProvider(parts: LoggerParts): LoggerProvider {
  return {
    getLogger(name, version, options) {
      const scope: Scope = {
        name: textOf(name),
        version: textOf(version),
        attributes: [],
        droppedAttributesCount: 0,
      };
      // Its lines are sent already, by the patch of the logger itself.
      const isOurs = OWN_BOUNDARIES.has(scope.name);
      const hasContext = wantsContext(options);
      return {
        enabled: () => !isOurs,
        emit(fields) {
          if (isOurs) return;
          try {
            parts.emitted({ scope, record: logRecord(fields, hasContext, parts) });
          } catch {
            parts.requests.failed();
          }
        },
      };
    },
  };
}

const SEVERITY_MAX = 24;

/** `includeTraceContext` of the Logs API: records of such a logger belong to no span, whatever is active. */
function wantsContext(options: unknown): boolean {
  try {
    return (options as { readonly includeTraceContext?: unknown } | undefined)?.includeTraceContext !== false;
  } catch {
    return true;
  }
}

function logRecord(fields: EmittedFields, hasContext: boolean, { clock, requests }: LoggerParts): LogRecord {
  const { severityNumber: severity } = fields;
  const observed = timeOf(fields.observedTimestamp, clock);
  const context = (fields.context as api.Context | undefined) ?? api.context.active();
  const origin = hasContext ? requests.origin(context) : undefined;
  const { ids } = origin ?? {};
  const record = {
    // A time that is not given is that of the emission.
    timeUnixNano: fields.timestamp === undefined ? observed : timeOf(fields.timestamp, clock),
    observedTimeUnixNano: observed,
    severityNumber: isSeverity(severity) ? severity : 0,
    severityText: textOf(fields.severityText),
    body: otlpValue(fields.body) ?? null,
    ...attributesOf(fields, origin, requests),
    flags: ids?.traceFlags ?? 0,
    traceId: ids?.traceId ?? '',
    spanId: ids?.spanId ?? '',
    eventName: textOf(fields.eventName),
  };
  if (hasContext) requests.countIn(context, record.severityNumber, record.timeUnixNano);
  return record;
}

const isSeverity = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) <= SEVERITY_MAX;

/** What is said of the exception and of the request stands behind what the application says itself. */
function attributesOf(
  { attributes: given, exception, body }: EmittedFields,
  origin: LogOrigin | undefined,
  requests: LogRequests,
): Pick<LogRecord, 'attributes' | 'droppedAttributesCount'> {
  const { entries, unreadable } = readEntries(given);
  const all = new Map<string, Value>();
  let dropped = unreadable;
  const add = (key: string, value: Value | undefined): void => {
    if (key === '' || value === undefined || all.has(key)) return;
    if (all.size < ATTRIBUTES_MAX) all.set(key, value);
    else dropped += 1;
  };
  for (const [key, value] of entries) add(key, otlpValue(value));
  if (exception !== undefined && exception !== null) {
    for (const [key, value] of Object.entries(exceptionAttributes(exception))) add(key, textOf(value));
  }
  for (const [key, value] of Object.entries(origin?.fields ?? {})) if (!OWN_IDS.has(key)) add(key, value);
  if (typeof body === 'string' && body.length > VALUE_CHARS_MAX) {
    requests.cut();
    add(ORIGINAL_CHARS, BigInt(body.length));
  }
  const attributes = Array.from(all, ([key, value]): Attribute => ({ key, value }));
  return { attributes, droppedAttributesCount: dropped };
}

/** The record has places of its own for them. */
const OWN_IDS: ReadonlySet<string> = new Set(['trace_id', 'span_id']);

/** Shape of `logs` in both packages. */
interface LogsApi {
  setGlobalLoggerProvider(provider: LoggerProvider): unknown;
  getLoggerProvider(): unknown;
  disable(): void;
}

/**
 * Behind both packages, as far as the application has them and nobody else is there: `api-logs` is looked for in its
 * own tree, from `directory`.
 */
export function registerLogsApi(provider: LoggerProvider, directory: string | undefined): Disposable {
  const done: LogsApi[] = [];
  for (const logs of [apiLogs(), applicationLogs(directory)]) {
    if (logs === undefined) continue;
    logs.setGlobalLoggerProvider(provider);
    if (logs.getLoggerProvider() === provider) done.push(logs);
  }
  return { [Symbol.dispose]: () => done.forEach((logs) => logs.disable()) };
}

/** Undefined before 1.10. By reflection, because bundlers refuse a name that the API of their tree does not export. */
function apiLogs(): LogsApi | undefined {
  return Reflect.get(api, 'logs') as LogsApi | undefined;
}

function applicationLogs(directory: string | undefined): LogsApi | undefined {
  if (directory === undefined) return undefined;
  try {
    const require = createRequire(join(directory, 'package.json'));
    return (require('@opentelemetry/api-logs') as { readonly logs?: LogsApi }).logs;
  } catch {
    return undefined; // Not installed.
  }
}
