/**
 * The console under the SDK: what is written by it goes to the hub as well, as the text that it has written, without
 * colours. Its output stays as it is, byte for byte, because the text is taken on its way to the stream: formatting the
 * arguments a second time would run code of the application a second time.
 */
import { formatWithOptions, stripVTControlCharacters } from 'node:util';
import { type Scope, SEVERITY } from '@aode/wire';
import type { LineOrigin, LineWriter } from './line-writer.ts';
import type { LineHead } from './log-line.ts';
import type { NestedLines } from './nested-lines.ts';

export interface ConsoleParts {
  readonly lines: LineWriter;
  readonly nested: NestedLines;
  /** The lowest level that is taken. */
  readonly from: ConsoleLevel;
}

export type ConsoleLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';

type Name = 'log' | ConsoleLevel;
type Method = (this: unknown, ...args: unknown[]) => void;
type Target = Record<Name, Method> & { readonly _stdout?: Output; readonly _stderr?: Output };

interface Output {
  write: (...args: unknown[]) => unknown;
}

/** Method -> level. All others of the console write by one of these. */
const LEVELS: Readonly<Record<Name, ConsoleLevel>> = {
  trace: 'trace',
  debug: 'debug',
  log: 'info',
  info: 'info',
  warn: 'warn',
  error: 'error',
};

const SCOPE: Scope = { name: 'console', version: '', attributes: [], droppedAttributesCount: 0 };

/** Until disposed of. What somebody has put on the console before stays beneath, what comes after stands above. */
export function patchConsole(target: object, { lines, nested, from }: ConsoleParts): Disposable {
  const console = target as Target;
  const least = SEVERITY[from] ?? 0;
  const undo: (() => void)[] = [];
  for (const [key, level] of Object.entries(LEVELS)) {
    const name = key as Name;
    const original = console[name];
    const severityNumber = SEVERITY[level] ?? 0;
    if (typeof original !== 'function' || severityNumber < least) continue;
    const head: LineHead = {
      scope: SCOPE,
      severityNumber,
      severityText: level,
      messageKey: 'message',
      errorKey: 'error',
    };
    const stream = severityNumber >= TO_STDERR || level === 'trace' ? '_stderr' : '_stdout';
    let isOver = false;
    const ours: Method = function (...args) {
      const origin = isOver || nested.isInside ? undefined : lines.origin();
      if (origin === undefined) return original.apply(this, args);
      nested.enter();
      let text: string | undefined;
      try {
        text = captured(outputOf(console, stream), () => original.apply(this, args));
      } finally {
        nested.leave();
      }
      lines.write(head, textLine(text ?? formatted(args), origin), origin);
    };
    Object.defineProperty(ours, 'name', { value: name, configurable: true });
    console[name] = ours;
    undo.push(() => {
      isOver = true;
      if (console[name] === ours) console[name] = original;
    });
  }
  return { [Symbol.dispose]: () => undo.forEach((one) => one()) };
}

const TO_STDERR = SEVERITY['warn'] ?? 0;

function outputOf(console: Target, stream: '_stdout' | '_stderr'): Output | undefined {
  try {
    return console[stream];
  } catch {
    return undefined; // Standard output that cannot be opened is the console's own affair.
  }
}

/** What `work` writes to `output`, which gets it too; undefined when it has written nothing there. */
function captured(output: Output | undefined, work: () => void): string | undefined {
  if (typeof output?.write !== 'function') {
    work();
    return undefined;
  }
  let text: string | undefined;
  const own = Object.getOwnPropertyDescriptor(output, 'write');
  const { write } = output;
  const tee = function tee(this: unknown, ...args: unknown[]): unknown {
    if (typeof args[0] === 'string') text = (text ?? '') + args[0];
    return write.apply(this, args);
  };
  const isTeed = Reflect.defineProperty(output, 'write', {
    value: tee,
    configurable: true,
    enumerable: own?.enumerable ?? false,
    writable: true,
  });
  try {
    work();
  } finally {
    // Somebody may have put his own there meanwhile.
    if (isTeed && output.write === tee) {
      if (own === undefined) Reflect.deleteProperty(output, 'write');
      else Object.defineProperty(output, 'write', own);
    }
  }
  return text;
}

/** Where the console was somebody else's before: as Node.js would write it. */
function formatted(args: readonly unknown[]): string {
  try {
    return formatWithOptions({ colors: false }, ...args);
  } catch {
    return '';
  }
}

/** A JSON object with the text as its message: by itself it might look like one, and be taken for fields. */
function textLine(text: string, { members }: LineOrigin): string {
  const message = JSON.stringify(stripVTControlCharacters(text).replace(/\n$/, ''));
  return `{"message":${message}${members}}`;
}
