/**
 * Run-time dependencies of everything that is published, and of all that they bring along: each carries a licence of
 * the allow-list, and none runs a script at install. Read from node_modules as `npm ci` has laid it out.
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Permissive licences that ask for no more than their notice. */
const ALLOWED: ReadonlySet<string> = new Set([
  'Apache-2.0',
  'MIT',
  'MIT-0',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'Unlicense',
]);

const SCRIPTS = ['preinstall', 'install', 'postinstall'];

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const read = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;

/** Where Node would find `name` from `folder`. */
function find(folder: string, name: string): string | undefined {
  for (let at = folder; ; at = join(at, '..')) {
    const candidate = join(at, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return candidate;
    if (at === '.' || at === '/') return undefined;
  }
}

/** 'A OR B' is fine when one side is, 'A AND B' when both are. */
function allowed(licence: string): boolean {
  const plain = licence.replace(/[()]/g, '');
  if (plain.includes(' OR ')) return plain.split(' OR ').some(allowed);
  return plain.split(' AND ').every((part) => ALLOWED.has(part.trim()));
}

const seen = new Map<string, string>();
const complaints: string[] = [];

function visit(folder: string, why: string): void {
  if (seen.has(folder)) return;
  const manifest = read(folder);
  const id = `${manifest.name}@${manifest.version}`;
  seen.set(folder, id);
  if (!allowed(manifest.license ?? 'none'))
    complaints.push(`${id} (${why}): licence ${manifest.license ?? 'none'}`);
  for (const script of SCRIPTS) {
    if (manifest.scripts?.[script] !== undefined) complaints.push(`${id} (${why}): runs a ${script} script`);
  }
  for (const name of Object.keys(manifest.dependencies ?? {})) {
    const found = find(folder, name);
    if (found === undefined) complaints.push(`${name} (${why} > ${id}): not installed`);
    else visit(found, `${why} > ${manifest.name}`);
  }
  // Platform packages: only the one of this platform is here, and all of a family carry the same licence.
  for (const name of Object.keys(manifest.optionalDependencies ?? {})) {
    const found = find(folder, name);
    if (found !== undefined) visit(found, `${why} > ${manifest.name}`);
  }
}

// The board is private, but what it depends on is shipped inside its built files.
for (const path of globSync('packages/*/package.json').sort()) {
  const folder = dirname(path);
  visit(folder, read(folder).name);
}

if (complaints.length > 0) {
  process.stderr.write(`${complaints.join('\n')}\n`);
  process.exitCode = 1;
} else {
  process.stdout.write(
    `licences: ${seen.size} packages at run time, all permissive, none runs an install script\n`,
  );
}
