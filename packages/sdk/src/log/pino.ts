/**
 * pino under the SDK: each line gets the ids of its request when it is written, and goes to the hub as well. The
 * logger's destination, format, redaction and serializers stay as they are: what pino has made of a line is taken as it
 * comes, the ids are put in before its closing brace.
 */
import type { Clock } from '@aode/base';
import type { Scope } from '@aode/wire';
import { type Context, isSpanContextValid, trace } from '@opentelemetry/api';
import { requestIdOf } from '../context/request-context.ts';
import type { Losses } from '../losses.ts';
import { type LineSink, severityOfLevel } from './log-line.ts';

export interface PinoParts {
  readonly clock: Clock;
  readonly losses: Losses;
  readonly activeContext: () => Context;
  /** Undefined when lines get their ids but are not sent. */
  readonly sink: LineSink | undefined;
}

/** Merged object, message, level number, time. */
type AsJson = (this: PinoLogger, ...args: [obj: unknown, msg: unknown, num: number, time: string]) => string;

/** What is used of a logger; symbols are pino's own, exported as `pino.symbols`. */
interface PinoLogger {
  readonly levels?: { readonly labels?: Readonly<Record<number, string>> };
  [key: symbol]: unknown;
}

type Factory = ((...args: unknown[]) => PinoLogger) & {
  readonly symbols?: Readonly<Record<string, symbol>>;
  readonly version?: string;
};

/** pino's exports with a factory whose loggers carry the ids. What does not look like pino comes back as it is. */
export function patchPino(exports: unknown, parts: PinoParts): unknown {
  if (typeof exports !== 'function') return exports;
  const factory = exports as Factory;
  const { asJsonSym, messageKeySym, errorKeySym } = factory.symbols ?? {};
  if (asJsonSym === undefined || messageKeySym === undefined) return exports;
  const symbols: Symbols = { asJson: asJsonSym, messageKey: messageKeySym, errorKey: errorKeySym };
  const scope: Scope = {
    name: 'pino',
    version: factory.version ?? '',
    attributes: [],
    droppedAttributesCount: 0,
  };
  const writer = { ...parts, scope, symbols };

  function pino(this: unknown, ...args: unknown[]): PinoLogger {
    const logger = factory.apply(this, args);
    const original = logger[symbols.asJson];
    // Children inherit it from their parent by prototype.
    if (typeof original === 'function') logger[symbols.asJson] = writeWithIds(original as AsJson, writer);
    return logger;
  }
  // `pino.destination`, `pino.stdTimeFunctions` and all the rest.
  const patched = Object.assign(pino, factory);
  // pino exports itself under these names too.
  return Object.assign(patched, { pino: patched, default: patched });
}

interface Symbols {
  readonly asJson: symbol;
  readonly messageKey: symbol;
  readonly errorKey: symbol | undefined;
}

interface Writer extends PinoParts {
  readonly scope: Scope;
  readonly symbols: Symbols;
}

function writeWithIds(original: AsJson, writer: Writer): AsJson {
  return function asJson(...args) {
    const line = original.apply(this, args);
    try {
      return taken(line, args[2], this, writer);
    } catch {
      // The application has put something strange into the context; its line is written all the same.
      writer.losses.add('boundary_failed', 1);
      return line;
    }
  };
}

/** The line with its ids, after it was handed to the sink. */
function taken(line: string, level: number, logger: PinoLogger, writer: Writer): string {
  const { activeContext, symbols, sink, clock, scope } = writer;
  const context = activeContext();
  const span = trace.getSpanContext(context);
  const ids = span !== undefined && isSpanContextValid(span) ? span : undefined;
  const requestId = requestIdOf(context);
  const text = ids === undefined && requestId === undefined ? line : withIds(line, ids, requestId);
  sink?.line({
    scope,
    timeUnixNano: clock.now(),
    text,
    severityNumber: severityOfLevel(level),
    severityText: logger.levels?.labels?.[level] ?? '',
    messageKey: keyOf(logger, symbols.messageKey, 'msg'),
    errorKey: keyOf(logger, symbols.errorKey, 'err'),
    traceId: ids?.traceId ?? '',
    spanId: ids?.spanId ?? '',
    traceFlags: ids?.traceFlags ?? 0,
  });
  return text;
}

function keyOf(logger: PinoLogger, symbol: symbol | undefined, fallback: string): string {
  const key = symbol === undefined ? undefined : logger[symbol];
  return typeof key === 'string' ? key : fallback;
}

/** A line that does not end as pino's lines do is left alone: nothing is known of its format. */
function withIds(
  line: string,
  ids: { readonly traceId: string; readonly spanId: string } | undefined,
  requestId: string | undefined,
): string {
  const end = line.lastIndexOf('}');
  if (end < 1 || line.length - end > 3) return line;
  const comma = line[end - 1] === '{' ? '' : ',';
  const own = ids === undefined ? '' : `"trace_id":"${ids.traceId}","span_id":"${ids.spanId}"`;
  const request = requestId === undefined ? '' : `"request_id":${JSON.stringify(requestId)}`;
  const between = own !== '' && request !== '' ? ',' : '';
  return `${line.slice(0, end)}${comma}${own}${between}${request}${line.slice(end)}`;
}
