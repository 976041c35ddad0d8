/** The frames that the crash writer writes: thread, number, and bytes that follow from both. */
import { seededRandom } from '@aode/base';

export const THREADS = 3;

const HEAD_BYTES = 8;

export function payloadOf(thread: number, number: number): Uint8Array {
  const random = seededRandom(thread * 1_000_003 + number);
  const bytes = new Uint8Array(
    HEAD_BYTES + (random.chance(1, 50) ? random.below(60_000) : random.below(400)),
  );
  const view = new DataView(bytes.buffer);
  view.setUint32(0, thread, true);
  view.setUint32(4, number, true);
  for (let i = HEAD_BYTES; i < bytes.length; i += 1) bytes[i] = random.next() & 0xff;
  return bytes;
}

export function parseFrame(payload: Uint8Array): { readonly thread: number; readonly number: number } {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  return { thread: view.getUint32(0, true), number: view.getUint32(4, true) };
}
