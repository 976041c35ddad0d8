/** An OpenTelemetry instrumentation as far as it is used here, and what became of each that was found. */
import type { TracerProvider } from '@opentelemetry/api';
import type { LoggerProvider } from '../log/logger-provider.ts';

/** Structurally the `Instrumentation` of `@opentelemetry/instrumentation`, of any version. */
export interface Instrumentation {
  readonly instrumentationName: string;
  readonly instrumentationVersion: string;
  enable(): void;
  disable(): void;
  setTracerProvider(provider: TracerProvider): void;
  setLoggerProvider?(provider: LoggerProvider): void;
  getConfig?(): { readonly enabled?: boolean };
}

/** One line of the answer to "who instruments what, and why not". */
export interface InstrumentationReport {
  /** Name of the package. */
  readonly name: string;
  /** '' when it was not loaded. */
  readonly version: string;
  /** `aode`: Aode records this boundary itself. */
  readonly state: 'enabled' | 'disabled' | 'aode' | 'failed';
  readonly reason: string;
}

const PREFIX = '@opentelemetry/instrumentation-';

/** Their boundaries are recorded by Aode itself; both at once would give two spans or lines for one. */
export const OWN_BOUNDARIES: ReadonlySet<string> = new Set([
  '@opentelemetry/instrumentation-http',
  '@opentelemetry/instrumentation-undici',
  '@opentelemetry/instrumentation-pino',
  '@opentelemetry/instrumentation-winston',
  '@opentelemetry/instrumentation-bunyan',
  // Which the one of winston sends by.
  '@opentelemetry/winston-transport',
]);

/** `express` stands for `@opentelemetry/instrumentation-express`, as in OpenTelemetry's own variables. */
export function fullName(name: string): string {
  return name.startsWith('@') || name.includes('instrumentation-') ? name : PREFIX + name;
}

/** `@opentelemetry/instrumentation-*`, and those of others under their usual names. */
export function isInstrumentationName(name: string): boolean {
  return (
    name.startsWith(PREFIX) ||
    /^(?:@[^/]+\/)?opentelemetry-instrumentation-./.test(name) ||
    name === '@prisma/instrumentation'
  );
}

/** What is patched: names of modules, or absolute paths. Private to the base class, and the same in all versions. */
export interface PatchedModule {
  readonly name: string;
  patch?: unknown;
  readonly files?: readonly { patch?: unknown }[];
}

export function patchedModules(instrumentation: object): readonly PatchedModule[] {
  const { _modules: modules } = instrumentation as { readonly _modules?: unknown };
  return Array.isArray(modules) ? (modules as PatchedModule[]) : [];
}
