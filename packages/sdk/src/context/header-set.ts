/** The headers in use: the option `propagators` resolved, replaced as a whole when they are switched. */
import { BAGGAGE } from './baggage.ts';
import { HEADER_FORMATS, type HeaderFormat } from './header-format.ts';

export const X_TRACE_ID = 'x-trace-id';

export interface HeaderSet {
  /** All are written. */
  readonly tracing: readonly HeaderFormat[];
  /** Those that are read, in this order: both forms of B3 understand both, so one of them is asked. */
  readonly readers: readonly HeaderFormat[];
  readonly hasBaggage: boolean;
  readonly hasJaeger: boolean;
  readonly hasXTraceId: boolean;
  readonly fields: readonly string[];
  /** Names that mean nothing here. */
  readonly unknown: readonly string[];
}

export function headerSetOf(propagators: readonly string[]): HeaderSet {
  const names = new Set(propagators);
  const tracing: HeaderFormat[] = [];
  const fields: string[] = [];
  const unknown: string[] = [];
  for (const name of names) {
    const format = HEADER_FORMATS.get(name);
    if (format !== undefined) {
      tracing.push(format);
      fields.push(...format.fields);
    } else if (name === BAGGAGE || name === X_TRACE_ID) fields.push(name);
    else if (name !== 'none') unknown.push(name);
  }
  return {
    tracing,
    readers: tracing.filter((one, i) => tracing.findIndex(({ read }) => read === one.read) === i),
    hasBaggage: names.has(BAGGAGE),
    hasJaeger: names.has('jaeger'),
    hasXTraceId: names.has(X_TRACE_ID),
    fields,
    unknown,
  };
}
