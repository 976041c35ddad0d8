/** The version of this package, from the package.json that it was installed with. */
import { readFileSync } from 'node:fs';

export function ownVersion(): string {
  const manifest = new URL('../package.json', import.meta.url);
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
