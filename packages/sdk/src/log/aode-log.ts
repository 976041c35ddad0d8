/**
 * Aode's own logger: what a line costs its caller is making it, once, where it will be read from. `log.site` makes not
 * even a text: a call site says once what its lines have in common, and each is its values. Lines have the ids of their
 * request without saying so, and a person at the terminal sees them as text, a pipe as JSON.
 */
import { type LineValue, type Scope, SEVERITY } from '@aode/wire';
import { jsonValue } from './json-line.ts';
import { type DoorState, type LineDoor, lineDoor } from './line-door.ts';
import { isPlain, LineShapes } from './line-shape.ts';
import { NOWHERE } from './line-writer.ts';
import type { LineHead } from './log-line.ts';
import { type LogOutput, STANDARD_OUTPUT } from './log-output.ts';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/** What a line says besides its message. `err` is where an error has its place. */
export type LogFields = Readonly<Record<string, unknown>>;

type Write = {
  (message: string): void;
  (fields: LogFields | Error, message?: string): void;
};

/** Its methods never throw, whatever they are given. */
export interface Log extends Readonly<Record<LogLevel, Write>> {
  /** Lines below this are not written. */
  level: LogLevel;
  isLevelEnabled(level: LogLevel): boolean;
  /** A logger whose lines have these fields too. */
  child(fields: LogFields): Log;
  /**
   * A function that writes lines of this message whose fields have these keys, from its arguments in their order. What
   * is neither text, number, boolean nor null is written as JSON.
   */
  site(level: LogLevel, message: string, ...keys: readonly string[]): (...values: readonly unknown[]) => void;
}

export interface LogSettings {
  /** Names the logger: the scope of its records. */
  readonly name?: string;
  readonly level?: LogLevel;
}

/** A logger of its own name; `log` is one for those who need no more. */
export function createLog(settings: LogSettings = {}): Log {
  return createLogTo(STANDARD_OUTPUT, settings);
}

/** The same whose lines are written elsewhere. */
export function createLogTo(output: LogOutput, settings: LogSettings = {}): Log {
  const name = settingOf(settings, 'name') ?? DEFAULT_NAME;
  const level = SEVERITY[settingOf(settings, 'level') ?? ''] ?? INFO;
  return new AodeLog(newHeads(name), { level, bound: '', output });
}

/** JavaScript passes anything, and a logger that could not be made would take the lines along. */
function settingOf(settings: LogSettings, key: keyof LogSettings): string | undefined {
  try {
    const value: unknown = settings[key];
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

const DEFAULT_NAME = 'aode';

const LEVELS: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];
const INFO = SEVERITY['info'] ?? 9;

const MESSAGE_KEY = 'msg';
const ERROR_KEY = 'err';

interface Level {
  readonly head: LineHead;
  readonly shapes: LineShapes;
}

type Heads = Readonly<Record<LogLevel, Level>>;

function newHeads(name: string): Heads {
  const scope: Scope = { name, version: '', attributes: [], droppedAttributesCount: 0 };
  const heads = LEVELS.map((severityText) => {
    const severityNumber = SEVERITY[severityText] ?? INFO;
    const head = { scope, severityNumber, severityText, messageKey: MESSAGE_KEY, errorKey: ERROR_KEY };
    return [severityText, { head, shapes: new LineShapes(head) }];
  });
  // Of no other name, whatever all objects have.
  return Object.assign(Object.create(null), Object.fromEntries(heads)) as Heads;
}

/** JavaScript passes anything, and what is no text may throw when it is made one. */
const levelOf = (heads: Heads, level: unknown): Level | undefined =>
  typeof level === 'string' ? heads[level as LogLevel] : undefined;

/**
 * Lines that are written while one is: a getter or a toJSON may log. One that logs the very object that it is of would
 * go on until there is no stack left, and be read again at every level on the way back. Deeper ones are counted.
 */
let depth = 0;
const DEPTH_MAX = 4;

interface State {
  /** Severity number of the lowest level that is written. */
  level: number;
  /** Fields of every line, as members of a JSON object, each with a comma before it. */
  readonly bound: string;
  readonly output: LogOutput;
}

class AodeLog implements Log {
  readonly #heads: Heads;
  readonly #state: State;

  constructor(heads: Heads, state: State) {
    this.#heads = heads;
    this.#state = state;
  }

  get level(): LogLevel {
    const { level } = this.#state;
    return LEVELS.find((name) => this.#heads[name].head.severityNumber >= level) ?? 'fatal';
  }

  set level(level: LogLevel) {
    this.#state.level = levelOf(this.#heads, level)?.head.severityNumber ?? this.#state.level;
  }

  isLevelEnabled(level: LogLevel): boolean {
    return (levelOf(this.#heads, level)?.head.severityNumber ?? 0) >= this.#state.level;
  }

  child(fields: LogFields): Log {
    return new AodeLog(this.#heads, { ...this.#state, bound: this.#state.bound + membersOf(fields) });
  }

  // Functions of their own, so that they can be handed on: `promise.catch(log.error)`.
  readonly trace = (what: unknown, message?: string): void => this.#write(this.#heads.trace, what, message);
  readonly debug = (what: unknown, message?: string): void => this.#write(this.#heads.debug, what, message);
  readonly info = (what: unknown, message?: string): void => this.#write(this.#heads.info, what, message);
  readonly warn = (what: unknown, message?: string): void => this.#write(this.#heads.warn, what, message);
  readonly error = (what: unknown, message?: string): void => this.#write(this.#heads.error, what, message);
  readonly fatal = (what: unknown, message?: string): void => this.#write(this.#heads.fatal, what, message);

  #write(level: Level, what: unknown, message: string | undefined): void {
    const isWritten = level.head.severityNumber >= this.#state.level;
    const door = lineDoor();
    if (!isWritten && !wantsBelow(door, level.head)) return;
    if (depth >= DEPTH_MAX) {
      if (typeof door === 'object') door.writer.failed();
      return;
    }
    depth += 1;
    try {
      this.#writeTo(door, level, what, message);
    } finally {
      depth -= 1;
    }
  }

  #writeTo(door: DoorState, { head, shapes }: Level, what: unknown, message: string | undefined): void {
    const { level, bound, output } = this.#state;
    const isWritten = head.severityNumber >= level;
    if (isWritten && bound === '' && !output.isOn && writeShaped(door, shapes, what, message)) return;
    const fields = fieldsOf(what);
    const said = messageText(what, message);
    const members = bound === '' ? fields : bound + fields;
    if (typeof door !== 'object') return output.write(head, withMessage(members, said), '');
    const origin = door.writer.origin() ?? NOWHERE;
    const text = lineText(said, members + origin.extraMembers);
    if (!isWritten) return door.writer.writeBelow(head, text, origin);
    door.writer.write(head, text, origin);
    if (output.isOn) output.write(head, withMessage(members, said), origin.members);
  }

  site(
    level: LogLevel,
    given: string,
    ...givenKeys: readonly string[]
  ): (...values: readonly unknown[]) => void {
    const state = this.#state;
    // JavaScript passes anything.
    const message = textOf(given);
    const keys = givenKeys.map(textOf);
    const plain = (levelOf(this.#heads, level) ?? this.#heads.info).head;
    const head: LineHead = { ...plain, site: { message, keys } };
    const said = quoted(message);
    const membersOfValues = (values: readonly LineValue[]): string => {
      let members = state.bound;
      for (const [i, key] of keys.entries()) members += memberOf(key, values[i]);
      return members;
    };
    return (...all) => {
      if (plain.severityNumber < state.level) return;
      const values = all as LineValue[];
      if (values.length !== keys.length) values.length = keys.length;
      for (let i = 0; i < values.length; i += 1) if (!isPlain(values[i])) values[i] = plainValue(values[i]);
      const door = lineDoor();
      const { output } = state;
      if (typeof door !== 'object')
        return output.write(plain, withMessage(membersOfValues(values), said), '');
      const origin = door.writer.origin() ?? NOWHERE;
      // What is bound, or shown of the baggage, has no place among the values.
      if (state.bound === '' && origin.extraMembers === '') door.writer.writeValues(head, values, origin);
      else door.writer.write(plain, lineText(said, membersOfValues(values) + origin.extraMembers), origin);
      if (output.isOn) output.write(plain, withMessage(membersOfValues(values), said), origin.members);
    };
  }
}

const textOf = (given: unknown): string => (typeof given === 'string' ? given : (jsonValue(given) ?? ''));

/** False where the line has to be text. */
function writeShaped(
  door: ReturnType<typeof lineDoor>,
  shapes: LineShapes,
  what: unknown,
  message: string | undefined,
): boolean {
  if (typeof door !== 'object') return false;
  const isText = typeof what === 'string';
  const said = isText ? what : message;
  if (typeof said !== 'string' || said === '' || (!isText && (typeof what !== 'object' || what === null)))
    return false;
  try {
    const shape = shapes.of(said, isText ? undefined : (what as object));
    if (shape === undefined) return false;
    const origin = door.writer.origin() ?? NOWHERE;
    // What is shown of the baggage has no place among the values.
    if (origin.extraMembers !== '') return false;
    door.writer.writeValues(shape.head, shapes.values, origin);
    return true;
  } catch {
    return false; // Something cannot be read; what can be is written as text.
  }
}

function wantsBelow(door: ReturnType<typeof lineDoor>, { severityNumber }: LineHead): door is LineDoor {
  return typeof door === 'object' && severityNumber >= door.belowFrom && door.wantsBelow();
}

/**
 * The message comes first: so it is still there when a line is cut. But of two members of one name a reader takes the
 * last. `members` have a comma each before them.
 */
function lineText(said: string, members: string): string {
  if (said !== '' && members.includes(`,"${MESSAGE_KEY}":`))
    return `{${withMessage(members, said).slice(1)}}`;
  return said === '' ? `{${members.slice(1)}}` : `{"${MESSAGE_KEY}":${said}${members}}`;
}

const withMessage = (members: string, said: string): string =>
  said === '' ? members : `${members},"${MESSAGE_KEY}":${said}`;

/** As JSON; empty for none. */
function messageText(what: unknown, message: string | undefined): string {
  let text: unknown = message;
  if (typeof what === 'string') text = what;
  else if (text === undefined && isError(what)) text = messageOf(what);
  if (text === undefined) return '';
  // JavaScript passes anything.
  return typeof text === 'string' ? quoted(text) : (valueText(text) ?? 'null');
}

function fieldsOf(what: unknown): string {
  if (typeof what === 'string' || what === undefined) return '';
  if (isError(what)) return memberOf(ERROR_KEY, what);
  return typeof what === 'object' && what !== null ? membersOf(what as LogFields) : memberOf('value', what);
}

/** A proxy may not even say that. */
function isError(value: unknown): value is Error {
  try {
    return value instanceof Error;
  } catch {
    return false;
  }
}

function messageOf(error: Error): string {
  try {
    return String(error.message);
  } catch {
    return '';
  }
}

function membersOf(fields: LogFields): string {
  let members = '';
  // Of a text each character would be one.
  if (typeof fields !== 'object') return members;
  try {
    for (const key in fields) if (Object.hasOwn(fields, key)) members += memberOf(key, fields[key]);
    return members;
  } catch {
    return readableMembers(fields);
  }
}

/** Of an object of which not everything can be read. */
function readableMembers(fields: LogFields): string {
  let members = '';
  try {
    for (const key of Object.keys(fields)) members += memberOf(key, readField(fields, key));
  } catch {
    // A proxy that does not say what it has.
  }
  return members;
}

function readField(fields: LogFields, key: string): unknown {
  try {
    return fields[key];
  } catch {
    return '[unreadable]';
  }
}

function memberOf(key: string, value: unknown): string {
  const text = valueText(value);
  return text === undefined ? '' : keyText(key) + text;
}

function valueText(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return quoted(value);
    case 'number':
      return Number.isFinite(value) ? String(value) : 'null';
    case 'boolean':
      return value ? 'true' : 'false';
    default:
      return jsonValue(isError(value) ? errorFields(value) : value);
  }
}

/** Of those that are each other's cause. */
const CAUSES_MAX = 8;

/** What is its own comes along, and what it was caused by and holds together, as errors too. */
function errorFields(error: Error, depthMax = CAUSES_MAX): unknown {
  try {
    const { name, message, stack, cause } = error;
    const within = (one: unknown): unknown =>
      isError(one) ? (depthMax > 1 ? errorFields(one, depthMax - 1) : messageOf(one)) : one;
    const own = Object.fromEntries(Object.entries(error));
    const { errors } = error as { readonly errors?: unknown };
    return {
      ...own,
      type: name,
      message,
      stack,
      ...(cause === undefined ? {} : { cause: within(cause) }),
      ...(Array.isArray(errors) ? { errors: errors.map(within) } : {}),
    };
  } catch {
    return { type: 'Error', message: '[unreadable]' };
  }
}

function plainValue(value: unknown): LineValue {
  return value === undefined ? undefined : jsonValue(isError(value) ? errorFields(value) : value);
}

/** Keys with their quotes, and a comma before: the same ones come again and again. */
const KEYS = new Map<string, string>();
const KEYS_MAX = 2000;
const KEY_CHARS_MAX = 256;

function keyText(key: string): string {
  let text = KEYS.get(key);
  if (text === undefined) {
    text = `,${JSON.stringify(key)}:`;
    if (KEYS.size < KEYS_MAX && key.length <= KEY_CHARS_MAX) KEYS.set(key, text);
  }
  return text;
}

/** Short texts mostly need no escaping, and looking costs less than a call. */
const LOOKED_AT_MAX = 48;
const FIRST_PLAIN = 32;
const SURROGATES_FROM = 0xd800;
const QUOTE = 34;
const BACKSLASH = 92;

function quoted(text: string): string {
  const { length } = text;
  if (length > LOOKED_AT_MAX) return JSON.stringify(text);
  for (let i = 0; i < length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit < FIRST_PLAIN || unit >= SURROGATES_FROM || unit === QUOTE || unit === BACKSLASH)
      return JSON.stringify(text);
  }
  return `"${text}"`;
}

/** For who needs no name and no level of their own. */
export const log: Log = createLog();
