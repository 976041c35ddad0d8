/**
 * The public surface as text files under api/, so that a change of it is a diff that somebody reviews.
 *
 * TypeScript 7.0 has no compiler API, so the report is cut out of what `tsc -b` has written: for each entry of each
 * published package, every declaration file reachable from it, without comments, in import order.
 *
 *   node tools/api.ts            checks
 *   node tools/api.ts --update   accepts
 */
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly exports?: Readonly<Record<string, string | { readonly types?: string }>>;
}

/** Paths of all declaration files reachable from `file`, itself first. */
function reach(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const m of readFileSync(file, 'utf8').matchAll(/from '(\.[^']+)'/g)) {
    reach(join(dirname(file), (m[1] ?? '').replace(/\.[jt]s$/, '.d.ts')), seen);
  }
  return seen;
}

function report(entry: string): string {
  const parts = [...reach(entry)].map((file) =>
    readFileSync(file, 'utf8')
      .replace(/\/\*[\s\S]*?\*\/\s*|^\s*\/\/.*$/gm, '')
      .trim(),
  );
  return `${parts.join('\n').replace(/\n{2,}/g, '\n')}\n`;
}

/** 'api/sdk.api.d.ts' for the main entry, 'api/sdk.register.api.d.ts' for './register'. */
function reports(): Map<string, string> {
  const out = new Map<string, string>();
  for (const path of globSync('packages/*/package.json').sort()) {
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as Manifest;
    if (manifest.private === true) continue;
    const folder = dirname(path);
    for (const [entry, target] of Object.entries(manifest.exports ?? {})) {
      if (typeof target === 'string' || target.types === undefined) continue;
      const name = [folder.slice('packages/'.length), ...entry.split('/').slice(1)].join('.');
      out.set(`api/${name}.api.d.ts`, report(join(folder, target.types)));
    }
  }
  return out;
}

const update = process.argv.includes('--update');
const current = reports();
if (update) {
  rmSync('api', { recursive: true, force: true });
  mkdirSync('api');
  for (const [path, text] of current) writeFileSync(path, text);
} else {
  const stale = [...current].filter(
    ([path, text]) => !existsSync(path) || readFileSync(path, 'utf8') !== text,
  );
  const gone = globSync('api/*.d.ts').filter((path) => !current.has(path));
  for (const path of [...stale.map(([p]) => p), ...gone]) {
    process.stderr.write(
      `${path}: the public surface changed; look at it, then node tools/api.ts --update\n`,
    );
  }
  process.exitCode = stale.length + gone.length > 0 ? 1 : 0;
}
