/**
 * Builds all published packages from nothing and packs them, as a release would: `dist` is emptied first, because
 * `tsc -b` never deletes, and the board's built files are laid into the hub.
 *
 *   node tools/pack.ts [FOLDER]      tarballs to FOLDER, default .aode/pack
 */
import { execFileSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** Package name -> path of its tarball. */
export function packAll(folder: string): Map<string, string> {
  const target = resolve(folder);
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  for (const path of globSync('packages/*/{dist,*.tsbuildinfo}')) rmSync(path, { recursive: true });
  execFileSync('tsc', ['-b'], { stdio: 'inherit' });
  execFileSync(process.execPath, ['tools/agent-code.ts'], { stdio: 'inherit' });
  execFileSync('npm', ['run', '--silent', 'build', '-w', '@aode/board'], { stdio: 'inherit' });
  cpSync('packages/board/dist', 'packages/hub/dist/board', { recursive: true });

  const tarballs = new Map<string, string>();
  for (const path of globSync('packages/*/package.json').sort()) {
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as { name: string; private?: boolean };
    if (manifest.private === true) continue;
    const args = ['pack', '--json', '--silent', '--pack-destination', target];
    const printed = execFileSync('npm', args, { cwd: dirname(path), encoding: 'utf8' });
    tarballs.set(manifest.name, join(target, tarballName(printed)));
  }
  return tarballs;
}

function tarballName(printed: string): string {
  const parsed: unknown = JSON.parse(printed);
  // npm 11 prints an array, npm 12 an object by package name.
  const [first] = Array.isArray(parsed) ? (parsed as unknown[]) : Object.values(parsed as object);
  return (first as { filename: string }).filename;
}

if (import.meta.main) {
  const folder = process.argv[2] ?? '.aode/pack';
  for (const [name, path] of packAll(folder)) process.stdout.write(`${name}  ${path}\n`);
}
