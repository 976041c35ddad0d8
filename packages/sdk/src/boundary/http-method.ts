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

export interface Method {
  /** `http.request.method`; `_OTHER` for a method that nobody knows. */
  readonly attribute: string;
  /** First word of the span name. */
  readonly name: string;
}

export function methodOf(raw: string | undefined): Method {
  const method = raw ?? 'GET';
  if (KNOWN.has(method)) return { attribute: method, name: method };
  const upper = method.toUpperCase();
  return KNOWN.has(upper) ? { attribute: upper, name: upper } : { attribute: '_OTHER', name: 'HTTP' };
}
