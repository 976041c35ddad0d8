/**
 * Lines of one message mostly have the same keys: then the line is its values, and what they stand for was said once,
 * as for a call site. Nothing of it is asked of whoever logs.
 */
import type { LineValue } from '@aode/wire';
import type { LineHead } from './log-line.ts';

export interface LineShape {
  readonly head: LineHead;
  readonly keys: readonly string[];
}

/** Lines of a message whose keys differ more often are text. */
const SHAPES_PER_MESSAGE = 4;
/** Messages that are made up anew for each line are not remembered without end. */
const SHAPES_MAX = 2000;
/** What is said once for all lines is in each of them all the same, as bytes. */
const MESSAGE_CHARS_MAX = 256;
const KEYS_MAX = 32;
const KEY_CHARS_MAX = 64;

/** Those of one level of a logger. */
export class LineShapes {
  readonly #head: LineHead;
  readonly #byMessage = new Map<string, LineShape[]>();
  #count = 0;
  #isLooking = false;
  /** Of the line that was asked for last; the same array for all of them. */
  readonly values: LineValue[] = [];

  constructor(head: LineHead) {
    this.#head = head;
  }

  /**
   * The shape of a line, and its values in `values`; undefined for one that has to be text: with fields that are no
   * plain values, or are not the object's own. Throws what a getter throws.
   */
  of(message: string, fields: object | undefined): LineShape | undefined {
    // A getter of the line that is being looked at writes one: it must not be put among the values of that.
    if (this.#isLooking) return undefined;
    this.#isLooking = true;
    try {
      return this.#shapeOf(message, fields);
    } finally {
      this.#isLooking = false;
    }
  }

  #shapeOf(message: string, fields: object | undefined): LineShape | undefined {
    const shapes = this.#byMessage.get(message);
    if (shapes !== undefined) {
      for (const shape of shapes) if (this.#fits(shape.keys, fields)) return shape;
    }
    return this.#add(message, fields, shapes);
  }

  #fits(keys: readonly string[], fields: object | undefined): boolean {
    const { values } = this;
    let count = 0;
    if (fields !== undefined) {
      if (Object.getPrototypeOf(fields) !== Object.prototype) return false;
      for (const key in fields) {
        if (key !== keys[count]) return false;
        const value: unknown = (fields as Readonly<Record<string, unknown>>)[key];
        if (!isPlain(value)) return false;
        values[count] = value;
        count += 1;
      }
    }
    values.length = count;
    return count === keys.length;
  }

  #add(message: string, fields: object | undefined, shapes: LineShape[] = []): LineShape | undefined {
    if (this.#count >= SHAPES_MAX || shapes.length >= SHAPES_PER_MESSAGE) return undefined;
    if (message.length > MESSAGE_CHARS_MAX) return undefined;
    const keys = fields === undefined ? [] : Object.keys(fields);
    if (keys.length > KEYS_MAX || keys.some((key) => key.length > KEY_CHARS_MAX)) return undefined;
    const { messageKey, errorKey } = this.#head;
    if (keys.includes(messageKey) || keys.includes(errorKey) || !this.#fits(keys, fields)) return undefined;
    const shape = { keys, head: { ...this.#head, site: { message, keys } } };
    shapes.push(shape);
    this.#byMessage.set(message, shapes);
    this.#count += 1;
    return shape;
  }
}

/** What a frame has a type for. */
export function isPlain(value: unknown): value is LineValue {
  const type = typeof value;
  return (
    type === 'string' || type === 'number' || type === 'boolean' || value === null || value === undefined
  );
}
