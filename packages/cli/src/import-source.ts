/** The bytes of a file or of standard input, decompressed when they are compressed, in pieces. */
import { AodeError } from '@aode/base';
import { open, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { reasonOf } from './hub-client.ts';

export interface ImportSource {
  /** As it was given. */
  readonly name: string;
  /** Size on disk; undefined for standard input. */
  readonly bytes: number | undefined;
  /** Read by its owner once, to the end. Throws AODE_IMPORT_FILE. */
  read(): AsyncGenerator<Uint8Array>;
}

/** First bytes of a gzip member (RFC 1952 §2.3.1) and of a zstd frame (RFC 8878 §3.1.1). */
const GZIP_MAGIC = [0x1f, 0x8b];
const ZSTD_MAGIC = [0x28, 0xb5, 0x2f, 0xfd];

/**
 * Looks at the file, so that a wrong name is said before anything is sent. `consumed` is told how many bytes on disk
 * have been taken. Throws AODE_IMPORT_FILE.
 */
export async function importSource(
  name: string,
  stdin: AsyncIterable<Uint8Array>,
  consumed: (bytes: number) => void,
): Promise<ImportSource> {
  if (name === '-')
    return { name: 'standard input', bytes: undefined, read: () => readFrom(name, stdin, consumed) };
  try {
    const found = await stat(name);
    if (found.isDirectory()) throw new Error('it is a directory');
    return { name, bytes: found.size, read: () => readFrom(name, readFile(name), consumed) };
  } catch (cause) {
    throw fileError(name, cause);
  }
}

async function* readFile(name: string): AsyncGenerator<Uint8Array> {
  const file = await open(name);
  try {
    // The stream would close the file itself, but not when its reader stops early.
    yield* file.createReadStream({ autoClose: false }) as AsyncIterable<Uint8Array>;
  } finally {
    await file.close();
  }
}

async function* readFrom(
  name: string,
  raw: AsyncIterable<Uint8Array>,
  consumed: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  try {
    yield* decompressed(raw, consumed);
  } catch (cause) {
    throw fileError(name, cause);
  }
}

/** Compression is told by the first bytes, whatever the file is called. */
async function* decompressed(
  raw: AsyncIterable<Uint8Array>,
  consumed: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  const pieces = counted(raw, consumed);
  const first = await pieces.next();
  if (first.done === true) return;
  const whole = joined(first.value, pieces);
  const through = decompressorFor(first.value);
  if (through === undefined) {
    yield* whole;
    return;
  }
  // An error on either side destroys the other, and is thrown to whoever reads below.
  const piped = pipeline(whole, through);
  piped.catch(() => undefined);
  yield* through as AsyncIterable<Uint8Array>;
  await piped;
}

function decompressorFor(head: Uint8Array): NodeJS.ReadWriteStream | undefined {
  if (GZIP_MAGIC.every((byte, i) => head[i] === byte)) return createGunzip();
  return ZSTD_MAGIC.every((byte, i) => head[i] === byte) ? createZstdDecompress() : undefined;
}

async function* counted(
  raw: AsyncIterable<Uint8Array>,
  consumed: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const piece of raw) {
    consumed(piece.byteLength);
    if (piece.byteLength > 0) yield piece;
  }
}

async function* joined(first: Uint8Array, rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  yield* rest;
}

function fileError(name: string, cause: unknown): AodeError {
  return new AodeError('AODE_IMPORT_FILE', { file: name, why: reasonOf(cause) }, cause);
}
