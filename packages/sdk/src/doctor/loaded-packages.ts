/** Which packages this process has loaded as CommonJS, in which order, and which line asked for one. */
import { readFileSync } from 'node:fs';
import Module from 'node:module';

export interface LoadedPackage {
  readonly name: string;
  /** Its folder. */
  readonly path: string;
  /** The module that was loaded first of it. */
  readonly file: string;
  /** Who loaded that by `require`. */
  readonly parent: string | undefined;
}

interface CachedModule {
  readonly parent?: { readonly filename?: string | null } | null;
}

/** Node's own table, in the order in which modules were loaded. */
function cache(): Readonly<Record<string, CachedModule | undefined>> {
  return (Module as unknown as { readonly _cache: Record<string, CachedModule | undefined> })._cache;
}

/** One for each folder, in the order of their first modules. */
export function loadedPackages(): readonly LoadedPackage[] {
  const found = new Map<string, LoadedPackage>();
  for (const [file, module] of Object.entries(cache())) {
    const match = PACKAGE.exec(file);
    const [path, , name] = match ?? [];
    if (path === undefined || name === undefined || found.has(path)) continue;
    const parent = module?.parent?.filename ?? undefined;
    found.set(path, { name: name.replaceAll('\\', '/'), path, file, parent });
  }
  return [...found.values()];
}

/** Up to the innermost package. */
const PACKAGE = /^(.*[\\/]node_modules[\\/])((?:@[^\\/]+[\\/])?[^\\/]+)(?=[\\/])/;

export function versionIn(folder: string): string {
  try {
    const manifest: unknown = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
    const has = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
    return has && typeof manifest.version === 'string' ? manifest.version : '?';
  } catch {
    return '?';
  }
}

/** `file:line` of the first line in one of `files` that imports `name`; the first file where none can be read. */
export function importLine(name: string, files: readonly (string | undefined)[]): string | undefined {
  const given = files.filter((file) => file !== undefined);
  for (const file of given) {
    const line = lineOf(name, file);
    if (line !== undefined) return `${file}:${line}`;
  }
  return given[0];
}

function lineOf(name: string, file: string): number | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  const quoted = [`'${name}`, `"${name}`, `\`${name}`];
  const index = text
    .split('\n')
    .findIndex((line) => IMPORTS.test(line) && quoted.some((q) => line.includes(q)));
  return index < 0 ? undefined : index + 1;
}

const IMPORTS = /\b(?:from|import|require)\b/;
