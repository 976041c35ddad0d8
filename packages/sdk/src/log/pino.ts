/**
 * pino under the SDK: each line gets the ids of its request when it is written, and goes to the hub as well. The
 * logger's destination, format, redaction and serializers stay as they are: what pino has made of a line is taken as it
 * comes, the ids are put in before its closing brace.
 */
import type { Scope } from '@aode/wire';
import type { LineOrigin, LineWriter } from './line-writer.ts';
import { severityOfLevel } from '@aode/wire';
import type { LineHead } from './log-line.ts';
import { captureBelow } from './pino-below.ts';

export interface PinoParts {
  readonly lines: LineWriter;
  /** False when lines get their ids and go nowhere. */
  readonly isSending: boolean;
  /** From which level on lines are captured that the logger does not write; undefined for none. */
  readonly debugLines: 'debug' | 'trace' | undefined;
  /** Whether such lines are of use to the running code. Must not throw. */
  readonly isBelowWanted: () => boolean;
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

/** On loggers whose lines are handed over already, and by prototype on their children: the writer that they go to. */
export const PATCHED: symbol = Symbol.for('aode.pino');

type Factory = ((...args: unknown[]) => PinoLogger) & {
  readonly symbols?: Readonly<Record<string, symbol>>;
  readonly version?: string;
};

/** pino's exports with a factory whose loggers carry the ids. What does not look like pino comes back as it is. */
export function patchPino(exports: unknown, parts: PinoParts): unknown {
  if (typeof exports !== 'function') return exports;
  const factory = exports as Factory;
  const { asJsonSym, messageKeySym, errorKeySym, endSym } = factory.symbols ?? {};
  if (asJsonSym === undefined || messageKeySym === undefined || endSym === undefined) return exports;
  const symbols: Symbols = {
    asJson: asJsonSym,
    messageKey: messageKeySym,
    errorKey: errorKeySym,
    end: endSym,
  };
  const scope: Scope = {
    name: 'pino',
    version: factory.version ?? '',
    attributes: [],
    droppedAttributesCount: 0,
  };
  const { lines } = parts;
  const writer: Writer = { parts, lines, scope, symbols, heads: new WeakMap(), fields: '' };

  function pino(this: unknown, ...args: unknown[]): PinoLogger {
    const logger = factory.apply(this, args);
    const original = logger[symbols.asJson];
    // Children inherit it from their parent by prototype.
    if (typeof original === 'function' && endsWithFields(logger, writer)) {
      logger[symbols.asJson] = writeWithIds(original as AsJson, writer);
      if (parts.isSending) Object.defineProperty(logger, PATCHED, { value: lines });
      captureDebugLines(logger, { factory, asJson: original as AsJson, writer });
    }
    return logger;
  }
  // `pino.destination`, `pino.stdTimeFunctions` and all the rest.
  const patched = Object.assign(pino, factory);
  // pino exports itself under these names too.
  return Object.assign(patched, { pino: patched, default: patched });
}

/**
 * Has pino put the fields in front of what it ends a line with, in which it writes them with the rest: cutting a line
 * open again would copy it. False for a logger that ends its lines otherwise: nothing is known of its format.
 */
function endsWithFields(logger: PinoLogger, writer: Writer): boolean {
  const { end } = writer.symbols;
  const own = logger[end];
  if (typeof own !== 'string') return false;
  const at = own.lastIndexOf('}');
  if (at < 0) return false;
  const [before, behind] = [own.slice(0, at), own.slice(at)];
  let made = { fields: '', text: own };
  Object.defineProperty(logger, end, {
    configurable: true,
    get() {
      const { fields } = writer;
      if (made.fields !== fields) made = { fields, text: before + fields + behind };
      return made.text;
    },
  });
  return true;
}

interface Capture {
  readonly factory: Factory;
  /** As pino has made it. */
  readonly asJson: AsJson;
  readonly writer: Writer;
}

/** What the logger would write at a lower level goes to the trace it belongs to, and nowhere else. */
function captureDebugLines(logger: PinoLogger, { factory, asJson, writer }: Capture): void {
  const { debugLines, isBelowWanted } = writer.parts;
  if (debugLines === undefined) return;
  captureBelow(logger, {
    symbols: factory.symbols ?? {},
    from: debugLines,
    isWanted: isBelowWanted,
    asJson(...args) {
      return written(asJson, { args, isBelow: true }, this, writer);
    },
  });
}

interface Symbols {
  readonly asJson: symbol;
  readonly messageKey: symbol;
  readonly errorKey: symbol | undefined;
  readonly end: symbol;
}

interface Writer {
  readonly parts: PinoParts;
  readonly lines: LineWriter;
  readonly scope: Scope;
  readonly symbols: Symbols;
  /** Levels of a logger and its children -> level -> what its lines have in common. */
  readonly heads: WeakMap<object, Map<number, LineHead>>;
  /** Of the line that is being written. */
  fields: string;
}

function writeWithIds(original: AsJson, writer: Writer): AsJson {
  return function asJson(...args) {
    return written(original, { args, isBelow: false }, this, writer);
  };
}

interface Written {
  readonly args: Parameters<AsJson>;
  /** The logger itself does not write it. */
  readonly isBelow: boolean;
}

/** The line with its ids, after it was handed to the sink; as pino makes it where there are none to be had. */
function written(original: AsJson, what: Written, logger: PinoLogger, writer: Writer): string {
  const { lines, fields: before } = writer;
  const origin = lines.origin();
  writer.fields = origin?.members ?? '';
  let line: string;
  try {
    line = original.apply(logger, what.args);
  } finally {
    writer.fields = before;
  }
  if (origin === undefined) return line;
  // The logger had no member before ours.
  const text = line.startsWith('{,') ? `{${line.slice(2)}` : line;
  hand(text, origin, { ...what, logger, writer });
  return text;
}

interface Handed extends Written {
  readonly logger: PinoLogger;
  readonly writer: Writer;
}

function hand(text: string, origin: LineOrigin, { args, isBelow, logger, writer }: Handed): void {
  const { lines } = writer;
  try {
    const head = headOf(logger, args[2], writer);
    if (isBelow) lines.writeBelow(head, text, origin);
    else lines.write(head, text, origin);
  } catch {
    lines.failed();
  }
}

/** A logger without levels of its own, as no pino has them, gets a head for each line. */
function headOf(logger: PinoLogger, level: number, writer: Writer): LineHead {
  const { scope, symbols, heads } = writer;
  const { levels } = logger;
  const messageKey = keyOf(logger, symbols.messageKey, 'msg');
  const errorKey = keyOf(logger, symbols.errorKey, 'err');
  const known = levels === undefined ? undefined : heads.get(levels);
  const head = known?.get(level);
  if (head?.messageKey === messageKey && head.errorKey === errorKey) return head;
  const severityText = levels?.labels?.[level] ?? '';
  const made = { scope, severityNumber: severityOfLevel(level), severityText, messageKey, errorKey };
  if (levels !== undefined) heads.set(levels, (known ?? new Map<number, LineHead>()).set(level, made));
  return made;
}

function keyOf(logger: PinoLogger, symbol: symbol | undefined, fallback: string): string {
  const key = symbol === undefined ? undefined : logger[symbol];
  return typeof key === 'string' ? key : fallback;
}
