/**
 * pino under the SDK: each line gets the ids of its request when it is written, and goes to the hub as well. The
 * logger's destination, format, redaction and serializers stay as they are: what pino has made of a line is taken as it
 * comes, the ids are put in before its closing brace.
 */
import type { Clock } from '@aode/base';
import type { Scope } from '@aode/wire';
import { type Context, isSpanContextValid, type SpanContext, trace } from '@opentelemetry/api';
import { dyeOf } from '../context/dye.ts';
import { type RequestContext, requestOf } from '../context/request-context.ts';
import type { Losses } from '../losses.ts';
import { type LineSink, severityOfLevel } from './log-line.ts';
import { captureBelow } from './pino-below.ts';

export interface PinoParts {
  readonly clock: Clock;
  readonly losses: Losses;
  readonly activeContext: () => Context;
  /** Undefined when lines get their ids but are not sent. */
  readonly sink: LineSink | undefined;
  /** From which level on lines are captured that the logger does not write; undefined for none. */
  readonly debugLines: 'debug' | 'trace' | undefined;
  /** Keys of baggage that each line shows. */
  readonly dye: readonly string[];
  /** Told of lines that belong to no trace. */
  readonly outside?: () => void;
}

/** Merged object, message, level number, time. */
export type AsJson = (
  this: PinoLogger,
  ...args: [obj: unknown, msg: unknown, num: number, time: string]
) => string;

/** What is used of a logger; symbols are pino's own, exported as `pino.symbols`. */
export interface PinoLogger {
  readonly levels?: {
    readonly labels?: Readonly<Record<number, string>>;
    readonly values?: Readonly<Record<string, number>>;
  };
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
    if (typeof original === 'function') {
      logger[symbols.asJson] = writeWithIds(original as AsJson, writer);
      captureDebugLines(logger, { factory, asJson: original as AsJson, writer });
    }
    return logger;
  }
  // `pino.destination`, `pino.stdTimeFunctions` and all the rest.
  const patched = Object.assign(pino, factory);
  // pino exports itself under these names too.
  return Object.assign(patched, { pino: patched, default: patched });
}

interface Capture {
  readonly factory: Factory;
  /** As pino has made it. */
  readonly asJson: AsJson;
  readonly writer: Writer;
}

/** What the logger would write at a lower level goes to the trace it belongs to, and nowhere else. */
function captureDebugLines(logger: PinoLogger, { factory, asJson, writer }: Capture): void {
  const { debugLines, sink, activeContext, losses } = writer;
  if (debugLines === undefined || sink === undefined) return;
  captureBelow(logger, {
    symbols: factory.symbols ?? {},
    from: debugLines,
    isWanted: () => sink.wants(trace.getSpan(activeContext())),
    asJson(...args) {
      const line = asJson.apply(this, args);
      try {
        taken(line, { level: args[2], isBelow: true }, this, writer);
      } catch {
        losses.add('boundary_failed', 1);
      }
      return line;
    },
  });
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
      return taken(line, { level: args[2], isBelow: false }, this, writer);
    } catch {
      // The application has put something strange into the context; its line is written all the same.
      writer.losses.add('boundary_failed', 1);
      return line;
    }
  };
}

/** The line with its ids, after it was handed to the sink. `isBelow`: the logger itself does not write it. */
function taken(
  line: string,
  { level, isBelow }: { readonly level: number; readonly isBelow: boolean },
  logger: PinoLogger,
  writer: Writer,
): string {
  const { activeContext, symbols, sink, clock, scope, dye } = writer;
  const context = activeContext();
  const ids = idsOf(context);
  if (ids === undefined) writer.outside?.();
  const text = withFields(line, fieldsOf(ids, requestOf(context), dyeOf(context, dye)));
  const made = {
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
  };
  if (isBelow) sink?.below(trace.getSpan(context), made);
  else sink?.line(made);
  return text;
}

function idsOf(context: Context): SpanContext | undefined {
  const span = trace.getSpanContext(context);
  return span !== undefined && isSpanContextValid(span) ? span : undefined;
}

function keyOf(logger: PinoLogger, symbol: symbol | undefined, fallback: string): string {
  const key = symbol === undefined ? undefined : logger[symbol];
  return typeof key === 'string' ? key : fallback;
}

/** Members of a JSON object, each with a comma before it. Ours come last: a reader takes the last of two. */
function fieldsOf(
  ids: { readonly traceId: string; readonly spanId: string } | undefined,
  request: RequestContext | undefined,
  dye: Readonly<Record<string, string>> | undefined,
): string {
  let fields = '';
  if (dye !== undefined) {
    for (const [key, value] of Object.entries(dye)) {
      fields += `,${JSON.stringify(key)}:${JSON.stringify(value)}`;
    }
  }
  if (ids !== undefined) fields += `,"trace_id":"${ids.traceId}","span_id":"${ids.spanId}"`;
  const { requestId, correlationId } = request ?? {};
  if (requestId !== undefined) fields += `,"request_id":${JSON.stringify(requestId)}`;
  if (correlationId !== undefined) fields += `,"correlation_id":${JSON.stringify(correlationId)}`;
  return fields;
}

/** A line that does not end as pino's lines do is left alone: nothing is known of its format. */
function withFields(line: string, fields: string): string {
  if (fields === '') return line;
  const end = line.lastIndexOf('}');
  if (end < 1 || line.length - end > 3) return line;
  const own = line[end - 1] === '{' ? fields.slice(1) : fields;
  return line.slice(0, end) + own + line.slice(end);
}
