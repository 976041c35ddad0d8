/** Colours, by meaning and not by name, and only where somebody sees them. */
import { styleText } from 'node:util';
import type { Shell } from './shell.ts';

export interface Paint {
  readonly error: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly good: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly strong: (text: string) => string;
}

type Style = Parameters<typeof styleText>[0];

/** `allowed` is false after --no-color; NO_COLOR and FORCE_COLOR are those of no-color.org and of Node. */
export function paintFor(
  shell: Pick<Shell, 'env' | 'outIsTerminal' | 'errIsTerminal'>,
  allowed: boolean,
): Paint {
  const { NO_COLOR, FORCE_COLOR, TERM } = shell.env;
  const forced = FORCE_COLOR !== undefined && FORCE_COLOR !== '' && FORCE_COLOR !== '0';
  const refused = !allowed || (NO_COLOR !== undefined && NO_COLOR !== '') || TERM === 'dumb';
  const on = !refused && (forced || shell.outIsTerminal);
  const style = (format: Style) => (text: string) =>
    on ? styleText(format, text, { validateStream: false }) : text;
  return {
    error: style('red'),
    warn: style('yellow'),
    good: style('green'),
    dim: style('dim'),
    strong: style('bold'),
  };
}
