/** A line of pino for a person at a terminal: time, level, message, fields; an error with its stack below. */
import { styleText } from 'node:util';
import { visible } from '@aode/base';

export interface PrettyOptions {
  readonly colours: boolean;
  readonly messageKey: string;
  readonly errorKey: string;
  /** Name of a level's number, of loggers that have levels of their own. */
  readonly labelOf: (level: number) => string | undefined;
}

type Style = Parameters<typeof styleText>[0];
type Fields = Readonly<Record<string, unknown>>;

/** Said in the line's head, or of no use to who sits before the process. */
const HEAD_KEYS: ReadonlySet<string> = new Set(['level', 'time', 'pid', 'hostname', 'name']);
const ERROR_LEVEL = 50;
const WARN_LEVEL = 40;
/** `error`, with what is written behind it in one column. */
const LEVEL_COLUMNS = 5;

/** What is no JSON object comes back as it is, made harmless. */
export function prettyLine(text: string, options: PrettyOptions): string {
  const fields = parsed(text);
  if (fields === undefined) return `${visible(text.trimEnd())}\n`;
  const { messageKey, errorKey, colours } = options;
  const paint = (style: Style, shown: string): string =>
    colours ? styleText(style, shown, { validateStream: false }) : shown;
  const parts = [paint('dim', timeText(fields['time'])), levelText(fields['level'], options, paint)];
  const { name } = fields;
  if (typeof name === 'string') parts.push(`${visible(name)}:`);
  const message = fields[messageKey];
  if (message !== undefined) parts.push(valueText(message));
  const rest = Object.entries(fields)
    .filter(([key]) => !HEAD_KEYS.has(key) && key !== messageKey && key !== errorKey)
    .map(([key, value]) => `${visible(key)}=${valueText(value)}`);
  if (rest.length > 0) parts.push(paint('dim', rest.join(' ')));
  return `${parts.filter((part) => part !== '').join(' ')}\n${errorText(fields[errorKey])}`;
}

function parsed(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Fields)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Of this day, in UTC as everywhere in Aode. */
function timeText(time: unknown): string {
  if (typeof time !== 'number' && typeof time !== 'string') return '';
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? visible(String(time)) : date.toISOString().slice(11, 23);
}

function levelText(
  level: unknown,
  { labelOf }: PrettyOptions,
  paint: (style: Style, text: string) => string,
): string {
  if (typeof level !== 'number') return typeof level === 'string' ? visible(level) : '';
  const shown = visible(labelOf(level) ?? String(level)).padEnd(LEVEL_COLUMNS);
  if (level >= ERROR_LEVEL) return paint('red', shown);
  return level >= WARN_LEVEL ? paint('yellow', shown) : shown;
}

const valueText = (value: unknown): string =>
  visible(typeof value === 'string' ? value : JSON.stringify(value));

function errorText(error: unknown): string {
  if (typeof error !== 'object' || error === null)
    return error === undefined ? '' : `    ${valueText(error)}\n`;
  const { stack } = error as { readonly stack?: unknown };
  if (typeof stack !== 'string') return `    ${valueText(error)}\n`;
  return stack
    .split('\n')
    .map((line) => `    ${visible(line)}\n`)
    .join('');
}
