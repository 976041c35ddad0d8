/**
 * Lines below a logger's level. pino puts an empty function where a level is off; here one stands that makes the line
 * and hands it over, when a request is under way that could want it. `level`, `isLevelEnabled` and what is written stay
 * as they are. The line is made by a shadow of the logger: the same bindings, serializers and redaction, no output.
 */
import type { AsJson, PinoLogger } from './pino.ts';

export interface BelowParts {
  /** pino's own, as it exports them. */
  readonly symbols: Readonly<Record<string, symbol>>;
  /** Lowest level that is captured. */
  readonly from: 'debug' | 'trace';
  /** Asked before anything else is done. */
  readonly isWanted: () => boolean;
  /** Stands in place of pino's, which it calls. */
  readonly asJson: AsJson;
}

type SetLevel = (this: PinoLogger, level: string | number) => void;
type Method = (this: PinoLogger, ...args: unknown[]) => void;

/** Of this logger and of the children that it will have. Does nothing where pino is not as it is known here. */
export function captureBelow(logger: PinoLogger, parts: BelowParts): void {
  const { setLevelSym, streamSym, hooksSym, asJsonSym } = parts.symbols;
  if (setLevelSym === undefined || streamSym === undefined || asJsonSym === undefined) return;
  const setLevel = logger[setLevelSym];
  if (typeof setLevel !== 'function') return;
  const shadows = new WeakMap<PinoLogger, PinoLogger>();

  const newShadow = (of: PinoLogger): PinoLogger => {
    const shadow = Object.create(of) as PinoLogger & { emit: () => boolean };
    shadow[streamSym] = { write: () => undefined };
    shadow[asJsonSym] = parts.asJson;
    if (hooksSym !== undefined) shadow[hooksSym] = { ...(of[hooksSym] as object), streamWrite: undefined };
    // Nobody is told of a level that no logger of theirs has.
    shadow.emit = () => false;
    (setLevel as SetLevel).call(shadow, parts.from);
    shadows.set(of, shadow);
    return shadow;
  };

  const methodOf = (name: string): Method =>
    function captured(this: PinoLogger, ...args) {
      if (!parts.isWanted()) return;
      const shadow = shadows.get(this) ?? newShadow(this);
      (shadow as unknown as Record<string, Method>)[name]?.apply(shadow, args);
    };

  const values = logger.levels?.values ?? {};
  const lowest = values[parts.from] ?? 0;
  const methods = new Map<string, Method>();
  for (const [name, value] of Object.entries(values)) if (value >= lowest) methods.set(name, methodOf(name));

  const fill = (of: PinoLogger): void => {
    const { isLevelEnabled } = of as PinoLogger & { isLevelEnabled?: (name: string) => boolean };
    if (typeof isLevelEnabled !== 'function') return;
    for (const [name, method] of methods) {
      if (!isLevelEnabled.call(of, name)) (of as unknown as Record<string, Method>)[name] = method;
    }
  };

  logger[setLevelSym] = function setLevelAndFill(this: PinoLogger, level: string | number): void {
    (setLevel as SetLevel).call(this, level);
    shadows.delete(this);
    fill(this);
  };
  fill(logger);
}
