/**
 * pino under the SDK: each line gets the ids of its request when it is written, and goes to the hub as well. The
 * logger's destination, format, redaction and serializers stay as they are: what pino has made of a line is taken as it
 * comes, the ids are put in before its closing brace.
 */
import { type Scope, severityOfLevel } from '@aode/wire';
import type { LineOrigin, LineWriter } from './line-writer.ts';
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

/** On a destination that hands lines over by itself, with the ids of their request. */
export const HANDS_OVER: symbol = Symbol.for('aode.pino-destination');

type Factory = ((...args: unknown[]) => PinoLogger) & {
  readonly symbols?: Readonly<Record<string, symbol>>;
  readonly version?: string;
};

/** pino's exports with a factory whose loggers carry the ids. What does not look like pino comes back as it is. */
export function patchPino(exports: unknown, parts: PinoParts): unknown {
  if (typeof exports !== 'function') return exports;
  const factory = exports as Factory;
  const { asJsonSym, messageKeySym, errorKeySym, endSym, streamSym, hooksSym } = factory.symbols ?? {};
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
  const writer = new PinoWriter(parts.lines, scope, symbols);

  function pino(this: unknown, ...args: unknown[]): PinoLogger {
    const logger = factory.apply(this, args);
    const original = logger[symbols.asJson];
    // Children inherit it from their parent by prototype.
    if (typeof original === 'function' && endsWithFields(logger, writer)) {
      const asJson = original as AsJson;
      const stream = streamSym === undefined ? undefined : logger[streamSym];
      const scrub = hooksSym === undefined ? undefined : scrubOf(logger[hooksSym]);
      if (!parts.isSending || !handsOver(stream)) {
        const how = { isBelow: false, scrub };
        logger[symbols.asJson] = function (this: PinoLogger, ...args: Parameters<AsJson>): string {
          return writer.write(asJson, args, this, how);
        };
        if (hooksSym !== undefined && scrub !== undefined) {
          const streamWrite = (text: string): string => writer.scrubbed(scrub(text));
          logger[hooksSym] = { ...(logger[hooksSym] as object), streamWrite };
        }
        if (parts.isSending) Object.defineProperty(logger, PATCHED, { value: parts.lines });
      }
      const { debugLines, isBelowWanted } = parts;
      // What the logger would write at a lower level goes to the trace it belongs to, and nowhere else.
      if (debugLines !== undefined) {
        const below = { isBelow: true, scrub };
        captureBelow(logger, {
          symbols: factory.symbols ?? {},
          from: debugLines,
          isWanted: isBelowWanted,
          asJson(...args) {
            return writer.write(asJson, args, this, below);
          },
        });
      }
    }
    return logger;
  }
  // `pino.destination`, `pino.stdTimeFunctions` and all the rest.
  const patched = Object.assign(pino, factory);
  // pino exports itself under these names too.
  return Object.assign(patched, { pino: patched, default: patched });
}

/** pino's hook that has the last word about the text of a line; what it takes out of it leaves nowhere. */
type Scrub = (text: string) => string;

function scrubOf(hooks: unknown): Scrub | undefined {
  const { streamWrite } = (hooks ?? {}) as { readonly streamWrite?: unknown };
  return typeof streamWrite === 'function' ? (streamWrite as Scrub) : undefined;
}

interface How {
  /** The logger itself does not write it. */
  readonly isBelow: boolean;
  readonly scrub: Scrub | undefined;
}

const handsOver = (stream: unknown): boolean =>
  typeof stream === 'object' && stream !== null && HANDS_OVER in stream;

/**
 * Has pino put the fields in front of what it ends a line with, in which it writes them with the rest: cutting a line
 * open again would copy it. False for a logger that ends its lines otherwise: nothing is known of its format.
 */
function endsWithFields(logger: PinoLogger, writer: PinoWriter): boolean {
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

interface Symbols {
  readonly asJson: symbol;
  readonly messageKey: symbol;
  readonly errorKey: symbol | undefined;
  readonly end: symbol;
}

class PinoWriter {
  readonly symbols: Symbols;
  readonly #lines: LineWriter;
  readonly #scope: Scope;
  /** Levels of a logger and its children -> level -> what its lines have in common. */
  readonly #heads = new WeakMap<object, Map<number, LineHead>>();
  /** Of the line that is being made. */
  fields = '';
  /** A line of which the application's hook has to say what it is. */
  #due: { readonly head: LineHead; readonly origin: LineOrigin } | undefined = undefined;

  constructor(lines: LineWriter, scope: Scope, symbols: Symbols) {
    this.#lines = lines;
    this.#scope = scope;
    this.symbols = symbols;
  }

  /** The line with its ids, after it was handed to the sink; as pino makes it where there are none to be had. */
  write(asJson: AsJson, args: Parameters<AsJson>, logger: PinoLogger, { isBelow, scrub }: How): string {
    const origin = this.#lines.origin();
    const text = this.#made(asJson, args, logger, origin?.members);
    const head = origin === undefined ? undefined : this.#headOf(logger, args[2]);
    if (origin === undefined || head === undefined) return text;
    if (isBelow) this.#writeBelow(head, text, { origin, scrub });
    else if (scrub === undefined) this.#lines.write(head, text, origin);
    else this.#due = { head, origin };
    return text;
  }

  /** What has become of the line that is being written. */
  scrubbed(text: string): string {
    const due = this.#due;
    this.#due = undefined;
    if (due !== undefined && typeof text === 'string') this.#lines.write(due.head, text, due.origin);
    return text;
  }

  #writeBelow(
    head: LineHead,
    text: string,
    { origin, scrub }: Pick<How, 'scrub'> & { readonly origin: LineOrigin },
  ): void {
    try {
      this.#lines.writeBelow(head, scrub === undefined ? text : scrub(text), origin);
    } catch {
      this.#lines.failed();
    }
  }

  #made(asJson: AsJson, args: Parameters<AsJson>, logger: PinoLogger, fields = ''): string {
    const before = this.fields;
    this.fields = fields;
    try {
      const line = asJson.apply(logger, args);
      // The logger had no member before ours.
      return line.startsWith('{,') ? `{${line.slice(2)}` : line;
    } finally {
      this.fields = before;
    }
  }

  /** Without levels of its own, as no pino is, a logger gets a head for each line. Undefined, counted, for none. */
  #headOf(logger: PinoLogger, level: number): LineHead | undefined {
    try {
      const { levels } = logger;
      const messageKey = keyOf(logger, this.symbols.messageKey, 'msg');
      const errorKey = keyOf(logger, this.symbols.errorKey, 'err');
      const known = levels === undefined ? undefined : this.#heads.get(levels);
      const head = known?.get(level);
      if (head?.messageKey === messageKey && head.errorKey === errorKey) return head;
      const severityText = levels?.labels?.[level] ?? '';
      const severityNumber = severityOfLevel(level);
      const made = { scope: this.#scope, severityNumber, severityText, messageKey, errorKey };
      if (levels !== undefined)
        this.#heads.set(levels, (known ?? new Map<number, LineHead>()).set(level, made));
      return made;
    } catch {
      this.#lines.failed();
      return undefined;
    }
  }
}

function keyOf(logger: PinoLogger, symbol: symbol | undefined, fallback: string): string {
  const key = symbol === undefined ? undefined : logger[symbol];
  return typeof key === 'string' ? key : fallback;
}
