/** The package.json nearest to the application's entry script: its name, version and own settings. */
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

export interface Manifest {
  readonly name: string | undefined;
  readonly version: string | undefined;
  /** Names of its direct dependencies, those for development included: tests are observed too. */
  readonly dependencies: readonly string[];
  /** Where it lies; undefined when there is none. */
  readonly directory: string | undefined;
  /** The object under "aode". */
  readonly aode: Readonly<Record<string, unknown>>;
}

const NONE: Manifest = Object.freeze({
  name: undefined,
  version: undefined,
  dependencies: [],
  directory: undefined,
  aode: {},
});

const DEPENDENCY_FIELDS = ['dependencies', 'optionalDependencies', 'devDependencies'];

/** Walks up from the script (or the working directory when there is none) to the first package.json with a name. */
export function nearestManifest(script: string | undefined, workingDirectory: string): Manifest {
  const from = script === undefined ? workingDirectory : dirname(resolve(workingDirectory, script));
  for (let at = from; ; at = dirname(at)) {
    const found = read(at);
    if (found?.name !== undefined) return found;
    if (at === dirname(at)) return NONE;
  }
}

function read(directory: string): Manifest | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  } catch {
    return undefined; // None here, or not JSON: the next one up decides.
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const fields = parsed as Readonly<Record<string, unknown>>;
  const { name, version, aode } = fields;
  const dependencies = DEPENDENCY_FIELDS.flatMap((field) => Object.keys(fields[field] ?? {}));
  return {
    name: typeof name === 'string' && name !== '' ? name : undefined,
    dependencies,
    directory,
    version: typeof version === 'string' ? version : undefined,
    aode: typeof aode === 'object' && aode !== null ? (aode as Record<string, unknown>) : {},
  };
}
