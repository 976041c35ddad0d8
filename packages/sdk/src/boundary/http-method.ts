/** Methods as the semantic conventions want them: a closed set, so that nobody makes span names by the million. */

const KNOWN: ReadonlySet<string> = new Set([
  'CONNECT',
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'POST',
  'PUT',
  'QUERY',
  'TRACE',
]);

/** Longer than any method; it is the caller's to choose. */
const ORIGINAL_CHARS_MAX = 64;

export interface Method {
  /** `http.request.method`; `_OTHER` for a method that nobody knows. */
  readonly attribute: string;
  /** First word of the span name. */
  readonly name: string;
  /** As it was written, where that is something else. */
  readonly original?: string;
}

export function methodOf(raw: string | undefined): Method {
  const method = raw ?? 'GET';
  if (KNOWN.has(method)) return { attribute: method, name: method };
  const upper = method.toUpperCase();
  return KNOWN.has(upper)
    ? { attribute: upper, name: upper, original: method }
    : { attribute: '_OTHER', name: 'HTTP', original: method.slice(0, ORIGINAL_CHARS_MAX) };
}
