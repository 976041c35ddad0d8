/**
 * bunyan under the SDK: each record gets the ids of its request before it is emitted, and goes to the hub as well as
 * the text that bunyan makes of it. Streams, serializers and children stay as they are.
 */
import { type Scope, severityOfLevel } from '@aode/wire';
import type { LineOrigin, LineWriter } from './line-writer.ts';
import type { LineHead } from './log-line.ts';
import type { NestedLines } from './nested-lines.ts';

export interface BunyanParts {
  readonly lines: LineWriter;
  /** Told while a record is on its way, so that streams that use the console do not bring it a second time. */
  readonly nested: NestedLines;
}

/** Of one line; bunyan makes it for that line alone. */
type Fields = Record<string, unknown>;

type Emit = (this: unknown, record: Fields, noEmit?: boolean) => unknown;

interface Exports {
  readonly prototype?: { _emit?: Emit };
  readonly VERSION?: unknown;
  readonly nameFromLevel?: Readonly<Record<number, unknown>>;
}

/** Until disposed of. Does nothing to what does not look like bunyan. */
export function patchBunyan(exports: unknown, parts: BunyanParts): Disposable {
  const bunyan = (exports ?? {}) as Exports;
  const { prototype, VERSION: version } = bunyan;
  const original = prototype?._emit;
  if (prototype === undefined || typeof original !== 'function') return NOTHING;
  const scope: Scope = {
    name: 'bunyan',
    version: typeof version === 'string' ? version : '',
    attributes: [],
    droppedAttributesCount: 0,
  };
  const heads = headsOf(scope, bunyan);
  const { lines, nested } = parts;
  let isOver = false;
  const emit: Emit = function emit(record, noEmit) {
    const origin = isOver || noEmit === true ? undefined : lines.origin();
    if (origin === undefined) return original.call(this, record, noEmit);
    Object.assign(record, origin.fields);
    nested.enter();
    try {
      const text = original.call(this, record, noEmit);
      hand(record, { text, origin, lines, heads, again: () => original.call(this, record, true) });
      return text;
    } finally {
      nested.leave();
    }
  };
  prototype._emit = emit;
  return {
    [Symbol.dispose]() {
      isOver = true;
      if (prototype._emit === emit) prototype._emit = original;
    },
  };
}

const NOTHING: Disposable = { [Symbol.dispose]: () => undefined };

interface Emitted {
  readonly text: unknown;
  readonly origin: LineOrigin;
  readonly lines: LineWriter;
  readonly heads: (level: number) => LineHead;
  /** The text, where only raw streams are there and bunyan has made none. */
  readonly again: () => unknown;
}

function hand(record: Fields, { text, origin, lines, heads, again }: Emitted): void {
  try {
    const line = typeof text === 'string' ? text : String(again());
    lines.write(heads(Number(record['level'])), line, origin);
  } catch {
    lines.failed();
  }
}

/** Levels are numbers that anybody may make up. */
const LEVELS_MAX = 100;

function headsOf(scope: Scope, { nameFromLevel }: Exports): (level: number) => LineHead {
  const known = new Map<number, LineHead>();
  return (level) => {
    const head = known.get(level);
    if (head !== undefined) return head;
    const name = nameFromLevel?.[level];
    const made: LineHead = {
      scope,
      severityNumber: severityOfLevel(level),
      severityText: typeof name === 'string' ? name : '',
      messageKey: 'msg',
      errorKey: 'err',
    };
    if (known.size < LEVELS_MAX) known.set(level, made);
    return made;
  };
}
