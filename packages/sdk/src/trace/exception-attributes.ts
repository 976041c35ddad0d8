/** `exception.*` of the semantic conventions, from whatever was thrown. */
import { textOf } from './attribute-value.ts';

/** Does not throw, whatever was thrown. */
export function exceptionAttributes(exception: unknown): Record<string, string> {
  if (typeof exception !== 'object' || exception === null) {
    return { 'exception.message': textOf(asText(exception)) };
  }
  const read = (key: string): unknown => {
    try {
      return (exception as Readonly<Record<string, unknown>>)[key];
    } catch {
      return undefined;
    }
  };
  const type = read('code') ?? read('name');
  const message = read('message');
  const stack = read('stack');
  return {
    ...(typeof type === 'string' || typeof type === 'number' ? { 'exception.type': String(type) } : {}),
    ...(typeof message === 'string' ? { 'exception.message': message } : {}),
    ...(typeof stack === 'string' ? { 'exception.stacktrace': stack } : {}),
  };
}

function asText(value: unknown): string {
  try {
    return String(value);
  } catch {
    return ''; // A function whose own `toString` throws.
  }
}
