/**
 * Dye: entries of baggage that the operator has named, seen on each span and log line of the requests that carry them.
 */
import { type Context, propagation } from '@opentelemetry/api';

/** Undefined, without an allocation, when nothing is to be copied. */
export function dyeOf(context: Context, keys: readonly string[]): Record<string, string> | undefined {
  if (keys.length === 0) return undefined;
  const baggage = propagation.getBaggage(context);
  if (baggage === undefined) return undefined;
  let dye: Record<string, string> | undefined;
  for (const key of keys) {
    const value: unknown = baggage.getEntry(key)?.value;
    if (typeof value !== 'string') continue;
    dye ??= {};
    dye[key] = value;
  }
  return dye;
}
