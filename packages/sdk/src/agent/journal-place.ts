/** Where the journals of a service lie. */
import { createHash, randomUUID } from 'node:crypto';
import { join, resolve } from 'node:path';
import { defaultJournalDirectory } from '@aode/journal';
import type { Resource } from '@aode/wire';
import { environment } from '../env.ts';
import type { SdkOptions } from '../options.ts';
import type { JournalPlace } from './agent-journal.ts';

/** Undefined where what waits is kept in memory alone. */
export function journalPlaceOf(
  options: Pick<SdkOptions, 'journalDirectory' | 'journalBytesMax' | 'journalSyncMs'>,
  { attributes }: Resource,
): JournalPlace | undefined {
  const { journalDirectory, journalBytesMax, journalSyncMs } = options;
  const all = journalDirectory === 'auto' ? defaultJournalDirectory(environment()) : journalDirectory;
  if (all === undefined || all === 'off') return undefined;
  const name = attributes.find(({ key }) => key === 'service.name')?.value;
  return {
    directory: join(resolve(all), fileNameOf(typeof name === 'string' ? name : '')),
    bytesMax: journalBytesMax,
    syncMs: journalSyncMs,
    token: randomUUID(),
  };
}

/** A service's name may hold anything; a directory's may not. Escaped so that no two services share one. */
function fileNameOf(serviceName: string): string {
  const escaped = encodeURIComponent(serviceName.toWellFormed()).replace(/^\.+$/, (dots) =>
    dots.replaceAll('.', '%2E'),
  );
  if (escaped.length <= FILE_NAME_MAX) return escaped === '' ? '%' : escaped;
  const hash = createHash('sha256').update(escaped).digest('hex').slice(0, 16);
  return `${escaped.slice(0, FILE_NAME_MAX - 17)}-${hash}`;
}

/** What file systems allow is 255 bytes. */
const FILE_NAME_MAX = 200;
