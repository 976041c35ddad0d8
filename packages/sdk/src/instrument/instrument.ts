/** Instrumentations from finding to work: those of the application's tree, or those that it has given itself. */
import type { Manifest } from '../manifest.ts';
import { findInstrumentations } from './contrib.ts';
import { type Enabled, type EnableParts, enableInstrumentations, hookImports } from './enable.ts';
import type { Instrumentation, InstrumentationReport } from './instrumentation.ts';

export interface InstrumentParts extends EnableParts {
  /** Undefined: they are looked for. */
  readonly given: readonly Instrumentation[] | undefined;
  /** The option `instrumentations`. */
  readonly wanted: readonly string[];
  readonly manifest: Manifest;
  readonly nodeOptions: string;
}

/** Never throws: an instrumentation that fails is one line. */
export function instrument(parts: InstrumentParts): Enabled {
  const { given, wanted, manifest, nodeOptions, diag } = parts;
  // Whoever gives his own has put the loader hook beneath them himself, as OpenTelemetry's SDK wants it.
  if (given !== undefined) return enableInstrumentations(given, parts);
  const found = findInstrumentations({ manifest, wanted });
  for (const error of found.failures) diag.warn(error);
  const enabled = enableInstrumentations(
    found.loaded.map(({ instrumentation }) => instrumentation),
    parts,
  );
  hookImports(found.loaded, nodeOptions, diag);
  const failed = (): ReadonlyMap<string, InstrumentationReport> =>
    new Map(
      enabled
        .reports()
        .filter(({ state }) => state === 'failed')
        .map((report) => [report.name, report]),
    );
  return {
    reports() {
      const all = failed();
      return found.reports.map((report) => all.get(report.name) ?? report);
    },
    [Symbol.dispose]: () => enabled[Symbol.dispose](),
  };
}
