/**
 * A destination of pino whose lines go to Aode instead of standard output, with the ids of their request. Beside others
 * in a multistream, under `@aode/sdk/register`, they were handed over when they were made. What there is to know of a
 * line pino has told it (`pino.metadata`), so nothing is parsed but for a person's eyes.
 *
 * A line that Aode cannot take, because it does not run, is written to standard output.
 */
import { EventEmitter } from 'node:events';
import { AodeError, errorLine } from '@aode/base';
import { type Scope, severityOfLevel } from '@aode/wire';
import { environment } from '../env.ts';
import { type LineDoor, lineDoor } from './line-door.ts';
import { NOWHERE } from './line-writer.ts';
import type { LineHead } from './log-line.ts';
import { HANDS_OVER, PATCHED } from './pino.ts';
import { prettyLine } from './pretty-line.ts';
import { type LineOutput, writeQuietly } from './quiet-write.ts';

export interface AodeDestinationOptions {
  /** Default: standard output where that is a terminal, and nowhere else. Null: nowhere. */
  readonly also?: LineOutput | null;
  /** For a person instead of as JSON. Default: where it is a terminal. */
  readonly pretty?: boolean;
}

/** What pino, `pino.multistream` and `logger.flush` use of a destination. */
export interface AodeDestination {
  /** By which pino tells a destination from options, where it is the only argument. */
  readonly writable: true;
  write(text: string): boolean;
  /** Calls back once the lines so far survive the end of the process, with an AodeError when they do not in time. */
  flush(done?: (error?: Error) => void): void;
  /** The lines so far are in shared memory, which outlives this thread; has them taken at once. */
  flushSync(): void;
  /** Flushes, then emits `finish` and `close`. */
  end(): void;
  emit(event: string, ...args: unknown[]): boolean;
  on(event: string, listener: (...args: unknown[]) => void): this;
  once(event: string, listener: (...args: unknown[]) => void): this;
  off(event: string, listener: (...args: unknown[]) => void): this;
}

/** Told to a destination that has it (pino, § Metadata). */
const METADATA = Symbol.for('pino.metadata');

interface Metadata {
  lastLevel?: unknown;
  lastLogger?: Logger | undefined;
  lastObj?: unknown;
  lastMsg?: unknown;
  lastTime?: unknown;
}

interface Logger {
  readonly levels?: { readonly labels?: Readonly<Record<number, string>> };
  readonly [key: symbol]: unknown;
}

/** What pino says of itself when it is given a destination. */
interface Config {
  readonly levels?: { readonly labels?: Readonly<Record<number, string>> };
  readonly messageKey: string;
  readonly errorKey: string;
}

const DEFAULTS: Config = { messageKey: 'msg', errorKey: 'err' };
const SCOPE: Scope = { name: 'pino', version: '', attributes: [], droppedAttributesCount: 0 };

/** `process` as far as it is needed; tests hand in their own. */
export interface Standard {
  readonly stdout: LineOutput;
  readonly stderr: LineOutput;
}

export function createDestination(
  { also, pretty }: AodeDestinationOptions,
  standard: Standard,
): AodeDestination {
  const output = also === undefined && standard.stdout.isTTY === true ? standard.stdout : (also ?? undefined);
  const lines = new DestinationLines();
  const print = (to: LineOutput, text: string): void => {
    const isTerminal = to.isTTY === true;
    const shown = (pretty ?? isTerminal) ? lines.pretty(text, isTerminal) : text;
    if (to === standard.stdout) writeQuietly(to, shown);
    else to.write(shown);
  };
  const destination: AodeDestination & Metadata = Object.assign(new EventEmitter(), {
    [METADATA]: true,
    [HANDS_OVER]: true,
    writable: true as const,
    write(text: string): boolean {
      const door = lineDoor();
      let written = text;
      if (typeof door === 'object') written = lines.hand(door, text, destination, output !== undefined);
      else if (door === undefined) warnOnce(standard);
      forget(destination);
      if (typeof door !== 'object') print(output ?? standard.stdout, written);
      else if (output !== undefined) print(output, written);
      return true;
    },
    flush(done: (error?: Error) => void = () => undefined): void {
      flush(done);
    },
    flushSync(): void {
      const door = lineDoor();
      if (typeof door === 'object') door.hurry();
    },
    end(): void {
      flush(() => {
        destination.emit('finish');
        destination.emit('close');
      });
    },
  });
  destination.on('message', (message) => {
    const { code, config } = message as { readonly code?: unknown; readonly config?: Config };
    if (code === 'PINO_CONFIG') lines.configure(config);
  });
  return destination;
}

/** What pino has told of the line is not true of what somebody else may write, and holds its objects. */
function forget(metadata: Metadata): void {
  metadata.lastLogger = undefined;
  metadata.lastObj = undefined;
  metadata.lastMsg = undefined;
  metadata.lastLevel = undefined;
}

function flush(done: (error?: Error) => void): void {
  const door = lineDoor();
  if (typeof door !== 'object') {
    queueMicrotask(done);
    return;
  }
  void door
    .durable()
    .catch(() => false)
    .then((isDurable) => {
      if (isDurable) done();
      else done(new AodeError('AODE_EXPORT_FAILED', { why: 'not all lines are safe yet' }));
    });
}

/** One of them speaks for all: they have one SDK. */
let hasWarned = false;

function warnOnce({ stderr }: Standard): void {
  if (hasWarned) return;
  hasWarned = true;
  writeQuietly(stderr, `aode: ${errorLine(new AodeError('AODE_LINES_UNSENT'))}\n`);
}

/** Lines of all loggers that write to one destination. */
class DestinationLines {
  #latest: Config = DEFAULTS;
  readonly #configs = new WeakMap<object, Config>();
  readonly #heads = new WeakMap<Config, Map<unknown, LineHead>>();
  #latestLevels: Logger['levels'];
  #latestLevel: unknown;
  #latestHead: LineHead | undefined;
  readonly #mayColour = (environment()['NO_COLOR'] ?? '') === '';

  configure(config: Config | undefined): void {
    if (typeof config?.messageKey !== 'string' || typeof config.errorKey !== 'string') return;
    this.#latest = config;
    this.#latestHead = undefined;
    if (config.levels !== undefined) this.#configs.set(config.levels, config);
  }

  /** After it was handed over, the line as it is printed: with its ids. */
  hand({ writer }: LineDoor, text: string, { lastLogger, lastLevel }: Metadata, isPrinted: boolean): string {
    // By the patch of pino, when it made the line.
    if (lastLogger?.[PATCHED] === writer) return text;
    try {
      const origin = writer.origin() ?? NOWHERE;
      // Those that every record has need not be in its text.
      const line = withMembers(text, isPrinted ? origin.members : origin.extraMembers);
      writer.write(this.#head(lastLogger, lastLevel), line, origin);
      return line;
    } catch {
      writer.failed();
      return text;
    }
  }

  pretty(text: string, colours: boolean): string {
    const { messageKey, errorKey, levels } = this.#latest;
    const labelOf = (level: number): string | undefined => levels?.labels?.[level];
    return prettyLine(text, {
      colours: colours && this.#mayColour,
      messageKey,
      errorKey,
      labelOf,
    });
  }

  #head(logger: Logger | undefined, level: unknown): LineHead {
    const levels = logger?.levels;
    // Most lines are of the level of the one before.
    if (level === this.#latestLevel && levels === this.#latestLevels && this.#latestHead !== undefined)
      return this.#latestHead;
    const head = this.#headOf(levels, level);
    this.#latestLevel = level;
    this.#latestLevels = levels;
    this.#latestHead = head;
    return head;
  }

  #headOf(levels: Logger['levels'], level: unknown): LineHead {
    const config = (levels === undefined ? undefined : this.#configs.get(levels)) ?? this.#latest;
    const known = this.#heads.get(config) ?? new Map<unknown, LineHead>();
    const head = known.get(level);
    if (head !== undefined) return head;
    const { messageKey, errorKey } = config;
    const isNumber = typeof level === 'number';
    const made: LineHead = {
      scope: SCOPE,
      // Without a number what the line says of itself counts (log-line.ts).
      severityNumber: isNumber ? severityOfLevel(level) : 0,
      severityText: (isNumber ? levels?.labels?.[level] : undefined) ?? '',
      messageKey,
      errorKey,
    };
    if (known.size < LEVELS_MAX) this.#heads.set(config, known.set(level, made));
    return made;
  }
}

/** Levels are numbers that anybody may make up. */
const LEVELS_MAX = 100;

/** Before the brace that closes the line; a line of another form stays as it is. */
function withMembers(text: string, members: string): string {
  const at = members === '' ? -1 : text.lastIndexOf('}');
  if (at < 0) return text;
  const isEmpty = text.slice(0, at).trimEnd() === '{';
  return text.slice(0, at) + (isEmpty ? members.slice(1) : members) + text.slice(at);
}
