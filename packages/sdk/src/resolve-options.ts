/**
 * The options of a process, from all that may say something of them:
 *
 *   code > AODE_* > OTEL_* > "aode" in the nearest package.json > default
 */
import { AodeError } from '@aode/base';
import type { OptionRow, OptionSources } from './option-row.ts';
import { SDK_OPTIONS, type SdkOptions } from './options.ts';

/** All options resolved. Throws AODE_OPTION_INVALID with the name and where the value came from. */
export function resolveOptions(sources: OptionSources): SdkOptions {
  const keys = Object.keys(SDK_OPTIONS) as (keyof SdkOptions)[];
  return Object.freeze(
    Object.fromEntries(keys.map((key) => [key, resolve(key, sources)])) as unknown as SdkOptions,
  );
}

/** A list of propagators that comes while the SDK runs; throws as `resolveOptions` does. */
export function checkedPropagators(value: unknown): readonly string[] {
  return checked(SDK_OPTIONS.propagators, value, 'propagators') as readonly string[];
}

function resolve(key: keyof SdkOptions, sources: OptionSources): unknown {
  const { code, env, manifest } = sources;
  const row: OptionRow<unknown> = SDK_OPTIONS[key];
  if (code[key] !== undefined) return checked(row, code[key], key);
  for (const name of row.env) {
    const value = env[name]?.trim();
    // An empty variable counts as unset (OpenTelemetry, environment variable specification).
    if (value !== undefined && value !== '') return parsed(row, value, name);
  }
  const derived = row.derive?.(sources);
  if (derived !== undefined) return derived;
  const own = manifest[key];
  return own === undefined ? row.fallback : checked(row, own, `"aode".${key} in package.json`);
}

function parsed(row: OptionRow<unknown>, value: string, source: string): unknown {
  return row.parse(value) ?? refuse(row, value, source);
}

/** A value from code or JSON has its type already, and must be one that its text could have stood for. */
function checked(row: OptionRow<unknown>, value: unknown, source: string): unknown {
  if (row.read !== undefined && typeof value !== 'string')
    return row.read(value) ?? refuse(row, value, source);
  const asText = textFor(row, value);
  return asText === undefined ? refuse(row, value, source) : parsed(row, asText, source);
}

/** The text that a variable would hold for `value`; undefined when its type is wrong. */
function textFor({ fallback, takesNumbers }: OptionRow<unknown>, value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (Array.isArray(fallback)) {
    const fits = (one: unknown): boolean =>
      typeof one === 'string' || (takesNumbers === true && typeof one === 'number');
    return Array.isArray(value) && value.every(fits) ? value.join(',') : undefined;
  }
  if (typeof fallback === 'object') {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    const entries = Object.entries(value);
    if (!entries.every(([name, one]) => typeof one === 'string' && !/[,=]/.test(name))) return undefined;
    return entries
      .map(([name, one]) => `${name}=${encodeURIComponent(String(one).toWellFormed())}`)
      .join(',');
  }
  return typeof value === typeof fallback && fallback !== undefined ? String(value) : undefined;
}

function refuse({ type, isSecret, why }: OptionRow<unknown>, value: unknown, option: string): never {
  const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  const shown = isPlain ? String(value) : typeof value;
  const detail = { option, value: isSecret === true ? undefined : shown, expected: type, why: why?.(value) };
  throw new AodeError('AODE_OPTION_INVALID', detail);
}

/** More than a timer of Node.js bears is as good as for ever. */
const DEADLINE_MS_MAX = 2 ** 31 - 1;

/** A deadline as an application gives it; JavaScript passes anything. */
export const deadlineOf = (given: unknown, { exitTimeoutMs }: Pick<SdkOptions, 'exitTimeoutMs'>): number =>
  typeof given === 'number' && given >= 0 ? Math.min(given, DEADLINE_MS_MAX) : exitTimeoutMs;
