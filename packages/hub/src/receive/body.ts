/** Request bodies within their limits: bytes as they come, unpacked, never more than allowed at any moment. */
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { AodeError } from '@aode/base';
import type { Reservation } from './admission.ts';

const unzip = promisify(gunzip);

/**
 * Whole body, or AODE_REQUEST_TOO_LARGE as soon as it is larger than `bytesMax`. Room is asked for as it grows. A
 * stream that is given up stays open: its other half has to carry the answer. Rejects with the reason of `signal` when
 * that comes first.
 */
export async function readBody(
  stream: Readable,
  bytesMax: number,
  room: Reservation,
  signal?: AbortSignal,
): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  const all = stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  for await (const part of signal === undefined ? all : untilAborted(all, signal)) {
    size += part.length;
    if (size > bytesMax) throw new AodeError('AODE_REQUEST_TOO_LARGE', { bytesMax });
    room.grow(part.length);
    parts.push(part);
  }
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts, size);
}

/** The same parts, until `signal` is aborted; an iterator alone cannot be left while it waits for its next part. */
async function* untilAborted<T>(parts: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  // Whoever waits below hears of it; nobody may be waiting.
  aborted.catch(() => undefined);
  const iterator = parts[Symbol.asyncIterator]();
  while (true) {
    const next = await Promise.race([iterator.next(), aborted]);
    if (next.done === true) return;
    yield next.value;
  }
}

/**
 * Unpacks gzip. Stops as soon as more than `bytesMax` would come out, so a bomb costs no more than a large request.
 * Throws AODE_REQUEST_TOO_LARGE, AODE_ENCODING_INVALID.
 */
export async function gunzipBody(packed: Buffer, bytesMax: number, room: Reservation): Promise<Buffer> {
  try {
    const body = await unzip(packed, { maxOutputLength: bytesMax });
    room.grow(body.length);
    return body;
  } catch (error) {
    if (error instanceof AodeError) throw error;
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw new AodeError('AODE_REQUEST_TOO_LARGE', { bytesMax }, error);
    throw new AodeError('AODE_ENCODING_INVALID', { encoding: 'gzip' }, error);
  }
}
