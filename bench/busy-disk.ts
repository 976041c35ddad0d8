/**
 * Writes and syncs as much as the disk takes, in a process of its own, so that others find it saturated. Started by
 * `saturate`.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { stopChild } from './otlp-sink.ts';

/** What one sync has to put on stable storage. */
const WRITE_BYTES = 4 * 1024 * 1024;
/** Of the file, which is written from the front again then. */
const FILE_BYTES = 256 * 1024 * 1024;

export interface BusyDisk {
  /** Written and synced since the last call, bytes. */
  written(): Promise<number>;
  stop(): Promise<void>;
}

/** Until stopped, in a file at `path`. */
export async function saturate(path: string): Promise<BusyDisk> {
  const child = fork(import.meta.filename, ['saturate', path], { execArgv: ['--conditions=@aode/source'] });
  await once(child, 'message');
  return {
    async written() {
      child.send('written');
      return ((await once(child, 'message')) as [number])[0];
    },
    stop: () => stopChild(child),
  };
}

async function run(path: string): Promise<void> {
  const file = await open(path, 'w');
  const bytes = Buffer.alloc(WRITE_BYTES, 'x');
  let written = 0;
  process.on('message', () => {
    process.send?.(written);
    written = 0;
  });
  process.on('disconnect', () => process.exit());
  for (let at = 0; ; at = (at + WRITE_BYTES) % FILE_BYTES) {
    await file.write(bytes, 0, WRITE_BYTES, at);
    await file.datasync();
    if (at === 0 && written === 0) process.send?.('begun');
    written += WRITE_BYTES;
  }
}

if (process.argv[2] === 'saturate' && process.send !== undefined) await run(process.argv[3] ?? '');
