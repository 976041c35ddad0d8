/**
 * Instrumentations that the application itself has installed: direct dependencies of its nearest package.json, and what
 * `@opentelemetry/auto-instrumentations-node` brings along when that is one. They are loaded from the application's own
 * tree and never are dependencies of this package.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { AodeError } from '@aode/base';
import type { Manifest } from '../manifest.ts';
import {
  fullName,
  type Instrumentation,
  type InstrumentationReport,
  isInstrumentationName,
  OWN_BOUNDARIES,
} from './instrumentation.ts';

/** Loading takes milliseconds each; more than this many are no list that a person wrote. */
const FOUND_MAX = 100;

const COLLECTION = '@opentelemetry/auto-instrumentations-node';

/** Off in the collection unless asked for, because of how much they record. */
const OFF_IN_COLLECTION: ReadonlySet<string> = new Set(['@opentelemetry/instrumentation-fs']);

/** They make metrics and nothing else, for which this SDK has no meter. */
const METRICS_ONLY: ReadonlySet<string> = new Set(
  ['host-metrics', 'runtime-node', 'perf-hooks'].map(fullName),
);

/** What the collection instruments under another name than its own; most are called like their library. */
const LIBRARIES: Readonly<Record<string, readonly string[]>> = {
  'aws-lambda': [],
  'aws-sdk': ['@aws-sdk/client-sts', '@aws-sdk/smithy-client', '@smithy/smithy-client', 'aws-sdk'],
  cucumber: ['@cucumber/cucumber'],
  dns: [],
  fs: [],
  grpc: ['@grpc/grpc-js'],
  hapi: ['@hapi/hapi'],
  'nestjs-core': ['@nestjs/core'],
  net: [],
  redis: ['redis', '@redis/client'],
};

export interface Loaded {
  readonly instrumentation: Instrumentation;
  /** Path of the package's entry. */
  readonly entry: string;
}

export interface Found {
  readonly loaded: readonly Loaded[];
  readonly reports: readonly InstrumentationReport[];
  readonly failures: readonly AodeError[];
}

export interface Search {
  readonly manifest: Pick<Manifest, 'directory' | 'dependencies'>;
  /** The option `instrumentations`. */
  readonly wanted: readonly string[];
}

/** Finds, loads and constructs what is to run. Never throws: what fails is told by its report and an error. */
export function findInstrumentations({ manifest, wanted }: Search): Found {
  const loaded: Loaded[] = [];
  const reports: InstrumentationReport[] = [];
  const failures: AodeError[] = [];
  const { directory } = manifest;
  if (directory === undefined || (wanted.length === 1 && wanted[0] === 'none')) {
    return { loaded, reports, failures };
  }
  const application = createRequire(join(directory, 'package.json'));
  for (const candidate of candidatesOf(application, manifest.dependencies, wanted)) {
    const { name } = candidate;
    const refused = refusalOf(candidate, wanted, application);
    if (refused !== undefined) {
      reports.push({ name, version: '', ...refused });
      continue;
    }
    try {
      const entry = candidate.require.resolve(name);
      const all = load(candidate);
      loaded.push(...all.map((instrumentation) => ({ instrumentation, entry })));
      const version = all[0]?.instrumentationVersion ?? '';
      reports.push({ name, version, state: 'enabled', reason: candidate.reason });
    } catch (error) {
      const why = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error);
      reports.push({ name, version: '', state: 'failed', reason: why });
      failures.push(new AodeError('AODE_INSTRUMENTATION_FAILED', { name, why }, error));
    }
  }
  return { loaded, reports, failures };
}

interface Candidate {
  readonly name: string;
  readonly require: NodeJS.Require;
  readonly isInCollection: boolean;
  readonly reason: string;
}

/** Every name once; the application's own choice of version comes before that of the collection. */
function candidatesOf(
  application: NodeJS.Require,
  dependencies: readonly string[],
  wanted: readonly string[],
): readonly Candidate[] {
  const byName = new Map<string, Candidate>();
  const add = (candidate: Candidate): void => {
    if (byName.size < FOUND_MAX && !byName.has(candidate.name)) byName.set(candidate.name, candidate);
  };
  const own = { require: application, isInCollection: false };
  for (const name of dependencies) {
    if (isInstrumentationName(name)) add({ ...own, name, reason: 'dependency of the application' });
  }
  if (dependencies.includes(COLLECTION)) {
    const collection = collectionOf(application);
    for (const name of collection?.names ?? []) {
      const reason = `dependency of ${COLLECTION}`;
      if (collection !== undefined) add({ name, require: collection.require, isInCollection: true, reason });
    }
  }
  for (const name of wanted) {
    if (name === 'auto' || name.startsWith('-')) continue;
    add({ ...own, name: fullName(name), reason: 'named by the option instrumentations' });
  }
  return [...byName.values()];
}

function collectionOf(
  application: NodeJS.Require,
): { readonly require: NodeJS.Require; readonly names: readonly string[] } | undefined {
  try {
    const entry = application.resolve(COLLECTION);
    // Its package.json cannot be asked for by name: `exports` hides it.
    const at =
      entry.lastIndexOf(join('auto-instrumentations-node', '/')) + 'auto-instrumentations-node'.length;
    const text = readFileSync(join(entry.slice(0, at), 'package.json'), 'utf8');
    const { dependencies } = JSON.parse(text) as { readonly dependencies?: Readonly<Record<string, string>> };
    return {
      require: createRequire(entry),
      names: Object.keys(dependencies ?? {}).filter(isInstrumentationName),
    };
  } catch {
    return undefined; // Named in package.json, and not installed.
  }
}

/** Why an instrumentation does not run; undefined when it does. */
function refusalOf(
  { name, isInCollection }: Candidate,
  wanted: readonly string[],
  application: NodeJS.Require,
): Pick<InstrumentationReport, 'state' | 'reason'> | undefined {
  if (OWN_BOUNDARIES.has(name)) return { state: 'aode', reason: 'Aode records this boundary itself' };
  const names = new Set(
    wanted.map((one) => (one.startsWith('-') ? `-${fullName(one.slice(1))}` : fullName(one))),
  );
  if (names.has(`-${name}`)) return { state: 'disabled', reason: 'by the option instrumentations' };
  if (names.has(name)) return undefined;
  if (!wanted.includes('auto'))
    return { state: 'disabled', reason: 'not named by the option instrumentations' };
  if (METRICS_ONLY.has(name))
    return { state: 'disabled', reason: 'it makes metrics only, and there is no meter' };
  if (!isInCollection) return undefined;
  if (OFF_IN_COLLECTION.has(name)) return { state: 'disabled', reason: `off by default in ${COLLECTION}` };
  return hasLibrary(name, application)
    ? undefined
    : { state: 'disabled', reason: 'its library is not installed' };
}

function hasLibrary(name: string, application: NodeJS.Require): boolean {
  const short = name.slice(name.indexOf('instrumentation-') + 'instrumentation-'.length);
  const libraries = LIBRARIES[short] ?? [short];
  return (
    libraries.length === 0 ||
    libraries.some((library) => {
      try {
        application.resolve(library);
        return true;
      } catch {
        return false;
      }
    })
  );
}

type Constructor = new () => Instrumentation;

/** One of each class that a package exports. They patch what they patch as soon as they are constructed. */
function load({ name, require }: Candidate): Instrumentation[] {
  const exported = require(name) as Readonly<Record<string, unknown>>;
  const classes = new Set(Object.values(exported).filter(isInstrumentationClass));
  if (classes.size === 0) throw new Error('it exports no instrumentation');
  return Array.from(classes, (Class) => new Class());
}

function isInstrumentationClass(value: unknown): value is Constructor {
  if (typeof value !== 'function' || !value.name.endsWith('Instrumentation')) return false;
  const prototype = value.prototype as Partial<Instrumentation> | undefined;
  return typeof prototype?.enable === 'function' && typeof prototype.setTracerProvider === 'function';
}
