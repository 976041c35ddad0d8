/** Where the journals of a service lie. */
import { randomUUID } from 'node:crypto';
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
  return escaped === '' ? '%' : escaped.slice(0, FILE_NAME_MAX);
}

/** What file systems allow is 255 bytes. */
const FILE_NAME_MAX = 200;
