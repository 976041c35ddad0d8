/**
 * The context that a thrown error has just left. When a process hears of an error that nobody caught, a function that
 * ran in a context for the length of its call is left already, and the context with it.
 */
import type { Context } from '@opentelemetry/api';

let unwound: Context | undefined;

/** Called in a `finally` that an error passes. Holds until it is caught or told: both come before a microtask. */
export function leaveByError(context: Context): void {
  unwound = context;
  queueMicrotask(() => {
    unwound = undefined;
  });
}

export function unwoundContext(): Context | undefined {
  return unwound;
}
