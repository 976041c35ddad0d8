/**
 * Protobuf's outermost layer: a message is a sequence of fields, each a tag (number << 3 | wire type) and a payload.
 * A switch over whole tags follows the rule that a known number with another wire type is an unknown field.
 */
import { type ByteReader, byteReader } from '@aode/base';

const WIRE_VARINT = 0;
const WIRE_FIXED64 = 1;
/** Wire type of whatever has its length in front. */
export const WIRE_BYTES = 2;
const WIRE_GROUP_START = 3;
const WIRE_FIXED32 = 5;

/** Groups are long deprecated and only ever skipped; protobuf libraries stop at this depth too. */
const GROUP_DEPTH_MAX = 100;

/** A reader whose refusals are AODE_OTLP_PROTOBUF_INVALID. */
export function messageReader(source: Uint8Array): ByteReader {
  return byteReader(source, 'AODE_OTLP_PROTOBUF_INVALID');
}

/** The next tag. Field number 0 is refused: it is what zeroed memory looks like. */
export function readTag(reader: ByteReader): number {
  const tag = reader.uint32();
  if (tag < 8) reader.fail('field number 0');
  return tag;
}

/** Passes over the payload of a field that nobody knows, checking that it is whole. */
export function skipField(reader: ByteReader, tag: number): void {
  switch (tag & 7) {
    case WIRE_VARINT:
      reader.bool();
      return;
    case WIRE_FIXED64:
      reader.skip(8);
      return;
    case WIRE_BYTES:
      reader.skip(reader.length());
      return;
    case WIRE_GROUP_START:
      skipGroup(reader, tag);
      return;
    case WIRE_FIXED32:
      reader.skip(4);
      return;
    default:
      reader.fail(`wire type ${tag & 7}`);
  }
}

/** Iterative, so that nested groups cost memory by the limit and not by the input. */
function skipGroup(reader: ByteReader, tag: number): void {
  const open = [tag + 1];
  while (open.length > 0) {
    const inner = readTag(reader);
    if ((inner & 7) === WIRE_GROUP_START) {
      open.push(inner + 1);
      if (open.length > GROUP_DEPTH_MAX) reader.fail('groups nested too deep');
    } else if (inner === open.at(-1)) open.pop();
    else skipField(reader, inner);
  }
}
