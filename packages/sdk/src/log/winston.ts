/**
 * winston under the SDK: each record gets the ids of its request when it is written, and what the logger's format has
 * made of it goes to the hub as well. Levels, formats, transports and children stay as they are.
 *
 * A logger is a stream: while a transport is slow, records wait in it, and are formatted in somebody else's request. So
 * the ids are read in `write`, put into a copy of the record, and kept beside it until its turn comes.
 */
import { type Scope, severityOfName } from '@aode/wire';
import type { Span } from '@opentelemetry/api';
import { jsonLine } from './json-line.ts';
import type { LineOrigin, LineWriter } from './line-writer.ts';
import type { LineHead } from './log-line.ts';
import type { NestedLines } from './nested-lines.ts';

export interface WinstonParts {
  readonly lines: LineWriter;
  /** Told while a record is on its way, so that transports that use the console do not bring it a second time. */
  readonly nested: NestedLines;
}

/** Of the package triple-beam, in all of its copies. */
const LEVEL = Symbol.for('level');
const MESSAGE = Symbol.for('message');
const SPLAT = Symbol.for('splat');

type Info = Readonly<Record<string | symbol, unknown>>;

interface Logger {
  readonly levels?: Readonly<Record<string, unknown>>;
  isLevelEnabled?(level: string): boolean;
}

type Method = (this: Logger, ...args: unknown[]) => unknown;

interface Prototype {
  write: Method;
  push: Method;
  _transform: Method;
}

/** A record between `write` and its turn. */
interface Written extends WithFields {
  readonly origin: LineOrigin;
  readonly span: Span | undefined;
}

/** Until disposed of. Does nothing to what does not look like winston. */
export function patchWinston(exports: unknown, parts: WinstonParts): Disposable {
  const { Logger: constructor, version } = (exports ?? {}) as {
    readonly Logger?: { readonly prototype?: Prototype };
    readonly version?: unknown;
  };
  const prototype = constructor?.prototype;
  if (typeof prototype?.write !== 'function' || typeof prototype._transform !== 'function') return NOTHING;
  const scope: Scope = {
    name: 'winston',
    version: typeof version === 'string' ? version : '',
    attributes: [],
    droppedAttributesCount: 0,
  };
  return install(prototype, new WinstonWriter(scope, parts));
}

interface WithFields {
  readonly info: unknown;
  readonly undo?: (() => void) | undefined;
}

const NOTHING: Disposable = { [Symbol.dispose]: () => undefined };

/** `write` and `push` are inherited from the stream; here they stand on the logger's own prototype. */
function install(prototype: Prototype, writer: WinstonWriter): Disposable {
  const { write, push, _transform: transform } = prototype;
  const own = new Set(Object.getOwnPropertyNames(prototype));
  const ours: Prototype = {
    write(...args) {
      return writer.write(args, (given) => write.apply(this, [...given]));
    },
    _transform(...args) {
      return writer.transform(args[0], () => transform.apply(this, args));
    },
    push(...args) {
      writer.push(this, args[0]);
      return push.apply(this, args);
    },
  };
  Object.assign(prototype, ours);
  return {
    [Symbol.dispose]() {
      writer.isOver = true;
      for (const [name, before] of Object.entries({ write, push, _transform: transform })) {
        const key = name as keyof Prototype;
        // Somebody has patched it after us, and calls ours.
        if (prototype[key] !== ours[key]) continue;
        if (own.has(name)) prototype[key] = before;
        else Reflect.deleteProperty(prototype, key);
      }
    },
  };
}

class WinstonWriter {
  isOver = false;
  readonly #scope: Scope;
  readonly #parts: WinstonParts;
  /** In `write`, before its turn. */
  #writing: Written | undefined = undefined;
  /** Whose turn it is. */
  #turn: Written | undefined = undefined;
  /** Those that wait in a stream. */
  readonly #waiting = new WeakMap<object, Written>();
  readonly #heads = new WeakMap<object, Map<string, LineHead>>();

  constructor(scope: Scope, parts: WinstonParts) {
    this.#scope = scope;
    this.#parts = parts;
  }

  write(args: readonly unknown[], go: (args: readonly unknown[]) => unknown): unknown {
    const { lines, nested } = this.#parts;
    const origin = this.isOver ? undefined : lines.origin();
    if (origin === undefined) return go(args);
    const given = args[0];
    const { info, undo } = this.#withFields(given, origin.fields);
    const written = { info, undo, origin, span: lines.span() };
    const before = this.#writing;
    this.#writing = written;
    nested.enter();
    try {
      return go(info === given ? args : [info, ...args.slice(1)]);
    } finally {
      nested.leave();
      // Its turn has not come: a transport is slow.
      if (this.#writing === written && typeof info === 'object' && info !== null) {
        this.#waiting.set(info, written);
      } else undo?.();
      this.#writing = before;
    }
  }

  transform(info: unknown, go: () => unknown): unknown {
    const writing = this.#writing;
    const isNow = writing !== undefined && writing.info === info;
    const written = isNow ? writing : isObject(info) ? this.#waiting.get(info) : undefined;
    const before = this.#turn;
    this.#turn = written;
    if (isNow) this.#writing = undefined;
    else if (isObject(info)) this.#waiting.delete(info);
    try {
      return go();
    } finally {
      this.#turn = before;
      if (!isNow) written?.undo?.();
    }
  }

  /** What the format has made of the record whose turn it is; false where it wants none. */
  push(logger: Logger, formatted: unknown): void {
    const written = this.#turn;
    if (written === undefined || !isObject(formatted)) return;
    this.#turn = undefined;
    const { lines } = this.#parts;
    try {
      const info = formatted as Info;
      const named = info[LEVEL] ?? info['level'];
      const level = typeof named === 'string' ? named : '';
      if (logger.isLevelEnabled?.(level) === false) return;
      lines.write(this.#head(logger, level), textOf(info), written.origin, written.span);
    } catch {
      lines.failed();
    }
  }

  /**
   * A plain object is copied: the application's own must not carry the ids of this request into the next. Of any other
   * a copy would lack what is private to it, so that they are put into itself, and taken out again.
   */
  #withFields(given: unknown, fields: LineOrigin['fields']): WithFields {
    if (fields === undefined || !isObject(given)) return { info: given };
    try {
      const prototype: unknown = Object.getPrototypeOf(given);
      if (prototype === Object.prototype || prototype === null)
        return { info: Object.assign({}, given, fields) };
      const names = Object.keys(fields).filter((name) => !Object.hasOwn(given, name));
      const put = names.filter((name) =>
        Reflect.defineProperty(given, name, {
          value: fields[name],
          configurable: true,
          enumerable: true,
          writable: true,
        }),
      );
      return { info: given, undo: () => put.forEach((name) => void Reflect.deleteProperty(given, name)) };
    } catch {
      this.#parts.lines.failed();
      return { info: given };
    }
  }

  #head(logger: Logger, level: string): LineHead {
    const levels = logger.levels ?? {};
    const known = this.#heads.get(levels) ?? new Map<string, LineHead>();
    const head = known.get(level);
    if (head !== undefined) return head;
    const made: LineHead = {
      scope: this.#scope,
      severityNumber: severityOfName(level, levels),
      severityText: level,
      messageKey: 'message',
      errorKey: 'error',
    };
    // Names made up by the thousand must not fill the memory.
    if (known.size < LEVELS_MAX) this.#heads.set(levels, known.set(level, made));
    return made;
  }
}

const LEVELS_MAX = 100;

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/**
 * Where the format writes JSON this is the line: what a replacer has taken out of it is to stay out, and no code of the
 * application runs again. Any other format leaves the record, of which its text is a part.
 */
function textOf(info: Info): string {
  const message = info[MESSAGE];
  const isJson = typeof message === 'string' && message.startsWith('{') && message.endsWith('}');
  const error = errorOf(info);
  const isWhole = error === undefined || typeof info['message'] === 'string';
  if (isJson && isWhole && message.includes('"message":')) return message;
  const record = error === undefined ? info : { ...info, ...errorFields(error, info) };
  return jsonLine(record) ?? '{}';
}

/** The error that was logged, wherever winston has put it. */
function errorOf(info: Info): Error | undefined {
  if (info instanceof Error) return info;
  if (info['message'] instanceof Error) return info['message'];
  const splat = info[SPLAT];
  return Array.isArray(splat) ? splat.find((one): one is Error => one instanceof Error) : undefined;
}

function errorFields(error: Error, info: Info): object {
  const { message, stack } = error;
  const said = info['message'];
  return { message: said instanceof Error || said === undefined ? message : said, stack };
}
