/**
 * An export request that says it may repeat what the receiver has. Sent to the hub that took it before, it costs that
 * hub a look into its store, and nothing is there twice (packages/wire/src/replay.ts).
 */
import { assert } from '@aode/base';
import { encodeResource, REPLAYED_KEY } from '@aode/wire';
import { encodeEnvelope } from './envelope.ts';

/** A field of a Resource message: repeated fields may be joined end to end (Protocol Buffers, § Encoding). */
export const REPLAY_MARK: Uint8Array = encodeResource({
  attributes: [{ key: REPLAYED_KEY, value: true }],
  droppedAttributesCount: 0,
  entityRefs: [],
});

/** `body` as `encodeEnvelope` has made it, with the mark behind its origin; as it is where the mark stands there. */
export function markReplayed(body: Uint8Array): Uint8Array {
  const request = fieldAt(body, 0);
  const origin = fieldAt(body, request.start);
  assert(request.end === body.length && origin.end <= request.end, 'an envelope is one resource');
  if (REPLAY_MARK.every((byte, i) => body[origin.end - REPLAY_MARK.length + i] === byte)) return body;
  return encodeEnvelope({
    origin: Buffer.concat([body.subarray(origin.start, origin.end), REPLAY_MARK]),
    // The schema stands behind the payloads and stays there.
    payloads: [body.subarray(origin.end)],
    schemaUrl: '',
  });
}

/** What lies in the field whose tag, of one byte, is at `at`. */
function fieldAt(bytes: Uint8Array, at: number): { readonly start: number; readonly end: number } {
  let length = 0;
  let scale = 1;
  for (let next = at + 1; ; next += 1) {
    const byte = bytes[next] ?? 0;
    length += (byte & 0x7f) * scale;
    scale *= 0x80;
    if (byte < 0x80) return { start: next + 1, end: next + 1 + length };
  }
}
